#include "asterism/sip/uri.hpp"

#include <gtest/gtest.h>

#include "asterism/sip/headers.hpp"
#include "asterism/sip/transport.hpp"

namespace asterism::sip {

TEST(Uris, AllParts) {
    const auto uri = Uri::parse("sip:al%69ce:secret@example.com:5070;transport=tcp;lr?Subject=x");
    ASSERT_TRUE(uri);
    EXPECT_EQ(uri->user_text(), "alice");
    EXPECT_EQ(uri->password, "secret");
    EXPECT_EQ(uri->host, "example.com");
    EXPECT_EQ(uri->port, 5070);
    EXPECT_EQ(uri->params.get("transport"), "tcp");
    EXPECT_EQ(uri->headers, "Subject=x");
    std::string out;
    uri->print(out, UriContext::from_to);
    EXPECT_EQ(out, "sip:al%69ce:secret@example.com");
}

TEST(Uris, Ipv6) {
    const auto uri = Uri::parse("sips:bob@[2001:db8::1]:5061");
    ASSERT_TRUE(uri);
    EXPECT_TRUE(uri->ipv6);
    EXPECT_EQ(uri->host, "2001:db8::1");
    EXPECT_EQ(uri->host_port(), "[2001:db8::1]:5061");
    EXPECT_EQ(Uri::parse("sips:x@h")->port_or_default(), 5061);
}

TEST(Uris, OtherSchemes) {
    const auto tel = Uri::parse("tel:+1-201-555;phone-context=x");
    ASSERT_TRUE(tel);
    EXPECT_EQ(tel->user, "+1-201-555");
    EXPECT_TRUE(tel->params.has("phone-context"));
    EXPECT_TRUE(Uri::parse("urn:service:sos"));
    EXPECT_FALSE(Uri::parse("tel:"));
}

TEST(Uris, UserMayHoldSemicolonsAndQuestionMarks) {
    const auto uri = Uri::parse("sip:a;b?c@h;d=e");
    ASSERT_TRUE(uri);
    EXPECT_EQ(uri->user, "a;b?c");
    EXPECT_EQ(uri->params.get("d"), "e");
}

TEST(Uris, Refused) {
    for (const char* text : {"", "sip:", "sip:@h", "sip:u@", "sip:u@h:99999", "sip:u@[::1", "sip:u@[::1]x", "nocolon",
                             "sip:u@h h", "sip:u@h\"", ":x", "sip:u@h:5060x", "sip:u@ho<st"})
        EXPECT_FALSE(Uri::parse(text)) << text;
    EXPECT_FALSE(Uri::parse("sip:" + std::string(5000, 'a') + "@h"));
}

TEST(Uris, Equality) {
    const auto same = [](const char* a, const char* b) { return equivalent(*Uri::parse(a), *Uri::parse(b)); };
    EXPECT_TRUE(same("sip:a@b;x=;x=1", "sip:a@b;x=;x=1"));
    // RFC 3261 19.1.4's examples.
    EXPECT_TRUE(same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"));
    EXPECT_TRUE(same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
    EXPECT_TRUE(same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"));
    EXPECT_FALSE(same("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"));
    EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
    EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
    EXPECT_FALSE(same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"));
}

TEST(Addresses, WithAndWithoutBrackets) {
    auto a = Address::parse("\"Bob \\\"B\\\"\" <sip:bob@h:5070;lr>;tag=x;y");
    ASSERT_TRUE(a);
    EXPECT_EQ(a->display_text(), "Bob \"B\"");
    EXPECT_EQ(a->tag(), "x");
    EXPECT_TRUE(a->uri.params.has("lr"));
    std::string out;
    a->print(out, UriContext::from_to);
    EXPECT_EQ(out, "\"Bob \\\"B\\\"\" <sip:bob@h>");
    a = Address::parse("sip:bob@h;tag=x");
    ASSERT_TRUE(a);
    EXPECT_EQ(a->tag(), "x");  // RFC 3261 20.10: it is the header's
    EXPECT_FALSE(a->uri.params.has("tag"));
    a = Address::parse("Bob Smith <tel:123>;tag=q");
    ASSERT_TRUE(a);
    EXPECT_EQ(a->display, "Bob Smith");
    EXPECT_TRUE(Address::parse("*")->star);
}

TEST(Addresses, Refused) {
    for (const char* text : {"\"Bob <sip:b@h>", "<sip:b@h", "<sip:b@h> x", "\"Bob\" sip:b@h", "", "<>"})
        EXPECT_FALSE(Address::parse(text)) << text;
}

TEST(HeaderValues, Via) {
    auto via =
        Via::parse("SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1");
    ASSERT_TRUE(via);
    EXPECT_EQ(via->host, "first.example.com");
    EXPECT_EQ(via->port, 4000);
    EXPECT_EQ(via->branch, "z9hG4bKa7c6a8dlze.1");
    EXPECT_TRUE(via->has_cookie());
    via = Via::parse("SIP/2.0/TCP [::1]:5062;rport;branch=1");
    ASSERT_TRUE(via);
    EXPECT_TRUE(via->ipv6);
    EXPECT_EQ(via->host, "::1");
    ASSERT_TRUE(via->rport);
    EXPECT_EQ(*via->rport, "");
    EXPECT_FALSE(via->has_cookie());
    for (const char* text : {"", "SIP/2.0", "SIP/3.0/UDP h", "SIP/2.0/UDP", "SIP/2.0/UDP :5060", "SIP/2.0/UDP h:99999"})
        EXPECT_FALSE(Via::parse(text)) << text;
}

TEST(HeaderValues, Others) {
    EXPECT_EQ(CSeq::parse("  0009   INVITE")->number, 9U);
    EXPECT_FALSE(CSeq::parse("36893488147419103232 REGISTER"));
    EXPECT_FALSE(CSeq::parse("1"));
    const auto se = SessionExpires::parse("1800 ;refresher=UAS");
    EXPECT_EQ(se->seconds, 1800U);
    EXPECT_EQ(se->refresher, SessionExpires::Refresher::uas);
    const auto rack = RAck::parse("776656 1 INVITE");
    EXPECT_EQ(rack->rseq, 776656U);
    EXPECT_EQ(rack->method, Method::invite);
    EXPECT_FALSE(RAck::parse("776656 1"));
    const auto reason = Reason::parse("Q.850 ;cause=16 ;text=\"Terminated\"");
    EXPECT_EQ(*reason->cause, 16U);
    const auto replaces = Replaces::parse("a@b;to-tag=1;from-tag=2;early-only");
    EXPECT_TRUE(replaces->early_only);
    EXPECT_FALSE(Replaces::parse("a@b;to-tag=1"));
    EXPECT_TRUE(TypedValue::parse("Application/SDP;x=y")->is("application", "sdp"));
    EXPECT_EQ(delta_seconds("120 (two minutes)"), 120U);
    EXPECT_EQ(delta_seconds("99999999999"), 0xFFFFFFFFU);
    EXPECT_FALSE(delta_seconds("soon"));
}

TEST(SocketAddresses, TextAndBack) {
    EXPECT_EQ(SocketAddress::parse("192.168.10.105", 5060)->text(), "192.168.10.105:5060");
    EXPECT_EQ(SocketAddress::parse("[::1]", 5)->text(), "[::1]:5");
    EXPECT_EQ(SocketAddress::parse("::ffff:10.0.0.1", 1)->text(), "10.0.0.1:1");
    EXPECT_FALSE(SocketAddress::parse("example.com", 1));
    EXPECT_FALSE(SocketAddress::parse("", 1));
}

}  // namespace asterism::sip
