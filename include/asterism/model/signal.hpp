// What happens to a channel, as the coroutine that waits on it sees it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "asterism/model/cause.hpp"
#include "asterism/runtime/ids.hpp"

namespace asterism {

struct ChannelSignal {
    enum class Kind : std::uint8_t {
        // from the party
        digit_begin,  ///< digit
        digit,        ///< digit, duration: pressed and released
        hold,
        unhold,  ///< the party put the call on hold (text: the music class it suggests)
        text,    ///< text: a message within the call
        // from the far end of an outgoing call
        proceeding,
        ringing,
        progress,
        answered,
        busy,
        congestion,
        forwarded,       ///< text: "Local/exten@context" or a dial string; a 302
        transferred,     ///< code: what came of a transfer of the party to somewhere else, 0 if it is there
        connected_line,  ///< the far end's identity is known or changed: Channel::caller()
        redirecting,
        // from within
        hangup,       ///< the channel is to end: cause
        interrupted,  ///< another controller takes the channel: let go at once
        left_bridge,  ///< taken out of its bridge by somebody else, or the bridge was destroyed
        media,        ///< an operation ended: op
        heard,        ///< the party's first media came; once
        ended,        ///< the channel is gone: the last signal of all
    };
    ChannelId channel;
    Kind kind = Kind::ended;
    char digit = 0;
    std::chrono::milliseconds duration{0};
    Cause cause = Cause::not_defined;
    std::uint64_t op = 0;
    int code = 0;
    std::string text{};
};

/// What is told to the party of a channel.
enum class Indication : std::uint8_t {
    proceeding,
    ringing,
    progress,
    busy,
    congestion,
    hold,
    unhold,          ///< the other side put us on hold
    connected_line,  ///< Channel::connected() changed
    redirecting,
    stop_tone,  ///< no tone any more
};

}  // namespace asterism
