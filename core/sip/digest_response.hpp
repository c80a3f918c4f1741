// What both sides of digest authentication compute.
#pragma once

#include <string>
#include <string_view>

#include "asterism/sip/digest.hpp"

namespace asterism::sip {

/// RFC 7616 3.4.1; without qop (empty) RFC 2069's form.
[[nodiscard]] std::string digest_response(DigestAlgorithm algorithm, std::string_view ha1, std::string_view method,
                                          std::string_view uri, std::string_view nonce, std::string_view nc,
                                          std::string_view cnonce, std::string_view qop);

}  // namespace asterism::sip
