// What several commands do with their arguments and results.
#pragma once

#include <optional>
#include <string_view>

#include "asterism/model/operations.hpp"
#include "asterism/runtime/whole.hpp"

namespace asterism::agi {

/// A whole number, and nothing else.
inline std::optional<long> number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    return parse_whole<long>(text);
}

/// The number that commands answer for an operation: the digit that ended it, 0 for its natural end, -1 for a hangup or
/// a failure.
inline int outcome(const OpResult& end) {
    if (end.end == End::digit) return static_cast<unsigned char>(end.digit);
    return end.over() || end.end == End::failed ? -1 : 0;
}

/// A time that a script gives in milliseconds: negative means for ever.
inline std::optional<Duration> milliseconds(long value) {
    if (value < 0) return std::nullopt;
    return std::chrono::milliseconds(value);
}

}  // namespace asterism::agi
