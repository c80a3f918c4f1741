// Text as XML and HTML have it: for what is written piece by piece.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace asterism {

/// `text` for an element's content or a quoted attribute: `& < > " '` are escaped. Bytes that are not UTF-8, and
/// control characters that XML 1.0 (2.2) does not have, become U+FFFD: a caller's name must not break a phone's parser.
[[nodiscard]] std::string xml_text(std::string_view text);

/// Length of the valid UTF-8 sequence of two to four bytes at the start of `text` (not empty); 0: there is none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text);

}  // namespace asterism
