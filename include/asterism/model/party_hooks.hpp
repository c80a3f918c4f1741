// Channel variables that name a subroutine which runs before the channel's party is told of a change.
#pragma once

#include <string_view>

#include "asterism/model/channel.hpp"

namespace asterism {

inline constexpr std::string_view connected_line_send_sub = "CONNECTED_LINE_SEND_SUB";
inline constexpr std::string_view redirecting_send_sub = "REDIRECTING_SEND_SUB";

/// Whether the channel's controller has to tell its party, because a subroutine runs first: it is then sent a signal
/// `connected_line` with the text "peer", and Channel::connected() has the news.
[[nodiscard]] inline bool has_send_sub(const Channel& channel) {
    const std::string* set = channel.variable(connected_line_send_sub);
    return set != nullptr && !set->empty();
}

}  // namespace asterism
