// Arithmetic of the functions MATH, INC, DEC, MIN, MAX, ABS, DIGIT_SUM.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace asterism::functions {

/// Two numbers and an operator: + - * / % ^ << >> & | (or the words AND OR XOR MOD POW), < <= > >= ==.
/// `type`: "f" (default: six decimals), "i", "h", "c", or their long names. Comparisons give TRUE or FALSE. A division
/// by zero gives 0, as Asterisk's does.
std::expected<std::string, std::string> math(std::string_view expression, std::string_view type);

/// The number that the whole text is, blanks around it apart; never infinite, never NaN.
std::optional<double> parse_number(std::string_view text);
/// Without its decimals; 0 where that does not fit.
std::int64_t whole_number(double value);
/// Without decimals where there are none.
std::string number_text(double value);

}  // namespace asterism::functions
