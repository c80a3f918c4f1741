#include "asterism/functions/say.hpp"

#include <gmock/gmock.h>

using namespace asterism::functions;
using testing::ElementsAre;

namespace {

std::tm at(int year, int month, int day, int hour, int minute, int weekday) {
    std::tm t{};
    t.tm_year = year - 1900;
    t.tm_mon = month - 1;
    t.tm_mday = day;
    t.tm_hour = hour;
    t.tm_min = minute;
    t.tm_wday = weekday;
    return t;
}

}  // namespace

TEST(Say, Digits) {
    EXPECT_THAT(say_digits("1*#"), ElementsAre("digits/1", "digits/star", "digits/pound"));
    EXPECT_THAT(say_digits("-4x"), ElementsAre("digits/minus", "digits/4"));
}

TEST(Say, Letters) {
    EXPECT_THAT(say_letters("aB 1@"), ElementsAre("letters/a", "letters/b", "letters/space", "digits/1", "letters/at"));
    EXPECT_THAT(say_phonetic("a1"), ElementsAre("phonetic/a_p", "digits/1"));
}

TEST(Say, Numbers) {
    EXPECT_THAT(*say_number(0), ElementsAre("digits/0"));
    EXPECT_THAT(*say_number(20), ElementsAre("digits/20"));
    EXPECT_THAT(*say_number(-45), ElementsAre("digits/minus", "digits/40", "digits/5"));
    EXPECT_THAT(*say_number(1300), ElementsAre("digits/1", "digits/thousand", "digits/3", "digits/hundred"));
    EXPECT_THAT(*say_number(2000017), ElementsAre("digits/2", "digits/million", "digits/17"));
    EXPECT_FALSE(say_number(INT64_MIN));
}

TEST(Say, Ordinals) {
    EXPECT_THAT(*say_ordinal(21), ElementsAre("digits/20", "digits/h-1"));
    EXPECT_THAT(*say_ordinal(30), ElementsAre("digits/h-30"));
    EXPECT_THAT(*say_ordinal(100), ElementsAre("digits/1", "digits/h-hundred"));
}

TEST(Say, Money) {
    EXPECT_THAT(say_money("2.05"), ElementsAre("digits/2", "digits/dollars", "and", "digits/5", "cents"));
    EXPECT_THAT(say_money("0.01"), ElementsAre("digits/1", "cent"));
}

TEST(Say, DateAndTime) {
    const auto t = at(2001, 9, 9, 1, 46, 0);
    EXPECT_THAT(say_date(t),
                ElementsAre("digits/day-0", "digits/mon-8", "digits/h-9", "digits/2", "digits/thousand", "digits/1"));
    EXPECT_THAT(say_time(t), ElementsAre("digits/1", "digits/40", "digits/6", "digits/a-m"));
    EXPECT_THAT(say_time(at(2001, 1, 1, 12, 5, 1)), ElementsAre("digits/12", "digits/oh", "digits/5", "digits/p-m"));
}

TEST(Say, Patterns) {
    const auto t = at(1999, 12, 31, 9, 0, 5);
    EXPECT_THAT(say_datetime(t, "H", t), ElementsAre("digits/oh", "digits/9"));
    EXPECT_THAT(say_datetime(t, "R", t), ElementsAre("digits/oh", "digits/9", "digits/hundred"));
    EXPECT_THAT(say_datetime(t, "Y'vm-and'IMp", t),
                ElementsAre("digits/19", "digits/90", "digits/9", "vm-and", "digits/9", "digits/oclock", "digits/a-m"));
    EXPECT_THAT(say_datetime(t, "Q", t), ElementsAre("digits/today"));
    EXPECT_THAT(say_datetime(t, "q", t), ElementsAre());
}
