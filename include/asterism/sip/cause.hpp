// Between hangup causes (Q.850) and SIP final responses, as Asterisk maps them.
#pragma once

#include <optional>
#include <string>

#include "asterism/sip/message.hpp"

namespace asterism::sip {

/// The final response of an unanswered call that is hung up with this cause; 603 where nothing better fits.
[[nodiscard]] int response_of_cause(int cause);
/// The hangup cause of a final response that a call got.
[[nodiscard]] int cause_of_response(int code);
/// `Q.850;cause=16`; cause 26 gives `SIP;cause=200;text="Call completed elsewhere"`.
[[nodiscard]] std::string reason_header(int cause);
/// The cause in a message's Reason headers (Q.850, or SIP 200 "completed elsewhere" as 26).
[[nodiscard]] std::optional<int> cause_in(const Message& message);

}  // namespace asterism::sip
