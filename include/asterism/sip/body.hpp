// Bodies of several parts (RFC 2046 5.1, RFC 5621).
#pragma once

#include <string_view>

#include "asterism/sip/message.hpp"

namespace asterism::sip {

struct BodyPart {
    std::string_view type;         ///< value of its Content-Type
    std::string_view disposition;  ///< value of its Content-Disposition
    std::string_view content;
};

/// Takes the next part from `rest`, which is a multipart body or what is left of it. False: there is none.
bool next_part(std::string_view& rest, std::string_view boundary, BodyPart& part);
/// Whether some part of the message's body (or the body itself) has to be understood, by handling=required of its
/// Content-Disposition (RFC 3261 20.11), and is neither SDP nor parts: 415.
[[nodiscard]] bool demands_unknown_body(const Message& message);

}  // namespace asterism::sip
