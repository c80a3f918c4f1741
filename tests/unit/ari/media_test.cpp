// What applications ask of media: who is kept from being heard in a bridge, what a recording says of itself, tones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness.hpp"

namespace asterism::ari {
namespace {

using testing::Harness;

struct Media : ::testing::Test {
    Media() {
        h.pbx.extensions("[default]\nexten => stasis,1,Answer()\n same => n,Stasis(app)\n same => n,Wait(10)\n");
        h.listen();
    }
    Channel& enter(const std::string& who = "alice") {
        Channel& channel = h.pbx.phones.call_in(who, "default", "stasis");
        h.pbx.loop.run();
        return channel;
    }
    media::FakeEngine::Leg& leg(Channel& channel) { return h.pbx.media.leg(channel.leg()); }
    Harness h;
};

TEST_F(Media, AMemberIsRestrainedForAsLongAsItIsInTheBridge) {
    Channel& alice = enter();
    const auto id = alice.uniqueid();
    ASSERT_EQ(h.status("POST /bridges/b1?type=mixing"), 200);
    ASSERT_EQ(h.status("POST /bridges/b1/addChannel?channel=" + id + "&absorbDTMF=true&mute=true"), 204);
    EXPECT_FALSE(leg(alice).pass_digits);
    EXPECT_TRUE(leg(alice).mute_in);
    EXPECT_FALSE(leg(alice).mute_out);
    ASSERT_EQ(h.status("POST /bridges/b1/removeChannel?channel=" + id), 204);
    EXPECT_TRUE(leg(alice).pass_digits);
    EXPECT_FALSE(leg(alice).mute_in);
    ASSERT_EQ(h.status("POST /bridges/b1/addChannel?channel=" + id), 204);
    EXPECT_TRUE(leg(alice).pass_digits) << "only who is asked to";
    ASSERT_EQ(h.status("POST /bridges/b1/addChannel?channel=" + id + "&absorbDTMF=true"), 204);
    EXPECT_FALSE(leg(alice).pass_digits);
    ASSERT_EQ(h.status("DELETE /bridges/b1"), 204);
    EXPECT_TRUE(leg(alice).pass_digits);
}

TEST_F(Media, AbsorbedDigitsAreStillReported) {
    Channel& alice = enter();
    ASSERT_EQ(h.status("POST /bridges/b1"), 200);
    ASSERT_EQ(h.status("POST /bridges/b1/addChannel?absorbDTMF=true&channel=" + alice.uniqueid()), 204);
    h.pbx.media.press(alice.leg(), '5');
    h.pbx.loop.run();
    h.pbx.loop.advance(std::chrono::seconds(1));
    EXPECT_EQ(h.app.last("ChannelDtmfReceived")["digit"], "5");
}

TEST_F(Media, ARecordingThatMayEndBySilenceSaysHowMuchOfItIsTalking) {
    Channel& alice = enter();
    const auto id = alice.uniqueid();
    ASSERT_EQ(h.status("POST /channels/" + id + "/record?name=one&format=wav&maxSilenceSeconds=4&ifExists=overwrite"),
              201);
    const auto running = h.pbx.media.running(media::Target{alice.leg()});
    ASSERT_EQ(running.size(), 1U);
    EXPECT_TRUE(running[0]->record.measure_silence);
    h.pbx.media.complete(running[0]->id, {.why = media::OpEnd::Why::stopped,
                                          .position = std::chrono::milliseconds(7130),
                                          .silence = std::chrono::milliseconds(3400)});
    h.pbx.loop.run();
    EXPECT_EQ(h.app.last("RecordingFinished")["recording"].dump(),
              R"({"name":"one","format":"wav","state":"done","target_uri":"channel:)" + id +
                  R"(","duration":7,"talking_duration":4,"silence_duration":3})");
}

TEST_F(Media, OtherRecordingsSayOnlyHowLongTheyAre) {
    Channel& alice = enter();
    ASSERT_EQ(h.status("POST /channels/" + alice.uniqueid() + "/record?name=two&format=wav&ifExists=overwrite"), 201);
    const auto running = h.pbx.media.running(media::Target{alice.leg()});
    ASSERT_EQ(running.size(), 1U);
    EXPECT_FALSE(running[0]->record.measure_silence);
    h.pbx.media.complete(running[0]->id,
                         {.why = media::OpEnd::Why::stopped, .position = std::chrono::milliseconds(990)});
    h.pbx.loop.run();
    const auto finished = h.app.last("RecordingFinished")["recording"];
    EXPECT_EQ(finished["duration"], 0);
    EXPECT_FALSE(finished.contains("talking_duration"));
}

TEST_F(Media, FormatsOfTheBridgesOwnChannelsMustExist) {
    ASSERT_EQ(h.status("POST /bridges/b1"), 200);
    EXPECT_EQ(h.status("POST /bridges/b1/play?media=sound:beep&announcer_format=slin16"), 201);
    EXPECT_EQ(h.status("POST /bridges/b1/play?media=sound:beep&announcer_format=nosuch"), 422);
    EXPECT_EQ(h.status("POST /bridges/b1/record?name=x&format=wav&recorder_format=nosuch"), 422);
}

TEST_F(Media, AMembersDigitEndsARecordingOfTheBridge) {
    Channel& alice = enter();
    Channel& bob = enter("bob");
    ASSERT_EQ(h.status("POST /bridges/b1"), 200);
    ASSERT_EQ(h.status("POST /bridges/b1/addChannel?channel=" + alice.uniqueid()), 204);
    ASSERT_EQ(h.status("POST /bridges/b1/addChannel?absorbDTMF=true&channel=" + bob.uniqueid()), 204);
    ASSERT_EQ(h.status("POST /bridges/b1/record?name=all&format=wav&ifExists=overwrite&terminateOn=%23"), 201);
    EXPECT_EQ(h.app.count("RecordingStarted"), 1U);
    const auto press = [this](Channel& channel, char digit) {
        h.pbx.media.press(channel.leg(), digit);
        h.pbx.loop.advance(std::chrono::seconds(1));
    };
    press(alice, '5');
    press(bob, '#');
    EXPECT_EQ(h.app.count("RecordingFinished"), 0U) << "another digit, and one that is absorbed";
    press(alice, '#');
    EXPECT_EQ(h.app.count("RecordingFinished"), 1U);
}

TEST_F(Media, AChannelInABridgeIsNotRecordedByItself) {
    Channel& alice = enter();
    ASSERT_EQ(h.status("POST /bridges/b1"), 200);
    ASSERT_EQ(h.status("POST /bridges/b1/addChannel?channel=" + alice.uniqueid()), 204);
    EXPECT_EQ(h.status("POST /channels/" + alice.uniqueid() + "/record?name=x&format=wav"), 409);
}

TEST_F(Media, TonesAreTold) {
    Channel& alice = enter();
    ChannelToneDetected event;
    event.channel = alice.snapshot();
    h.pbx.bus.publish(std::move(event));
    EXPECT_EQ(h.app.last("ChannelToneDetected")["channel"]["id"], alice.uniqueid());
}

}  // namespace
}  // namespace asterism::ari
