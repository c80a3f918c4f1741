// The calling side of an invite session.
#include "unit/sip/uac_support.hpp"

namespace asterism::sip::test {

namespace {

const std::string allow =
    "Allow: OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, MESSAGE, INFO, "
    "REFER\r\n";

}  // namespace

TEST_F(Uac, RewrittenContactIsWhereRequestsGo) {
    settings.rewrite_contact = true;
    call();
    reply(180, "uas1", "Contact: <sip:callee@192.168.0.1:12345>\n");
    reply(200, "uas1", "Contact: <sip:callee@192.168.0.1:12345>\n", some_sdp);
    const std::string ack = b.take_one();
    EXPECT_TRUE(ack.starts_with("ACK sip:callee@127.0.0.2:5080 SIP/2.0\r\n")) << ack;
    b.receive(from_peer("INVITE", 7, "Contact: <sip:callee@192.168.0.1:12345>\n", some_sdp));
    EXPECT_EQ(session->dialog().target(), "sip:callee@127.0.0.2:5080");
}

TEST_F(Uac, RewrittenRecordRoute) {
    settings.rewrite_contact = true;
    call();
    reply(200, "uas1", "Record-Route: <sip:192.168.0.9:5070;lr>\nContact: <sip:callee@192.168.0.1:12345>\n", some_sdp);
    EXPECT_EQ(session->dialog().target(), "sip:callee@192.168.0.1:12345");
    EXPECT_EQ(session->dialog().routes(), std::vector<std::string>{"<sip:127.0.0.2:5080;lr>"});
    b.take();
}

TEST_F(Uac, WholeCallAsRecorded) {  // 12-outgoing-call
    call();
    const std::string tag(invite->from_tag()), id(invite->call_id()), cseq = std::to_string(invite->cseq());
    EXPECT_EQ(
        invite->text(),
        "INVITE sip:callee@127.0.0.2:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=" +
            std::string(invite->top_via().branch) + "\r\nFrom: \"Out Bound\" <sip:5550@127.0.0.1>;tag=" + tag +
            "\r\nTo: <sip:callee@127.0.0.2>\r\nContact: <sip:asterisk@127.0.0.1:5060>\r\nCall-ID: " + id +
            "\r\nCSeq: " + cseq + " INVITE\r\n" + allow +
            "Supported: 100rel, timer, replaces, norefersub, histinfo\r\nSession-Expires: 1800\r\nMin-SE: 90\r\n" +
            agent + "Content-Type: application/sdp\r\nContent-Length:    43\r\n\r\n" + offer_sdp);
    EXPECT_EQ(listener.take(), "sent");
    reply(100);
    reply(180);
    EXPECT_EQ(session->state(), State::early);
    reply(183, "uas1", "", some_sdp);
    EXPECT_EQ(listener.take(), "progress 100, progress 180, answer, progress 183");
    EXPECT_EQ(sent(), "");
    reply(200, "uas1", peer_contact, some_sdp);
    EXPECT_EQ(listener.take(), "answered");  // the same answer is not told again
    EXPECT_EQ(session->state(), State::confirmed);
    const std::string ack = b.take_one();
    EXPECT_EQ(ack, "ACK sip:callee@127.0.0.2:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=" +
                       std::string(parse(ack)->top_via().branch) + "\r\nFrom: \"Out Bound\" <sip:5550@127.0.0.1>;tag=" +
                       tag + "\r\nTo: <sip:callee@127.0.0.2>;tag=uas1\r\nCall-ID: " + id + "\r\nCSeq: " + cseq +
                       " ACK\r\n" + agent + "Content-Length:  0\r\n\r\n");
    EXPECT_NE(parse(ack)->top_via().branch, invite->top_via().branch);
    reply(200, "uas1", peer_contact, some_sdp);
    EXPECT_EQ(b.take_one(), ack);  // the same ACK for a repeated 200
    session->end(0, {{"Reason", reason_header(17)}});
    const auto bye = b.take_message();
    EXPECT_EQ(bye->cseq(), invite->cseq() + 1);
    EXPECT_EQ(bye->header(HeaderId::reason), "Q.850;cause=17");
    EXPECT_EQ(listener.take(), "ended local 0");
    b.receive(respond_to(*bye, 200, ""));
    b.loop.advance(40s);
    EXPECT_EQ(b.stack.client_transactions() + b.stack.dialogs(), 0U);
    std::weak_ptr weak = session;
    session.reset();
    EXPECT_TRUE(weak.expired());
}

TEST_F(Uac, InviteTimers) {
    call();
    // Timer A doubles without end: 0.5 1.5 3.5 7.5 15.5 31.5; B at 32 s.
    b.loop.advance(31999ms);
    EXPECT_EQ(b.take().size(), 6U);
    listener.take();
    b.loop.advance(1ms);
    EXPECT_EQ(listener.take(), "ended timeout 408");
    EXPECT_EQ(b.stack.client_transactions(), 0U);
}

TEST_F(Uac, RefusalIsAcknowledgedEachTime) {
    call();
    reply(486);
    EXPECT_EQ(sent(), "ACK");
    EXPECT_EQ(listener.take(), "sent, ended remote 486");
    reply(486);
    EXPECT_EQ(sent(), "ACK");
    b.loop.advance(33s);  // timer D
    EXPECT_EQ(b.stack.client_transactions(), 0U);
}

TEST_F(Uac, RedirectIsReportedWithItsMessage) {
    call();
    reply(302, "uas1", "Contact: <sip:other@127.0.0.9>\n");
    EXPECT_EQ(listener.take(), "sent, ended remote 302");
    EXPECT_EQ(session->last_message()->header(HeaderId::contact), "<sip:other@127.0.0.9>");
}

TEST_F(Uac, NoRouteAndDeadTransport) {
    b.transport->dead = true;
    Call c;
    c.uri = "sip:callee@127.0.0.2:5080";
    c.from = "<sip:a@b>";
    session = InviteSession::call(b.stack, c, listener);
    b.loop.run();
    EXPECT_EQ(listener.take(), "sent, ended transport 503");
    b.router.transport.reset();
    session = InviteSession::call(b.stack, c, listener);
    b.loop.run();
    EXPECT_EQ(listener.take(), "ended transport 503");
}

TEST_F(Uac, ChallengeIsAnswered) {
    settings.credentials = user("u");
    const auto first = call();
    reply(401, "x1", "WWW-Authenticate: Digest realm=\"x\",nonce=\"n\",algorithm=MD5\n");
    auto all = b.take();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_TRUE(all[0].starts_with("ACK "));
    invite = parse(all[1]);
    EXPECT_EQ(invite->cseq(), first->cseq() + 1);
    EXPECT_EQ(invite->call_id(), first->call_id());
    EXPECT_EQ(invite->from_tag(), first->from_tag());
    EXPECT_EQ(invite->to_tag(), "");
    EXPECT_EQ(invite->body(), offer_sdp);
    const std::string text(invite->text());
    EXPECT_LT(text.find("User-Agent:"), text.find("Authorization: Digest username=\"u\""));
    reply(200, "uas1", peer_contact, some_sdp);
    EXPECT_TRUE(b.take_message()->has(HeaderId::authorization));  // 22.1
    EXPECT_EQ(listener.take(), "sent, sent, answer, answered");
}

TEST_F(Uac, WrongPasswordIsTriedOnce) {
    settings.credentials = user("u");
    call();
    reply(407, "x1", "Proxy-Authenticate: Digest realm=\"x\",nonce=\"n\"\n");
    invite = parse(b.take().back());
    reply(407, "x2", "Proxy-Authenticate: Digest realm=\"x\",nonce=\"m\"\n");
    EXPECT_EQ(sent(), "ACK");
    EXPECT_EQ(listener.take(), "sent, sent, ended remote 407");
}

TEST_F(Uac, IntervalTooSmallIsRaised) {  // RFC 4028 7.4
    call();
    reply(422, "x1", "Min-SE: 3600\n");
    invite = parse(b.take().back());
    EXPECT_EQ(invite->header(HeaderId::min_se), "3600");
    EXPECT_EQ(invite->header(HeaderId::session_expires), "3600");
}

TEST_F(Uac, DelayedOffer) {
    call("");
    EXPECT_EQ(invite->body(), "");
    reply(180);
    reply(200, "uas1", peer_contact, some_sdp);
    EXPECT_EQ(listener.take(), "sent, progress 180, answered, offer");
    EXPECT_EQ(sent(), "");
    EXPECT_TRUE(session->accept_offer(offer_sdp));
    const auto ack = b.take_message();
    EXPECT_EQ(ack->method(), Method::ack);
    EXPECT_EQ(ack->body(), offer_sdp);
    EXPECT_EQ(session->state(), State::confirmed);
}

TEST_F(Uac, DelayedOfferRefused) {
    call("");
    reply(200, "uas1", peer_contact, some_sdp);
    session->reject_offer();
    EXPECT_EQ(sent(), "ACK, BYE");
    EXPECT_EQ(listener.take(), "sent, answered, offer, ended local 0");
}

TEST_F(Uac, ForksFollowTheOneThatAnswers) {
    call();
    reply(183, "fork1", peer_contact, some_sdp);
    EXPECT_EQ(session->dialog().remote_tag(), "fork1");
    reply(180, "fork2");
    EXPECT_EQ(session->dialog().remote_tag(), "fork2");
    reply(200, "fork1", "Contact: <sip:one@127.0.0.2:5091>\n", some_sdp);
    EXPECT_EQ(session->dialog().remote_tag(), "fork1");
    EXPECT_EQ(b.take_message()->request_uri(), "sip:one@127.0.0.2:5091");
    // The other answers too late: ACK and BYE (13.2.2.4).
    reply(200, "fork2", "Contact: <sip:two@127.0.0.2:5092>\n", some_sdp);
    const auto both = b.take();
    ASSERT_EQ(both.size(), 2U);
    const auto ack = parse(both[0]), bye = parse(both[1]);
    EXPECT_EQ(ack->method(), Method::ack);
    EXPECT_EQ(ack->cseq(), invite->cseq());
    EXPECT_EQ(bye->method(), Method::bye);
    EXPECT_EQ(bye->to_tag(), "fork2");
    EXPECT_EQ(bye->from_tag(), invite->from_tag());
    EXPECT_EQ(bye->call_id(), invite->call_id());
    EXPECT_EQ(bye->request_uri(), "sip:two@127.0.0.2:5092");
    EXPECT_EQ(session->state(), State::confirmed);
    EXPECT_EQ(b.stack.dialogs(), 1U);
}

TEST_F(Uac, ReliableProvisionalsAreAcknowledged) {
    call();
    reply(180, "uas1", std::string(peer_contact) + "Require: 100rel\nRSeq: 7\n");
    auto prack = b.take_message();
    EXPECT_EQ(prack->method(), Method::prack);
    EXPECT_EQ(prack->header(HeaderId::rack), "7 " + std::to_string(invite->cseq()) + " INVITE");
    EXPECT_EQ(prack->cseq(), invite->cseq() + 1);
    b.receive(respond_to(*prack, 200, ""));
    reply(180, "uas1", std::string(peer_contact) + "Require: 100rel\nRSeq: 7\n");
    reply(183, "uas1", std::string(peer_contact) + "Require: 100rel\nRSeq: 9\n");
    EXPECT_EQ(sent(), "");
    reply(183, "uas1", std::string(peer_contact) + "Require: 100rel\nRSeq: 8\n", some_sdp);
    EXPECT_EQ(sent(), "PRACK");
    EXPECT_EQ(listener.take(), "sent, progress 180, answer, progress 183");
    reply(200, "uas1", peer_contact);
    EXPECT_EQ(b.take_message()->cseq(), invite->cseq());
    EXPECT_EQ(listener.take(), "answered");
}

TEST_F(Uac, OfferInAReliableProvisional) {
    call("");
    reply(183, "uas1", std::string(peer_contact) + "Require: 100rel\nRSeq: 7\n", some_sdp);
    EXPECT_EQ(listener.take(), "sent, offer, progress 183");
    session->accept_offer(offer_sdp);
    const auto prack = b.take_message();
    EXPECT_EQ(prack->body(), offer_sdp);
    b.receive(respond_to(*prack, 200, ""));
    reply(200, "uas1", peer_contact);
    EXPECT_EQ(sent(), "ACK");
    EXPECT_EQ(listener.take(), "answered");
}

TEST_F(Uac, ReinviteAndUpdate) {
    establish("Allow: INVITE, ACK, BYE, UPDATE\n");
    EXPECT_TRUE(session->offer("v=0\r\n"));
    auto m = b.take_message();
    EXPECT_EQ(m->method(), Method::invite);
    EXPECT_EQ(m->cseq(), invite->cseq() + 1);
    EXPECT_EQ(m->header(HeaderId::contact), "<sip:asterisk@127.0.0.1:5060>");
    EXPECT_EQ(m->header(HeaderId::supported), "100rel, timer, replaces, norefersub");
    b.receive(respond_to(*m, 200, "", "Contact: <sip:callee@127.0.0.2:7777>\n", some_sdp));
    EXPECT_EQ(listener.take(), "answer");
    const auto ack = b.take_message();
    EXPECT_EQ(ack->method(), Method::ack);
    EXPECT_EQ(ack->request_uri(), "sip:callee@127.0.0.2:7777");
    EXPECT_TRUE(session->offer("v=0\r\n", true));
    m = b.take_message();
    EXPECT_EQ(m->method(), Method::update);
    b.receive(respond_to(*m, 488, ""));
    EXPECT_EQ(listener.take(), "refused 488");
    EXPECT_EQ(session->state(), State::confirmed);
}

TEST_F(Uac, UpdateOnlyWhereItIsAllowed) {
    establish("Allow: INVITE, ACK, BYE\n");
    session->offer("v=0\r\n", true);
    EXPECT_EQ(sent(), "INVITE");
}

TEST_F(Uac, GlareIsRetried) {  // 14.1: we own the Call-ID, so 2.1 to 4 s
    establish();
    session->offer("v=0\r\n");
    auto m = b.take_message();
    b.receive(respond_to(*m, 491, ""));
    EXPECT_EQ(sent(), "ACK");
    b.loop.advance(2099ms);
    EXPECT_EQ(sent(), "");
    b.loop.advance(1901ms);
    m = parse(b.take().front());
    EXPECT_EQ(m->method(), Method::invite);
    EXPECT_EQ(m->body(), "v=0\r\n");
    b.receive(respond_to(*m, 200, "", peer_contact, some_sdp));
    EXPECT_EQ(listener.take(), "answer");
}

TEST_F(Uac, TheirReinviteGoesThroughWhileOursWaitsForGlare) {
    establish();
    session->offer("v=0\r\n");
    const auto m = b.take_message();
    b.receive(respond_to(*m, 491, ""));
    b.take();
    b.receive(from_peer("INVITE", 1, peer_contact, some_sdp));
    EXPECT_EQ(listener.take(), "offer");
    session->accept_offer("v=0\r\n");
    EXPECT_EQ(sent(), "200 INVITE");
    b.receive(from_peer("ACK", 1));
    b.loop.advance(4s);
    EXPECT_TRUE(sent().starts_with("INVITE"));
}

TEST_F(Uac, ReinviteIsChallenged) {
    settings.credentials = user("u");
    establish();
    session->offer("v=0\r\n");
    auto m = b.take_message();
    b.receive(respond_to(*m, 401, "", "WWW-Authenticate: Digest realm=\"x\",nonce=\"n\"\n"));
    m = parse(b.take().back());
    EXPECT_TRUE(m->has(HeaderId::authorization));
    EXPECT_EQ(m->to_tag(), "uas1");
    EXPECT_EQ(m->body(), "v=0\r\n");
    b.receive(respond_to(*m, 200, "", peer_contact, some_sdp));
    b.take();
    session->end();
    const auto bye = b.take_message();
    EXPECT_EQ(bye->cseq(), m->cseq() + 1);
    b.receive(respond_to(*bye, 401, "", "WWW-Authenticate: Digest realm=\"x\",nonce=\"n\"\n"));
    const auto again = b.take_message();
    EXPECT_EQ(again->cseq(), bye->cseq() + 1);
    EXPECT_TRUE(again->has(HeaderId::authorization));
}

TEST_F(Uac, ARequestThatNobodyWaitsForAnswersAChallenge) {
    settings.credentials = user("u");
    establish();
    session->request("MESSAGE", {}, "text/plain", "hello");
    const auto first = b.take_message();
    b.receive(respond_to(*first, 401, "", "WWW-Authenticate: Digest realm=\"x\",nonce=\"n\"\n"));
    const auto second = b.take_message();
    EXPECT_TRUE(second->has(HeaderId::authorization));
    EXPECT_EQ(second->cseq(), first->cseq() + 1);
}

struct UacTcp : Uac {
    UacTcp() : Uac(Protocol::tcp) {}
};

TEST_F(UacTcp, AFailureIsToldAlthoughItsTransactionEndsAtOnce) {
    call();
    reply(180);
    listener.take();
    reply(486);
    EXPECT_EQ(sent(), "ACK");
    EXPECT_EQ(listener.take(), "ended remote 486");
    EXPECT_EQ(b.stack.client_transactions() + b.stack.dialogs(), 0U);
}

TEST_F(UacTcp, AChallengeIsAnswered) {
    settings.credentials = user("u");
    call();
    reply(401, "uas1", "WWW-Authenticate: Digest realm=\"x\",nonce=\"n\"\n");
    EXPECT_EQ(sent(), "ACK, INVITE");
}

TEST_F(Uac, SessionTimerRefreshes) {
    establish("Session-Expires: 120;refresher=uac\nRequire: timer\nAllow: INVITE, UPDATE\n");
    b.loop.advance(60s);
    const auto m = b.take_message();
    EXPECT_EQ(m->method(), Method::update);
    EXPECT_EQ(m->header(HeaderId::session_expires), "120;refresher=uac");
    b.receive(respond_to(*m, 200, "", "Session-Expires: 120;refresher=uac\n" + std::string(peer_contact)));
    b.loop.advance(59s);
    EXPECT_EQ(sent(), "");
    b.loop.advance(1s);
    EXPECT_EQ(sent(), "UPDATE");
    EXPECT_EQ(listener.take(), "");
}

TEST_F(Uac, RecordedRoutesAreReversed) {
    call();
    reply(200, "uas1", std::string(peer_contact) + "Record-Route: <sip:127.0.0.4;lr>, <sip:127.0.0.3;lr>\n", some_sdp);
    const auto ack = b.take_message();
    std::vector<std::string> routes;
    ack->each(HeaderId::route, [&](std::string_view r) { routes.emplace_back(r); });
    EXPECT_EQ(routes, (std::vector<std::string>{"<sip:127.0.0.3;lr>", "<sip:127.0.0.4;lr>"}));
}

TEST_F(Uac, OutboundProxy) {
    settings.routes = {"<sip:127.0.0.7:5060;lr>"};
    call();
    EXPECT_EQ(invite->header(HeaderId::route), "<sip:127.0.0.7:5060;lr>");
    EXPECT_EQ(b.router.hops.back(), "sip:127.0.0.7:5060;lr");
}

TEST_F(Uac, ExtraHeadersStandBeforeMaxForwards) {
    call(offer_sdp, {{"X-Custom", "a\r\nInjected: b"}});
    const std::string text(invite->text());
    EXPECT_NE(text.find("Min-SE: 90\r\nX-Custom: a  Injected: b\r\nMax-Forwards: 70\r\n"), std::string::npos);
}

}  // namespace asterism::sip::test
