// A leg whose party is a program: encoded audio goes to it and comes from it as plain bytes, in order and without
// timestamps (WebSocket media, AudioSocket). The worker keeps the time: what the program sends waits in a queue that
// gives one frame every 20 ms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "asterism/media/codec.hpp"

namespace asterism::media {

struct StreamOptions {
    CodecId codec = CodecId::slin;  ///< slin of any rate is little-endian here, as all programs write it
    /// Each piece that comes is one packet, heard at once; nothing is queued. For codecs whose packets can't be cut.
    bool passthrough = false;
    std::size_t xoff = 900;    ///< frames waiting from which on the program is asked to stop
    std::size_t xon = 800;     ///< below which it may go on
    std::size_t limit = 1000;  ///< from which on what comes is dropped
};

/// Bytes of 20 ms; 0 if the packets of the codec differ in size or can't be cut (passthrough only).
[[nodiscard]] std::size_t stream_frame_bytes(CodecId codec);

/// What the program, or whoever speaks for it, wants of its leg. Commands take effect in their order.
struct StreamCommand {
    enum class Kind : std::uint8_t {
        start,           ///< audio flows from now on, in both directions
        media,           ///< data: audio; what does not fill a frame is dropped, unless a bulk is under way
        begin_bulk,      ///< pieces of any length are put together from now on
        end_bulk,        ///< the rest is filled up with silence; `bulk_done` with `data` when all of it was heard
        flush,           ///< drops what waits, ends a bulk and a pause
        pause,           ///< silence, while the queue is kept
        go_on,           ///< after pause
        mark,            ///< `mark_reached` with `data` when all before it was heard
        report_drained,  ///< `drained`, once, when nothing waits
        status,          ///< `status`
        direction,       ///< takes, gives
    };
    Kind kind = Kind::media;
    std::string data{};
    bool takes = true;  ///< what the program sends is heard
    bool gives = true;  ///< the program is sent what it should hear
};

/// What the leg has for its program.
struct StreamEvent {
    enum class Kind : std::uint8_t { media, xoff, xon, bulk_done, mark_reached, drained, status };
    Kind kind = Kind::media;
    std::shared_ptr<const std::string> bytes{};  ///< media: one frame
    std::string id{};                            ///< bulk_done, mark_reached
    std::size_t queued = 0;                      ///< status, in frames
    bool full = false, bulk = false, paused = false;
};
/// Called on the control loop, in order with the leg's other events; never after the leg was closed.
using StreamHandler = std::move_only_function<void(const StreamEvent&)>;

}  // namespace asterism::media
