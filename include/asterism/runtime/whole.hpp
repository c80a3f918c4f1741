// A text that is a whole number, or begins with a number.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace asterism {

/// All of `text` in decimal, with a minus if T is signed: no blanks, no plus, nothing behind it. Nothing for another
/// text, for none, and for a number that T does not hold.
template <std::integral T>
[[nodiscard]] std::optional<T> parse_whole(std::string_view text) {
    T value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

/// The number that `text` begins with, as strtod reads it; 0 if it begins with none, and for what is no quantity
/// ("nan", "inf", "1e999").
[[nodiscard]] inline double leading_number(std::string_view text) {
    const double value = std::strtod(std::string(text).c_str(), nullptr);
    return std::isfinite(value) ? value : 0;
}

}  // namespace asterism
