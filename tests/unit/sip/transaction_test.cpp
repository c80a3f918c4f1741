#include "asterism/sip/transaction.hpp"

#include "asterism/sip/responses.hpp"
#include "unit/sip/sip_support.hpp"

namespace asterism::sip::test {

namespace {

std::string ack_text(std::string_view branch, std::string_view tag) {
    return request_text("ACK", "sip:200@127.0.0.1:5060", branch, tag, 1);
}

struct Client : testing::Test {
    ClientRequestPtr send(std::string method = "OPTIONS") {
        Request request;
        request.method = std::move(method);
        request.uri = "sip:bob@127.0.0.2:5080";
        request.from = "<sip:bob@127.0.0.2:5080>";
        request.to = "<sip:bob@127.0.0.2:5080>";
        return b.stack.send(std::move(request), [this](const RequestResult& r) { results.push_back(r.code); });
    }
    Bench b;
    std::vector<int> results;
};

}  // namespace

TEST(ServerTransactions, NonInviteRepeatsItsAnswer) {
    Bench b;
    b.handle = [](const ServerTransactionPtr& t) { t->respond(200); };
    const std::string options = request_text("OPTIONS", "sip:x@127.0.0.1", "z9hG4bKa", "", 1);
    b.receive(options);
    const std::string answer = b.take_one();
    b.receive(options);
    EXPECT_EQ(b.take_one(), answer);
    EXPECT_EQ(b.requests.size(), 1U);
    b.requests.clear();
    b.loop.advance(31s);
    EXPECT_EQ(b.stack.server_transactions(), 1U);
    b.loop.advance(2s);  // timer J
    EXPECT_EQ(b.stack.server_transactions(), 0U);
    b.receive(options);
    EXPECT_EQ(b.requests.size(), 1U);
}

TEST(ServerTransactions, OverAStreamNothingLingers) {
    Bench b(Protocol::tcp);
    b.handle = [](const ServerTransactionPtr& t) { t->respond(200); };
    b.receive(request_text("OPTIONS", "sip:x@127.0.0.1", "z9hG4bKa", "", 1));
    EXPECT_EQ(b.stack.server_transactions(), 0U);
}

TEST(ServerTransactions, InviteRefusalIsRepeatedUntilTheAck) {
    Bench b;
    b.handle = [](const ServerTransactionPtr& t) {
        t->respond(100);
        t->respond(486);
    };
    const std::string invite = request_text("INVITE", "sip:x@127.0.0.1", "z9hG4bKa", "", 1);
    b.receive(invite);
    EXPECT_EQ(b.take().size(), 2U);
    // Timer G: 0.5, 1, 2, 4, 4 ... s.
    b.loop.advance(499ms);
    EXPECT_EQ(b.take().size(), 0U);
    b.loop.advance(1ms);
    EXPECT_EQ(b.take().size(), 1U);
    b.loop.advance(1s);
    EXPECT_EQ(b.take().size(), 1U);
    b.loop.advance(2s);
    EXPECT_EQ(b.take().size(), 1U);
    b.loop.advance(4s);
    EXPECT_EQ(b.take().size(), 1U);
    b.loop.advance(4s);
    EXPECT_EQ(b.take().size(), 1U);
    b.receive(ack_text("z9hG4bKa", "z9hG4bKa"));
    b.loop.advance(4s);
    EXPECT_EQ(b.take().size(), 0U);
    b.receive(invite);  // confirmed: absorbed
    EXPECT_EQ(b.take().size(), 0U);
    b.loop.advance(2s);  // timer I
    EXPECT_EQ(b.stack.server_transactions(), 0U);
    EXPECT_EQ(b.requests.size(), 1U);
}

TEST(ServerTransactions, WithoutAnAckTimerHFails) {
    Bench b;
    bool failed = false;
    b.handle = [&](const ServerTransactionPtr& t) {
        t->on_failure([&] { failed = true; });
        t->respond(404);
    };
    b.receive(request_text("INVITE", "sip:x@127.0.0.1", "z9hG4bKa", "", 1));
    b.loop.advance(31999ms);
    EXPECT_FALSE(failed);
    b.loop.advance(1ms);
    EXPECT_TRUE(failed);
    EXPECT_EQ(b.stack.server_transactions(), 0U);
    EXPECT_EQ(b.take().size(), 11U);  // the answer and 10 repetitions: 0.5 1.5 3.5 7.5 11.5 ... 31.5
}

TEST(ServerTransactions, ARepeatedInviteGetsTheLastProvisional) {
    Bench b;
    b.handle = [](const ServerTransactionPtr&) {};
    const std::string invite = request_text("INVITE", "sip:x@127.0.0.1", "z9hG4bKa", "", 1);
    b.receive(invite);
    EXPECT_EQ(b.take().size(), 0U);
    b.receive(invite);  // nobody has said anything yet: 100
    EXPECT_TRUE(b.take_one().starts_with("SIP/2.0 100 "));
    b.requests[0]->respond(Response{.code = 180, .to_tag = "t"});
    EXPECT_TRUE(b.take_one().starts_with("SIP/2.0 180 "));
    b.receive(invite);
    EXPECT_TRUE(b.take_one().starts_with("SIP/2.0 180 "));
}

TEST(ServerTransactions, CancelIsMatchedByBranch) {
    Bench b;
    std::string cancelled;
    b.handle = [&](const ServerTransactionPtr& t) {
        t->on_cancel([&, t](const MessagePtr& m) {
            cancelled = m->method_text();
            t->respond(487);
        });
        t->respond(Response{.code = 180, .to_tag = "mine"});
    };
    b.receive(request_text("INVITE", "sip:x@127.0.0.1", "z9hG4bKa", "", 1));
    b.take();
    b.receive(request_text("CANCEL", "sip:x@127.0.0.1", "z9hG4bKb", "", 1));
    EXPECT_TRUE(b.take_one().starts_with("SIP/2.0 481 "));
    b.receive(request_text("CANCEL", "sip:x@127.0.0.1", "z9hG4bKa", "", 1));
    const auto sent = b.take();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_TRUE(sent[0].starts_with("SIP/2.0 200 OK\r\n"));
    EXPECT_NE(sent[0].find(";tag=mine\r\n"), std::string::npos);
    EXPECT_TRUE(sent[1].starts_with("SIP/2.0 487 "));
    EXPECT_NE(sent[1].find(";tag=mine\r\n"), std::string::npos);
    EXPECT_EQ(cancelled, "CANCEL");
    b.receive(request_text("CANCEL", "sip:x@127.0.0.1", "z9hG4bKa", "", 1));
    EXPECT_TRUE(b.take_one().starts_with("SIP/2.0 200 "));  // repeated
}

TEST(ServerTransactions, ResponseGoesToTheSourceOrToViaPort) {
    StackSettings settings = Bench::make_settings();
    settings.force_rport = false;
    Bench b(Protocol::udp, settings);
    b.handle = [](const ServerTransactionPtr& t) { t->respond(200); };
    std::string text = request_text("OPTIONS", "sip:x@127.0.0.1", "z9hG4bKa", "", 1);
    b.receive(text);
    ASSERT_EQ(b.transport->sent.size(), 1U);
    EXPECT_EQ(b.transport->sent[0].first.port, 5080);
    text.replace(text.find("5080;rport"), 10, "9999");
    text.replace(text.find("z9hG4bKa"), 8, "z9hG4bKc");
    b.receive(text);
    ASSERT_EQ(b.transport->sent.size(), 2U);
    EXPECT_EQ(b.transport->sent[1].first.port, 9999);
    EXPECT_EQ(b.transport->sent[1].second.find("rport"), std::string::npos);
    EXPECT_NE(b.transport->sent[1].second.find("127.0.0.2:9999;received=127.0.0.2;branch=z9hG4bKc"), std::string::npos);
}

TEST(ServerTransactions, PeersOfRfc2543AreMatchedWithoutBranch) {
    Bench b;
    b.handle = [](const ServerTransactionPtr& t) { t->respond(486); };
    b.receive(request_text("INVITE", "sip:x@127.0.0.1", "1", "", 1));
    b.take();
    b.receive(request_text("ACK", "sip:x@127.0.0.1", "1", "1", 1));
    b.loop.advance(10s);
    EXPECT_EQ(b.take().size(), 0U);
}

TEST(ServerTransactions, WhatBelongsToNoDialogIsAnswered481) {
    Bench b;
    for (const char* method : {"BYE", "PRACK", "UPDATE", "CANCEL"}) {
        b.receive(request_text(method, "sip:x@127.0.0.1", std::string("z9hG4bK") + method, "", 1));
        EXPECT_TRUE(b.take_one().starts_with("SIP/2.0 481 Call/Transaction Does Not Exist\r\n")) << method;
    }
    b.receive(request_text("INVITE", "sip:x@127.0.0.1", "z9hG4bKi", "bogus", 1));
    EXPECT_NE(b.take_one().find("To: <sip:200@127.0.0.1>;tag=bogus\r\n"), std::string::npos);
    b.receive(request_text("ACK", "sip:x@127.0.0.1", "z9hG4bKi", "bogus", 1));
    b.receive(request_text("ACK", "sip:x@127.0.0.1", "z9hG4bKj", "bogus", 1));
    EXPECT_EQ(b.take().size(), 0U);
    EXPECT_EQ(b.requests.size(), 0U);
}

TEST(ServerTransactions, TooManyAreRefusedWithoutState) {
    StackSettings settings = Bench::make_settings();
    settings.max_transactions = 2;
    Bench b(Protocol::udp, settings);
    for (const char* branch : {"z9hG4bKa", "z9hG4bKb", "z9hG4bKc"})
        b.receive(request_text("OPTIONS", "sip:x@127.0.0.1", branch, "", 1));
    EXPECT_EQ(b.requests.size(), 2U);
    EXPECT_TRUE(b.take_one().starts_with("SIP/2.0 503 "));
}

TEST(ServerTransactions, StatelessAnswersLeaveNothing) {
    Bench b;
    b.handle = [](const ServerTransactionPtr& t) { t->respond_stateless(challenge_response("Digest realm=\"x\"")); };
    b.receive(request_text("INVITE", "sip:x@127.0.0.1", "z9hG4bKa", "", 1));
    EXPECT_NE(b.take_one().find("To: <sip:200@127.0.0.1>;tag=z9hG4bKa\r\n"), std::string::npos);
    EXPECT_EQ(b.stack.server_transactions(), 0U);
    b.receive(ack_text("z9hG4bKa", "z9hG4bKa"));
    b.loop.advance(40s);
    EXPECT_TRUE(b.take().empty());
}

TEST(ServerTransactions, WhatNobodyAnswersIsForgotten) {
    Bench b;
    b.receive(request_text("BOGUS", "sip:x@127.0.0.1", "z9hG4bKa", "", 1));
    ASSERT_EQ(b.requests.size(), 1U);
    b.loop.advance(31s);
    EXPECT_EQ(b.stack.server_transactions(), 1U);
    b.loop.advance(2s);
    EXPECT_EQ(b.stack.server_transactions(), 0U);
}

TEST(ServerTransactions, GarbageAndKeepalives) {
    Bench b;
    EXPECT_TRUE(b.stack.receive(b.peer, "\r\n\r\n"));
    EXPECT_TRUE(b.stack.receive(b.peer, std::string_view("\0\0\0\0", 4)));
    EXPECT_FALSE(b.stack.receive(b.peer, "hello"));
    EXPECT_EQ(b.stack.counters().malformed, 1U);
    EXPECT_EQ(b.take().size(), 0U);
}

TEST_F(Client, OptionsLooksLikeAsterisks) {
    send();
    const std::string sent = b.take_one();
    const auto m = parse(sent);
    EXPECT_EQ(sent, "OPTIONS sip:bob@127.0.0.2:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=" +
                        std::string(m->top_via().branch) +
                        "\r\nFrom: <sip:bob@127.0.0.2>;tag=" + std::string(m->from_tag()) +
                        "\r\nTo: <sip:bob@127.0.0.2>\r\nCall-ID: " + std::string(m->call_id()) +
                        "\r\nCSeq: " + std::to_string(m->cseq()) +
                        " OPTIONS\r\nMax-Forwards: 70\r\nUser-Agent: Asterisk PBX 22.11.0-rc1\r\n"
                        "Content-Length:  0\r\n\r\n");
    EXPECT_EQ(m->call_id().size(), 36U);
    EXPECT_TRUE(m->top_via().branch.starts_with("z9hG4bKPj"));
    EXPECT_EQ(m->top_via().branch.size(), 9U + 36);
}

TEST_F(Client, NonInviteTimers) {
    send();
    // Timer E: 0.5, 1, 2, 4, 4 ... until F at 32 s.
    std::vector<std::size_t> counts;
    for (const auto step : {499ms, 1ms, 1000ms, 2000ms, 4000ms, 4000ms}) {
        b.loop.advance(step);
        counts.push_back(b.take().size());
    }
    EXPECT_EQ(counts, (std::vector<std::size_t>{1, 1, 1, 1, 1, 1}));
    b.loop.advance(20499ms);
    EXPECT_TRUE(results.empty());
    b.loop.advance(1ms);
    EXPECT_EQ(results, std::vector<int>{408});
    EXPECT_EQ(b.stack.client_transactions(), 0U);
}

TEST_F(Client, AnswerEndsItAndLingersForT4) {
    send();
    const auto request = b.take_message();
    b.receive(respond_to(*request, 100, ""));
    EXPECT_TRUE(results.empty());
    b.loop.advance(500ms);
    EXPECT_EQ(b.take().size(), 1U);  // still repeated after a provisional, now every T2
    b.loop.advance(3900ms);
    EXPECT_EQ(b.take().size(), 0U);
    b.loop.advance(100ms);
    EXPECT_EQ(b.take().size(), 1U);
    b.receive(respond_to(*request, 200, "t"));
    b.receive(respond_to(*request, 200, "t"));
    EXPECT_EQ(results, std::vector<int>{200});
    b.loop.advance(4900ms);
    EXPECT_EQ(b.stack.client_transactions(), 1U);
    b.loop.advance(500ms);  // timer K, ended in company
    EXPECT_EQ(b.stack.client_transactions(), 0U);
    b.receive(respond_to(*request, 200, "t"));
    EXPECT_EQ(b.stack.counters().stray_responses, 1U);
}

TEST_F(Client, ConfiguredT1AndTimerB) {
    StackSettings settings = b.stack.settings();
    settings.t1 = 100ms;
    settings.timer_b = 6400ms;
    b.stack.set_settings(settings);
    send();
    b.loop.advance(100ms);
    EXPECT_EQ(b.take().size(), 2U);
    b.loop.advance(6300ms);
    EXPECT_EQ(results, std::vector<int>{408});
}

TEST_F(Client, FailuresComeFromTheLoop) {
    b.transport->dead = true;
    send();
    EXPECT_TRUE(results.empty());
    b.loop.run();
    EXPECT_EQ(results, std::vector<int>{503});
    b.router.transport.reset();
    send();
    EXPECT_EQ(results.size(), 1U);
    b.loop.run();
    EXPECT_EQ(results, (std::vector<int>{503, 503}));
}

TEST_F(Client, ALostConnectionFailsWhatRanOverIt) {
    send();
    b.stack.transport_failed(*b.transport);
    EXPECT_EQ(results, std::vector<int>{503});
}

TEST_F(Client, ForgottenRequestsAreSilent) {
    auto request = send();
    request->forget();
    const auto m = b.take_message();
    b.receive(respond_to(*m, 200, "t"));
    EXPECT_TRUE(results.empty());
}

TEST_F(Client, ChallengeIsAnsweredOnce) {
    auto credentials = std::make_shared<CredentialList>();
    credentials->push_back({.realm = "*", .username = "u", .password = "p"});
    Request request;
    request.method = "MESSAGE";
    request.uri = "sip:bob@127.0.0.2:5080";
    request.from = request.to = "<sip:bob@127.0.0.2>";
    request.credentials = credentials;
    request.content_type = "text/plain";
    request.body = "hello";
    b.stack.send(std::move(request), [this](const RequestResult& r) { results.push_back(r.code); });
    const auto first = b.take_message();
    b.receive(respond_to(*first, 401, "t", "WWW-Authenticate: Digest realm=\"x\",nonce=\"n\",algorithm=MD5\n"));
    const auto second = b.take_message();
    EXPECT_EQ(second->cseq(), first->cseq() + 1);
    EXPECT_EQ(second->call_id(), first->call_id());
    EXPECT_EQ(second->from_tag(), first->from_tag());
    EXPECT_NE(second->top_via().branch, first->top_via().branch);
    EXPECT_EQ(second->body(), "hello");
    ASSERT_TRUE(second->has(HeaderId::authorization));
    b.receive(respond_to(*second, 401, "t", "WWW-Authenticate: Digest realm=\"x\",nonce=\"m\",algorithm=MD5\n"));
    EXPECT_EQ(results, std::vector<int>{401});
    EXPECT_EQ(b.take().size(), 0U);
}

TEST_F(Client, StaleNonceIsTriedAgain) {
    auto credentials = std::make_shared<CredentialList>();
    credentials->push_back({.realm = "*", .username = "u", .password = "p"});
    Request request;
    request.method = "OPTIONS";
    request.uri = "sip:bob@127.0.0.2:5080";
    request.from = request.to = "<sip:bob@127.0.0.2>";
    request.credentials = credentials;
    b.stack.send(std::move(request), [this](const RequestResult& r) { results.push_back(r.code); });
    auto m = b.take_message();
    b.receive(respond_to(*m, 401, "t", "WWW-Authenticate: Digest realm=\"x\",nonce=\"n\"\n"));
    m = b.take_message();
    b.receive(respond_to(*m, 401, "t", "WWW-Authenticate: Digest realm=\"x\",nonce=\"m\",stale=true\n"));
    m = b.take_message();
    EXPECT_NE(m->header(HeaderId::authorization)->find("nonce=\"m\""), std::string_view::npos);
    b.receive(respond_to(*m, 200, "t"));
    EXPECT_EQ(results, std::vector<int>{200});
}

TEST_F(Client, PresetRoutesLeadTheWay) {
    Request request;
    request.method = "OPTIONS";
    request.uri = "sip:bob@10.0.0.9";
    request.from = request.to = "<sip:bob@10.0.0.9>";
    request.routes = {"<sip:127.0.0.2:5099;lr>"};
    b.stack.send(std::move(request), {});
    ASSERT_EQ(b.transport->sent.size(), 1U);
    EXPECT_EQ(b.transport->sent[0].first.text(), "127.0.0.2:5099");
    EXPECT_NE(b.transport->sent[0].second.find("\r\nRoute: <sip:127.0.0.2:5099;lr>\r\n"), std::string::npos);
}

TEST(StackTest, MayGoDownWithEverythingUnderWay) {
    TestLoop loop;
    FixedRandom random;
    FakeRouter router;
    auto transport = std::make_shared<FakeTransport>(Protocol::udp, address("127.0.0.1", 5060));
    router.transport = transport;
    int results = 0;
    {
        Stack stack(loop, random, router);
        Request request;
        request.method = "OPTIONS";
        request.uri = request.from = request.to = "sip:bob@127.0.0.2";
        stack.send(std::move(request), [&](const RequestResult&) { ++results; });
    }
    loop.advance(60s);
    EXPECT_EQ(results, 0);
}

}  // namespace asterism::sip::test
