// A text that is a whole number.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
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

}  // namespace asterism
