#include "asterism/sip/message.hpp"
#include "asterism/sip/body.hpp"

#include "unit/sip/sip_support.hpp"

namespace asterism::sip::test {

namespace {

std::string minimal(std::string_view more = {}) {
    return crlf(
               "OPTIONS sip:s@h SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:a@h>;tag=1\nTo: <sip:b@h>\n"
               "Call-ID: x\nCSeq: 1 OPTIONS\n" +
               std::string(more)) +
           "\r\n";
}

std::string error_of(std::string_view text) {
    const auto parsed = Message::parse(text);
    return parsed ? "ok" : std::string(parsed.error().what);
}

}  // namespace

// RFC 4475 3.1.1.1, "A Short Tortuous INVITE", with its folded lines and odd spacing.
TEST(Messages, ShortTortuousInvite) {
    const std::string text = crlf(
        "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\n"
        "TO :\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\n"
        "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\n  ;\n  tag = 98asjd8\n"
        "MaX-fOrWaRdS: 0068\n"
        "Call-ID: wsinv.ndaksdj@192.0.2.1\n"
        "Content-Length   : 150\n"
        "cseq: 0009\n  INVITE\n"
        "Via  : SIP  /   2.0\n /UDP\n    192.0.2.2;branch=390skdjuw\n"
        "s :\n"
        "NewFangledHeader:   newfangled value\n continued newfangled value\n"
        "UnknownHeaderWithUnusualValue: ;;,,;;,;\n"
        "Content-Type: application/sdp\n"
        "Route:\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\n"
        "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\n  branch  =   z9hG4bK9ikj8  ,\n"
        " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\n z9hG4bK30239\n"
        "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\n      newvalue ;\n"
        "  secondparam ; q = 0.33\n"
        "\n"
        "v=0\no=mhandley 29739 7272939 IN IP4 192.0.2.3\ns=-\nc=IN IP4 192.0.2.4\nt=0 0\nm=audio 49217 RTP/AVP 0 12\n"
        "m=video 3227 RTP/AVP 31\na=rtpmap:31 LPC\n");
    const auto m = parse(text);
    ASSERT_TRUE(m);
    EXPECT_EQ(m->method(), Method::invite);
    EXPECT_EQ(m->cseq(), 9U);
    EXPECT_EQ(m->to_tag(), "1918181833n");
    EXPECT_EQ(m->from_tag(), "98asjd8");
    EXPECT_EQ(m->from().display_text(), "J Rosenberg \\\"");
    EXPECT_EQ(m->top_via().host, "192.0.2.2");
    EXPECT_EQ(m->header("newfangledheader"), "newfangled value   continued newfangled value");
    int vias = 0;
    m->each(HeaderId::via, [&](std::string_view v) { vias += Via::parse(v).has_value(); });
    EXPECT_EQ(vias, 3);
    int contacts = 0;
    m->each(HeaderId::contact, [&](std::string_view c) {
        const auto address = Address::parse(c);
        ASSERT_TRUE(address);
        EXPECT_EQ(address->params.get("newparam"), "newvalue");
        EXPECT_EQ(address->params.get("q"), "0.33");
        ++contacts;
    });
    EXPECT_EQ(contacts, 1);
    EXPECT_FALSE(m->sdp().empty());
}

TEST(Messages, WideRangeOfCharacters) {  // RFC 4475 3.1.1.2, shortened
    const auto m = parse(crlf(
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,"
        "weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\n"
        "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\n"
        "To: \"BEL:\\\x07 NUL:\\ DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\n"
        "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\xD1\x80\";"
        "tag=_token~1'+`*%!-.\n"
        "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\n"
        "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\n"
        "Max-Forwards: 255\nContent-Length: 0\n\n"));
    ASSERT_TRUE(m);
    EXPECT_EQ(m->method(), Method::unknown);
    EXPECT_EQ(m->cseq(), 139122385U);
    EXPECT_EQ(m->from_tag(), "_token~1'+`*%!-.");
}

TEST(Messages, Refused) {
    EXPECT_EQ(error_of(minimal()), "ok");
    EXPECT_EQ(error_of(""), "no start line");
    EXPECT_EQ(error_of("\r\n\r\n"), "no start line");
    EXPECT_EQ(error_of("hello\r\n\r\n"), "bad request line");
    EXPECT_EQ(error_of("OPTIONS sip:s@h SIP/7.0\r\n\r\n"), "unknown SIP version");
    EXPECT_EQ(error_of("OPTIONS <sip:s@h> SIP/2.0\r\n\r\n"), "bad request URI");
    EXPECT_EQ(error_of("OPTIONS sip:s @h SIP/2.0\r\n\r\n"), "bad request URI");
    EXPECT_EQ(error_of("SIP/2.0 99 x\r\n\r\n"), "bad status line");
    EXPECT_EQ(error_of("SIP/2.0 700 x\r\n\r\n"), "bad status line");
    EXPECT_EQ(error_of(minimal("no colon\n")), "header line without colon");
    EXPECT_EQ(error_of(minimal("a b: c\n")), "bad header name");
    EXPECT_EQ(error_of(minimal("CSeq: 2 OPTIONS\n")), "more than one CSeq");
    EXPECT_EQ(error_of(minimal("To: <sip:b@h>\n")), "more than one To");
    EXPECT_EQ(error_of(minimal("Content-Length: -1\n")), "bad Content-Length");
    EXPECT_EQ(error_of(minimal("Content-Length: 5\n")), "body shorter than Content-Length");
    EXPECT_EQ(error_of(minimal("Content-Length: 0\nl: 1\n")), "Content-Length headers differ");
    std::string other = minimal();
    other.replace(other.find("1 OPTIONS"), 9, "1 INVITE");
    EXPECT_EQ(error_of(other), "CSeq method is not the request's");
    for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
        std::string text = minimal();
        text.replace(text.find(std::string("\r\n") + name + ":") + 2, 1, "X");
        EXPECT_EQ(error_of(text), std::string("no ") + name);
    }
}

TEST(Messages, WithinADialogTheRequestUriMayBeMissing) {
    const auto bye = [](std::string_view tag) {
        return crlf("BYE  SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:a@h>;tag=1\nTo: <sip:b@h:5062>" +
                    std::string(tag) + "\nCall-ID: x\nCSeq: 1 BYE\n") +
               "\r\n";
    };
    const auto parsed = Message::parse(bye(";tag=2"));
    ASSERT_TRUE(parsed);
    EXPECT_EQ((*parsed)->request_uri(), "sip:b@h:5062");
    EXPECT_EQ(error_of(bye("")), "bad request URI");
}

TEST(Messages, Limits) {
    std::string many;
    for (int i = 0; i < 128 - 5; ++i) many += "X: y\n";
    EXPECT_EQ(error_of(minimal(many)), "ok");
    EXPECT_EQ(error_of(minimal(many + "X: y\n")), "too many headers");
    std::string vias;
    for (int i = 0; i < 31; ++i) vias += "Via: SIP/2.0/UDP h" + std::to_string(i) + "\n";
    EXPECT_EQ(error_of(minimal(vias)), "ok");
    EXPECT_EQ(error_of(minimal(vias + "v: SIP/2.0/UDP h\n")), "too many Via");
    EXPECT_EQ(error_of(minimal("X: " + std::string(65536, 'a') + "\n")), "message too long");
    const std::string full = minimal("X: " + std::string(65535 - minimal("X: \n").size(), 'a') + "\n");
    ASSERT_EQ(full.size(), 65535U);
    EXPECT_EQ(error_of(full), "ok");
}

TEST(Messages, BodyIsCutAtContentLength) {  // RFC 3261 18.3
    const auto m = parse(minimal("Content-Length: 3\n") + "abcdef");
    ASSERT_TRUE(m);
    EXPECT_EQ(m->body(), "abc");
}

TEST(Messages, SdpInAMultipartBody) {
    const std::string body =
        crlf("preamble\n--xx\nContent-Type: text/plain\n\nhello\n--xx\nContent-Type: application/sdp\n\nv=0\n--xx--\n");
    const auto m = parse(minimal("Content-Type: multipart/mixed;boundary=\"xx\"\n") + body);
    ASSERT_TRUE(m);
    EXPECT_EQ(m->sdp(), "v=0");
}

TEST(Messages, ABodyMayDemandToBeUnderstood) {  // RFC 3261 20.11
    const auto demands = [](const std::string& header, const std::string& body) {
        const auto m = parse(minimal(header) + crlf(body));
        return m && demands_unknown_body(*m);
    };
    const std::string mixed = "Content-Type: multipart/mixed;boundary=x\n";
    const std::string sdp =
        "--x\nContent-Type: application/sdp\nContent-Disposition: session;handling=required\n\nv=0\n";
    EXPECT_FALSE(demands(mixed, sdp + "--x--\n"));
    EXPECT_TRUE(demands(mixed, sdp + "--x\nContent-Type: application/isup\n"
                                     "Content-Disposition: signal; handling=\"Required\"\n\n01\n--x--\n"));
    EXPECT_FALSE(
        demands(mixed, sdp + "--x\nContent-Type: application/isup\nContent-Disposition: signal\n\n01\n--x--\n"));
    EXPECT_FALSE(demands(mixed, "--x\nContent-Type: application/isup\n"));
    EXPECT_TRUE(demands("Content-Type: application/isup\nContent-Disposition: signal;handling=required\n", "01"));
    EXPECT_FALSE(demands("Content-Type: application/isup\n", "01"));
}

TEST(Messages, ADatagramMayEndWithTheHeaders) {
    std::string text = minimal("Content-Length: 0\n");
    text.resize(text.size() - 2);
    EXPECT_EQ(error_of(text), "ok");
    text.resize(text.size() - 2);
    EXPECT_EQ(error_of(text), "no blank line after the headers");
}

TEST(Messages, BareLineFeedsAreAccepted) {
    std::string text = minimal();
    std::erase(text, '\r');
    EXPECT_EQ(error_of(text), "ok");
}

TEST(Messages, HeadersByNameAndList) {
    const auto m = parse(minimal("k: timer\nSupported: 100rel\nX-Foo: bar\n"));
    EXPECT_TRUE(m->lists(HeaderId::supported, "100rel"));
    EXPECT_TRUE(m->lists(HeaderId::supported, "timer"));
    EXPECT_EQ(m->header("x-foo"), "bar");
    EXPECT_FALSE(m->header("x-bar"));
    EXPECT_EQ(m->lines(), 8U);
    EXPECT_EQ(m->line(7).name, "X-Foo");
}

}  // namespace asterism::sip::test
