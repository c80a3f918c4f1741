#include "asterism/sip/digest.hpp"

#include "asterism/sip/builder.hpp"
#include "core/sip/digest_response.hpp"
#include "unit/sip/sip_support.hpp"

namespace asterism::sip::test {

TEST(Digest, Rfc2617Example) {
    const std::string ha1 = digest_ha1(DigestAlgorithm::md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
    EXPECT_EQ(ha1, "939e7578ed9e3c518a452acee763bce9");
    EXPECT_EQ(digest_response(DigestAlgorithm::md5, ha1, "GET", "/dir/index.html", "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                              "00000001", "0a4f113b", "auth"),
              "6629fae49393a05397450978507c4ef1");
}

TEST(Digest, Rfc7616Examples) {
    const auto response = [](DigestAlgorithm a) {
        return digest_response(a, digest_ha1(a, "Mufasa", "http-auth@example.org", "Circle of Life"), "GET",
                               "/dir/index.html", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "00000001",
                               "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "auth");
    };
    EXPECT_EQ(response(DigestAlgorithm::md5), "8ca523f5e9506fed4657c9700eebdbec");
    EXPECT_EQ(response(DigestAlgorithm::sha256), "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(Digest, Sha512of256Exists) {
    EXPECT_EQ(digest_hex(DigestAlgorithm::sha512_256, "abc"),
              "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
}

TEST(Digest, HeaderParts) {
    const auto h = DigestHeader::parse(
        R"(Digest realm="a, \"b\"",nonce="1/2", qop="auth,auth-int" , algorithm=SHA-256,stale=TRUE)");
    ASSERT_TRUE(h);
    EXPECT_EQ(h->realm, R"(a, \"b\")");
    EXPECT_EQ(h->qop, "auth,auth-int");
    EXPECT_EQ(h->hash(), DigestAlgorithm::sha256);
    EXPECT_FALSE(DigestHeader::parse("Basic abc"));
    EXPECT_FALSE(DigestHeader::parse("Digest"));
    EXPECT_FALSE(DigestHeader::parse("Digest realm"));
    EXPECT_FALSE(DigestHeader::parse("Digest algorithm=MD5-sess")->hash());
}

namespace {
struct Auth : testing::Test {
    MessagePtr with(const std::string& authorization, std::string_view method = "REGISTER") {
        return parse(crlf(request_text(method, "sip:127.0.0.1", "z9hG4bK1", "", 1,
                                       authorization.empty() ? "" : "Authorization: " + authorization + "\n")));
    }
    std::string answer(const std::string& challenge, const std::string& password, std::uint32_t nc = 1) {
        const CredentialList secrets{{.realm = "*", .username = "alice", .password = password}};
        return answer_challenge(*DigestHeader::parse(challenge), secrets, "REGISTER", "sip:127.0.0.1", "0a4f113b", nc)
            .value_or("");
    }
    TestLoop loop;
    FixedRandom random;
    DigestServer server{loop.clock(), random};
    Credential secret{.realm = "", .username = "alice", .password = "secret"};
    using Result = DigestServer::Result;
};
}  // namespace

TEST_F(Auth, ChallengeLooksLikeAsterisks) {
    const std::string challenge = server.challenge("asterisk");
    EXPECT_TRUE(challenge.starts_with("Digest realm=\"asterisk\",nonce=\"1795288305/")) << challenge;
    const auto h = *DigestHeader::parse(challenge);
    EXPECT_EQ(h.nonce.size(), 10U + 1 + 32);
    EXPECT_EQ(h.opaque.size(), 16U);
    EXPECT_TRUE(challenge.ends_with(",algorithm=MD5,qop=\"auth\"")) << challenge;
    // The same within one second, another opaque.
    const auto second = server.challenge("asterisk");
    EXPECT_EQ(DigestHeader::parse(second)->nonce, h.nonce);
    EXPECT_NE(DigestHeader::parse(second)->opaque, h.opaque);
}

TEST_F(Auth, RightWrongNone) {
    const std::string challenge = server.challenge("asterisk");
    EXPECT_EQ(server.check(*with(""), secret, "asterisk"), Result::none);
    EXPECT_EQ(server.check(*with(answer(challenge, "secret")), secret, "asterisk"), Result::ok);
    EXPECT_EQ(server.check(*with(answer(challenge, "secret")), secret, "asterisk"), Result::ok);  // same count again
    EXPECT_EQ(server.check(*with(answer(challenge, "Secret")), secret, "asterisk"), Result::wrong);
    EXPECT_EQ(server.check(*with(answer(challenge, "secret")), secret, "other"), Result::none);
    Credential other = secret;
    other.username = "bob";
    EXPECT_EQ(server.check(*with(answer(challenge, "secret")), other, "asterisk"), Result::wrong);
    EXPECT_EQ(server.check(*with(answer(challenge, "secret", 0)), secret, "asterisk"), Result::wrong);
    EXPECT_EQ(server.check(*with(answer(challenge, "secret"), "OPTIONS"), secret, "asterisk"), Result::wrong);
}

TEST_F(Auth, Md5CredAndSha256) {
    Credential hashed{.username = "alice", .ha1_md5 = digest_ha1(DigestAlgorithm::md5, "alice", "asterisk", "secret")};
    EXPECT_EQ(server.check(*with(answer(server.challenge("asterisk"), "secret")), hashed, "asterisk"), Result::ok);
    const std::string sha = server.challenge("asterisk", DigestAlgorithm::sha256);
    EXPECT_EQ(server.check(*with(answer(sha, "secret")), secret, "asterisk"), Result::ok);
    EXPECT_EQ(server.check(*with(answer(sha, "secret")), hashed, "asterisk"), Result::wrong);
    const std::string sha512 = server.challenge("asterisk", DigestAlgorithm::sha512_256);
    EXPECT_EQ(server.check(*with(answer(sha512, "secret")), secret, "asterisk"), Result::ok);
}

TEST_F(Auth, OldAndForeignNoncesAreStale) {
    const std::string challenge = server.challenge("asterisk");
    loop.advance(32s);
    EXPECT_EQ(server.check(*with(answer(challenge, "secret")), secret, "asterisk"), Result::ok);
    loop.advance(1s);
    EXPECT_EQ(server.check(*with(answer(challenge, "secret")), secret, "asterisk"), Result::stale);
    EXPECT_EQ(server.check(*with(answer(challenge, "wrong")), secret, "asterisk"), Result::wrong);
    EXPECT_NE(server.challenge("asterisk", DigestAlgorithm::md5, true).find(",stale=true,"), std::string::npos);
    DigestServer other(loop.clock(), random);
    EXPECT_EQ(server.check(*with(answer(other.challenge("asterisk"), "secret")), secret, "asterisk"), Result::stale);
}

TEST_F(Auth, ClientTakesTheStrongestOfARealm) {
    const auto response = parse(crlf(
        "SIP/2.0 401 Unauthorized\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:a@h>;tag=1\nTo: <sip:b@h>;tag=2\n"
        "Call-ID: x\nCSeq: 1 REGISTER\nWWW-Authenticate: Digest realm=\"r\",nonce=\"n\",algorithm=MD5\n"
        "WWW-Authenticate: Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256,qop=\"auth\"\n"
        "Proxy-Authenticate: Digest realm=\"p\",nonce=\"m\"\n\n"));
    const CredentialList secrets{{.realm = "r", .username = "u", .password = "p"},
                                 {.realm = "", .username = "v", .password = "q"}};
    Headers headers;
    EXPECT_TRUE(authorize(*response, secrets, "REGISTER", "sip:h", random, headers));
    ASSERT_EQ(headers.size(), 2U);
    EXPECT_EQ(headers[0].name, "Authorization");
    EXPECT_NE(headers[0].value.find("algorithm=SHA-256"), std::string::npos);
    EXPECT_EQ(headers[1].name, "Proxy-Authorization");
    EXPECT_NE(headers[1].value.find("username=\"v\""), std::string::npos);
    EXPECT_EQ(headers[1].value.find("cnonce"), std::string::npos);
    headers.clear();
    EXPECT_FALSE(authorize(*response, secrets, "REGISTER", "sip:h", random, headers, "answered"));
}

TEST(Digest, ComparesAll) {
    EXPECT_TRUE(constant_time_equal("abc", "abc"));
    EXPECT_FALSE(constant_time_equal("abc", "abd"));
    EXPECT_FALSE(constant_time_equal("abc", "ab"));
}

}  // namespace asterism::sip::test
