#include "asterism/sip/subscription.hpp"

#include "unit/sip/sip_support.hpp"

namespace asterism::sip::test {

namespace {

struct Subscribing : testing::Test, SubscriptionEvents {
    Subscribing() {
        b.handle = [this](const ServerTransactionPtr& t) {
            auto made = Subscription::accept(b.stack, t, settings, *this);
            if (made)
                subscription = *made;
            else
                code = made.error();
        };
    }
    void on_refreshed(Subscription& s, const MessagePtr&) override { s.notify("text/plain", "again"); }
    void on_answered(Subscription&) override { ++answered; }
    void on_ended(Subscription& s, std::string_view reason) override {
        ended = reason;
        s.terminate(reason, "text/plain", "last");
    }
    void subscribe(std::string_view extra = "Event: presence\nExpires: 60\nAccept: application/pidf+xml\n") {
        b.receive(request_text("SUBSCRIBE", "sip:hint1@127.0.0.1:5060", "z9hG4bKs1", "", 1, extra));
    }
    void again(std::uint32_t cseq, std::string_view extra) {
        b.receive(request_text("SUBSCRIBE", "sip:127.0.0.1:5060", "z9hG4bKs" + std::to_string(cseq),
                               subscription->dialog().local_tag(), cseq, extra));
    }
    Bench b;
    Subscription::Settings settings;
    SubscriptionPtr subscription;
    std::string ended;
    int code = 0, answered = 0;
};

}  // namespace

TEST_F(Subscribing, AsRecorded) {  // 09-out-of-dialog
    subscribe();
    ASSERT_TRUE(subscription);
    const std::string tag = subscription->dialog().local_tag();
    EXPECT_EQ(b.take_one(),
              "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.2:5080;rport=5080;received=127.0.0.2;branch=z9hG4bKs1\r\n"
              "Call-ID: cat1\r\nFrom: \"Cat\" <sip:alice@127.0.0.1>;tag=f1\r\nTo: <sip:200@127.0.0.1>;tag=" +
                  tag +
                  "\r\nCSeq: 1 SUBSCRIBE\r\nExpires: 60\r\nContact: <sip:127.0.0.1:5060>\r\nAllow: OPTIONS, REGISTER, "
                  "SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, MESSAGE, INFO, REFER\r\n"
                  "Supported: 100rel, timer, replaces, norefersub\r\nServer: Asterisk PBX 22.11.0-rc1\r\n"
                  "Content-Length:  0\r\n\r\n");
    subscription->notify("application/pidf+xml", "<x/>");
    const std::string notify = b.take_one();
    const auto m = parse(notify);
    EXPECT_EQ(notify, "NOTIFY sip:alice@127.0.0.2:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=" +
                          std::string(m->top_via().branch) + "\r\nFrom: <sip:200@127.0.0.1>;tag=" + tag +
                          "\r\nTo: \"Cat\" <sip:alice@127.0.0.1>;tag=f1\r\nContact: <sip:127.0.0.1:5060>\r\n"
                          "Call-ID: cat1\r\nCSeq: " +
                          std::to_string(m->cseq()) +
                          " NOTIFY\r\nEvent: presence\r\nSubscription-State: active;expires=59\r\n"
                          "Allow-Events: message-summary, presence, dialog, refer\r\nMax-Forwards: 70\r\n"
                          "User-Agent: Asterisk PBX 22.11.0-rc1\r\nContent-Type: application/pidf+xml\r\n"
                          "Content-Length:     4\r\n\r\n<x/>");
    b.receive(respond_to(*m, 200, ""));
}

TEST_F(Subscribing, RefreshAndExpiry) {
    subscribe();
    b.take();
    b.loop.advance(50s);
    again(2, "Event: presence\nExpires: 100\n");
    auto both = b.take();
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(parse(both[0])->header(HeaderId::expires), "100");
    EXPECT_EQ(parse(both[1])->header(HeaderId::subscription_state), "active;expires=99");
    b.receive(respond_to(*parse(both[1]), 200, ""));
    b.loop.advance(99s);
    EXPECT_EQ(ended, "");
    b.loop.advance(1s);
    EXPECT_EQ(ended, "timeout");
    EXPECT_EQ(b.take_message()->header(HeaderId::subscription_state), "terminated;reason=timeout");
    EXPECT_EQ(b.stack.dialogs(), 0U);
}

TEST_F(Subscribing, Unsubscribed) {
    subscribe();
    b.take();
    again(2, "Event: presence\nExpires: 0\n");
    const auto both = b.take();
    ASSERT_EQ(both.size(), 2U);
    EXPECT_TRUE(both[0].starts_with("SIP/2.0 200 "));
    EXPECT_EQ(parse(both[1])->body(), "last");
    EXPECT_EQ(ended, "timeout");
    again(3, "Event: presence\nExpires: 60\n");
    EXPECT_TRUE(b.take_one().starts_with("SIP/2.0 481 "));
}

TEST_F(Subscribing, TooShort) {
    subscribe("Event: presence\nExpires: 10\n");
    EXPECT_EQ(code, 423);
    EXPECT_EQ(b.take_message()->header(HeaderId::min_expires), "60");
    EXPECT_EQ(b.stack.dialogs(), 0U);
}

TEST_F(Subscribing, SubscriberIsGone) {
    subscribe();
    b.take();
    subscription->notify("text/plain", "x");
    b.receive(respond_to(*b.take_message(), 481, ""));
    EXPECT_EQ(ended, "noresource");
    EXPECT_FALSE(subscription->active());
    EXPECT_EQ(b.stack.dialogs(), 0U);
    subscription->notify("text/plain", "x");
    EXPECT_TRUE(b.take().empty()) << "nothing more is sent to who is gone";
}

TEST_F(Subscribing, AnotherErrorEndsItUnlessItNamesATime) {
    subscribe();
    b.take();
    subscription->notify("text/plain", "x");
    EXPECT_TRUE(subscription->busy());
    b.receive(respond_to(*b.take_message(), 500, "", "Retry-After: 5\n"));
    EXPECT_EQ(ended, "");
    EXPECT_FALSE(subscription->busy());
    EXPECT_EQ(answered, 1);
    subscription->notify("text/plain", "x");
    b.receive(respond_to(*b.take_message(), 200, ""));
    EXPECT_EQ(answered, 2);
    subscription->notify("text/plain", "x");
    b.receive(respond_to(*b.take_message(), 500, ""));
    EXPECT_EQ(ended, "noresource");
}

TEST_F(Subscribing, NobodyAnswers) {
    subscribe("Event: presence\nExpires: 600\n");
    b.take();
    subscription->notify("text/plain", "x");
    b.loop.advance(31s);
    EXPECT_EQ(ended, "");
    b.loop.advance(2s);
    EXPECT_EQ(ended, "noresource");
    EXPECT_EQ(answered, 0);
}

TEST_F(Subscribing, RewrittenContact) {
    settings.rewrite_contact = true;
    b.receive(
        "SUBSCRIBE sip:hint1@127.0.0.1:5060 SIP/2.0\nVia: SIP/2.0/UDP 192.168.0.1:12345;rport;branch=z9hG4bKr1\n"
        "Max-Forwards: 70\nFrom: <sip:alice@127.0.0.1>;tag=f1\nTo: <sip:hint1@127.0.0.1>\nCall-ID: cat1\n"
        "CSeq: 1 SUBSCRIBE\nContact: <sip:alice@192.168.0.1:12345>\nEvent: presence\nExpires: 60\n"
        "Content-Length: 0\n\n");
    ASSERT_TRUE(subscription);
    b.take();
    subscription->notify("text/plain", "x");
    EXPECT_TRUE(b.take_one().starts_with("NOTIFY sip:alice@127.0.0.2:5080 SIP/2.0\r\n"));
}

TEST_F(Subscribing, NoExpiresIsNeverTooShort) {
    settings.minimum_expiration = 7000;
    subscribe("Event: presence\n");
    ASSERT_TRUE(subscription);
    EXPECT_EQ(b.take_message()->header(HeaderId::expires), "7000");
}

}  // namespace asterism::sip::test
