#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness.hpp"

namespace asterism::ari {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Harness;
using ::testing::IsSupersetOf;

constexpr const char* plan =
    "[default]\n"
    "exten => stasis,1,Answer()\n"
    " same => n,Stasis(app,one,two)\n"
    " same => n,Set(AFTER=${STASISSTATUS})\n"
    " same => n,Wait(10)\n"
    "exten => other,1,Wait(100)\n";

struct Stasis : ::testing::Test {
    Stasis() { h.pbx.extensions(plan); }
    Channel& enter() {
        Channel& channel = h.pbx.phones.call_in("alice", "default", "stasis");
        h.pbx.loop.run();
        return channel;
    }
    Harness h;
};

TEST_F(Stasis, EntersAndContinues) {
    h.listen();
    Channel& channel = enter();
    const auto id = channel.uniqueid();
    const auto start = h.app.last("StasisStart");
    ASSERT_FALSE(start.is_null());
    EXPECT_EQ(start["args"].dump(), R"(["one","two"])");
    EXPECT_EQ(start["application"], "app");
    EXPECT_EQ(start["channel"]["id"], id);
    EXPECT_EQ(start["channel"]["dialplan"].dump(),
              R"({"context":"default","exten":"stasis","priority":2,"app_name":"Stasis","app_data":"app,one,two"})");
    EXPECT_EQ(h.json("GET /applications/app")["channel_ids"][0], id);
    EXPECT_EQ(h.status("POST /channels/" + id + "/continue"), 204);
    EXPECT_EQ(h.app.count("StasisEnd"), 1U);
    EXPECT_EQ(*channel.variable("AFTER"), "SUCCESS");
    EXPECT_EQ(h.request("POST /channels/" + id + "/answer").body, R"({"message":"Channel not in Stasis application"})");
    EXPECT_EQ(h.json("GET /applications/app")["channel_ids"].size(), 0U);
}

TEST_F(Stasis, ContinuesElsewhere) {
    h.listen();
    Channel& channel = enter();
    EXPECT_EQ(h.status("POST /channels/" + channel.uniqueid() + "/continue?extension=other&priority=1"), 204);
    EXPECT_EQ(channel.application(), "Wait");
    EXPECT_EQ(channel.application_data(), "100");
}

TEST_F(Stasis, FailsWithoutAnApplication) {
    Channel& channel = enter();
    EXPECT_EQ(*channel.variable("AFTER"), "FAILED");
}

TEST_F(Stasis, HangupEndsIt) {
    h.listen();
    Channel& channel = enter();
    const auto id = channel.uniqueid();
    EXPECT_EQ(h.request("DELETE /channels/" + id + "?reason=bogus").body, R"({"message":"Invalid Reason"})");
    EXPECT_EQ(h.status("DELETE /channels/" + id + "?reason=busy"), 204);
    EXPECT_THAT(h.app.types(), IsSupersetOf({"ChannelHangupRequest", "StasisEnd"}));
    EXPECT_EQ(h.app.count("ChannelDestroyed"), 0U) << "the subscription ends with StasisEnd";
    EXPECT_EQ(h.pbx.channels.size(), 0U);
    EXPECT_TRUE(h.pbx.phones.told("hangup 17"));
}

TEST_F(Stasis, ThePartyHangsUp) {
    h.listen();
    Channel& channel = enter();
    channel.party_hung_up(Cause::normal_clearing);
    h.pbx.loop.run();
    EXPECT_EQ(h.app.count("StasisEnd"), 1U);
    EXPECT_EQ(h.pbx.channels.size(), 0U);
}

TEST_F(Stasis, VariablesAndDigits) {
    h.listen();
    Channel& channel = enter();
    const std::string base = "/channels/" + channel.uniqueid();
    EXPECT_EQ(h.status("POST " + base + "/variable?variable=AV&value=x"), 204);
    EXPECT_EQ(h.app.last("ChannelVarset")["value"], "x");
    EXPECT_FALSE(h.app.last("ChannelVarset")["channel"].contains("channelvars"));
    EXPECT_EQ(h.request("GET " + base + "/variable?variable=AV").body, R"({"value":"x"})");
    const auto none = h.request("GET " + base + "/variable?variable=NONE");
    EXPECT_EQ(std::to_string(none.status) + none.reason, "404Variable Not Found");
    EXPECT_EQ(h.status("POST " + base + "/variable?variable=AV&value=y&report_events=true"), 204);
    EXPECT_EQ(h.app.last("ChannelVarset")["channel"]["channelvars"].dump(), R"({"AV":"y"})");
    channel.digit_begin('5');
    channel.digit_end('5', std::chrono::milliseconds(160));
    EXPECT_EQ(h.app.last("ChannelDtmfReceived")["digit"], "5");
    EXPECT_EQ(h.request("POST " + base + "/dtmf").body, R"({"message":"DTMF is required"})");
    EXPECT_EQ(h.request("DELETE " + base + "/mute").body, R"({"message":"Direction is required"})");
    EXPECT_EQ(h.request("POST " + base + "/mute?direction=bogus").body, R"({"message":"Invalid direction specified"})");
    EXPECT_EQ(h.request("POST " + base + "/redirect?endpoint=bogus").body,
              R"({"message":"Endpoint parameter 'bogus' does not contain tech/resource"})");
}

TEST_F(Stasis, Moves) {
    h.listen();
    testing::Listener other;
    h.service->applications.attach("other", false, other);
    Channel& channel = enter();
    const std::string base = "/channels/" + channel.uniqueid();
    EXPECT_EQ(h.status("POST " + base + "/move?app=other&appArgs=m1"), 204);
    EXPECT_EQ(h.app.count("StasisEnd"), 1U);
    EXPECT_EQ(other.last("StasisStart")["args"].dump(), R"(["m1"])");
    EXPECT_EQ(h.status("POST " + base + "/move?app=nosuch"), 204);
    EXPECT_EQ(other.last("ApplicationMoveFailed")["destination"], "nosuch");
    h.service->applications.detach(other);
}

TEST_F(Stasis, Originates) {
    h.listen();
    const auto made =
        h.json("POST /channels?endpoint=Test%2Fbob&app=app&appArgs=a%2Cb&channelId=c1&callerId=A+%3C1%3E&timeout=10",
               R"({"variables":{"CV":"1"}})");
    EXPECT_EQ(made["id"], "c1");
    EXPECT_EQ(made["caller"].dump(), R"({"name":"A","number":"1"})");
    EXPECT_EQ(h.app.last("Dial")["dialstatus"], "");
    Channel* channel = h.pbx.channels.find("c1");
    ASSERT_NE(channel, nullptr);
    EXPECT_EQ(h.request("POST /channels?endpoint=Test%2Fbob&app=app&channelId=c1").body,
              R"({"message":"Channel with given unique ID already exists"})");
    channel->answered();
    h.pbx.loop.run();
    EXPECT_EQ(h.app.last("Dial")["dialstatus"], "ANSWER");
    EXPECT_EQ(h.app.last("StasisStart")["args"].dump(), R"(["a","b"])");
    EXPECT_EQ(h.app.last("StasisStart")["channel"]["dialplan"]["app_data"], "app,a,b");
    EXPECT_EQ(*channel->variable("CV"), "1");
    EXPECT_EQ(h.status("DELETE /channels/c1"), 204);
    EXPECT_EQ(h.app.count("ChannelDestroyed"), 1U) << "originate subscribed as well";
    EXPECT_EQ(h.json("GET /applications/app")["channel_ids"].size(), 0U);
}

TEST_F(Stasis, OriginatesToAnExtension) {
    h.listen("app", true);
    EXPECT_EQ(h.status("POST /channels?endpoint=Test%2Fbob&extension=other&channelId=c1"), 200);
    Channel* channel = h.pbx.channels.find("c1");
    channel->answered();
    h.pbx.loop.run();
    EXPECT_EQ(channel->application_data(), "100");
    EXPECT_THAT(h.app.types(), IsSupersetOf({"ChannelCreated", "Dial", "ChannelStateChange", "ChannelDialplan"}));
}

TEST_F(Stasis, CreatesAndDials) {
    h.listen();
    const auto made = h.json("POST /channels/create?endpoint=Test%2Fbob&app=app&channelId=c1");
    EXPECT_EQ(made["dialplan"]["app_name"], "");
    EXPECT_EQ(made["state"], "Down");
    EXPECT_EQ(h.app.count("StasisStart"), 1U);
    EXPECT_FALSE(h.pbx.phones.told("call"));
    EXPECT_EQ(h.status("POST /channels/c1/dial?timeout=5"), 204);
    EXPECT_TRUE(h.pbx.phones.told("call"));
    Channel* channel = h.pbx.channels.find("c1");
    channel->answered();
    h.pbx.loop.run();
    EXPECT_EQ(h.app.last("Dial")["dialstatus"], "ANSWER");
    EXPECT_EQ(h.request("POST /channels/c1/dial").body, R"({"message":"Channel is not in the 'Down' state"})");
    EXPECT_EQ(h.status("POST /channels/c1/continue?extension=other"), 204);
    EXPECT_EQ(channel->application_data(), "100") << "an extension without a priority begins at 1";
}

TEST_F(Stasis, ACreatedChannelCanOnlyBeDialledOrHungUp) {
    h.listen();
    h.request("POST /channels/create?endpoint=Test%2Fbob&app=app&channelId=c1");
    for (const char* what : {"continue", "answer", "ring", "mute", "hold", "moh", "silence", "play?media=sound:x"}) {
        EXPECT_EQ(h.request("POST /channels/c1/" + std::string(what)).body,
                  R"({"message":"Channel in invalid state"})");
    }
    EXPECT_EQ(h.status("POST /channels/c1/variable?variable=A&value=1"), 204);
    EXPECT_EQ(h.status("DELETE /channels/c1"), 204);
    EXPECT_EQ(h.app.count("StasisEnd"), 1U);
}

TEST_F(Stasis, ADialledLocalChannelEndsWithTheOtherHalf) {
    h.pbx.extensions("[default]\nexten => s,1,Answer()\n same => n,Wait(3)\n");
    h.listen();
    h.request("POST /channels/create?endpoint=Local%2Fs%40default&app=app&channelId=c1");
    EXPECT_EQ(h.status("POST /channels/c1/dial"), 204);
    h.pbx.loop.advance(std::chrono::seconds(10));
    EXPECT_EQ(h.app.last("Dial")["dialstatus"], "ANSWER");
    EXPECT_GE(h.app.count("ChannelHangupRequest"), 1U);
    EXPECT_EQ(h.app.count("StasisEnd"), 1U);
    EXPECT_EQ(h.pbx.channels.size(), 0U);
}

TEST_F(Stasis, BridgeVariablesAreReportedWhereAsked) {
    h.listen();
    Channel& one = enter();
    EXPECT_EQ(
        h.status("POST /bridges/br1", R"({"variables":{"A":{"value":"1","report_events":true},"B":{"value":"2"}}})"),
        200);
    EXPECT_EQ(h.status("POST /bridges/br1/variables", R"({"variables":{"C ":{"value":"3","report_events":true}}})"),
              204);
    EXPECT_EQ(h.request("GET /bridges/br1/variables?variables=A,B,%20C").body,
              R"({"variables":{"A":"1","B":"2","C":"3"}})");
    EXPECT_EQ(h.status("POST /bridges/br1/addChannel?channel=" + one.uniqueid()), 204);
    EXPECT_EQ(h.app.last("ChannelEnteredBridge")["bridge"]["bridgevars"].dump(), R"({"A":"1","C":"3"})");
}

TEST_F(Stasis, AMICanTakeTheChannel) {
    h.listen();
    Channel& channel = enter();
    channel.redirect({"default", "other", 1});
    h.pbx.loop.run();
    EXPECT_EQ(h.app.count("StasisEnd"), 1U);
    EXPECT_EQ(channel.application_data(), "100");
}

TEST_F(Stasis, Bridges) {
    h.listen();
    Channel& one = enter();
    Channel& two = h.pbx.phones.call_in("bob", "default", "stasis");
    h.pbx.loop.run();
    const auto bridge = h.json("POST /bridges?type=mixing&bridgeId=br1&name=bridge+one");
    EXPECT_EQ(bridge.dump(),
              R"({"id":"br1","technology":"simple_bridge","bridge_type":"mixing","bridge_class":"stasis",)"
              R"("creator":"Stasis","name":"bridge one","channels":[],"creationtime":"2026-11-21T19:11:45.000+0000",)"
              R"("video_mode":"talker"})");
    EXPECT_EQ(h.request("POST /bridges/br1?name=x").body, R"({"message":"Bridge with id 'br1' already exists"})");
    EXPECT_EQ(h.request("POST /bridges/br1/addChannel").body, R"({"message":"Missing parameter channel"})");
    EXPECT_EQ(h.request("POST /bridges/br1/addChannel?channel=nosuch").body, R"({"message":"Channel not found"})");
    Channel& outside = h.pbx.phones.call_in("eve", "default", "other");
    h.pbx.loop.run();
    EXPECT_EQ(h.request("POST /bridges/br1/addChannel?channel=" + outside.uniqueid()).body,
              R"({"message":"Channel not in Stasis application"})");
    EXPECT_EQ(h.status("POST /bridges/br1/addChannel?channel=" + one.uniqueid() + "," + two.uniqueid()), 204);
    EXPECT_EQ(h.app.count("ChannelEnteredBridge"), 2U);
    EXPECT_EQ(h.app.last("ChannelEnteredBridge")["bridge"]["channels"].size(), 2U);
    EXPECT_EQ(h.json("GET /applications/app")["bridge_ids"][0], "br1");
    EXPECT_EQ(h.status("POST /bridges/br1/removeChannel?channel=" + two.uniqueid()), 204);
    EXPECT_EQ(h.request("POST /bridges/br1/removeChannel?channel=" + two.uniqueid()).body,
              R"({"message":"Channel not in this bridge"})");
    EXPECT_EQ(h.status("DELETE /bridges/br1"), 204);
    EXPECT_EQ(h.app.count("ChannelLeftBridge"), 2U);
    EXPECT_EQ(h.app.count("BridgeDestroyed"), 0U) << "the last channel had left";
    EXPECT_EQ(h.status("DELETE /bridges/br1"), 404);
    EXPECT_EQ(h.app.count("StasisEnd"), 0U) << "both are still in the application";
    EXPECT_EQ(h.json("GET /applications/app")["bridge_ids"].size(), 0U);
}

TEST_F(Stasis, AHangupLeavesTheBridgeFirst) {
    h.listen();
    Channel& one = enter();
    h.request("POST /bridges/br1");
    EXPECT_EQ(h.status("POST /bridges/br1/addChannel?channel=" + one.uniqueid()), 204);
    h.app.texts.clear();
    one.party_hung_up(Cause::normal_clearing);
    h.pbx.loop.run();
    EXPECT_THAT(h.app.types(), Contains("StasisEnd"));
    EXPECT_EQ(h.app.types().back(), "StasisEnd");
    EXPECT_EQ(h.app.count("ChannelLeftBridge"), 1U);
}

TEST_F(Stasis, UserEventsGoToTheApplication) {
    h.listen();
    Channel& channel = enter();
    EXPECT_EQ(h.status("POST /events/user/MyEvent?application=app&source=channel%3A" + channel.uniqueid(),
                       R"({"variables":{"k":"v"}})"),
              204);
    const auto event = h.app.last("ChannelUserevent");
    EXPECT_EQ(event["eventname"], "MyEvent");
    EXPECT_EQ(event["userevent"].dump(), R"({"k":"v","eventname":"MyEvent"})");
    EXPECT_EQ(event["channel"]["id"], channel.uniqueid());
}

}  // namespace
}  // namespace asterism::ari
