#include "asterism/sip/text.hpp"

#include <gtest/gtest.h>

#include "asterism/sip/header_id.hpp"
#include "asterism/sip/method.hpp"

namespace asterism::sip {

TEST(Text, ElementsAreSplitOutsideQuotesAndBrackets) {
    std::string_view rest = R"( "a, b" <sip:x,y@h>;q=1 , <sip:z@h>,, *)", element;
    ASSERT_TRUE(next_element(rest, element));
    EXPECT_EQ(element, R"("a, b" <sip:x,y@h>;q=1)");
    ASSERT_TRUE(next_element(rest, element));
    EXPECT_EQ(element, "<sip:z@h>");
    ASSERT_TRUE(next_element(rest, element));
    EXPECT_EQ(element, "*");
    EXPECT_FALSE(next_element(rest, element));
}

TEST(Text, ElementWithBackslashAtTheEndOfAnOpenQuote) {
    std::string_view rest = "\"abc\\", element;
    ASSERT_TRUE(next_element(rest, element));
    EXPECT_FALSE(next_element(rest, element));
}

TEST(Text, ListsAreSearchedWithoutCase) {
    EXPECT_TRUE(list_contains("timer, 100REL", "100rel"));
    EXPECT_FALSE(list_contains("100relx,timer", "100rel"));
    EXPECT_FALSE(list_contains("", "100rel"));
}

TEST(Text, Numbers) {
    EXPECT_EQ(number("0"), 0U);
    EXPECT_EQ(number("4294967295"), 4294967295U);
    EXPECT_FALSE(number("4294967296"));
    EXPECT_FALSE(number("65536", 65535));
    EXPECT_FALSE(number("1a"));
    EXPECT_FALSE(number(""));
    EXPECT_FALSE(number("-1"));
}

TEST(Text, QuotesAndEscapes) {
    EXPECT_EQ(unquote(R"("a \"b\" \\c")"), R"(a "b" \c)");
    EXPECT_EQ(unquote("plain"), "plain");
    EXPECT_EQ(quote("a \"b\"\r\n"), R"("a \"b\"  ")");
    EXPECT_EQ(unescape("a%20b%3Bc%zz%4"), "a b;c%zz%4");
    EXPECT_EQ(escape_user("a b@c#"), "a%20b%40c%23");
}

TEST(Text, ParametersAreFoundWithoutCase) {
    const Params params(";lr;Transport=tcp ; x=\"a;b\";y");
    EXPECT_EQ(params.get("transport"), "tcp");
    EXPECT_EQ(params.get("lr"), "");
    EXPECT_EQ(params.get("x"), "\"a;b\"");
    EXPECT_TRUE(params.has("Y"));
    EXPECT_FALSE(params.has("z"));
}

TEST(HeaderIds, EveryNameIsFoundInAnyCase) {
    for (int i = 1; i < static_cast<int>(HeaderId::count_); ++i) {
        const auto id = static_cast<HeaderId>(i);
        std::string name(header_name(id));
        EXPECT_EQ(header_id(name), id) << name;
        for (char& c : name) c = lower(c);
        EXPECT_EQ(header_id(name), id) << name;
    }
    EXPECT_EQ(header_id("X-Custom"), HeaderId::other);
    EXPECT_EQ(header_id(""), HeaderId::other);
}

TEST(HeaderIds, CompactForms) {
    EXPECT_EQ(header_id("v"), HeaderId::via);
    EXPECT_EQ(header_id("F"), HeaderId::from);
    EXPECT_EQ(header_id("t"), HeaderId::to);
    EXPECT_EQ(header_id("i"), HeaderId::call_id);
    EXPECT_EQ(header_id("m"), HeaderId::contact);
    EXPECT_EQ(header_id("l"), HeaderId::content_length);
    EXPECT_EQ(header_id("c"), HeaderId::content_type);
    EXPECT_EQ(header_id("k"), HeaderId::supported);
    EXPECT_EQ(header_id("x"), HeaderId::session_expires);
    EXPECT_EQ(header_id("z"), HeaderId::other);
}

TEST(Methods, NamesAndPhrases) {
    EXPECT_EQ(method_of("INVITE"), Method::invite);
    EXPECT_EQ(method_of("invite"), Method::unknown);
    EXPECT_EQ(name(Method::register_), "REGISTER");
    EXPECT_EQ(reason_phrase(481), "Call/Transaction Does Not Exist");
    EXPECT_EQ(reason_phrase(499), "Bad Request");
}

}  // namespace asterism::sip
