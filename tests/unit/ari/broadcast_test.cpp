#include <gtest/gtest.h>

#include "harness.hpp"

namespace asterism::ari {
namespace {

using testing::Harness;
using testing::Listener;

constexpr const char* plan =
    "[default]\n"
    "exten => offer,1,Answer()\n"
    " same => n,StasisBroadcast(1000,^ivr-.*,a:b,yes)\n"
    " same => n,Set(AFTER=${STASISSTATUS})\n"
    " same => n,Wait(10)\n"
    "exten => bad,1,StasisBroadcast(soon)\n"
    " same => n,Set(AFTER=${STASISSTATUS})\n"
    " same => n,Wait(10)\n";

struct Broadcast : ::testing::Test {
    Broadcast() {
        h.pbx.extensions(plan);
        h.service->applications.attach("ivr-one", false, one);
        h.service->applications.attach("ivr-two", false, two);
        h.service->applications.attach("support", false, other);
    }
    ~Broadcast() override {
        for (auto* listener : {&one, &two, &other}) h.service->applications.detach(*listener);
    }
    Channel& enter(const char* exten = "offer") {
        Channel& channel = h.pbx.phones.call_in("alice", "default", exten);
        h.pbx.loop.run();
        return channel;
    }
    std::string claim(const Channel& channel, const std::string& app) {
        return "POST /events/claim?channelId=" + channel.uniqueid() + "&application=" + app;
    }
    Harness h;
    Listener one, two, other;
};

TEST_F(Broadcast, TheFirstToClaimGetsTheChannel) {
    Channel& channel = enter();
    EXPECT_EQ(one.last("CallBroadcast")["channel"]["id"], channel.uniqueid());
    EXPECT_EQ(one.last("CallBroadcast")["called"], "offer");
    EXPECT_EQ(two.count("CallBroadcast"), 1U);
    EXPECT_EQ(other.count("CallBroadcast"), 0U) << "the filter leaves it out";
    EXPECT_EQ(h.status(claim(channel, "support")), 404);
    EXPECT_EQ(h.status(claim(channel, "nobody")), 404);
    EXPECT_EQ(h.status(claim(channel, "ivr-two")), 204);
    EXPECT_EQ(h.status(claim(channel, "ivr-one")), 409);
    EXPECT_EQ(two.last("StasisStart")["args"].dump(), R"(["a","b"])");
    EXPECT_EQ(one.count("StasisStart"), 0U);
    EXPECT_EQ(one.last("CallClaimed")["winner_app"], "ivr-two");
    EXPECT_EQ(two.count("CallClaimed"), 0U);
}

TEST_F(Broadcast, NobodyClaimsInTime) {
    Channel& channel = enter();
    h.pbx.loop.advance(std::chrono::milliseconds(999));
    EXPECT_EQ(channel.variable("AFTER"), nullptr);
    h.pbx.loop.advance(std::chrono::milliseconds(2));
    EXPECT_EQ(*channel.variable("AFTER"), "TIMEOUT");
    EXPECT_EQ(h.status(claim(channel, "ivr-one")), 404);
}

TEST_F(Broadcast, TheCallerMayGoBefore) {
    Channel& channel = enter();
    const std::string late = claim(channel, "ivr-one");
    channel.party_hung_up(Cause::normal_clearing);
    h.pbx.loop.run();
    EXPECT_EQ(h.pbx.channels.size(), 0U);
    EXPECT_EQ(h.status(late), 404);
}

TEST_F(Broadcast, BadArgumentsFail) { EXPECT_EQ(*enter("bad").variable("AFTER"), "FAILED"); }

}  // namespace
}  // namespace asterism::ari
