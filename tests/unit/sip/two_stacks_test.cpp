// Two stacks that talk to each other, over a network that loses what it likes.
#include "asterism/sip/cause.hpp"
#include "unit/sip/sip_support.hpp"

namespace asterism::sip::test {

namespace {

/// One end: a stack with its own address, answering INVITEs with a session.
struct End : StackHandler {
    End(TestLoop& l, std::string_view host, std::uint64_t seed)
        : loop(l),
          random(seed),
          transport(std::make_shared<FakeTransport>(Protocol::udp, address(host, 5060))),
          stack(l, random, router) {
        router.transport = transport;
        stack.set_handler(this);
    }
    ~End() override { transport->deliver = nullptr; }
    void connect(End& other, std::function<bool()> lose) {
        transport->deliver = [this, &other, lose = std::move(lose)](const SocketAddress&, std::string bytes) {
            if (lose()) return;
            loop.post([this, &other, bytes = std::move(bytes)] {
                EXPECT_TRUE(other.stack.receive(Flow{other.transport, transport->local()}, bytes)) << bytes;
            });
        };
    }
    void on_request(ServerTransactionPtr t) override {
        if (auto made = InviteSession::accept(stack, t, nullptr, listener)) session = *made;
    }
    TestLoop& loop;
    FixedRandom random;
    FakeRouter router;
    std::shared_ptr<FakeTransport> transport;
    Stack stack;
    Listener listener;
    InviteSessionPtr session;
};

struct Pair : testing::TestWithParam<int> {
    Pair() : a(loop, "127.0.0.1", 1), b(loop, "127.0.0.2", 2) {
        const auto lose = [this] { return GetParam() > 0 && dice.below(100) < static_cast<std::uint64_t>(GetParam()); };
        a.connect(b, lose);
        b.connect(a, lose);
    }
    void call() {
        Call c;
        c.uri = "sip:b@127.0.0.2";
        c.from = "<sip:a@127.0.0.1>";
        c.offer = "v=0\r\n";
        a.session = InviteSession::call(a.stack, std::move(c), a.listener);
        ASSERT_TRUE(loop.run_until([&] { return b.session != nullptr; }, 40s));
    }
    void expect_clean() {
        loop.advance(3min);
        a.session.reset();
        b.session.reset();
        loop.advance(1min);
        for (End* e : {&a, &b}) {
            EXPECT_EQ(e->stack.dialogs(), 0U);
            EXPECT_EQ(e->stack.client_transactions(), 0U);
            EXPECT_EQ(e->stack.server_transactions(), 0U);
        }
    }
    TestLoop loop;
    FixedRandom dice{99};
    End a, b;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Loss, Pair, testing::Values(0, 10, 30), testing::PrintToStringParamName());

TEST_P(Pair, CallHoldAndHangUp) {
    call();
    b.session->trying();
    b.session->progress(180);
    loop.advance(1s);
    b.session->answer("v=0\r\n");
    ASSERT_TRUE(loop.run_until(
        [&] {
            return a.session->state() == InviteSession::State::confirmed &&
                   b.session->state() == InviteSession::State::confirmed;
        },
        40s));
    a.listener.auto_answer = b.listener.auto_answer = "v=0\r\ns=held\r\n";
    b.listener.take();
    a.session->offer("v=0\r\ns=hold\r\n");
    ASSERT_TRUE(loop.run_until([&] { return b.listener.log.find("offer") != std::string::npos; }, 40s));
    loop.advance(30s);
    b.session->end(0, {{"Reason", reason_header(16)}});
    ASSERT_TRUE(loop.run_until([&] { return a.listener.log.find("ended") != std::string::npos; }, 60s));
    EXPECT_NE(a.listener.log.find("ended remote"), std::string::npos);
    EXPECT_NE(b.listener.log.find("ended local"), std::string::npos);
    expect_clean();
}

TEST_P(Pair, BothOfferAtOnce) {
    call();
    b.session->answer("v=0\r\n");
    ASSERT_TRUE(loop.run_until(
        [&] {
            return a.session->state() == InviteSession::State::confirmed &&
                   b.session->state() == InviteSession::State::confirmed;
        },
        40s));
    a.listener.auto_answer = b.listener.auto_answer = "v=0\r\ns=answer\r\n";
    a.listener.take();
    b.listener.take();
    a.session->offer("v=0\r\ns=from a\r\n");
    b.session->offer("v=0\r\ns=from b\r\n");
    loop.advance(60s);
    // Each offer came through in the end, and each was answered once.
    EXPECT_EQ(a.listener.log == "offer, answer" || a.listener.log == "answer, offer", true) << a.listener.log;
    EXPECT_EQ(b.listener.log == "offer, answer" || b.listener.log == "answer, offer", true) << b.listener.log;
    a.session->end();
    expect_clean();
}

TEST_P(Pair, CancelWhileRinging) {
    call();
    b.session->progress(180);
    ASSERT_TRUE(loop.run_until([&] { return a.session->state() == InviteSession::State::early; }, 40s) ||
                GetParam() > 0);
    a.session->end();
    loop.advance(40s);
    if (GetParam() == 0)
        EXPECT_EQ(b.listener.take(), "ended remote 487");
    else if (b.session->state() != InviteSession::State::ended)
        b.session->end();
    expect_clean();
}

TEST_P(Pair, Refused) {
    call();
    b.session->end(486);
    ASSERT_TRUE(loop.run_until([&] { return a.listener.log.find("ended remote 486") != std::string::npos; }, 60s));
    expect_clean();
}

}  // namespace asterism::sip::test
