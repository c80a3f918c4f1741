// The called side of an invite session.
#include <gmock/gmock.h>

#include "asterism/sip/cause.hpp"
#include "asterism/sip/responses.hpp"
#include "unit/sip/sip_support.hpp"

namespace asterism::sip::test {

namespace {

using State = InviteSession::State;

constexpr std::string_view answer_sdp = "v=0\r\no=- 1 3 IN IP4 127.0.0.1\r\ns=Asterisk\r\n";

struct Uas : testing::Test {
    explicit Uas(Protocol protocol = Protocol::udp) : b(protocol) {
        b.handle = [this](const ServerTransactionPtr& t) {
            if (t->method() != Method::invite) {
                t->respond(options_response());
                return;
            }
            auto made = InviteSession::accept(b.stack, t, std::make_shared<const SessionSettings>(settings), listener);
            if (made)
                session = *made;
            else
                code = made.error();
        };
    }
    ~Uas() override {
        if (session) session->detach();
    }
    void invite(std::string_view extra = {}, std::string_view body = some_sdp) {
        b.receive(request_text("INVITE", "sip:200@127.0.0.1:5060", "z9hG4bK1", "", 1, extra, body));
        b.requests.clear();
    }
    std::string tag() const { return session->dialog().local_tag(); }
    void ack(std::string_view body = {}, std::uint32_t cseq = 1) {
        b.receive(
            request_text("ACK", "sip:127.0.0.1:5060", "z9hG4bKack" + std::to_string(cseq), tag(), cseq, "", body));
    }
    void peer(std::string_view method, std::uint32_t cseq, std::string_view extra = {}, std::string_view body = {}) {
        b.receive(request_text(method, "sip:127.0.0.1:5060", "z9hG4bK" + std::string(method) + std::to_string(cseq),
                               tag(), cseq, extra, body));
        b.requests.clear();
    }
    void establish(std::string_view extra = {}) {
        invite(extra);
        session->trying();
        session->answer(answer_sdp);
        b.take();
        ack();
        listener.take();
    }
    std::string sent() { return b.sent(); }

    Bench b;
    SessionSettings settings;
    Listener listener;
    InviteSessionPtr session;
    int code = 0;
};

const std::string head =
    "Via: SIP/2.0/UDP 127.0.0.2:5080;rport=5080;received=127.0.0.2;branch=z9hG4bK1\r\nCall-ID: cat1\r\n"
    "From: \"Cat\" <sip:alice@127.0.0.1>;tag=f1\r\n";
const std::string allow =
    "Allow: OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, MESSAGE, INFO, "
    "REFER\r\n";
const std::string server = "Server: Asterisk PBX 22.11.0-rc1\r\n";

}  // namespace

TEST_F(Uas, AnswerAsRecorded) {  // 04-invite-answer-playback
    invite();
    ASSERT_TRUE(session);
    EXPECT_EQ(session->offered(), crlf(some_sdp));
    session->trying();
    EXPECT_EQ(b.take_one(), "SIP/2.0 100 Trying\r\n" + head + "To: <sip:200@127.0.0.1>\r\nCSeq: 1 INVITE\r\n" + server +
                                "Content-Length:  0\r\n\r\n");
    EXPECT_TRUE(session->answer(answer_sdp));
    EXPECT_EQ(b.take_one(), "SIP/2.0 200 OK\r\n" + head + "To: <sip:200@127.0.0.1>;tag=" + tag() +
                                "\r\nCSeq: 1 INVITE\r\n" + server + "Contact: <sip:127.0.0.1:5060>\r\n" + allow +
                                "Supported: 100rel, timer, replaces, norefersub\r\nContent-Type: application/sdp\r\n"
                                "Content-Length:    43\r\n\r\n" +
                                std::string(answer_sdp));
    EXPECT_EQ(tag().size(), 36U);
    EXPECT_EQ(session->state(), State::answered);
    ack();
    EXPECT_EQ(session->state(), State::confirmed);
    EXPECT_EQ(listener.take(), "confirmed");
    session->end(0, {{"Reason", reason_header(16)}});
    const std::string bye = b.take_one();
    const auto m = parse(bye);
    EXPECT_EQ(
        bye, "BYE sip:alice@127.0.0.2:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=" +
                 std::string(m->top_via().branch) + "\r\nFrom: <sip:200@127.0.0.1>;tag=" + tag() +
                 "\r\nTo: \"Cat\" <sip:alice@127.0.0.1>;tag=f1\r\nCall-ID: cat1\r\nCSeq: " + std::to_string(m->cseq()) +
                 " BYE\r\nReason: Q.850;cause=16\r\nMax-Forwards: 70\r\nUser-Agent: Asterisk PBX 22.11.0-rc1\r\n"
                 "Content-Length:  0\r\n\r\n");
    EXPECT_EQ(listener.take(), "ended local 0");
    b.receive(respond_to(*m, 200, ""));
    EXPECT_EQ(b.stack.dialogs(), 0U);
    std::weak_ptr weak = session;
    session.reset();
    EXPECT_TRUE(weak.expired());
}

TEST_F(Uas, ProgressThenRefusalAsRecorded) {  // 05-05
    invite();
    session->trying();
    b.take();
    EXPECT_TRUE(session->progress(183, answer_sdp));
    EXPECT_EQ(b.take_one(), "SIP/2.0 183 Session Progress\r\n" + head + "To: <sip:200@127.0.0.1>;tag=" + tag() +
                                "\r\nCSeq: 1 INVITE\r\n" + server + "Contact: <sip:127.0.0.1:5060>\r\n" + allow +
                                "Content-Type: application/sdp\r\nContent-Length:    43\r\n\r\n" +
                                std::string(answer_sdp));
    session->end(480, {{"Reason", reason_header(19)}});
    EXPECT_EQ(b.take_one(), "SIP/2.0 480 Temporarily Unavailable\r\n" + head + "To: <sip:200@127.0.0.1>;tag=" + tag() +
                                "\r\nCSeq: 1 INVITE\r\n" + server + allow +
                                "Reason: Q.850;cause=19\r\nContent-Length:  0\r\n\r\n");
    EXPECT_EQ(listener.take(), "ended local 480");
    EXPECT_EQ(b.stack.dialogs(), 0U);
}

TEST_F(Uas, BusyAsRecorded) {  // 05-03: no Allow without 18x
    invite();
    session->trying();
    b.take();
    session->end(486, {{"Reason", reason_header(17)}});
    EXPECT_EQ(b.take_one(), "SIP/2.0 486 Busy Here\r\n" + head + "To: <sip:200@127.0.0.1>;tag=" + tag() +
                                "\r\nCSeq: 1 INVITE\r\n" + server +
                                "Reason: Q.850;cause=17\r\nContent-Length:  0\r\n\r\n");
}

TEST_F(Uas, CancelAsRecorded) {  // 06-cancel
    invite();
    session->trying();
    session->progress(180);
    b.take();
    b.receive(request_text("CANCEL", "sip:200@127.0.0.1:5060", "z9hG4bK1", "", 1));
    const auto both = b.take();
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[0], "SIP/2.0 200 OK\r\n" + head + "To: <sip:200@127.0.0.1>;tag=" + tag() + "\r\nCSeq: 1 CANCEL\r\n" +
                           server + "Content-Length:  0\r\n\r\n");
    EXPECT_EQ(both[1], "SIP/2.0 487 Request Terminated\r\n" + head + "To: <sip:200@127.0.0.1>;tag=" + tag() +
                           "\r\nCSeq: 1 INVITE\r\n" + server + allow +
                           "Reason: Q.850;cause=0\r\nContent-Length:  0\r\n\r\n");
    EXPECT_EQ(listener.take(), "ended remote 487");
    EXPECT_EQ(session->state(), State::ended);
    EXPECT_FALSE(session->answer(answer_sdp));
}

TEST_F(Uas, CancelAfterAnswerChangesNothing) {  // RFC 3261 9.2
    invite();
    session->answer(answer_sdp);
    b.take();
    b.receive(request_text("CANCEL", "sip:200@127.0.0.1:5060", "z9hG4bK1", "", 1));
    EXPECT_EQ(sent(), "200 CANCEL");
    EXPECT_EQ(listener.take(), "");
    ack();
    EXPECT_EQ(session->state(), State::confirmed);
}

TEST_F(Uas, SuccessIsRepeatedUntilTheAck) {
    invite();
    session->answer(answer_sdp);
    b.take();
    b.loop.advance(500ms);
    EXPECT_EQ(sent(), "200 INVITE");
    b.loop.advance(1s);
    EXPECT_EQ(sent(), "200 INVITE");
    ack();
    b.loop.advance(30s);
    EXPECT_EQ(sent(), "");
    ack();  // a repeated ACK
    EXPECT_EQ(listener.take(), "confirmed");
}

TEST_F(Uas, WithoutAckTheCallEnds) {  // 13.3.1.4
    invite();
    session->answer(answer_sdp);
    b.take();
    b.loop.advance(32s);
    EXPECT_EQ(listener.take(), "ended timeout 0");
    const auto all = b.take();
    EXPECT_TRUE(all.back().starts_with("BYE "));
}

TEST_F(Uas, HangupBeforeTheAckWaitsForIt) {  // RFC 3261 15
    invite();
    session->answer(answer_sdp);
    session->end(0, {{"Reason", reason_header(16)}});
    EXPECT_EQ(sent(), "200 INVITE");
    EXPECT_EQ(listener.take(), "ended local 0");
    ack();
    EXPECT_EQ(sent(), "BYE");
    EXPECT_EQ(listener.take(), "");
}

TEST_F(Uas, ByeEndsIt) {
    establish();
    peer("BYE", 2);
    EXPECT_EQ(b.take_one(),
              "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.2:5080;rport=5080;received=127.0.0.2;branch=z9hG4bKBYE2\r\n"
              "Call-ID: cat1\r\nFrom: \"Cat\" <sip:alice@127.0.0.1>;tag=f1\r\nTo: <sip:200@127.0.0.1>;tag=" +
                  tag() + "\r\nCSeq: 2 BYE\r\n" + server + "Content-Length:  0\r\n\r\n");
    EXPECT_EQ(listener.take(), "ended remote 0");
    // 07: a second BYE finds that the call did exist, for a while.
    peer("BYE", 3);
    EXPECT_EQ(sent(), "200 BYE");
    b.loop.advance(40s);
    peer("BYE", 4);
    EXPECT_EQ(sent(), "481 BYE");
    EXPECT_EQ(listener.take(), "");
}

TEST_F(Uas, CrossingByes) {
    establish();
    session->end();
    EXPECT_EQ(sent(), "BYE");
    peer("BYE", 2);
    EXPECT_EQ(sent(), "200 BYE");
    EXPECT_EQ(listener.take(), "ended local 0");
}

TEST_F(Uas, RequiredExtensions) {  // 08: 420
    invite("Require: bogusext\n");
    EXPECT_FALSE(session);
    EXPECT_EQ(code, 420);
    EXPECT_EQ(b.take_one(), "SIP/2.0 420 Bad Extension\r\n" + head +
                                "To: <sip:200@127.0.0.1>;tag=z9hG4bK1\r\nCSeq: 1 INVITE\r\nUnsupported: bogusext\r\n"
                                "Supported: 100rel, timer, replaces, norefersub\r\n" +
                                server + "Content-Length:  0\r\n\r\n");
}

TEST_F(Uas, IntervalTooSmall) {  // 08: 422
    invite("Session-Expires: 60\nMin-SE: 60\nSupported: timer\n");
    EXPECT_EQ(code, 422);
    const auto m = b.take_message();
    EXPECT_EQ(m->header(HeaderId::min_se), "90");
    EXPECT_EQ(m->to_tag().size(), 36U);
}

TEST_F(Uas, SessionTimerInTheAnswer) {  // 08
    invite("Session-Expires: 1800;refresher=uac\nSupported: timer,100rel\n");
    session->trying();
    b.take();
    session->answer(answer_sdp);
    const std::string text = b.take_one();
    EXPECT_NE(text.find("Supported: 100rel, timer, replaces, norefersub\r\nSession-Expires: 1800;refresher=uac\r\n"
                        "Require: timer\r\nContent-Type"),
              std::string::npos)
        << text;
    ack();
    // The peer refreshes; if it does not, BYE goes out a little before the end.
    b.loop.advance(1767s);
    EXPECT_EQ(sent(), "");
    b.loop.advance(1s);
    EXPECT_EQ(sent(), "BYE");
    EXPECT_EQ(listener.take(), "confirmed, ended timeout 0");
}

TEST_F(Uas, PeerMayLetUsRefresh) {
    establish("Session-Expires: 100;refresher=uas\nSupported: timer\nAllow: INVITE, UPDATE, BYE\n");
    b.loop.advance(50s);
    auto m = b.take_message();
    EXPECT_EQ(m->method(), Method::update);
    EXPECT_EQ(m->header(HeaderId::session_expires), "100;refresher=uac");
    EXPECT_EQ(m->body(), "");
    b.receive(respond_to(*m, 200, "", "Session-Expires: 100;refresher=uac\nContact: <sip:alice@127.0.0.2:5080>\n"));
    b.loop.advance(50s);
    m = b.take_message();
    EXPECT_EQ(m->method(), Method::update);
    b.receive(respond_to(*m, 481, ""));
    EXPECT_EQ(sent(), "BYE");
    EXPECT_EQ(listener.take(), "ended remote 0");
}

TEST_F(Uas, RefreshByReinviteRepeatsTheDescription) {
    establish("Session-Expires: 100;refresher=uas\nSupported: timer\nAllow: INVITE, BYE\n");
    b.loop.advance(50s);
    const auto m = b.take_message();
    EXPECT_EQ(m->method(), Method::invite);
    EXPECT_EQ(m->body(), answer_sdp);
    b.receive(
        respond_to(*m, 200, "", "Session-Expires: 100;refresher=uac\nContact: <sip:alice@127.0.0.2:5080>\n", some_sdp));
    EXPECT_EQ(sent(), "ACK");
}

TEST_F(Uas, DelayedOffer) {
    invite("", "");
    EXPECT_EQ(session->offered(), "");
    session->answer(answer_sdp);
    b.take();
    ack(some_sdp);
    EXPECT_EQ(listener.take(), "answer, confirmed");
}

TEST_F(Uas, DelayedOfferWithoutAnAnswerIsTold) {
    invite("", "");
    session->answer(answer_sdp);
    b.take();
    ack();
    EXPECT_EQ(listener.take(), "answer, confirmed");
}

TEST_F(Uas, HoldAndResumeAsRecorded) {  // 07
    establish();
    peer("INVITE", 2, "", some_sdp);
    EXPECT_EQ(listener.take(), "offer");
    EXPECT_TRUE(session->accept_offer(answer_sdp));
    EXPECT_EQ(
        b.take_one(),
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.2:5080;rport=5080;received=127.0.0.2;branch=z9hG4bKINVITE2\r\n"
        "Call-ID: cat1\r\nFrom: \"Cat\" <sip:alice@127.0.0.1>;tag=f1\r\nTo: <sip:200@127.0.0.1>;tag=" +
            tag() + "\r\nCSeq: 2 INVITE\r\n" + allow +
            "Supported: 100rel, timer, replaces, norefersub\r\nContact: <sip:127.0.0.1:5060>\r\n" + server +
            "Content-Type: application/sdp\r\nContent-Length:    43\r\n\r\n" + std::string(answer_sdp));
    EXPECT_FALSE(session->accept_offer(answer_sdp));
    b.loop.advance(500ms);
    EXPECT_EQ(sent(), "200 INVITE");
    ack({}, 2);
    b.loop.advance(5s);
    EXPECT_EQ(sent(), "");
    EXPECT_EQ(listener.take(), "");
    peer("INVITE", 3, "", some_sdp);
    session->reject_offer(488);
    EXPECT_EQ(sent(), "488 INVITE");
    EXPECT_EQ(session->state(), State::confirmed);
}

TEST_F(Uas, ReinviteWithoutSdpAsksForAnOffer) {
    establish();
    peer("INVITE", 2);
    EXPECT_EQ(listener.take(), "offer wanted");
    session->accept_offer(answer_sdp);
    EXPECT_EQ(sent(), "200 INVITE");
    ack(some_sdp, 2);
    EXPECT_EQ(listener.take(), "answer");
}

TEST_F(Uas, OneOfferAtATime) {
    establish();
    peer("INVITE", 2, "", some_sdp);
    peer("INVITE", 3, "", some_sdp);
    EXPECT_EQ(sent(), "500 INVITE");
    peer("UPDATE", 4, "", some_sdp);
    EXPECT_EQ(sent(), "500 UPDATE");
    session->accept_offer(answer_sdp);
    // Ours waits until theirs is done.
    EXPECT_TRUE(session->offer("v=0\r\n"));
    EXPECT_EQ(sent(), "200 INVITE");
    ack({}, 2);
    EXPECT_EQ(sent(), "INVITE");
    listener.take();
    // And theirs is glare while ours is out.
    peer("INVITE", 5, "", some_sdp);
    EXPECT_EQ(sent(), "491 INVITE");
    peer("UPDATE", 6, "", some_sdp);
    EXPECT_EQ(sent(), "491 UPDATE");
}

TEST_F(Uas, CancelledReinviteLeavesTheSession) {
    establish();
    peer("INVITE", 2, "", some_sdp);
    b.receive(request_text("CANCEL", "sip:127.0.0.1:5060", "z9hG4bKINVITE2", tag(), 2));
    EXPECT_EQ(sent(), "200 CANCEL, 487 INVITE");
    EXPECT_EQ(session->state(), State::confirmed);
    EXPECT_FALSE(session->accept_offer(answer_sdp));
    EXPECT_TRUE(session->offer("v=0\r\n"));
    EXPECT_EQ(sent(), "INVITE");
}

TEST_F(Uas, ByeDuringAReinvite) {
    establish();
    peer("INVITE", 2, "", some_sdp);
    listener.take();
    peer("BYE", 3);
    EXPECT_EQ(sent(), "200 BYE, 487 INVITE");
    EXPECT_EQ(listener.take(), "ended remote 0");
}

TEST_F(Uas, UpdateWithAndWithoutSdp) {  // 07
    establish();
    peer("UPDATE", 2);
    const std::string text = b.take_one();
    EXPECT_NE(text.find("CSeq: 2 UPDATE\r\nContact: <sip:127.0.0.1:5060>\r\n" + allow +
                        "Supported: 100rel, timer, replaces, norefersub\r\n" + server),
              std::string::npos)
        << text;
    EXPECT_EQ(listener.take(), "");
    peer("UPDATE", 3, "", some_sdp);
    EXPECT_EQ(listener.take(), "offer");
    session->accept_offer(answer_sdp);
    EXPECT_EQ(b.take_message()->body(), answer_sdp);
}

TEST_F(Uas, OtherRequestsGoToTheDriver) {
    establish();
    peer("INFO", 2, "Content-Type: application/dtmf-relay\n");
    EXPECT_EQ(listener.take(), "request INFO");
    EXPECT_EQ(sent(), "200 INFO");
    peer("OPTIONS", 3);
    peer("BOGUS", 4);
    EXPECT_EQ(listener.take(), "request OPTIONS, request BOGUS");
    b.take();
    peer("INFO", 2 - 1);  // out of order
    EXPECT_EQ(sent(), "500 INFO");
    peer("PRACK", 5);
    const std::string prack = b.take_one();
    EXPECT_TRUE(prack.starts_with("SIP/2.0 400 Unexpected PRACK\r\n"));
    EXPECT_NE(prack.find("CSeq: 5 PRACK\r\nReason: Q.850;cause=0\r\n" + server), std::string::npos);
}

TEST_F(Uas, OurRequestsInTheSession) {
    establish();
    int result = 0;
    session->request("INFO", {}, "application/dtmf-relay", "Signal=5\r\nDuration=200\r\n",
                     [&](const RequestResult& r) { result = r.code; });
    const std::string text = b.take_one();
    const auto m = parse(text);
    EXPECT_NE(text.find(" INFO\r\nMax-Forwards: 70\r\nUser-Agent: Asterisk PBX 22.11.0-rc1\r\nContent-Type: "
                        "application/dtmf-relay\r\nContent-Length:    24\r\n\r\nSignal=5\r\n"),
              std::string::npos)
        << text;
    b.receive(respond_to(*m, 200, ""));
    EXPECT_EQ(result, 200);
    session->request("REFER", {{"Refer-To", "sip:other@127.0.0.1:26499"}});
    EXPECT_NE(b.take_one().find("\r\nContact: <sip:127.0.0.1:5060>\r\nCall-ID: "), std::string::npos);
}

TEST_F(Uas, RequestsFollowTheRecordedRoute) {
    establish("Record-Route: <sip:127.0.0.3:5070;lr>, <sip:127.0.0.4;lr>\n");
    session->end();
    ASSERT_EQ((b.loop.run(), b.transport->sent.size()), 1U);
    EXPECT_EQ(b.transport->sent[0].first.text(), "127.0.0.3:5070");
    const auto m = b.take_message();
    EXPECT_EQ(m->request_uri(), "sip:alice@127.0.0.2:5080");
    std::vector<std::string> routes;
    m->each(HeaderId::route, [&](std::string_view r) { routes.emplace_back(r); });
    EXPECT_EQ(routes, (std::vector<std::string>{"<sip:127.0.0.3:5070;lr>", "<sip:127.0.0.4;lr>"}));
}

TEST_F(Uas, StrictRouters) {  // 12.2.1.1
    establish("Record-Route: <sip:127.0.0.3:5070>\n");
    session->end();
    const auto m = b.take_message();
    EXPECT_EQ(m->request_uri(), "sip:127.0.0.3:5070");
    EXPECT_EQ(m->header(HeaderId::route), "<sip:alice@127.0.0.2:5080>");
}

TEST_F(Uas, TargetRefresh) {
    establish();
    std::string text = request_text("INVITE", "sip:127.0.0.1:5060", "z9hG4bKr", tag(), 2, "", some_sdp);
    text.replace(text.find("Contact: <sip:alice@127.0.0.2:5080>"), 35, "Contact: <sip:alice@127.0.0.2:6666>");
    b.receive(text);
    session->accept_offer(answer_sdp);
    ack({}, 2);
    b.take();
    session->end();
    EXPECT_EQ(b.take_message()->request_uri(), "sip:alice@127.0.0.2:6666");
}

TEST_F(Uas, AnsweredAndEndedBeforeThePrack) {
    invite("Require: 100rel\n");
    session->progress(183, answer_sdp);
    const auto m = b.take_message();
    const auto rseq = *number(*m->header(HeaderId::rseq));
    session->answer(answer_sdp);
    session->end(603);
    b.loop.advance(100ms);
    EXPECT_EQ(b.take().size(), 0U) << "no refusal: the call is answered";
    peer("PRACK", 2, "RAck: " + std::to_string(rseq) + " 1 INVITE\n");
    EXPECT_EQ(sent(), "200 PRACK, 200 INVITE");
    ack();
    EXPECT_EQ(b.take_message()->method(), Method::bye);
}

TEST_F(Uas, AnsweredAndEndedAndNoPrackEver) {
    invite("Require: 100rel\n");
    session->progress(183, answer_sdp);
    session->answer(answer_sdp);
    session->end();
    b.take();
    b.loop.advance(40s);
    const auto all = b.take();
    ASSERT_FALSE(all.empty());
    EXPECT_TRUE(all.back().starts_with("SIP/2.0 500 "));
    b.loop.advance(64s);
    EXPECT_EQ(b.loop.timers().size(), 0U);
}

TEST_F(Uas, ReliableProvisionals) {  // RFC 3262
    invite("Require: 100rel\n");
    session->trying();
    b.take();
    session->progress(180);
    session->progress(183, answer_sdp);
    session->answer(answer_sdp);
    auto m = b.take_message();
    EXPECT_EQ(m->status(), 180);
    EXPECT_TRUE(m->lists(HeaderId::require, "100rel"));
    const auto rseq = *number(*m->header(HeaderId::rseq));
    b.loop.advance(500ms);
    EXPECT_EQ(sent(), "180 INVITE");
    b.loop.advance(1s);
    EXPECT_EQ(sent(), "180 INVITE");
    peer("PRACK", 2, "RAck: " + std::to_string(rseq + 5) + " 1 INVITE\n");
    EXPECT_EQ(sent(), "400 PRACK");
    peer("PRACK", 3, "RAck: " + std::to_string(rseq) + " 1 INVITE\n");
    const auto both = b.take();
    ASSERT_EQ(both.size(), 2U);
    m = parse(both[1]);
    EXPECT_EQ(m->status(), 183);
    EXPECT_EQ(m->header(HeaderId::rseq), std::to_string(rseq + 1));
    EXPECT_EQ(m->body(), answer_sdp);
    peer("PRACK", 4, "RAck: " + std::to_string(rseq + 1) + " 1 INVITE\n");
    const auto rest = b.take();
    ASSERT_EQ(rest.size(), 2U);
    m = parse(rest[1]);
    EXPECT_EQ(m->status(), 200);
    EXPECT_EQ(m->body(), "");  // the answer is given already
    ack();
    EXPECT_EQ(listener.take(), "confirmed");
}

TEST_F(Uas, WithoutPrackTheInviteIsRefused) {
    invite("Require: 100rel\n");
    session->progress(180);
    b.take();
    b.loop.advance(32s);
    EXPECT_EQ(listener.take(), "ended timeout 500");
    const auto all = b.take();
    EXPECT_TRUE(all[all.size() - 1].starts_with("SIP/2.0 500 "));
}

TEST_F(Uas, SupportedAloneIsNotReliable) {
    invite("Supported: 100rel\n");
    session->progress(180);
    EXPECT_FALSE(b.take_message()->has(HeaderId::rseq));
}

TEST_F(Uas, PeerSupportedIsReliable) {
    settings.rel100 = SessionSettings::Reliable::peer_supported;
    invite("Supported: 100rel\n");
    session->progress(180);
    EXPECT_TRUE(b.take_message()->has(HeaderId::rseq));
}

TEST_F(Uas, DetachedSessionsSayNothing) {
    establish();
    session->end();
    session->detach();
    b.take();
    EXPECT_EQ(listener.take(), "");
}

// A phone behind a NAT gives its private address; the peer of these tests is heard from 127.0.0.2:5080.
TEST_F(Uas, RewrittenContactIsWhereRequestsGo) {
    settings.rewrite_contact = true;
    b.receive(
        "INVITE sip:200@127.0.0.1:5060 SIP/2.0\nVia: SIP/2.0/UDP 192.168.0.1:12345;rport;branch=z9hG4bK1\n"
        "Max-Forwards: 70\nFrom: <sip:alice@127.0.0.2>;tag=f1\nTo: <sip:200@127.0.0.1>\nCall-ID: cat1\n"
        "CSeq: 1 INVITE\nContact: <sip:alice@192.168.0.1:12345;ob>\nContent-Length: 0\n\n");
    ASSERT_TRUE(session);
    EXPECT_EQ(session->dialog().target(), "sip:alice@127.0.0.2:5080;ob");
    session->trying();
    session->answer(answer_sdp);
    ack(some_sdp);
    peer("UPDATE", 2, "Contact: <sip:alice@192.168.0.1:12345>\n");
    b.take();
    session->end();
    const std::string bye = b.take_one();
    EXPECT_TRUE(bye.starts_with("BYE sip:alice@127.0.0.2:5080 SIP/2.0\r\n")) << bye;
    EXPECT_EQ(b.router.hops.back(), "sip:alice@127.0.0.2:5080");
}

struct UasTcp : Uas {
    UasTcp() : Uas(Protocol::tcp) {}
};

TEST_F(UasTcp, ContactNamesTheTransport) {
    std::string text = request_text("INVITE", "sip:200@127.0.0.1:5060", "z9hG4bK1", "", 1, "", some_sdp);
    text.replace(text.find("SIP/2.0/UDP"), 11, "SIP/2.0/TCP");
    b.receive(text);
    session->answer(answer_sdp);
    EXPECT_NE(b.take_one().find("\r\nContact: <sip:127.0.0.1:5060;transport=TCP>\r\n"), std::string::npos);
    b.loop.advance(500ms);
    EXPECT_EQ(sent(), "200 INVITE");  // end to end, over streams as well
}

TEST(SessionObject, IsSmall) {
    EXPECT_LE(sizeof(InviteSession), 700U);
    EXPECT_LE(sizeof(Dialog), 500U);
    EXPECT_LE(sizeof(ServerTransaction), 500U);
}

}  // namespace asterism::sip::test
