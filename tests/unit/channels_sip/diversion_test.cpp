// Calls that are sent on: Diversion, History-Info, 302 and 181, as Asterisk writes and reads them.
#include <gtest/gtest.h>

#include "asterism/model/operations.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

using Kind = ChannelSignal::Kind;

std::string config_with(const std::string& lines) {
    std::string config(usual_config);
    config.insert(config.find("set_var="), lines);
    return config;
}

RedirectingParty sent_on_by(std::string_view number) {
    RedirectingParty party;
    party.from = PartyId::of({}, number);
    party.to = PartyId::of({}, "bob");
    party.reason.code = 15;
    party.count = 1;
    return party;
}

std::vector<std::string> values(const sip::Message& message, sip::HeaderId id) {
    std::vector<std::string> out;
    message.each(id, [&](std::string_view value) { out.emplace_back(value); });
    return out;
}

sip::MessagePtr invite_of(SipWorld& w, const RedirectingParty& redirecting) {
    Channel& channel = dial(w, "sipp");
    channel.set_redirecting(redirecting);
    channel.driver().call();
    w.loop.run();
    return w.next();
}

TEST(PjsipDiversion, AnInviteSaysWhoSentItOn) {
    SipWorld w;
    const auto invite = invite_of(w, sent_on_by("amenhotep"));
    EXPECT_EQ(invite->header(sip::HeaderId::diversion), "<sip:amenhotep@127.0.0.1>;reason=unconditional");
    EXPECT_FALSE(invite->has(sip::HeaderId::history_info));
}

TEST(PjsipDiversion, AReasonThatIsNoTokenIsQuoted) {
    SipWorld w;
    auto party = sent_on_by("7");
    party.reason = {.code = 0, .text = "gone fishing"};
    EXPECT_EQ(invite_of(w, party)->header(sip::HeaderId::diversion), "<sip:7@127.0.0.1>;reason=\"gone fishing\"");
}

TEST(PjsipDiversion, HistoryInfoInstead) {
    SipWorld w(config_with("send_diversion=no\nsend_history_info=yes\n"));
    const auto invite = invite_of(w, sent_on_by("amenhotep"));
    EXPECT_FALSE(invite->has(sip::HeaderId::diversion));
    EXPECT_EQ(values(*invite, sip::HeaderId::history_info),
              (std::vector<std::string>{"<sip:amenhotep@127.0.0.1>;index=1",
                                        "<sip:sipp@127.0.0.1:5071;cause=302>;index=1.1"}));
}

TEST(PjsipDiversion, HistoryInfoOfACallThatNobodySentOn) {
    SipWorld w(config_with("send_history_info=yes\n"));
    const auto invite = invite_of(w, {});
    EXPECT_EQ(values(*invite, sip::HeaderId::history_info),
              (std::vector<std::string>{"<sip:sipp@127.0.0.1:5071>;index=1"}));
}

TEST(PjsipDiversion, AnIncomingInviteIsBelieved) {
    SipWorld w;
    w.receive(Ask{.headers = {"X-Sipp: yes", "Diversion: \"A\" <sip:11@h>;reason=user-busy, <sip:10@h>;reason=away"},
                  .body = std::string(usual_sdp)}
                  .text());
    const auto& redirecting = w.channel().redirecting();
    EXPECT_EQ(redirecting.from.number.text, "11");
    EXPECT_EQ(redirecting.from.name.text, "A");
    EXPECT_EQ(redirecting.reason.code, 1);
    EXPECT_EQ(redirecting.orig.number.text, "10");
    EXPECT_EQ(redirecting.orig_reason.code, 10);
    EXPECT_EQ(redirecting.to.number.text, "200");
    EXPECT_EQ(redirecting.count, 2);
}

TEST(PjsipDiversion, HistoryInfoOfAnIncomingInvite) {
    SipWorld w;
    w.receive(Ask{.headers = {"X-Sipp: yes", "History-Info: <sip:amenhotep@h>;index=1",
                              "History-Info: <sip:200@h;cause=486>;index=1.1"},
                  .body = std::string(usual_sdp)}
                  .text());
    const auto& redirecting = w.channel().redirecting();
    EXPECT_EQ(redirecting.from.number.text, "amenhotep");
    EXPECT_EQ(redirecting.to.number.text, "200");
    EXPECT_EQ(redirecting.reason.code, 1);
    EXPECT_EQ(redirecting.count, 1);
}

TEST(PjsipDiversion, HistoryInfoWithoutACauseTellsOfNoDiversion) {
    SipWorld w;
    w.receive(Ask{.headers = {"X-Sipp: yes", "History-Info: <sip:1@h>;index=1, <sip:2@h>;index=1.1"},
                  .body = std::string(usual_sdp)}
                  .text());
    EXPECT_EQ(w.channel().redirecting(), RedirectingParty{});
}

struct Called {
    explicit Called(const std::string& config = std::string(usual_config)) : w(config) {
        channel.driver().call();
        w.loop.run();
        invite = w.next();
    }
    SipWorld w;
    Channel& channel = dial(w, "sipp");
    Watch watch{w, channel};
    sip::MessagePtr invite;
};

TEST(PjsipDiversion, A181TellsWhereTheCallGoes) {
    for (const std::string header : {"Diversion: <sip:amenhotep@h>;reason=unconditional",
                                     "History-Info: <sip:sipp@h>;index=1, <sip:amenhotep@h;cause=302>;index=1.1"}) {
        Called c;
        c.w.receive(reply(*c.invite, 181, "Redirected", "x", {"Contact: <sip:user3@h>", header}));
        EXPECT_EQ(c.watch.kinds(), (std::vector{Kind::redirecting})) << header;
        EXPECT_EQ(c.channel.redirecting().to.number.text, "amenhotep");
        EXPECT_EQ(c.channel.redirecting().reason.code, 15);
    }
}

TEST(PjsipDiversion, A181WithoutAWordNamesNobody) {
    Called c;
    c.w.receive(reply(*c.invite, 181, "Redirected", "x", {"Contact: <sip:user3@h>"}));
    EXPECT_EQ(c.watch.kinds(), (std::vector{Kind::redirecting}));
    EXPECT_EQ(c.channel.redirecting(), RedirectingParty{});
}

TEST(PjsipDiversion, A302IsFromWhoWasCalled) {
    Called c(config_with("callerid=amenhotep <1234>\n"));
    c.w.receive(reply(*c.invite, 302, "Moved", "x", {"Contact: <sip:user3@h>"}));
    const auto& redirecting = c.channel.redirecting();
    EXPECT_EQ(redirecting.from.number.text, "1234");
    EXPECT_EQ(redirecting.from.name.text, "amenhotep");
    EXPECT_EQ(redirecting.to.number.text, "user3");
    EXPECT_EQ(redirecting.reason.code, 15);
    EXPECT_EQ(redirecting.count, 1);
}

TEST(PjsipDiversion, A302MaySpeakOfSomebodyElse) {
    Called c;
    c.w.receive(reply(*c.invite, 302, "Moved", "x",
                      {"Contact: <sip:user3@h>", "Diversion: <sip:amenhotep@h>;reason=no-answer"}));
    EXPECT_EQ(c.channel.redirecting().from.number.text, "amenhotep");
    EXPECT_EQ(c.channel.redirecting().to.number.text, "user3");
    EXPECT_EQ(c.channel.redirecting().reason.code, 2);
}

TEST(PjsipDiversion, WhoSentItOnFirstIsNotForgotten) {
    Called c(config_with("callerid=amenhotep <1234>\n"));
    c.channel.set_redirecting(sent_on_by("first"));
    c.w.receive(reply(*c.invite, 302, "Moved", "x", {"Contact: <sip:user3@h>"}));
    EXPECT_EQ(c.channel.redirecting().orig.number.text, "first");
    EXPECT_EQ(c.channel.redirecting().from.number.text, "1234");
    EXPECT_EQ(c.channel.redirecting().count, 2);
}

TEST(PjsipDiversion, TheUserOptionsOfA302AreIgnoredWhereAsked) {
    Called c(std::string(usual_config) + "[global]\ntype=global\nignore_uri_user_options=yes\n");
    c.w.receive(reply(*c.invite, 302, "Moved", "x", {"Contact: <sip:user3;phone-context=national@10.0.0.1>"}));
    std::string destination;
    while (auto signal = c.watch.box.try_next())
        if (signal->kind == Kind::forwarded) destination = signal->text;
    EXPECT_EQ(destination, "Local/user3@sip");
}

TEST(PjsipDiversion, OurOwn181SaysWhereTheCallGoes) {
    SipWorld w(config_with("send_history_info=yes\n"));
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 100);
    w.channel().set_redirecting(sent_on_by("amenhotep"), true);
    const auto told = w.next();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->status(), 181);
    EXPECT_EQ(told->header(sip::HeaderId::diversion), "<sip:bob@127.0.0.1>;reason=unconditional");
    EXPECT_EQ(
        values(*told, sip::HeaderId::history_info),
        (std::vector<std::string>{"<sip:200@127.0.0.1:5060>;index=1", "<sip:bob@127.0.0.1;cause=302>;index=1.1"}));
    w.channel().set_redirecting({}, true);
    const auto nobody = w.next();
    ASSERT_TRUE(nobody);
    EXPECT_FALSE(nobody->has(sip::HeaderId::diversion));
    EXPECT_EQ(values(*nobody, sip::HeaderId::history_info).size(), 1u);
}

}  // namespace
}  // namespace asterism::pjsip
