// Texts within a call, for ReceiveText and AGI's RECEIVE TEXT.
#pragma once

#include <optional>
#include <string>

#include "asterism/model/operations.hpp"

namespace asterism::applications {

/// The next text that the party sends; nothing when `time` (none: for ever) is up or the channel goes.
Task<std::optional<std::string>> next_text(Channel& channel, std::optional<Duration> time);

}  // namespace asterism::applications
