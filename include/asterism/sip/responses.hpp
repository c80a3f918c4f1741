// Responses that several parts send alike, in Asterisk's header order.
#pragma once

#include <string>

#include "asterism/sip/transaction.hpp"

namespace asterism::sip {

/// To OPTIONS, in a dialog or not: 200, or 404 for an extension that does not exist.
[[nodiscard]] Response options_response(int code = 200);
/// 401 with this WWW-Authenticate value (DigestServer::challenge), or 407 with Proxy-Authenticate.
[[nodiscard]] Response challenge_response(std::string challenge, bool proxy = false);
/// To REFER in a dialog: 202 with Expires, Contact, Allow, Supported.
[[nodiscard]] Response refer_accepted(std::string contact, std::string to_tag = {});

}  // namespace asterism::sip
