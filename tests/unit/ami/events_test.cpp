#include "interfaces/ami/events.hpp"

#include <gtest/gtest.h>

using namespace asterism;
using namespace asterism::ami;

namespace {

ChannelShot channel(std::string name, std::string uniqueid) {
    auto shot = std::make_shared<ChannelSnapshot>();
    shot->name = std::move(name);
    shot->uniqueid = uniqueid;
    shot->linkedid = std::move(uniqueid);
    shot->language = "en";
    shot->context = "office";
    shot->exten = "42";
    shot->priority = 3;
    shot->state = ChannelState::up;
    return shot;
}

template <class E>
std::string format(E event, bool timestamps = false) {
    event.kind = E::kind_of;
    event.time = WallTime(std::chrono::microseconds(1'795'288'305'000'042));
    std::string out;
    format_event(out, head_of(event), event, timestamps);
    return out;
}

std::string block_of(std::string_view name, std::string_view uniqueid, std::string_view p = "") {
    std::string out;
    auto line = [&](std::string_view header, std::string_view value) {
        out.append(p).append(header).append(": ").append(value).append("\r\n");
    };
    line("Channel", name);
    line("ChannelState", "6");
    line("ChannelStateDesc", "Up");
    line("CallerIDNum", "<unknown>");
    line("CallerIDName", "<unknown>");
    line("ConnectedLineNum", "<unknown>");
    line("ConnectedLineName", "<unknown>");
    line("Language", "en");
    line("AccountCode", "");
    line("Context", "office");
    line("Exten", "42");
    line("Priority", "3");
    line("Uniqueid", uniqueid);
    line("Linkedid", uniqueid);
    return out;
}

TEST(AmiEvents, NewchannelHasFourteenHeaders) {
    ChannelCreated event;
    event.channel = channel("PJSIP/a-00000001", "1.1");
    EXPECT_EQ(format(event),
              "Event: Newchannel\r\nPrivilege: call,all\r\n" + block_of("PJSIP/a-00000001", "1.1") + "\r\n");
}

TEST(AmiEvents, TimestampStandsBehindPrivilege) {
    ChannelStateChanged event;
    event.channel = channel("PJSIP/a-00000001", "1.1");
    EXPECT_TRUE(
        format(event, true)
            .starts_with("Event: Newstate\r\nPrivilege: call,all\r\nTimestamp: 1795288305.000042\r\nChannel: "));
}

TEST(AmiEvents, TenantAndVariablesStandBehindLinkedid) {
    auto shot = std::make_shared<ChannelSnapshot>(*channel("PJSIP/a-00000001", "1.1"));
    shot->tenant_id = "acme";
    shot->ami_variables = {{"FOO", ""}, {"CDR(src)", "10"}};
    DialBegin event;
    event.peer = shot;
    event.dial_string = "a";
    auto text = format(event);
    EXPECT_NE(text.find("DestLinkedid: 1.1\r\nDestTenantid: acme\r\nDestChanVariable: FOO=\r\n"
                        "DestChanVariable: CDR(src)=10\r\nDialString: a\r\n\r\n"),
              std::string::npos)
        << text;
}

TEST(AmiEvents, DialWithAndWithoutCaller) {
    DialEnd event;
    event.peer = channel("PJSIP/b-00000002", "1.2");
    event.status = "ANSWER";
    EXPECT_EQ(format(event), "Event: DialEnd\r\nPrivilege: call,all\r\n" + block_of("PJSIP/b-00000002", "1.2", "Dest") +
                                 "DialStatus: ANSWER\r\n\r\n");
    event.caller = channel("PJSIP/a-00000001", "1.1");
    EXPECT_EQ(format(event), "Event: DialEnd\r\nPrivilege: call,all\r\n" + block_of("PJSIP/a-00000001", "1.1") +
                                 block_of("PJSIP/b-00000002", "1.2", "Dest") + "DialStatus: ANSWER\r\n\r\n");
}

TEST(AmiEvents, HangupAndItsRequests) {
    ChannelHangup event;
    event.channel = channel("PJSIP/a-00000001", "1.1");
    event.cause = Cause::normal_clearing;
    EXPECT_TRUE(format(event).ends_with("Cause: 16\r\nCause-txt: Normal Clearing\r\n\r\n"));
    ChannelHangupRequest request;
    request.channel = event.channel;
    EXPECT_TRUE(format(request).starts_with("Event: HangupRequest\r\n"));
    EXPECT_TRUE(format(request).ends_with("Linkedid: 1.1\r\n\r\n"));
    request.soft = SoftHangup::explicit_request;
    request.cause = Cause::user_busy;
    EXPECT_TRUE(format(request).starts_with("Event: SoftHangupRequest\r\n"));
    EXPECT_TRUE(format(request).ends_with("Cause: 32\r\n\r\n"));
}

TEST(AmiEvents, VarSetOfAChannelAndOfTheWorld) {
    ChannelVariable event;
    event.name = "GREETING";
    event.value = "say \"hi\"";
    EXPECT_EQ(format(event),
              "Event: VarSet\r\nPrivilege: dialplan,all\r\nChannel: none\r\nUniqueid: none\r\n"
              "Variable: GREETING\r\nValue: say \\\"hi\\\"\r\n\r\n");
    event.channel = channel("PJSIP/a-00000001", "1.1");
    event.value = "";
    EXPECT_TRUE(format(event).ends_with("Linkedid: 1.1\r\nVariable: GREETING\r\nValue: \r\n\r\n"));
}

TEST(AmiEvents, Newexten) {
    auto shot = std::make_shared<ChannelSnapshot>(*channel("PJSIP/a-00000001", "1.1"));
    shot->application = "Dial";
    shot->application_data = "PJSIP/b,20";
    ChannelDialplan event;
    event.channel = shot;
    auto text = format(event);
    EXPECT_TRUE(text.starts_with("Event: Newexten\r\nPrivilege: dialplan,all\r\n"));
    EXPECT_TRUE(text.ends_with("Extension: 42\r\nApplication: Dial\r\nAppData: PJSIP/b,20\r\n\r\n"));
}

TEST(AmiEvents, BridgeBlocks) {
    auto bridge = std::make_shared<BridgeSnapshot>();
    bridge->uniqueid = "b-1";
    bridge->type = "basic";
    bridge->technology = "simple_bridge";
    bridge->channels = {"1.1"};
    BridgeEnter event;
    event.bridge = bridge;
    event.channel = channel("PJSIP/a-00000001", "1.1");
    EXPECT_EQ(format(event),
              "Event: BridgeEnter\r\nPrivilege: call,all\r\nBridgeUniqueid: b-1\r\nBridgeType: basic\r\n"
              "BridgeTechnology: simple_bridge\r\nBridgeCreator: <unknown>\r\nBridgeName: <unknown>\r\n"
              "BridgeNumChannels: 1\r\nBridgeVideoSourceMode: none\r\n" +
                  block_of("PJSIP/a-00000001", "1.1") + "\r\n");
}

TEST(AmiEvents, LocalBridge) {
    LocalBridge event;
    event.one = channel("Local/1@x-00000000;1", "1.1");
    event.two = channel("Local/1@x-00000000;2", "1.2");
    event.context = "x";
    event.exten = "1";
    EXPECT_EQ(format(event), "Event: LocalBridge\r\nPrivilege: call,all\r\n" +
                                 block_of("Local/1@x-00000000;1", "1.1", "LocalOne") +
                                 block_of("Local/1@x-00000000;2", "1.2", "LocalTwo") +
                                 "Context: x\r\nExten: 1\r\nLocalOptimization: Yes\r\n\r\n");
}

TEST(AmiEvents, Dtmf) {
    ChannelDtmfEnd event;
    event.channel = channel("PJSIP/a-00000001", "1.1");
    event.digit = '5';
    event.milliseconds = 160;
    auto text = format(event);
    EXPECT_TRUE(text.starts_with("Event: DTMFEnd\r\nPrivilege: dtmf,all\r\n"));
    EXPECT_TRUE(text.ends_with("Digit: 5\r\nDurationMs: 160\r\nDirection: Received\r\n\r\n"));
}

TEST(AmiEvents, OriginateResponses) {
    OriginateResponse event;
    event.action_id = "o1";
    event.channel = "PJSIP/nobody";
    event.application = "Wait";
    event.data = "1";
    EXPECT_EQ(format(event),
              "Event: OriginateResponse\r\nPrivilege: call,all\r\nActionID: o1\r\nResponse: Failure\r\n"
              "Channel: PJSIP/nobody\r\nApplication: Wait\r\nData: 1\r\nReason: 0\r\nUniqueid: <unknown>\r\n"
              "CallerIDNum: <unknown>\r\nCallerIDName: <unknown>\r\n\r\n");
    event = {};
    event.success = true;
    event.reason = 4;
    event.channel = "PJSIP/a-00000001";
    event.context = "office";
    event.exten = "42";
    event.uniqueid = "1.1";
    event.caller_number = "7";
    EXPECT_EQ(format(event),
              "Event: OriginateResponse\r\nPrivilege: call,all\r\nResponse: Success\r\nChannel: PJSIP/a-00000001\r\n"
              "Context: office\r\nExten: 42\r\nReason: 4\r\nUniqueid: 1.1\r\nCallerIDNum: 7\r\n"
              "CallerIDName: <unknown>\r\n\r\n");
}

TEST(AmiEvents, StatesAndContacts) {
    DeviceStateChanged device;
    device.device = "PJSIP/a";
    device.state = "INUSE";
    EXPECT_EQ(format(device),
              "Event: DeviceStateChange\r\nPrivilege: call,all\r\nDevice: PJSIP/a\r\nState: INUSE\r\n\r\n");
    ExtensionStateChanged extension;
    extension.exten = "10";
    extension.context = "hints";
    extension.hint = "PJSIP/a";
    extension.status = 8;
    extension.status_text = "Ringing";
    EXPECT_EQ(format(extension),
              "Event: ExtensionStatus\r\nPrivilege: call,all\r\nExten: 10\r\nContext: hints\r\nHint: PJSIP/a\r\n"
              "Status: 8\r\nStatusText: Ringing\r\n\r\n");
    ContactStatus contact;
    contact.uri = "sip:a@192.0.2.1";
    contact.status = "Reachable";
    contact.aor = contact.endpoint = "a";
    contact.round_trip_us = 1200;
    EXPECT_EQ(format(contact),
              "Event: ContactStatus\r\nPrivilege: system,all\r\nURI: sip:a@192.0.2.1\r\nContactStatus: Reachable\r\n"
              "AOR: a\r\nEndpointName: a\r\nRoundtripUsec: 1200\r\n\r\n");
}

TEST(AmiEvents, TestAndGenericEvents) {
    TestEvent test;
    test.state = "PLAYBACK";
    test.app_file = "app_playback.c";
    test.app_function = "playback_exec";
    test.app_line = 1;
    test.headers = {{"MESSAGE", "demo"}};
    EXPECT_EQ(format(test),
              "Event: TestEvent\r\nPrivilege: test,all\r\nType: StateChange\r\nState: PLAYBACK\r\n"
              "AppFile: app_playback.c\r\nAppFunction: playback_exec\r\nAppLine: 1\r\nMESSAGE: demo\r\n\r\n");
    GenericEvent generic;
    generic.name = "QueueMemberPause";
    generic.event_class = "agent";
    generic.headers = {{"Queue", "sales"}};
    EXPECT_EQ(format(generic), "Event: QueueMemberPause\r\nPrivilege: agent,all\r\nQueue: sales\r\n\r\n");
}

TEST(AmiEvents, NothingIsShownOfWhatAmiHasNoNameFor) {
    ChannelAnswered event;
    event.kind = ChannelAnswered::kind_of;
    EXPECT_TRUE(head_of(event).name.empty());
}

}  // namespace
