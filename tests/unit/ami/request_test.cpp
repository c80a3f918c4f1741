#include "interfaces/ami/request.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace asterism::ami;
using Result = RequestParser::Result;

namespace {

Result feed_all(RequestParser& parser, std::string_view bytes) { return parser.feed(bytes); }

TEST(AmiRequest, CrlfAndLfEndLines) {
    RequestParser parser;
    std::string_view bytes = "Action: Ping\r\nActionID: 7\r\n\r\nAction: Ping\nActionID: 8\n\n";
    ASSERT_EQ(parser.feed(bytes), Result::request);
    EXPECT_EQ(parser.request().action(), "Ping");
    EXPECT_EQ(parser.request().action_id(), "7");
    ASSERT_EQ(parser.feed(bytes), Result::request);
    EXPECT_EQ(parser.request().action_id(), "8");
    EXPECT_EQ(parser.feed(bytes), Result::need_more);
}

TEST(AmiRequest, NamesIgnoreCaseAndBlanksAfterTheColonAreOptional) {
    RequestParser parser;
    ASSERT_EQ(feed_all(parser, "ACTION:ping\r\nactionid:   with : colon\r\n\r\n"), Result::request);
    EXPECT_EQ(parser.request().action(), "ping");
    EXPECT_EQ(parser.request().action_id(), "with : colon");
}

TEST(AmiRequest, FirstOfEqualHeadersCountsButAllAreThere) {
    RequestParser parser;
    ASSERT_EQ(feed_all(parser, "Action: Originate\nVariable: A=1\nActionID: a\nvariable: B=2\nActionID: b\n\n"),
              Result::request);
    EXPECT_EQ(parser.request().action_id(), "a");
    EXPECT_EQ(parser.request().all("Variable"), (std::vector<std::string_view>{"A=1", "B=2"}));
}

TEST(AmiRequest, LinesWithoutColonAreIgnored) {
    RequestParser parser;
    ASSERT_EQ(feed_all(parser, "Action: Ping\r\ngarbage\r\n: nameless\r\nX: y\r\n\r\n"), Result::request);
    EXPECT_EQ(parser.request().size(), 2u);
}

TEST(AmiRequest, BytesMayComeOneByOne) {
    RequestParser parser;
    std::string text = "Action: Ping\r\nActionID: 1\r\n\r\n";
    int requests = 0;
    for (char c : text) {
        std::string_view one(&c, 1);
        if (parser.feed(one) == Result::request) ++requests;
    }
    EXPECT_EQ(requests, 1);
    EXPECT_EQ(parser.request().action_id(), "1");
}

TEST(AmiRequest, LongLineIsToldOnceAndTheNextRequestIsGood) {
    RequestParser parser;
    std::string text = "Action: Ping\r\nX: " + std::string(2000, 'y') + "\r\nY: z\r\n\r\nAction: Ping\r\n\r\n";
    std::string_view bytes = text;
    ASSERT_EQ(parser.feed(bytes), Result::too_long);
    ASSERT_EQ(parser.feed(bytes), Result::request);
    EXPECT_EQ(parser.request().size(), 1u);
}

TEST(AmiRequest, LineOfTheLimitPasses) {
    RequestParser parser;
    std::string text = "X: " + std::string(RequestParser::max_line - 3, 'y') + "\r\n\r\n";
    EXPECT_EQ(feed_all(parser, text), Result::request);
    RequestParser other;
    text = "X: " + std::string(RequestParser::max_line - 2, 'y') + "\r\n\r\n";
    EXPECT_EQ(feed_all(other, text), Result::too_long);
}

TEST(AmiRequest, LineWithoutEndCostsNothing) {
    RequestParser parser;
    std::string chunk(4096, 'x');
    EXPECT_EQ(feed_all(parser, chunk), Result::too_long);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(feed_all(parser, chunk), Result::need_more);
    ASSERT_EQ(feed_all(parser, "\n\nAction: Ping\n\n"), Result::request);
    EXPECT_EQ(parser.request().action(), "Ping");
}

TEST(AmiRequest, TooManyHeadersAreToldOnce) {
    RequestParser parser;
    std::string text;
    for (std::size_t i = 0; i < RequestParser::max_headers + 10; ++i) text += "V: x\r\n";
    text += "\r\nAction: Ping\r\n\r\n";
    std::string_view bytes = text;
    ASSERT_EQ(parser.feed(bytes), Result::too_many);
    ASSERT_EQ(parser.feed(bytes), Result::request);
    EXPECT_EQ(parser.request().action(), "Ping");
}

TEST(AmiRequest, EmptyLinesBetweenRequestsAreIgnored) {
    RequestParser parser;
    std::string_view bytes = "\r\n\r\n\nAction: Ping\r\n\r\n";
    ASSERT_EQ(parser.feed(bytes), Result::request);
    EXPECT_EQ(parser.request().size(), 1u);
}

}  // namespace
