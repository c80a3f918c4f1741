// What is said, as prompts: digits, numbers, letters, dates. English, as the prompts that Asterisk installs; other
// languages by their rules (say_rules.hpp), or as English where there are none.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::functions {

/// Names of prompts below a language's folder ("digits/5"), in the order in which they are played.
using Prompts = std::vector<std::string>;

/// 0-9, * and #, a leading -; anything else is left out.
Prompts say_digits(std::string_view text);
/// How Say treats the case of letters: not at all, or naming it for all, lower or upper ones.
Prompts say_letters(std::string_view text);
Prompts say_phonetic(std::string_view text);
/// Up to 999,999,999,999 in size; nothing beyond.
/// `gender`: f, m, n, c; empty: whatever is usual.
std::optional<Prompts> say_number(std::int64_t number, std::string_view language = "en", std::string_view gender = {});
std::optional<Prompts> say_ordinal(std::int64_t number, std::string_view language = "en");
/// "12.34" as dollars and cents.
Prompts say_money(std::string_view amount);

/// Weekday, month, day, year.
Prompts say_date(const std::tm& time, std::string_view language = "en");
/// Twelve-hour clock in English.
Prompts say_time(const std::tm& time, std::string_view language = "en");
/// By a pattern: A a (weekday) B b h (month) m d e Y I l H k M P p Q q R S T, 'file' for a prompt of its own; other
/// characters are left out. `now` is for Q and q: "today", "yesterday" or the whole date.
Prompts say_datetime(const std::tm& time, std::string_view pattern, const std::tm& now,
                     std::string_view language = "en");
/// What SAY DATETIME and SayUnixTime say without a pattern.
std::string_view default_datetime_pattern(std::string_view language);

}  // namespace asterism::functions
