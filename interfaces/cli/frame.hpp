// What goes over the control socket: 4 bytes length (big endian, of what follows), 1 byte kind, text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace asterism::cli {

struct Frame {
    enum class Kind : char {
        // from the client
        command = 'c',   ///< a line to run
        complete = 't',  ///< the line up to the cursor; answered by `complete`, one candidate a line
        verbose = 'v',   ///< the console's verbosity; it also wants log lines from now on
        // from the daemon
        hello = 'h',   ///< version, host name, pid: a line each
        output = 'o',  ///< of the command
        end = 'e',     ///< the command has ended: "0", or "1" when it failed
        log = 'l',     ///< a log line
        bye = 'b',     ///< the daemon ends, with the reason
    };
    Kind kind;
    std::string text;
};

inline constexpr std::size_t frame_header = 5;
inline constexpr std::size_t max_frame = 16u << 20;  ///< bytes of text

[[nodiscard]] std::string encode(Frame::Kind kind, std::string_view text);

/// Takes the first whole frame out of `buffer`. `bad` is set when what stands there can't be a frame.
[[nodiscard]] std::optional<Frame> decode(std::string& buffer, bool& bad, std::size_t limit = max_frame);

}  // namespace asterism::cli
