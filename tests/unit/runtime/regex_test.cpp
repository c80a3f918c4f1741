#include "asterism/runtime/regex.hpp"

#include <gtest/gtest.h>

namespace asterism {
namespace {

using namespace std::string_view_literals;

TEST(Regex, matches_any_part) {
    const Regex regex("b+c$");
    EXPECT_TRUE(regex.good());
    EXPECT_TRUE(regex.matches("aabbc"));
    EXPECT_FALSE(regex.matches("aabbcd"));
    EXPECT_TRUE(regex.matches("aabbcd"sv.substr(0, 5))) << "no byte behind the text is looked at";
    EXPECT_FALSE(regex.matches(std::string_view()));
    EXPECT_TRUE(Regex("^$").matches(std::string_view()));
}

TEST(Regex, letters) {
    EXPECT_FALSE(Regex("^abc$").matches("ABC"));
    EXPECT_TRUE(Regex("^abc$", Regex::Case::ignored).matches("ABC"));
}

TEST(Regex, finds_groups) {
    const Regex regex("([0-9]+)(x)?-(y|z)");
    EXPECT_EQ(regex.groups(), 3U);
    const auto found = regex.find("ab12-z");
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(found[0], "12-z");
    EXPECT_EQ(found[1], "12");
    EXPECT_EQ(found[2].data(), nullptr);
    EXPECT_EQ(found[3], "z");
    EXPECT_EQ(regex.find("ab12-z", 2).size(), 2U);
    EXPECT_TRUE(regex.find("none").empty());
}

TEST(Regex, a_bad_one_says_why_and_matches_nothing) {
    const Regex regex("a(b");
    EXPECT_FALSE(regex.good());
    EXPECT_FALSE(regex.error().empty());
    EXPECT_FALSE(regex.matches("ab"));
    EXPECT_TRUE(regex.find("ab").empty());
    EXPECT_EQ(regex.groups(), 0U);
}

TEST(Regex, one_that_would_take_all_memory_is_refused) {
    for (const auto* pattern : {"l++++++++++++++++++++++++++++++", "l*+*+*+*+*+*+*+*+*+*+*+*+*+*+*+*+*+*+*+*+",
                                "l?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+", "(a{40}){40}", "a{32767}", "l*++++++++++++x",
                                "((((a+)+){50}){50}){50}", "[]+]x(\\(){9999}{9999}"})
        EXPECT_EQ(Regex(pattern).error(), "Regular expression too big") << pattern;
    EXPECT_EQ(Regex(std::string(100'000, '(')).error(), "Regular expression too big");
    for (const auto* pattern : {"(a{30}){30}", "a{1,255}b", "[+]\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+\\+",
                                "[[:digit:]]{3,}[]+++++++++++++++++]"})
        EXPECT_TRUE(Regex(pattern).good()) << pattern;
}

}  // namespace
}  // namespace asterism
