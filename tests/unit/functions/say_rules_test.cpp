#include "asterism/functions/say_rules.hpp"

#include <gmock/gmock.h>

#include "asterism/config/map_source.hpp"

namespace asterism::functions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> number(std::int64_t n, std::string_view language, std::string_view gender = {}) {
    auto said = say_number(n, language, gender).value_or(Prompts{"?"});
    for (auto& prompt : said) {
        if (prompt.starts_with("digits/")) prompt.erase(0, 7);
    }
    return said;
}

TEST(SayRules, Spanish) {
    EXPECT_THAT(number(0, "es"), ElementsAre("0"));
    EXPECT_THAT(number(1, "es", "f"), ElementsAre("1F"));
    EXPECT_THAT(number(26, "es"), ElementsAre("26"));
    EXPECT_THAT(number(35, "es_MX"), ElementsAre("30", "and", "5"));
    EXPECT_THAT(number(100, "es"), ElementsAre("hundred"));
    EXPECT_THAT(number(101, "es"), ElementsAre("100-and", "1"));
    EXPECT_THAT(number(2026, "es"), ElementsAre("2", "thousand", "26"));
    EXPECT_THAT(number(-1000, "es"), ElementsAre("minus", "thousand"));
    EXPECT_THAT(number(1'000'000, "es"), ElementsAre("1M", "million"));
    EXPECT_THAT(number(12'000'200, "es"), ElementsAre("12", "millions", "200"));
}

TEST(SayRules, French) {
    EXPECT_THAT(number(21, "fr"), ElementsAre("20", "et", "1"));
    EXPECT_THAT(number(71, "fr"), ElementsAre("60", "et", "11"));
    EXPECT_THAT(number(75, "fr"), ElementsAre("60", "15"));
    EXPECT_THAT(number(80, "fr"), ElementsAre("80"));
    EXPECT_THAT(number(99, "fr"), ElementsAre("80", "19"));
    EXPECT_THAT(number(1999, "fr"), ElementsAre("thousand", "9", "hundred", "80", "19"));
}

TEST(SayRules, Italian) {
    EXPECT_THAT(number(28, "it"), ElementsAre("28"));
    EXPECT_THAT(number(33, "it"), ElementsAre("30", "3"));
    EXPECT_THAT(number(1000, "it"), ElementsAre("thousand"));
    EXPECT_THAT(number(3100, "it"), ElementsAre("3", "thousands", "hundred"));
    EXPECT_THAT(number(1'000'001, "it"), ElementsAre("un", "million", "1"));
}

TEST(SayRules, Ordinals) {
    EXPECT_THAT(*say_ordinal(3, "fr"), ElementsAre("digits/h-3"));
    EXPECT_THAT(*say_ordinal(25, "es"), ElementsAre("digits/h-20", "digits/h-5"));
}

TEST(SayRules, LanguagesWithoutRulesSayItAsEnglish) {
    EXPECT_THAT(number(35, "xx"), ElementsAre("30", "5"));
    EXPECT_THAT(number(35, "en_GB"), ElementsAre("30", "5"));
}

TEST(SayRules, Dates) {
    std::tm time{};
    time.tm_year = 126;
    time.tm_mon = 10;
    time.tm_mday = 1;
    time.tm_hour = 15;
    time.tm_min = 5;
    time.tm_yday = 304;
    EXPECT_THAT(say_datetime(time, default_datetime_pattern("es"), time, "es"),
                ElementsAre("digits/day-0", "digits/h-1", "digits/mon-10", "digits/2", "digits/thousand", "digits/26",
                            "digits/at", "digits/15", "digits/5"));
    time.tm_min = 0;
    EXPECT_THAT(say_datetime(time, "kM", time, "it"), ElementsAre("digits/15"));
    EXPECT_THAT(say_datetime(time, "Q", time, "it"), ElementsAre("digits/today"));
}

struct SayConf : testing::Test {
    ~SayConf() override { say_config() = {}; }
    config::Report report;
    void load(const std::string& text, bool new_mode) {
        config::MapSource source;
        source.files["/say.conf"] = text;
        const auto file = config::read(source, "say.conf", {.directory = "/"}, report);
        ASSERT_TRUE(file) << report.text();
        say_config() = {new_mode, std::make_shared<const SayRules>(SayRules::from(*file, report))};
    }
};

TEST_F(SayConf, RulesOfTheFileComeFirstInNewMode) {
    const std::string text =
        "[en]\n_[n]um:X => mine/${SAY}\n_date:Y:. => year/${SAY:0:4}\n[de]\n_[n]um:XX => num:${SAY:1}, and, "
        "digits/${SAY:0:1}0\n_[n]um:X => digits/${SAY}\n";
    load(text, true);
    EXPECT_THAT(number(7, "en"), ElementsAre("mine/7"));
    EXPECT_THAT(number(35, "en"), ElementsAre("30", "5"));
    EXPECT_THAT(number(35, "de"), ElementsAre("5", "and", "30"));
    std::tm time{};
    time.tm_year = 99;
    EXPECT_THAT(say_datetime(time, "Y", time, "en"), ElementsAre("year/1999"));
    load(text, false);
    EXPECT_THAT(number(7, "en"), ElementsAre("7"));
    EXPECT_THAT(number(35, "de"), ElementsAre("5", "and", "30"));
}

TEST_F(SayConf, RulesThatMakeNoSenseOrNeverEndAreSurvived) {
    load("[xx]\n_[n]um:[5 => a\n_[n]um:. => num:${SAY}\n", true);
    EXPECT_THAT(report.text(), HasSubstr("no closing ']'"));
    EXPECT_THAT(number(35, "xx"), ElementsAre("30", "5"));
}

}  // namespace
}  // namespace asterism::functions
