// How a call that we placed ends.
#include "unit/sip/uac_support.hpp"

namespace asterism::sip::test {

TEST_F(Uac, CancelAsRecorded) {  // 14
    call();
    reply(180);
    session->end(0, {{"Reason", reason_header(19)}});
    const std::string cancel = b.take_one();
    EXPECT_EQ(cancel, "CANCEL sip:callee@127.0.0.2:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=" +
                          std::string(invite->top_via().branch) +
                          "\r\nFrom: \"Out Bound\" <sip:5550@127.0.0.1>;tag=" + std::string(invite->from_tag()) +
                          "\r\nTo: <sip:callee@127.0.0.2>\r\nCall-ID: " + std::string(invite->call_id()) +
                          "\r\nCSeq: " + std::to_string(invite->cseq()) + " CANCEL\r\nReason: Q.850;cause=19\r\n" +
                          agent + "Content-Length:  0\r\n\r\n");
    EXPECT_EQ(listener.take(), "sent, progress 180, ended local 0");
    b.receive(respond_to(*parse(cancel), 200, "uas1"));
    reply(487);
    const std::string ack = b.take_one();
    EXPECT_EQ(ack, "ACK sip:callee@127.0.0.2:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=" +
                       std::string(invite->top_via().branch) +
                       "\r\nFrom: \"Out Bound\" <sip:5550@127.0.0.1>;tag=" + std::string(invite->from_tag()) +
                       "\r\nTo: <sip:callee@127.0.0.2>;tag=uas1\r\nCall-ID: " + std::string(invite->call_id()) +
                       "\r\nCSeq: " + std::to_string(invite->cseq()) + " ACK\r\n" + agent +
                       "Content-Length:  0\r\n\r\n");
    EXPECT_EQ(listener.take(), "");
    b.loop.advance(40s);
    EXPECT_EQ(b.stack.client_transactions() + b.stack.dialogs(), 0U);
    std::weak_ptr weak = session;
    session.reset();
    EXPECT_TRUE(weak.expired());
}

TEST_F(Uac, CancelWaitsForAProvisional) {  // 9.1
    call();
    session->end();
    EXPECT_EQ(sent(), "");
    reply(100, "");
    EXPECT_EQ(sent(), "CANCEL");
    reply(180);
    EXPECT_EQ(sent(), "");
    EXPECT_EQ(listener.take(), "sent, ended local 0");
}

TEST_F(Uac, CancelCrossesTheAnswer) {
    call();
    reply(180);
    session->end(0, {{"Reason", reason_header(16)}});
    EXPECT_EQ(sent(), "CANCEL");
    reply(200, "uas1", peer_contact, some_sdp);
    EXPECT_EQ(sent(), "ACK, BYE");
    EXPECT_EQ(listener.take(), "sent, progress 180, ended local 0");
}

TEST_F(Uac, CancelWithoutAnyFinalResponse) {
    call();
    reply(180);
    session->end();
    reply(180);  // rings on regardless
    b.loop.advance(70s);
    EXPECT_EQ(b.stack.client_transactions(), 0U);
    EXPECT_EQ(listener.take(), "sent, progress 180, ended local 0");
}

TEST_F(Uac, EndBeforeAnythingWasSent) {
    Call c;
    c.uri = "sip:callee@127.0.0.2:5080";
    c.from = "<sip:a@b>";
    session = InviteSession::call(b.stack, std::move(c), listener);
    session->end();
    EXPECT_EQ(sent(), "");
    EXPECT_EQ(listener.take(), "ended local 0");
}

TEST_F(Uac, RemoteHangup) {
    establish();
    b.receive(from_peer("BYE", 1, "Reason: Q.850;cause=17\n"));
    EXPECT_EQ(sent(), "200 BYE");
    EXPECT_EQ(listener.take(), "ended remote 0");
}

TEST_F(Uac, LostPeerEndsTheCall) {
    establish();
    session->offer("v=0\r\n");
    auto m = b.take_message();
    b.receive(respond_to(*m, 481, ""));
    EXPECT_EQ(sent(), "ACK, BYE");
    EXPECT_EQ(listener.take(), "ended remote 0");
}

TEST_F(Uac, AReinviteThatIsNeverAnsweredIsNotLeftBehind) {
    for (const bool by_peer : {false, true}) {
        establish();
        session->offer("v=0\r\n");
        const auto m = b.take_message();
        b.receive(respond_to(*m, 100, ""));  // from here on RFC 3261 knows no time limit
        if (by_peer)
            b.receive(from_peer("BYE", 1));
        else
            session->end();
        b.loop.advance(100s);
        EXPECT_EQ(b.stack.client_transactions() + b.stack.dialogs(), 0U);
        b.take();
        listener.take();
    }
}

TEST_F(Uac, ByeWaitsForTheAnswerToOurReinvite) {
    establish();
    session->offer("v=0\r\n");
    const auto m = b.take_message();
    session->end();
    EXPECT_EQ(sent(), "");
    b.receive(respond_to(*m, 200, "", peer_contact, some_sdp));
    EXPECT_EQ(sent(), "ACK, BYE");
}

TEST_F(Uac, ByeDoesNotWaitLongForTheAnswerToOurReinvite) {
    establish();
    session->offer("v=0\r\n");
    const auto m = b.take_message();
    b.receive(respond_to(*m, 100, ""));
    session->end();
    b.loop.advance(3999ms);
    EXPECT_EQ(sent(), "");
    b.loop.advance(1ms);
    EXPECT_EQ(sent(), "BYE");
}

TEST_F(Uac, AnEndThatWaitsOnlyTakesAReinvite) {
    establish();
    session->offer("v=0\r\n");
    const auto ours = b.take_message();
    session->end_later(2s, 200, {});
    b.receive(respond_to(*ours, 200, "", std::string(peer_contact) + "Session-Expires: 120;refresher=uac\n", some_sdp));
    EXPECT_EQ(sent(), "ACK");
    b.receive(from_peer("INFO", 1));
    EXPECT_EQ(sent(), "481 INFO");
    b.loop.advance(1900ms);
    EXPECT_EQ(sent(), "");
    b.receive(from_peer("INVITE", 2, peer_contact, some_sdp));
    EXPECT_EQ(sent(), "200 INVITE, BYE");
    b.receive(from_peer("ACK", 2));
    b.loop.advance(10s);
}

TEST_F(Uac, ListenerMayEndTheCallInItsEvents) {
    struct Rude : Listener {
        void on_remote_answer(InviteSession& session, std::string_view, const MessagePtr&) override { session.end(); }
    } rude;
    Call c;
    c.uri = "sip:callee@127.0.0.2:5080";
    c.from = "<sip:a@b>";
    c.offer = offer_sdp;
    session = InviteSession::call(b.stack, c, rude);
    invite = b.take_message();
    reply(200, "uas1", peer_contact, some_sdp);
    EXPECT_EQ(sent(), "ACK, BYE");
    EXPECT_EQ(rude.take(), "sent, ended local 0");
}

}  // namespace asterism::sip::test
