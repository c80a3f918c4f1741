// Actions on channels, bridges and the database, against channels that do nothing.
#include "harness.hpp"

namespace asterism {
namespace {

class AmiActions : public ManagerTest {
  public:
    AmiActions() : admin(client()) { admin.login("admin"); }
    std::string ask(std::string_view headers) { return admin.ask("Action: " + std::string(headers) + "\r\n\r\n"); }
    Client admin;
};

std::string error(std::string_view message) {
    return "Response: Error\r\nMessage: " + std::string(message) + "\r\n\r\n";
}
std::string success(std::string_view message) {
    return "Response: Success\r\nMessage: " + std::string(message) + "\r\n\r\n";
}

TEST_F(AmiActions, DatabaseRoundTrip) {
    EXPECT_EQ(ask("DBPut\r\nFamily: cat\r\nKey: k1\r\nVal: v1"), success("Updated database successfully"));
    EXPECT_EQ(ask("DBPut\r\nKey: k1"), error("No family specified"));
    EXPECT_EQ(ask("DBGet\r\nKey: k1"), error("No family specified."));
    EXPECT_EQ(ask("DBGet\r\nFamily: cat\r\nKey: none"), error("Database entry not found"));
    EXPECT_EQ(ask("DBGet\r\nActionID: 1\r\nFamily: cat\r\nKey: k1"),
              "Response: Success\r\nActionID: 1\r\nEventList: start\r\nMessage: Result will follow\r\n\r\n");
    EXPECT_EQ(admin.block(), "Event: DBGetResponse\r\nFamily: cat\r\nKey: k1\r\nVal: v1\r\nActionID: 1\r\n\r\n");
    EXPECT_EQ(admin.block(), "Event: DBGetComplete\r\nActionID: 1\r\nEventList: Complete\r\nListItems: 1\r\n\r\n");
    EXPECT_EQ(ask("DBDel\r\nFamily: cat\r\nKey: k1"), success("Key deleted successfully"));
    EXPECT_EQ(ask("DBDel\r\nFamily: cat\r\nKey: k1"), error("Database entry could not be deleted"));
    EXPECT_EQ(ask("DBDelTree\r\nFamily: cat"), error("Database entry not found"));
}

TEST_F(AmiActions, ListsOfChannels) {
    add_channel("Quiet/a-00000001", "q-1");
    EXPECT_EQ(ask("CoreShowChannels"),
              "Response: Success\r\nEventList: start\r\nMessage: Channels will follow\r\n\r\n");
    auto item = admin.block();
    EXPECT_TRUE(item.starts_with("Event: CoreShowChannel\r\nChannel: Quiet/a-00000001\r\nChannelState: 0\r\n")) << item;
    EXPECT_TRUE(
        item.ends_with("Uniqueid: q-1\r\nLinkedid: q-1\r\nApplication: \r\nApplicationData: \r\n"
                       "Duration: 00:00:00\r\nBridgeId: \r\n\r\n"))
        << item;
    EXPECT_EQ(admin.block(), "Event: CoreShowChannelsComplete\r\nEventList: Complete\r\nListItems: 1\r\n\r\n");
    EXPECT_EQ(ask("Status\r\nChannel: nosuch"), error("No such channel"));
    ask("Status\r\nActionID: s");
    auto status = admin.block();
    EXPECT_TRUE(status.starts_with("Event: Status\r\nPrivilege: Call\r\nChannel: Quiet/a-00000001\r\n")) << status;
    EXPECT_TRUE(status.ends_with("Callgroup: 0\r\nPickupgroup: 0\r\nSeconds: 0\r\nActionID: s\r\n\r\n")) << status;
    EXPECT_EQ(admin.block(),
              "Event: StatusComplete\r\nActionID: s\r\nEventList: Complete\r\nListItems: 1\r\nItems: 1\r\n\r\n");
    EXPECT_EQ(ask("CoreShowChannelMap"),
              "Response: Error\r\nMessage: CoreShowChannelMap requires a channel.\n\r\n\r\n");
}

TEST_F(AmiActions, VariablesOfAChannelAndOfTheWorld) {
    add_channel("Quiet/a-00000001", "q-1");
    EXPECT_EQ(ask("Setvar\r\nChannel: Quiet/a-00000001\r\nVariable: FOO\r\nValue: bar=baz"), success("Variable Set"));
    EXPECT_EQ(ask("Getvar\r\nChannel: q-1\r\nVariable: FOO"),
              "Response: Success\r\nVariable: FOO\r\nValue: bar=baz\r\n\r\n");
    EXPECT_EQ(ask("Getvar\r\nChannel: nosuch\r\nVariable: FOO"), error("No such channel"));
    EXPECT_EQ(ask("Setvar\r\nValue: 1"), error("No variable specified"));
    EXPECT_EQ(ask("Setvar\r\nVariable: GV\r\nValue: 1"), success("Variable Set"));
    EXPECT_EQ(ask("Getvar\r\nVariable: GV"), "Response: Success\r\nVariable: GV\r\nValue: 1\r\n\r\n");
}

TEST_F(AmiActions, HangupByNameAndByPattern) {
    for (int i = 1; i <= 3; ++i) add_channel("Quiet/a-0000000" + std::to_string(i), "q-" + std::to_string(i));
    EXPECT_EQ(ask("Hangup\r\nChannel: nosuch"), error("No such channel"));
    EXPECT_EQ(ask("Hangup\r\nChannel: Quiet/a-00000001\r\nCause: 17"), success("Channel Hungup"));
    EXPECT_EQ(ask("Hangup\r\nActionID: h\r\nChannel: /^Quiet\\/a/"),
              "Response: Success\r\nActionID: h\r\nEventList: start\r\nMessage: Channels hung up will follow\r\n\r\n");
    EXPECT_EQ(admin.block(), "Event: ChannelHungup\r\nChannel: Quiet/a-00000002\r\nActionID: h\r\n\r\n");
    EXPECT_EQ(admin.block(), "Event: ChannelHungup\r\nChannel: Quiet/a-00000003\r\nActionID: h\r\n\r\n");
    EXPECT_EQ(admin.block(),
              "Event: ChannelsHungupListComplete\r\nActionID: h\r\nEventList: Complete\r\nListItems: 2\r\n\r\n");
    EXPECT_EQ(on_loop([&] { return channels.size(); }), 0u);
}

TEST_F(AmiActions, HangupIsSeenAfterItsReply) {
    add_channel("Quiet/a-00000001", "q-1");
    ask("Events\r\nEventMask: call");
    EXPECT_EQ(ask("Hangup\r\nChannel: Quiet/a-00000001"), success("Channel Hungup"));
    std::string events;
    do {
        events = admin.block();
    } while (!events.empty() && events.find("Event: Hangup\r\n") == std::string::npos);
    EXPECT_NE(events.find("Cause: 16\r\nCause-txt: Normal Clearing\r\n"), std::string::npos) << events;
}

TEST_F(AmiActions, OriginateRefusesWhatIsIncomplete) {
    EXPECT_EQ(ask("Originate"), error("Channel not specified"));
    EXPECT_EQ(ask("Originate\r\nChannel: NoSlash\r\nApplication: Wait"), error("Invalid channel"));
    EXPECT_EQ(ask("Originate\r\nChannel: Quiet/a\r\nApplication: Wait\r\nTimeout: abc"), error("Invalid timeout"));
    EXPECT_EQ(ask("Originate\r\nChannel: Quiet/a\r\nContext: x"),
              error("Originate with 'Exten' requires 'Context' and 'Priority'"));
    EXPECT_EQ(ask("Originate\r\nChannel: Quiet/a\r\nContext: x\r\nExten: 1\r\nPriority: 1"),
              error("Extension does not exist."));
    EXPECT_EQ(ask("Originate\r\nChannel: Quiet/a\r\nContext: x\r\nExten: 1\r\nPriority: nolabel"),
              error("Invalid priority"));
    EXPECT_EQ(ask("Originate\r\nChannel: Nosuch/a\r\nApplication: Wait"), error("Originate failed"));
    add_channel("Quiet/a-00000001", "taken");
    EXPECT_EQ(ask("Originate\r\nChannel: Quiet/a\r\nApplication: Wait\r\nChannelId: taken"), error("Originate failed"));
    EXPECT_EQ(ask("Originate\r\nChannel: Nosuch/a\r\nApplication: Wait\r\nAsync: true"),
              success("Originate successfully queued"));
}

TEST_F(AmiActions, DigitsThatCannotBeSent) {
    add_channel("Quiet/a-00000001", "q-1");
    for (const std::string action : {"PlayDTMF", "PlayMF"}) {
        EXPECT_EQ(ask(action + "\r\nChannel: nosuch\r\nDigit: 5"), error("Channel not found"));
        EXPECT_EQ(ask(action + "\r\nChannel: q-1"), error("No digit specified"));
        for (const char* bad : {"x", "-1", "1s", "99999999999999999999"})
            EXPECT_EQ(ask(action + "\r\nChannel: q-1\r\nDigit: 5\r\nDuration: " + bad),
                      error("Could not convert Duration parameter"));
    }
    EXPECT_EQ(ask("PlayMF\r\nChannel: q-1\r\nDigit: x"), error("No digit specified"));
    EXPECT_EQ(ask("PlayMF\r\nChannel: q-1\r\nDigit: 5\r\nDuration: 0"), success("MF successfully queued"));
}

TEST_F(AmiActions, ADigitAsIfTheChannelHadSentIt) {
    add_channel("Quiet/a-00000001", "q-1");
    ask("Events\r\nEventMask: dtmf");
    EXPECT_EQ(ask("PlayDTMF\r\nChannel: q-1\r\nDigit: 57\r\nDuration: 250\r\nReceive: true"),
              success("DTMF successfully queued"));
    EXPECT_NE(admin.block().find("Digit: 5\r\nDirection: Received\r\n"), std::string::npos);
    EXPECT_NE(admin.block().find("Digit: 5\r\nDurationMs: 250\r\nDirection: Received\r\n"), std::string::npos);
}

TEST_F(AmiActions, RedirectRefusesWhatIsNotThere) {
    EXPECT_EQ(ask("Redirect"), error("Channel not specified"));
    EXPECT_EQ(ask("Redirect\r\nChannel: x\r\nContext: c\r\nExten: 1\r\nPriority: abc"), error("Priority is invalid"));
    EXPECT_EQ(ask("Redirect\r\nChannel: x\r\nContext: c\r\nExten: 1\r\nPriority: 1"),
              error("Channel does not exist: x"));
}

TEST_F(AmiActions, Bridges) {
    EXPECT_EQ(ask("Bridge"), error("Missing channel parameter in request"));
    EXPECT_EQ(ask("Bridge\r\nChannel1: x\r\nChannel2: y"), error("Channel1 does not exist: x"));
    EXPECT_EQ(ask("BridgeInfo"), error("BridgeUniqueid must be provided"));
    EXPECT_EQ(ask("BridgeDestroy\r\nBridgeUniqueid: x"), error("Specified BridgeUniqueid not found"));
    EXPECT_EQ(ask("BridgeKick"), error("Channel must be provided"));
    EXPECT_EQ(ask("BridgeKick\r\nChannel: x"), error("Channel does not exist"));
    EXPECT_EQ(ask("BridgeList"),
              "Response: Success\r\nEventList: start\r\nMessage: Bridge listing will follow\r\n\r\n");
    EXPECT_EQ(admin.block(), "Event: BridgeListComplete\r\nEventList: Complete\r\nListItems: 0\r\n\r\n");
}

TEST_F(AmiActions, CoreSettingsInOrder) {
    EXPECT_EQ(
        ask("CoreSettings"),
        "Response: Success\r\nAMIversion: 11.0.0\r\nAsteriskVersion: 22.11.0\r\nSystemName: \r\nCoreMaxCalls: 0\r\n"
        "CoreMaxLoadAvg: 0.000000\r\nCoreRunUser: \r\nCoreRunGroup: \r\nCoreMaxFilehandles: 0\r\n"
        "CoreRealTimeEnabled: No\r\nCoreCDRenabled: Yes\r\nCoreHTTPenabled: Yes\r\n"
        "SoundsSearchCustomDir: No\r\n\r\n");
}

TEST_F(AmiActions, ExtensionWithoutHint) {
    EXPECT_EQ(ask("ExtensionState\r\nExten: 1\r\nContext: x"),
              "Response: Success\r\nMessage: Extension Status\r\nExten: 1\r\nContext: x\r\nHint: \r\nStatus: -1\r\n"
              "StatusText: Unknown\r\n\r\n");
}

}  // namespace
}  // namespace asterism
