// Text as JSON has it (RFC 8259 clause 7): for what is written piece by piece. Whole documents are nlohmann's business.
#pragma once

#include <string>
#include <string_view>

namespace asterism {

/// Appends `text` in quotes. Bytes that are not UTF-8 become U+FFFD: a caller's name must not break a client's parser.
void append_json_text(std::string& out, std::string_view text);

}  // namespace asterism
