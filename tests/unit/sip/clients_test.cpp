// The registration client and the qualifier.
#include "asterism/sip/qualify.hpp"
#include "asterism/sip/registration.hpp"
#include "unit/sip/sip_support.hpp"

namespace asterism::sip::test {

namespace {

struct Registration : testing::Test {
    void start() {
        settings.server_uri = "sip:127.0.0.2:26479";
        settings.client_uri = "sip:me@127.0.0.2:26479";
        client = std::make_unique<RegistrationClient>(b.stack, settings, [this](RegistrationClient::State s, int code) {
            static constexpr const char* names[] = {"unregistered", "registering", "registered", "rejected", "stopped"};
            log += std::string(names[static_cast<int>(s)]) + " " + std::to_string(code) + ", ";
        });
        client->start();
    }
    std::string take_log() { return std::exchange(log, {}); }
    void reply(int code, std::string_view extra = {}) {
        const auto m = b.take_message();
        ASSERT_TRUE(m);
        b.receive(respond_to(*m, code, "uas1", extra));
    }
    Bench b;
    RegistrationSettings settings;
    std::unique_ptr<RegistrationClient> client;
    std::string log;
};

}  // namespace

TEST_F(Registration, AsRecorded) {  // 16-outgoing-register
    start();
    const std::string text = b.take_one();
    const auto m = parse(text);
    EXPECT_EQ(text, "REGISTER sip:127.0.0.2:26479 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=" +
                        std::string(m->top_via().branch) +
                        "\r\nFrom: <sip:me@127.0.0.2>;tag=" + std::string(m->from_tag()) +
                        "\r\nTo: <sip:me@127.0.0.2>\r\nCall-ID: " + std::string(m->call_id()) +
                        "\r\nCSeq: " + std::to_string(m->cseq()) +
                        " REGISTER\r\nContact: <sip:s@127.0.0.1:5060>\r\nExpires: 3600\r\nMax-Forwards: 70\r\n"
                        "User-Agent: Asterisk PBX 22.11.0-rc1\r\nContent-Length:  0\r\n\r\n");
    b.receive(respond_to(*m, 200, "uas1", "Contact: <sip:s@127.0.0.1:5060>;expires=60\nExpires: 60\n"));
    EXPECT_EQ(take_log(), "registered 200, ");
    EXPECT_EQ(client->expires_at() - b.loop.now(), 60s);
    // Refreshed before it ends: the same Call-ID, the next CSeq.
    b.loop.advance(49s);
    EXPECT_TRUE(b.take().empty());
    b.loop.advance(1s);
    const auto again = b.take_message();
    EXPECT_EQ(again->call_id(), m->call_id());
    EXPECT_EQ(again->cseq(), m->cseq() + 1);
    b.receive(respond_to(*again, 200, "uas1", "Expires: 60\n"));
    client->stop();
    const auto last = b.take_message();
    EXPECT_EQ(last->header(HeaderId::expires), "0");
    b.receive(respond_to(*last, 200, "uas1"));
    EXPECT_EQ(take_log(), "registered 200, stopped 200, ");
    b.loop.advance(1h);
    EXPECT_TRUE(b.take().empty());
}

TEST_F(Registration, OurContactsTimeCounts) {
    start();
    reply(200, "Contact: <sip:x@10.0.0.1>;expires=30, <sip:s@127.0.0.1:5060>;expires=500\nExpires: 9000\n");
    EXPECT_EQ(client->expires_at() - b.loop.now(), 500s);
}

TEST_F(Registration, ChallengeAndWrongPassword) {
    settings.credentials = user("me");
    start();
    reply(401, "WWW-Authenticate: Digest realm=\"x\",nonce=\"n\"\n");
    reply(200, "Expires: 60\n");
    EXPECT_EQ(take_log(), "registered 200, ");
    b.loop.advance(50s);
    reply(401, "WWW-Authenticate: Digest realm=\"x\",nonce=\"n\"\n");
    reply(401, "WWW-Authenticate: Digest realm=\"x\",nonce=\"m\"\n");
    EXPECT_EQ(take_log(), "rejected 401, ");
    b.loop.advance(1h);
    EXPECT_TRUE(b.take().empty());
}

TEST_F(Registration, CSeqGrowsOverChallenges) {
    settings.credentials = user("me");
    start();
    const auto first = b.take_message();
    b.receive(respond_to(*first, 401, "t", "WWW-Authenticate: Digest realm=\"x\",nonce=\"n\"\n"));
    const auto second = b.take_message();
    b.receive(respond_to(*second, 200, "t", "Expires: 60\n"));
    b.loop.advance(50s);
    EXPECT_EQ(b.take_message()->cseq(), first->cseq() + 2);
}

TEST_F(Registration, IntervalTooBrief) {
    settings.expiration = 100;
    start();
    reply(423, "Min-Expires: 1800\n");
    const auto m = b.take_message();
    EXPECT_EQ(m->header(HeaderId::expires), "1800");
}

// A 200 that takes the binding away: nobody is registered, and asking at once would only go round.
TEST_F(Registration, GrantedForNoTime) {
    settings.retry_interval = 60;
    start();
    reply(200, "Contact: <sip:127.0.0.2:26479>\nExpires: 0\n");
    EXPECT_EQ(take_log(), "unregistered 200, ");
    b.loop.advance(59s);
    EXPECT_TRUE(b.take().empty());
    b.loop.advance(1s);
    reply(200, "Expires: 60\n");
    EXPECT_EQ(take_log(), "registered 200, ");
}

TEST_F(Registration, ALineIsInTheContactAndStays) {
    settings.line = true;
    settings.support_path = true;
    start();
    const auto first = b.take_message();
    EXPECT_EQ(first->header(HeaderId::supported), "path");
    ASSERT_EQ(client->line().size(), 7u);
    EXPECT_EQ(first->header(HeaderId::contact), "<sip:s@127.0.0.1:5060;line=" + client->line() + ">");
    b.receive(
        respond_to(*first, 200, "t",
                   "Contact: " + std::string(*first->header(HeaderId::contact)) + ";expires=60\nExpires: 3600\n"));
    EXPECT_EQ(client->expires_at() - b.loop.now(), 60s);  // it knows its own
    b.loop.advance(50s);
    EXPECT_EQ(b.take_message()->header(HeaderId::contact), first->header(HeaderId::contact));
}

// RFC 3329: what the server can is said back to it, with 494 as with the 401 that some send.
TEST_F(Registration, AgreesOnSecurity) {
    const auto values = [](const Message& m, std::string_view name) {
        std::string out;
        for (std::size_t i = 0; i < m.lines(); ++i)
            if (iequals(m.line(i).name, name)) out += std::string(m.line(i).value) + ", ";
        return out;
    };
    for (const int code : {401, 494}) {
        settings.security_mechanisms = {"sdes-srtp;mediasec"};
        settings.credentials = std::make_shared<CredentialList>(CredentialList{
            {.realm = "", .username = "me", .password = "pw", .ha1_md5 = {}, .ha1_sha256 = {}, .ha1_sha512_256 = {}}});
        start();
        const auto first = b.take_message();
        EXPECT_EQ(values(*first, "Security-Client"), "sdes-srtp;mediasec, ");
        EXPECT_EQ(values(*first, "Require"), "mediasec, ");
        b.receive(respond_to(*first, code, "t",
                             "Security-Server: msrp-tls;mediasec\nSecurity-Server: dtls-srtp;mediasec\n"
                             "WWW-Authenticate: Digest realm=\"a\", nonce=\"n\"\n"));
        const auto second = b.take_message();
        ASSERT_TRUE(second) << code;
        EXPECT_EQ(values(*second, "Security-Verify"), "msrp-tls;mediasec, dtls-srtp;mediasec, ");
        EXPECT_EQ(values(*second, "Security-Client"), "");
        EXPECT_EQ(values(*second, "Proxy-Require"), "mediasec, ");
        EXPECT_TRUE(second->has(HeaderId::authorization));
        EXPECT_EQ(second->cseq(), first->cseq() + 1);
        b.receive(respond_to(*second, 200, "t", "Expires: 60\n"));
        EXPECT_EQ(take_log(), "registered 200, ");
        b.loop.advance(50s);
        const auto refresh = b.take_message();
        EXPECT_EQ(values(*refresh, "Security-Verify"), "msrp-tls;mediasec, dtls-srtp;mediasec, ");
        b.receive(respond_to(*refresh, 200, "t", "Expires: 60\n"));
        client.reset();
        take_log();
    }
    // Who asks for it without saying for what is not asked for ever.
    start();
    reply(494);
    EXPECT_EQ(take_log(), "rejected 494, ");
}

TEST_F(Registration, TemporaryFailuresAreRetried) {
    settings.max_retries = 2;
    start();
    reply(503);
    EXPECT_EQ(take_log(), "unregistered 503, ");
    b.loop.advance(59s);
    EXPECT_TRUE(b.take().empty());
    b.loop.advance(1s);
    b.loop.advance(32s);  // no answer at all
    b.take();
    EXPECT_EQ(take_log(), "unregistered 408, ");
    b.loop.advance(60s);
    reply(500);
    EXPECT_EQ(take_log(), "rejected 500, ");
    b.loop.advance(1h);
    EXPECT_TRUE(b.take().empty());
}

TEST_F(Registration, ForbiddenInterval) {
    start();
    reply(403);
    EXPECT_EQ(take_log(), "rejected 403, ");
    b.loop.advance(1h);
    EXPECT_TRUE(b.take().empty());
    settings.forbidden_retry_interval = 300;
    start();
    reply(403);
    b.loop.advance(300s);
    EXPECT_EQ(b.take().size(), 1U);
}

TEST_F(Registration, DestroyedWhileUnderWay) {
    start();
    const auto m = b.take_message();
    client.reset();
    b.receive(respond_to(*m, 200, "t"));
    EXPECT_EQ(take_log(), "");
}

TEST_F(Registration, RegistersAgain) {
    start();
    reply(200, "Expires: 60\n");
    client->stop(true);
    reply(200);
    EXPECT_EQ(b.take_message()->header(HeaderId::expires), "3600");
}

TEST(Qualify, StatusAndRoundTrip) {
    Bench b;
    std::string log;
    QualifySettings settings;
    settings.contact_uri = "sip:bob@127.0.0.2:5080";
    settings.frequency = 60s;
    ContactQualifier qualifier(
        b.stack, settings, [&](ContactQualifier::Status now, ContactQualifier::Status, Duration rtt) {
            log += std::to_string(static_cast<int>(now)) + " " + std::to_string(rtt / 1ms) + ", ";
        });
    qualifier.start();
    const auto m = b.take_message();
    EXPECT_EQ(m->header(HeaderId::contact), "<sip:bob@127.0.0.1:5060>");  // 15
    EXPECT_EQ(m->header(HeaderId::from)->substr(0, 20), "<sip:bob@127.0.0.2>;");
    b.loop.advance(20ms);
    b.receive(respond_to(*m, 404, "t"));
    EXPECT_EQ(log, "1 20, ");
    b.loop.advance(60s);
    EXPECT_FALSE(b.take().empty());
    b.loop.advance(3s);
    EXPECT_EQ(log, "1 20, 2 0, ");
    EXPECT_EQ(qualifier.status(), ContactQualifier::Status::unavailable);
}

TEST(Qualify, AChallengeIsAnsweredWhenAskedByHand) {
    Bench b;
    QualifySettings settings;
    settings.contact_uri = "sip:bob@127.0.0.2:5080";
    settings.credentials = user("me");
    settings.frequency = 60s;
    constexpr std::string_view challenge = "WWW-Authenticate: Digest realm=\"x\",nonce=\"n\"\n";
    for (const bool authenticate : {false, true}) {
        settings.authenticate = authenticate;
        ContactQualifier qualifier(b.stack, settings, {});
        qualifier.start();
        b.loop.advance(0s);
        b.receive(respond_to(*b.take_message(), 401, "t", challenge));
        EXPECT_EQ(b.take().size(), authenticate ? 1U : 0U);
        if (authenticate) break;
        EXPECT_EQ(qualifier.status(), ContactQualifier::Status::available);
        qualifier.qualify_now();
        b.receive(respond_to(*b.take_message(), 401, "t", challenge));
        EXPECT_TRUE(b.take_message()->has(HeaderId::authorization));
    }
}

TEST(Qualify, OnlySuccessCounts) {
    Bench b;
    QualifySettings settings;
    settings.contact_uri = "sip:bob@127.0.0.2:5080";
    settings.two_hundred_only = true;
    ContactQualifier qualifier(b.stack, settings, {});
    qualifier.qualify_now();
    b.receive(respond_to(*b.take_message(), 404, "t"));
    EXPECT_EQ(qualifier.status(), ContactQualifier::Status::unavailable);
    qualifier.qualify_now();
    b.receive(respond_to(*b.take_message(), 200, "t"));
    EXPECT_EQ(qualifier.status(), ContactQualifier::Status::available);
}

}  // namespace asterism::sip::test
