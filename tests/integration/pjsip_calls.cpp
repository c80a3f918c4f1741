// Whole calls in virtual time: scripted SIP peers, the dialplan and its applications, over sockets that are not there.
#include <gtest/gtest.h>

#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "core/channels/sip/technology.hpp"
#include "support/sip_net.hpp"
#include "support/test_pbx.hpp"
#include "unit/channels_sip/sip_world.hpp"

namespace asterism {
namespace {

using pjsip::Ask;
using pjsip::usual_sdp;

constexpr std::string_view phones = R"(
[udp]
type=transport
bind=127.0.0.1:5060
[a]
type=endpoint
context=default
allow=ulaw,alaw
aors=a
callerid=Ann <100>
[a]
type=aor
contact=sip:a@127.0.0.1:5071
[a-id]
type=identify
endpoint=a
match_header=X-Sipp: yes
[b]
type=endpoint
context=default
allow=ulaw,alaw
aors=b
[b]
type=aor
contact=sip:b@127.0.0.1:5072
)";

/// The PBX of TestPbx with PJSIP in it.
struct Exchange {
    explicit Exchange(const std::string& extensions) {
        functions::add_functions(pbx.pbx);
        applications::add_applications(pbx.pbx);
        applications::add_dial(pbx.applications);
        pbx.extensions(extensions);
        pbx.settings.etc_dir = "/etc";
        source.files["/etc/pjsip.conf"] = phones;
        auto made = std::make_unique<pjsip::FakeNet>();
        net = made.get();
        tech = std::make_unique<pjsip::Pjsip>(pbx.pbx, std::move(made));
        EXPECT_TRUE(tech->load(source, report)) << report.text();
        tech->start();
        tech->register_commands();
        pbx.watch_events();
        pbx.loop.run();
    }
    ~Exchange() {
        for (const ChannelId id : pbx.channels.ids())
            if (Channel* channel = pbx.channels.find(id)) channel->request_hangup(Cause::normal_clearing);
        pbx.loop.advance(std::chrono::seconds(70));
    }
    void receive(const std::string& bytes, std::uint16_t port) {
        net->receive(*sip::SocketAddress::parse("127.0.0.1", port), bytes);
        pbx.loop.run();
    }
    /// The next message to a port; null if there is none.
    sip::MessagePtr next(std::uint16_t port) {
        for (auto one = net->sent.begin(); one != net->sent.end(); ++one) {
            if (one->to.port != port) continue;
            auto parsed = sip::Message::parse(one->bytes);
            net->sent.erase(one);
            EXPECT_TRUE(parsed.has_value());
            return parsed ? *parsed : nullptr;
        }
        return nullptr;
    }
    int status(std::uint16_t port) {
        const auto message = next(port);
        return message ? message->status() : -1;
    }
    void invite(const std::string& exten) {
        receive(Ask{.uri = "sip:" + exten + "@127.0.0.1:5060", .body = std::string(usual_sdp)}.text(), 5071);
    }

    TestPbx pbx;
    config::MapSource source;
    config::Report report;
    pjsip::FakeNet* net = nullptr;
    std::unique_ptr<pjsip::Pjsip> tech;
};

TEST(PjsipCalls, DialJoinsTwoPhones) {
    Exchange x("[default]\nexten => 2,1,Dial(PJSIP/b,20)\n same => n,Hangup()\n");
    x.invite("2");
    EXPECT_EQ(x.status(5071), 100);
    const auto invite = x.next(5072);
    ASSERT_TRUE(invite);
    EXPECT_EQ(invite->method(), sip::Method::invite);
    EXPECT_TRUE(std::string(*invite->header(sip::HeaderId::from)).starts_with("\"Ann\" <sip:100@127.0.0.1>"));
    EXPECT_NE(invite->sdp().find("RTP/AVP 0 8 101"), std::string_view::npos);
    x.receive(pjsip::reply(*invite, 180, "Ringing"), 5072);
    EXPECT_EQ(x.status(5071), 180);
    x.receive(pjsip::reply(*invite, 200, "OK", "b1", {"Contact: <sip:b@127.0.0.1:5072>"}, usual_sdp), 5072);
    EXPECT_EQ(x.next(5072)->method(), sip::Method::ack);
    const auto ok = x.next(5071);
    ASSERT_TRUE(ok);
    EXPECT_EQ(ok->status(), 200);
    const std::string to(*ok->header(sip::HeaderId::to));
    x.receive(Ask{.method = "ACK", .to = to}.text(), 5071);
    // The two legs hear each other.
    ASSERT_EQ(x.pbx.media.open_legs(), 2u);
    for (const auto& [id, leg] : x.pbx.media.legs) EXPECT_TRUE(leg.peer) << id.value;
    EXPECT_TRUE(x.pbx.happened("DialEnd PJSIP/b-00000001 ANSWER"));
    // The caller hangs up; the other is told.
    x.receive(Ask{.method = "BYE", .to = to, .branch = "z9hG4bKb", .cseq = 2}.text(), 5071);
    EXPECT_EQ(x.status(5071), 200);
    const auto bye = x.next(5072);
    ASSERT_TRUE(bye);
    EXPECT_EQ(bye->method(), sip::Method::bye);
    x.receive(pjsip::reply(*bye, 200, "OK"), 5072);
    EXPECT_EQ(x.pbx.channels.size(), 0u);
    EXPECT_EQ(x.pbx.media.open_legs(), 0u);
}

TEST(PjsipCalls, BusyComesBack) {
    Exchange x("[default]\nexten => 2,1,Dial(PJSIP/b,20)\n same => n,Set(X=${DIALSTATUS})\n same => n,Hangup()\n");
    x.invite("2");
    x.receive(pjsip::reply(*x.next(5072), 486, "Busy Here"), 5072);
    x.pbx.loop.run();
    EXPECT_TRUE(x.pbx.happened("VarSet X=BUSY"));
    EXPECT_EQ(x.status(5071), 100);
    EXPECT_EQ(x.status(5071), 486);
}

TEST(PjsipCalls, TheCallerGivesUp) {
    Exchange x("[default]\nexten => 2,1,Dial(PJSIP/b,20)\n");
    x.invite("2");
    const auto invite = x.next(5072);
    x.receive(pjsip::reply(*invite, 180, "Ringing"), 5072);
    x.receive(Ask{.method = "CANCEL", .uri = "sip:2@127.0.0.1:5060"}.text(), 5071);
    EXPECT_EQ(x.status(5071), 100);
    EXPECT_EQ(x.status(5071), 180);
    EXPECT_EQ(x.status(5071), 200);
    EXPECT_EQ(x.status(5071), 487);
    const auto cancel = x.next(5072);
    ASSERT_TRUE(cancel);
    EXPECT_EQ(cancel->method(), sip::Method::cancel);
}

TEST(PjsipCalls, APhoneThatVanishesRingsOut) {
    Exchange x("[default]\nexten => 2,1,Dial(PJSIP/b,5)\n same => n,Set(X=${DIALSTATUS})\n same => n,Hangup(17)\n");
    x.invite("2");
    x.pbx.loop.advance(6s);
    EXPECT_TRUE(x.pbx.happened("VarSet X=NOANSWER"));
    EXPECT_EQ(x.pbx.channels.size(), 0u);
}

TEST(PjsipCalls, ForkedCallOneAnswers) {
    Exchange x("[default]\nexten => 2,1,Dial(PJSIP/b&PJSIP/b/sip:c@127.0.0.1:5073,20)\n");
    x.invite("2");
    const auto one = x.next(5072);
    const auto two = x.next(5073);
    ASSERT_TRUE(one);
    ASSERT_TRUE(two);
    x.receive(pjsip::reply(*one, 180, "Ringing"), 5072);
    x.receive(pjsip::reply(*two, 200, "OK", "c1", {"Contact: <sip:c@127.0.0.1:5073>"}, usual_sdp), 5073);
    const auto cancel = x.next(5072);
    ASSERT_TRUE(cancel);
    EXPECT_EQ(cancel->method(), sip::Method::cancel);
    EXPECT_EQ(cancel->header(sip::HeaderId::reason), "SIP;cause=200;text=\"Call completed elsewhere\"");
}

TEST(PjsipCalls, HeadersOfThePreDialHandler) {
    Exchange x(
        "[default]\nexten => 2,1,Dial(PJSIP/b,20,b(add^s^1))\n[add]\nexten => s,1,Set(PJSIP_HEADER(add,X-Test)=hello)\n"
        " same => n,Return()\n");
    x.invite("2");
    x.pbx.loop.run();
    const auto invite = x.next(5072);
    ASSERT_TRUE(invite);
    EXPECT_EQ(invite->header("X-Test"), "hello");
}

}  // namespace
}  // namespace asterism
