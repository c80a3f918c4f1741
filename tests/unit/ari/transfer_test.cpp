#include <gtest/gtest.h>

#include "asterism/features/transfer.hpp"
#include "asterism/model/bridge.hpp"
#include "harness.hpp"

namespace asterism::ari {
namespace {

using testing::Harness;

constexpr const char* plan =
    "[default]\n"
    "exten => stasis,1,Answer()\n"
    " same => n,Stasis(app,test)\n"
    "exten => 1000,1,Answer()\n"
    " same => n,Wait(100)\n";

struct Transfers : ::testing::Test {
    Transfers() {
        h.pbx.extensions(plan);
        h.listen();
        h.status("POST /bridges/b1");
        h.status("POST /bridges/b2");
    }
    Channel& enter(const char* who, const char* bridge) {
        Channel& channel = h.pbx.phones.call_in(who, "default", "stasis");
        h.pbx.loop.run();
        if (bridge != nullptr) {
            EXPECT_EQ(h.status(std::string("POST /bridges/") + bridge + "/addChannel?channel=" + channel.uniqueid()),
                      204);
        }
        return channel;
    }
    Harness h;
};

TEST_F(Transfers, ABlindOneBringsALocalChannelInPlaceOfTheTransferer) {
    Channel& alice = enter("alice", "b1");
    const std::string alice_id = alice.uniqueid();
    const Channel& bob = enter("bob", "b1");
    EXPECT_EQ(features::blind_transfer(alice, "default", "1000", [](Channel& c) { c.set_variable("T", "1"); }),
              features::TransferResult::success);
    h.pbx.loop.run();
    const auto event = h.app.last("BridgeBlindTransfer");
    EXPECT_EQ(event["channel"]["id"], alice_id);
    EXPECT_EQ(event["transferee"]["id"], bob.uniqueid());
    EXPECT_EQ(event["result"], "Success");
    const auto start = h.app.last("StasisStart");
    EXPECT_EQ(start["replace_channel"]["id"], alice_id);
    EXPECT_EQ(start["args"].size(), 0U);
    EXPECT_EQ(event["replace_channel"]["id"], start["channel"]["id"]);
    EXPECT_EQ(h.app.count("StasisEnd"), 0U) << "alice's phone ends her call";
    EXPECT_FALSE(alice.bridge());
    EXPECT_EQ(h.json("GET /bridges/b1")["channels"].size(), 2U);
    // The extension runs behind it.
    const Channel* other = h.pbx.channels.find(std::string_view(
        std::string(start["channel"]["name"]).replace(std::string(start["channel"]["name"]).size() - 1, 1, "2")));
    ASSERT_NE(other, nullptr);
    EXPECT_EQ(other->application(), "Wait");
    EXPECT_EQ(*other->variable("T"), "1");
}

TEST_F(Transfers, ABlindOneToNowhereIsRefused) {
    Channel& alice = enter("alice", "b1");
    enter("bob", "b1");
    EXPECT_EQ(features::blind_transfer(alice, "default", "nope", [](Channel&) {}), features::TransferResult::invalid);
    h.pbx.loop.run();
    EXPECT_EQ(h.app.last("BridgeBlindTransfer")["result"], "Invalid");
    EXPECT_EQ(h.json("GET /bridges/b1")["channels"].size(), 2U);
}

TEST_F(Transfers, AnAttendedOneLinksTwoBridges) {
    Channel& first = enter("alice", "b1");
    enter("bob", "b1");
    Channel& second = enter("alice", "b2");
    enter("charlie", "b2");
    EXPECT_EQ(features::attended_transfer(first, second), features::TransferResult::success);
    h.pbx.loop.run();
    const auto event = h.app.last("BridgeAttendedTransfer");
    EXPECT_EQ(event["destination_type"], "link");
    EXPECT_EQ(event["destination_link_first_leg"]["name"], "Local/_attended@transfer-00000000;1");
    EXPECT_EQ(h.app.count("StasisStart"), 6U);
    EXPECT_EQ(h.app.count("StasisEnd"), 1U);
    EXPECT_EQ(h.json("GET /bridges/b1")["channels"].size(), 2U);
    EXPECT_EQ(h.json("GET /bridges/b2")["channels"].size(), 2U);
    // One half ends, so does the other.
    EXPECT_EQ(h.status("DELETE /channels/" + std::string(event["destination_link_first_leg"]["id"])), 204);
    EXPECT_EQ(h.app.count("StasisEnd"), 3U);
}

TEST_F(Transfers, AnAttendedOneToAnApplication) {
    Channel& first = enter("alice", "b1");
    enter("bob", "b1");
    Channel& second = enter("alice", nullptr);
    EXPECT_EQ(features::attended_transfer(first, second), features::TransferResult::success);
    h.pbx.loop.run();
    const auto event = h.app.last("BridgeAttendedTransfer");
    EXPECT_EQ(event["destination_type"], "application");
    EXPECT_EQ(event["destination_application"], "Stasis");
    EXPECT_EQ(h.app.count("StasisEnd"), 1U);
    EXPECT_EQ(h.json("GET /bridges/b1")["channels"].size(), 2U);
}

}  // namespace
}  // namespace asterism::ari
