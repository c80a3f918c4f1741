#include <gtest/gtest.h>

#include "asterism/dialplan/evaluate.hpp"

namespace asterism::dialplan {
namespace {

std::string eval(std::string_view text) {
    std::string error;
    auto value = evaluate_expression(text, &error);
    return value ? *value : "error: " + error;
}

TEST(Expression, Arithmetic) {
    EXPECT_EQ(eval("1 + 2"), "3");
    EXPECT_EQ(eval("yes,please = yes,please"), "1");
    EXPECT_EQ(eval("1+2*3"), "7");
    EXPECT_EQ(eval("(1+2)*3"), "9");
    EXPECT_EQ(eval("10 - 2 - 3"), "5");
    EXPECT_EQ(eval("7 / 2"), "3.5");
    EXPECT_EQ(eval("10 / 3"), "3.33333333333333333");
    EXPECT_EQ(eval("7 % 3"), "1");
    EXPECT_EQ(eval("-7 + 2"), "-5");
    EXPECT_EQ(eval("2 - -2"), "4");
    EXPECT_EQ(eval("0.1 + 0.2"), "0.3");
    EXPECT_EQ(eval("3.0"), "3");
    EXPECT_EQ(eval("2147483647 + 1"), "2147483648");
    EXPECT_EQ(eval("123456789012345678901 = 123456789012345678901"), "1");
    EXPECT_EQ(eval("5 / 0"), "2147483647");
    EXPECT_EQ(eval("FLOOR(2.7) + CEIL(2.1)"), "5");
    EXPECT_EQ(eval("POW(2,10)"), "1024");
    EXPECT_EQ(eval("ROUND(2.5)"), "3");
}

TEST(Expression, Comparisons) {
    EXPECT_EQ(eval("2 < 10"), "1");
    EXPECT_EQ(eval("a2 < a10"), "0");  // texts
    EXPECT_EQ(eval("10 = 10.0"), "1");
    EXPECT_EQ(eval("\"10\" = \"10.0\""), "0");
    EXPECT_EQ(eval("abc = abc"), "1");
    EXPECT_EQ(eval("abc = \"abc\""), "0");  // quotes belong to the text
    EXPECT_EQ(eval("\"\" = \"\""), "1");
    EXPECT_EQ(eval("1 != 2"), "1");
    EXPECT_EQ(eval("1 == 1"), "1");
    EXPECT_EQ(eval("3 >= 3"), "1");
    EXPECT_EQ(eval("2 <= 1"), "0");
    EXPECT_EQ(eval("\"a b\" = \"a b\""), "1");
    EXPECT_EQ(eval("\"\"some-text\"\"=\"some-text\""), "1");
    EXPECT_EQ(eval("\"\"a\"\" = \"b\""), "0");
}

TEST(Expression, Logic) {
    EXPECT_EQ(eval("1 & 2"), "1");
    EXPECT_EQ(eval("0 & 2"), "0");
    EXPECT_EQ(eval("0 | 5"), "5");
    EXPECT_EQ(eval("3 | 5"), "3");
    EXPECT_EQ(eval("1 = 1 & 2 = 3"), "0");
    EXPECT_EQ(eval("1 = 1 | 2 = 3"), "1");
    EXPECT_EQ(eval("1 && 1 || 0"), "1");
    EXPECT_EQ(eval("!1"), "0");
    EXPECT_EQ(eval("!0"), "1");
    EXPECT_EQ(eval("! \"\""), "1");
    EXPECT_EQ(eval("!abc"), "0");
    EXPECT_EQ(eval("!(1 = 2)"), "1");
}

TEST(Expression, RegularExpressions) {
    EXPECT_EQ(eval("\"Zap/1-1\" =~ \"^Zap\""), "3");
    EXPECT_EQ(eval("\"abc123\" =~ \"[0-9]+\""), "3");
    EXPECT_EQ(eval("\"abc123\" =~ \"([0-9]+)\""), "123");
    EXPECT_EQ(eval("\"abc123\" : \"[a-z]+\""), "3");
    EXPECT_EQ(eval("\"abc123\" : \"[0-9]+\""), "0");
    EXPECT_EQ(eval("\"abc\" : \"(x)\""), "");
    EXPECT_EQ(eval("\"a\" =~ \"(\""), "error: bad regular expression '('");
}

TEST(Expression, ChoiceAndJoin) {
    EXPECT_EQ(eval("1 ? yes :: no"), "yes");
    EXPECT_EQ(eval("0 ? yes :: no"), "no");
    EXPECT_EQ(eval("\"\" ? yes :: no"), "no");
    EXPECT_EQ(eval("1 = 1 ? 5 + 5 :: 0"), "10");
    EXPECT_EQ(eval("0 ? 1 :: 0 ? 2 :: 3"), "3");
    EXPECT_EQ(eval("\"abc\" ~~ \"def\""), "abcdef");
    EXPECT_EQ(eval("abc ~~ 12"), "abc12");
}

TEST(Expression, NothingAndMistakes) {
    EXPECT_EQ(eval(""), "");
    EXPECT_EQ(eval("  "), "");
    EXPECT_EQ(eval("abc"), "abc");
    EXPECT_EQ(eval("\"abc\""), "\"abc\"");
    EXPECT_EQ(eval(" = 1"), "error: unexpected operator at '= 1'");
    EXPECT_EQ(eval("1 +"), "error: something is missing at ''");
    EXPECT_EQ(eval("hello world"), "error: unexpected text at 'world'");
    EXPECT_EQ(eval("(1"), "error: no closing ')' at ''");
    EXPECT_EQ(eval("\"abc"), "error: no closing quote at '\"abc'");
    EXPECT_EQ(eval("1 ? 2"), "error: '?' without '::' at ''");
    EXPECT_EQ(eval("NOSUCH(1)"), "error: no function NOSUCH at ''");
    EXPECT_NE(eval(std::string(10000, '(')), "");
    EXPECT_NE(eval(std::string(10000, '!')), "");
}

}  // namespace
}  // namespace asterism::dialplan
