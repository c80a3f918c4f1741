// Whom a party is told it is connected with, before the answer and after it.
#include <gtest/gtest.h>

#include "asterism/model/operations.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

struct Ringing {
    explicit Ringing(const std::string& lines) : w(config_with(lines)) {
        w.receive(Ask{.body = std::string(usual_sdp)}.text());
        EXPECT_EQ(w.next_status(), 100);
    }
    static std::string config_with(const std::string& lines) {
        std::string config(usual_config);
        config.insert(config.find("set_var="), lines);
        return config;
    }
    void connect(std::string_view name, std::string_view number) {
        ConnectedParty party;
        party.id = PartyId::of(name, number);
        w.channel().set_connected(party, true);
        w.loop.run();
    }
    static std::string shown(const sip::MessagePtr& message) {
        return message ? std::string(message->header(sip::HeaderId::p_asserted_identity).value_or("nobody"))
                       : "nothing";
    }
    SipWorld w;
};

TEST(PjsipConnectedLine, WithoutItThePartyIsShownWhomItReachedFirst) {
    Ringing r("send_pai=yes\nsend_connected_line=no\n");
    r.connect("Bob", "bob");
    indicate(r.w.channel(), Indication::ringing);
    EXPECT_EQ(r.shown(r.w.next()), "\"Bob\" <sip:bob@127.0.0.1>");
    r.connect("Bob2", "bob2");
    answer(r.w.channel());
    const auto ok = r.w.next();
    ASSERT_TRUE(ok);
    EXPECT_EQ(ok->status(), 200);
    EXPECT_EQ(r.shown(ok), "\"Bob\" <sip:bob@127.0.0.1>");
}

TEST(PjsipConnectedLine, WithItTheAnswerSaysWhoItIsNow) {
    Ringing r("send_pai=yes\n");
    r.connect("Bob", "bob");
    indicate(r.w.channel(), Indication::ringing);
    EXPECT_EQ(r.shown(r.w.next()), "\"Bob\" <sip:bob@127.0.0.1>");
    r.connect("Bob2", "bob2");
    answer(r.w.channel());
    EXPECT_EQ(r.shown(r.w.next()), "\"Bob2\" <sip:bob2@127.0.0.1>");
}

TEST(PjsipConnectedLine, ImmediatelyEvenBeforeAnythingRings) {
    Ringing r("send_pai=yes\nrpid_immediate=yes\n");
    r.connect("Bob", "bob");
    const auto first = r.w.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->status(), 180);
    EXPECT_EQ(r.shown(first), "\"Bob\" <sip:bob@127.0.0.1>");
    r.connect("Bob2", "bob2");
    const auto second = r.w.next();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->status(), 180);
    EXPECT_EQ(r.shown(second), "\"Bob2\" <sip:bob2@127.0.0.1>");
}

TEST(PjsipConnectedLine, OtherwiseItWaitsForAReason) {
    Ringing r("send_pai=yes\n");
    r.connect("Bob", "bob");
    EXPECT_FALSE(r.w.next());
    indicate(r.w.channel(), Indication::ringing);
    EXPECT_EQ(r.shown(r.w.next()), "\"Bob\" <sip:bob@127.0.0.1>");
}

}  // namespace
}  // namespace asterism::pjsip
