#include <gtest/gtest.h>

#include "asterism/http/message.hpp"
#include "interfaces/http/parser.hpp"

namespace asterism::http {
namespace {

TEST(Params, DecodesQueriesAndForms) {
    Params params;
    EXPECT_TRUE(parse_params("a=1&b=x%20y+z&c&&=v&d=%zz%4", params));
    const Params want{{"a", "1"}, {"b", "x y z"}, {"c", ""}, {"", "v"}, {"d", "%zz%4"}};
    EXPECT_EQ(params, want);
    EXPECT_EQ(decode("a+b%2Fc", false), "a+b/c");
    EXPECT_EQ(encode("a b/\xc3\xa9"), "a%20b%2F%C3%A9");
}

TEST(Params, HasALimit) {
    std::string text;
    for (int i = 0; i < 400; ++i) text += "a&";
    Params params;
    EXPECT_FALSE(parse_params(text, params));
    EXPECT_EQ(params.size(), 256U);
}

TEST(Params, FindsTokens) {
    EXPECT_TRUE(has_token("keep-alive, Upgrade", "upgrade"));
    EXPECT_FALSE(has_token("keep-alive, Upgrades", "upgrade"));
    EXPECT_FALSE(has_token("", "upgrade"));
}

struct Read {
    Request request;
    RequestParser parser{request, {1024, 2048}};
    RequestParser::State all(std::string_view text, std::size_t* used = nullptr) {
        std::size_t n = 0;
        const auto state = parser.put(text, n);
        if (used != nullptr) *used = n;
        return state;
    }
};

TEST(RequestParser, ReadsALine) {
    Read read;
    std::size_t used = 0;
    const std::string one = "GET /ari/channels?app=a%20b HTTP/1.1\r\nHost: x\r\nX-Any:  v \r\n\r\n";
    ASSERT_EQ(read.all(one + "GET /next", &used), RequestParser::State::done);
    EXPECT_EQ(used, one.size());
    EXPECT_TRUE(read.request.split_target(""));
    EXPECT_EQ(read.request.path, "/ari/channels");
    EXPECT_EQ(*read.request.param("app"), "a b");
    EXPECT_EQ(read.request.header("x-any"), "v");
    EXPECT_TRUE(read.request.keep_alive);
}

TEST(RequestParser, ReadsByteByByte) {
    Read read;
    const std::string text =
        "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\n\r\n";
    std::string have;
    auto state = RequestParser::State::more;
    for (const char c : text) {
        have += c;
        std::size_t used = 0;
        state = read.parser.put(have, used);
        have.erase(0, used);
        if (state != RequestParser::State::more) break;
    }
    EXPECT_EQ(state, RequestParser::State::done);
    EXPECT_EQ(read.request.body, "abcdefg");
}

TEST(RequestParser, AChunkedBodyWithNothingInItMayComeInPieces) {
    Read read;
    std::string have = "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    auto state = RequestParser::State::more;
    for (const char c : std::string_view("0\r\n\r\n")) {
        have += c;
        std::size_t used = 0;
        state = read.parser.put(have, used);
        have.erase(0, used);
        ASSERT_NE(state, RequestParser::State::bad);
    }
    EXPECT_EQ(state, RequestParser::State::done);
    EXPECT_EQ(read.request.body, "");
}

TEST(RequestParser, RefusesGarbageAndTooMuch) {
    EXPECT_EQ(Read().all("\x16\x03\x01 garbage\r\n\r\n"), RequestParser::State::bad);
    Read line;
    EXPECT_EQ(line.all("GET /" + std::string(3000, 'a')), RequestParser::State::bad);
    EXPECT_EQ(line.parser.status(), 431);
    Read body;
    EXPECT_EQ(body.all("POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n"), RequestParser::State::bad);
    EXPECT_EQ(body.parser.status(), 413);
    Read chunk;
    EXPECT_EQ(chunk.all("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(2000, 'a')),
              RequestParser::State::bad);
    Read smuggled;
    EXPECT_EQ(smuggled.all("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              RequestParser::State::bad);
}

TEST(Request, TakesThePrefixOff) {
    Read read;
    ASSERT_EQ(read.all("GET /pbx/ari HTTP/1.1\r\n\r\n"), RequestParser::State::done);
    EXPECT_TRUE(read.request.split_target("/pbx"));
    EXPECT_EQ(read.request.path, "/ari");
    EXPECT_FALSE(read.request.split_target("/pb"));
}

TEST(Response, DropsLineEndsInHeaders) {
    Response response;
    response.add_header("Location", "/a\r\nX-Evil: 1");
    EXPECT_EQ(response.headers(), "Location: /aX-Evil: 1\r\n");
}

}  // namespace
}  // namespace asterism::http
