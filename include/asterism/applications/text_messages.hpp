// Texts: within a call, for ReceiveText and AGI's RECEIVE TEXT, and out of any, for MessageSend.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asterism/model/operations.hpp"

namespace asterism::applications {

/// The next text that the party sends; nothing when `time` (none: for ever) is up or the channel goes.
Task<std::optional<std::string>> next_text(Channel& channel, std::optional<Duration> time);

/// Sends a text to "technology:address" ("pjsip:alice", "sip:alice@example.com").
enum class MessageSent : std::uint8_t { success, failure, invalid_protocol, invalid_uri };
/// `headers`: what goes with it where the technology has such. `receiver`: who is named as its receiver; empty: as
/// `to`.
MessageSent send_message(Pbx& pbx, std::string_view to, std::string_view from, std::string_view body,
                         const std::vector<std::pair<std::string, std::string>>& headers = {},
                         std::string_view receiver = {});

}  // namespace asterism::applications
