#include "asterism/functions/text.hpp"

#include <gtest/gtest.h>

using namespace asterism::functions;

TEST(FunctionText, Unescape) {
    EXPECT_EQ(unescape("\\n\\t\\x41\\101,"), "\n\tAA,");
    EXPECT_EQ(unescape("a\\\\b\\"), "a\\b\\");
}

TEST(FunctionText, Filter) {
    EXPECT_EQ(filter("0-9", "+49 (170) 12-34"), "491701234");
    EXPECT_EQ(filter("a-zA-Z-", "ab-c 1"), "ab-c");
    EXPECT_EQ(filter("\\x20a", "a b a"), "a  a");
    EXPECT_EQ(filter("", "abc"), "");
    EXPECT_EQ(filter("\\x00-\\xff", "\xff"), "\xff");
}

TEST(FunctionText, Replace) {
    EXPECT_EQ(replace_chars("ab.c-d", ".-", '_'), "ab_c_d");
    EXPECT_EQ(replace_chars("ab.c-d", ".-", std::nullopt), "abcd");
    EXPECT_EQ(replace_text("aXbXc", "X", "--"), "a--b--c");
    EXPECT_EQ(replace_text("aXbXc", "X", "", 1), "abXc");
    EXPECT_EQ(replace_text("abc", "", "x"), "abc");
    EXPECT_EQ(interleave("123", "-"), "1-2-3");
}

TEST(FunctionText, CaseAndTrim) {
    EXPECT_EQ(upper("aZ9\xc3\xa4"), "AZ9\xc3\xa4");
    EXPECT_EQ(lower("aZ9"), "az9");
    EXPECT_EQ(trim("  a b\t "), "a b");
    EXPECT_EQ(trim("   "), "");
    EXPECT_EQ(trim_left(" a "), "a ");
}

TEST(FunctionText, Keypad) { EXPECT_EQ(keypad("Asterisk 2-#*"), "278374752#*"); }

TEST(FunctionText, Quotes) {
    EXPECT_EQ(quote(R"(a"b\c)"), R"("a\"b\\c")");
    EXPECT_EQ(csv_quote(R"(a"b,c)"), R"("a""b,c")");
}

TEST(FunctionText, Fields) {
    EXPECT_EQ(split("", ',').size(), 0u);
    EXPECT_EQ(split("a,,b", ',').size(), 3u);
    EXPECT_EQ(field_number("a-b-c", '-', "c"), 3u);
    EXPECT_EQ(field_number("a-b-c", '-', "x"), 0u);
    EXPECT_EQ(without_field("a,b,a,c", ',', "a"), "b,c");
}

TEST(FunctionText, Cut) {
    EXPECT_EQ(cut("one-two-three", '-', "2"), "two");
    EXPECT_EQ(cut("one-two-three", '-', "2-"), "two-three");
    EXPECT_EQ(cut("one-two-three", '-', "-2"), "one-two");
    EXPECT_EQ(cut("one-two-three", '-', "3&1"), "three-one");
    EXPECT_EQ(cut("one", '-', "4"), "");
    EXPECT_EQ(cut("one-two", '-', "1-99999999999999999"), "one-two");
    EXPECT_FALSE(cut("one", '-', "x"));
    EXPECT_FALSE(cut("one", '-', "-"));
}

TEST(FunctionText, Sort) { EXPECT_EQ(sort_keys("a:3,b:1.5,c:-2,d"), "c,d,b,a"); }

TEST(FunctionText, Uri) {
    EXPECT_EQ(uri_encode("a b/c~(x)"), "a%20b%2Fc~(x)");
    EXPECT_EQ(uri_decode("a%20b%2fc%"), "a b/c%");
    EXPECT_EQ(uri_decode("%zz%4"), "%zz%4");
}

TEST(FunctionText, Base64) {
    EXPECT_EQ(base64_encode("hello"), "aGVsbG8=");
    EXPECT_EQ(base64_encode(""), "");
    EXPECT_EQ(base64_decode("aGVsbG8="), "hello");
    EXPECT_EQ(base64_decode("aGVsbG8"), "hello");
}

TEST(FunctionText, Hashes) {
    EXPECT_EQ(md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(FunctionText, Regex) {
    EXPECT_EQ(regex_match("^[0-9]+$", "123"), true);
    EXPECT_EQ(regex_match("^[0-9]+$", "12a"), false);
    EXPECT_FALSE(regex_match("(", "x").has_value());
}

TEST(FunctionText, Format) {
    EXPECT_EQ(format("%05d|%s|%-4s|%x|%.2f|%%", {"42", "a", "b", "255", "1.239"}), "00042|a|b   |ff|1.24|%");
    EXPECT_EQ(format("%c%c", {"65", "66"}), "AB");
    EXPECT_EQ(format("%99999d", {"1"})->size(), 512u);
    EXPECT_FALSE(format("%d", {}));
    EXPECT_FALSE(format("%n", {"1"}));
    EXPECT_FALSE(format("%", {}));
}
