#include <gtest/gtest.h>

#include "asterism/dialplan/function.hpp"
#include "asterism/model/operations.hpp"
#include "core/channels/sip/functions.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

using namespace std::string_view_literals;

std::string call_in(SipWorld& w, const std::string& call_id) {
    return answered_call(w, {.call_id = call_id, .branch = "z9hG4bK" + call_id});
}

void refer(SipWorld& w, const std::string& to, const std::string& call_id, const std::string& target,
           std::uint16_t port, std::vector<std::string> headers = {}) {
    headers.push_back("Refer-To: <" + target + ">");
    w.receive(Ask{.method = "REFER",
                  .to = to,
                  .call_id = call_id,
                  .branch = "z9hG4bKr" + call_id,
                  .cseq = 2,
                  .headers = std::move(headers),
                  .port = port}
                  .text(),
              port);
}

/// Phone `a` talks with `b`.
struct TwoCalls {
    explicit TwoCalls(SipWorld& w)
        : to_a(call_in(w, "a")),
          a(w.channel()),
          to_b(call_in(w, "b")),
          b(w.channel()),
          bridge(w.bridges.create({.type = "basic"})) {
        bridge.add(a);
        bridge.add(b);
    }
    std::string to_a;
    Channel& a;
    std::string to_b;
    Channel& b;
    Bridge& bridge;
};

TEST(PjsipTransfer, BlindSendsThePeerToTheExtension) {
    SipWorld w;
    const TwoCalls call(w);
    Channel &a = call.a, &b = call.b;
    std::string result;
    auto watch = w.bus.subscribe([&](const Event& event) {
        if (event.kind == EventKind::transfer_blind)
            result = as<BlindTransfer>(event).result + " " + as<BlindTransfer>(event).exten;
    });
    const auto before = w.started.size();
    refer(w, call.to_a, "a", "sip:555@127.0.0.1", 5071);
    EXPECT_EQ(w.next_status(), 202);
    EXPECT_EQ(w.next()->body(), "SIP/2.0 100 Trying\r\n");
    EXPECT_EQ(w.next()->body(), "SIP/2.0 200 OK\r\n");
    EXPECT_EQ(result, "Success 555");
    ASSERT_EQ(w.started.size(), before + 1);
    EXPECT_EQ(w.channel().id(), b.id());
    EXPECT_EQ(b.location().exten, "555");
    EXPECT_EQ(*b.variable("TRANSFERERNAME"), a.name());
    EXPECT_EQ(*b.variable("SIPREFERRINGCONTEXT"), "sip");
    EXPECT_EQ(*b.variable("SIPREFERTOHDR"), "sip:555@127.0.0.1");
    // Its part is over; the phone is left time to say BYE itself.
    hang_up(a, Cause::normal_clearing, {});
    w.loop.run();
    EXPECT_FALSE(w.next());
    w.loop.advance(4s);
    int byes = 0;
    while (const auto message = w.next()) byes += message->method() == sip::Method::bye;
    EXPECT_EQ(byes, 1);
}

// What a Digium phone's key for it sends.
TEST(PjsipTransfer, BlindToTheVoicemail) {
    for (const char* reason : {"send_to_vm", "\"send_to_vm\""}) {
        SipWorld w;
        const TwoCalls call(w);
        Channel& b = call.b;
        refer(w, call.to_a, "a", "sip:555@127.0.0.1", 5071,
              {"X-Digium-Call-Feature: feature_send_to_vm", std::string("Diversion: <sip:c@x>;reason=") + reason});
        EXPECT_EQ(b.location().exten, "555");
        EXPECT_EQ(b.redirecting().reason.code, 12) << reason;
        dialplan::Functions functions;
        add_functions(*w.tech, functions);
        dialplan::FunctionCall f{
            .pbx = w.pbx, .channel = &b, .name = "PJSIP_HEADER", .args = "read,X-Digium-Call-Feature"};
        EXPECT_EQ(functions.find("PJSIP_HEADER")->read(f), "feature_send_to_vm");
    }
}

TEST(PjsipTransfer, AttendedJoinsTheTwoPeers) {
    SipWorld w;
    const std::string to_a = call_in(w, "a");
    Channel& a1 = w.channel();
    call_in(w, "b");
    Channel& b = w.channel();
    const std::string to_c = call_in(w, "c");
    Channel& a2 = w.channel();
    call_in(w, "d");
    Channel& d = w.channel();
    Bridge& one = w.bridges.create({.type = "basic"});
    one.add(a1);
    one.add(b);
    Bridge& two = w.bridges.create({.type = "basic"});
    two.add(a2);
    two.add(d);
    const std::string tag = to_c.substr(to_c.find("tag=") + 4);
    refer(w, to_a, "a", "sip:x@127.0.0.1?Replaces=c%3Bto-tag%3D" + tag + "%3Bfrom-tag%3Df1", 5071);
    EXPECT_EQ(w.next_status(), 202);
    EXPECT_EQ(w.next()->body(), "SIP/2.0 100 Trying\r\n");
    EXPECT_EQ(w.next()->body(), "SIP/2.0 200 OK\r\n");
    w.loop.run();
    EXPECT_TRUE(b.bridge());
    EXPECT_EQ(b.bridge(), d.bridge());
    EXPECT_EQ(b.connected().id, d.caller().id);
    EXPECT_EQ(d.connected().id, b.caller().id);
}

/// What the party of a call says of a REFER, in order, and what we make of it; nothing: it goes on.
struct Referred {
    std::vector<std::string> says;  ///< "202", or "NOTIFY state: body"
    std::optional<int> code;
};

class PjsipRefer : public testing::TestWithParam<Referred> {};

TEST_P(PjsipRefer, TellsWhatComesOfIt) {
    SipWorld w;
    const std::string to = answered_call(w);
    Channel& channel = w.channel();
    Watch watch(w, channel);
    ASSERT_TRUE(channel.driver().transfer("PJSIP/sip:other@127.0.0.1:26499"));
    w.loop.run();
    const auto refer = w.next();
    ASSERT_TRUE(refer);
    // As recorded, 05-10.
    EXPECT_NE(refer->text().find("Event: refer\r\nExpires: 600\r\nSupported: 100rel, timer, replaces, norefersub\r\n"
                                 "Accept: message/sipfrag;version=2.0\r\n"
                                 "Allow-Events: message-summary, presence, dialog, refer\r\n"
                                 "Refer-To: sip:other@127.0.0.1:26499\r\nReferred-By: <sip:200@127.0.0.1>"),
              std::string::npos)
        << refer->text();
    int cseq = 1;
    for (const auto& says : GetParam().says) {
        if (!says.starts_with("NOTIFY ")) {
            w.receive(reply(*refer, std::stoi(says), "x", "", {"Contact: <sip:sippy@127.0.0.1:5071>"}));
            continue;
        }
        const auto colon = says.find(": ");
        ++cseq;
        w.receive(Ask{.method = "NOTIFY",
                      .to = to,
                      .branch = "z9hG4bKn" + std::to_string(cseq),
                      .cseq = cseq,
                      .headers = {"Event: refer", "Subscription-State: " + says.substr(7, colon - 7)},
                      .body = says.substr(colon + 2),
                      .type = "message/sipfrag"}
                      .text());
        EXPECT_EQ(w.next_status(), 200);
    }
    std::optional<int> code;
    while (const auto signal = watch.box.try_next())
        if (signal->kind == ChannelSignal::Kind::transferred) code = signal->code;
    EXPECT_EQ(code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    , PjsipRefer,
    testing::Values(Referred{{"202"}, std::nullopt}, Referred{{"603"}, 603},
                    Referred{{"202", "NOTIFY active;expires=60: SIP/2.0 180 Ringing\r\n"}, std::nullopt},
                    Referred{{"202", "NOTIFY active: SIP/2.0 100 Trying", "NOTIFY terminated: SIP/2.0 200 OK"}, 0},
                    Referred{{"202", "NOTIFY terminated;reason=noresource: SIP/2.0 486 Busy Here\r\n"}, 486},
                    Referred{{"202", "NOTIFY terminated: SIP/2.0 180 Ringing"}, 503},
                    Referred{{"202", "NOTIFY terminated: nonsense"}, 503},
                    Referred{{"NOTIFY terminated: SIP/2.0 200 OK", "202"}, 0}));

TEST(PjsipTransfer, MusicWhileAPeerHolds) {
    SipWorld w;
    const TwoCalls call(w);
    Channel &a = call.a, &b = call.b;
    const std::string held = usual_sdp_as("inactive");
    w.receive(Ask{.to = call.to_a, .call_id = "a", .branch = "z9hG4bKh", .cseq = 2, .body = held}.text(), 5071);
    const auto answered = w.next();
    ASSERT_TRUE(answered);
    EXPECT_NE(answered->sdp().find("a=inactive"), std::string_view::npos);
    EXPECT_TRUE(w.happened("Hold default"));
    EXPECT_TRUE(a.on_hold());
    EXPECT_EQ(w.tech->device_state("sipp"), "INUSE");  // one of two calls is held
    EXPECT_TRUE(static_cast<const Call&>(b.driver()).on_hold());
    // Resumed by a re-INVITE that asks for an offer.
    w.receive(Ask{.method = "ACK", .to = call.to_a, .call_id = "a", .branch = "z9hG4bKh2", .cseq = 2}.text(), 5071);
    w.receive(Ask{.to = call.to_a, .call_id = "a", .branch = "z9hG4bKi", .cseq = 3}.text(), 5071);
    EXPECT_TRUE(w.happened("Unhold"));
    EXPECT_FALSE(static_cast<const Call&>(b.driver()).on_hold());
}

TEST(PjsipTransfer, AReinviteThatSaysAnotherNameReachesThePeer) {
    std::string config(usual_config);
    config.insert(config.find("set_var="), "send_rpid=yes\ntrust_id_inbound=yes\n");
    SipWorld w(config);
    const TwoCalls call(w);
    Channel &a = call.a, &b = call.b;
    w.receive(Ask{.to = call.to_a,
                  .call_id = "a",
                  .branch = "z9hG4bKc",
                  .cseq = 2,
                  .headers = {"Remote-Party-ID: \"Charlie\" <sip:55@127.0.0.1>;party=calling;privacy=off"},
                  .body = std::string(usual_sdp)}
                  .text(),
              5071);
    EXPECT_EQ(a.caller().id.name.text, "Charlie");
    EXPECT_EQ(b.connected().id.number.text, "55");
    sip::MessagePtr told;
    while (const auto message = w.next())
        if (message->is_request()) told = message;
    ASSERT_TRUE(told);
    EXPECT_EQ(told->header(sip::HeaderId::remote_party_id).value_or("").substr(0, 28),
              "\"Charlie\" <sip:55@127.0.0.1>"sv.substr(0, 28));
}

TEST(PjsipTransfer, ConnectedLineIsToldByUpdateOrReinvite) {
    std::string config(usual_config);
    config.insert(config.find("set_var="), "send_pai=yes\n");
    SipWorld w(config);
    call_in(w, "a");
    ConnectedParty party;
    party.id = PartyId::of("Zoe", "99");
    w.channel().set_connected(party, true);
    w.loop.run();
    const auto again = w.next();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->method(), sip::Method::invite);
    EXPECT_EQ(again->header(sip::HeaderId::p_asserted_identity), "\"Zoe\" <sip:99@127.0.0.1>");
    EXPECT_NE(again->sdp().find("m=audio 30000"), std::string_view::npos);
}

}  // namespace
}  // namespace asterism::pjsip
