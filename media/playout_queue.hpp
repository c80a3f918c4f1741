// What a program has sent and nobody has heard yet: bytes in, one frame every 20 ms out, with marks between the frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/media/stream.hpp"

namespace asterism::media {

/// Owned by a StreamLeg. A burst is heard whole, but never becomes lasting delay: when a program sends in real time
/// and yet frames always wait, one in five is left out until hardly any do. What is sent as a bulk is never thinned.
class PlayoutQueue {
  public:
    /// `frame_bytes` > 0; `silence` is the byte that fills up the last frame of a bulk.
    PlayoutQueue(std::size_t frame_bytes, std::uint8_t silence, const StreamOptions& options);

    void put(std::string_view bytes);
    void begin_bulk() { bulk_ = true; }
    void end_bulk(std::string id);
    void mark(std::string id);
    void flush();
    void report_drained() { report_drained_ = true; }

    /// Once every 20 ms: takes the next frame into `frame` (frame_bytes). False: nothing waits. What has become due
    /// before this frame stands in events().
    bool pull(std::span<std::uint8_t> frame);
    /// What is to be told; the caller empties it.
    [[nodiscard]] std::vector<StreamEvent>& events() { return events_; }

    [[nodiscard]] std::size_t frames() const { return size_ / frame_bytes_; }
    [[nodiscard]] std::size_t frame_bytes() const { return frame_bytes_; }
    [[nodiscard]] bool bulk() const { return bulk_; }
    /// A bulk is under way, or its end has not been heard.
    [[nodiscard]] bool in_bulk() const { return bulk_ || bulk_ends_ > 0; }
    [[nodiscard]] bool full() const { return full_; }
    [[nodiscard]] std::uint64_t dropped_frames() const { return dropped_; }

    // Of the thinning, in ticks of 20 ms.
    static constexpr unsigned window = 50;       ///< how long is looked at
    static constexpr std::size_t tolerated = 5;  ///< frames that may always wait
    static constexpr std::size_t wanted = 3;     ///< down to which it thins
    static constexpr unsigned one_in = 5;

  private:
    struct Mark {
        std::uint64_t at = 0;  // frames put before it since the start
        bool bulk = false;
        std::string id;
    };
    void append(std::string_view bytes);
    void drop_front(std::size_t bytes);
    void say(StreamEvent::Kind kind, std::string id = {});
    void check_levels();
    void due_marks();
    void look_for_delay();

    std::size_t frame_bytes_;
    std::uint8_t silence_;
    StreamOptions options_;
    std::vector<std::uint8_t> ring_;
    std::size_t head_ = 0, size_ = 0;
    std::uint64_t taken_ = 0;  // frames that left since the start
    std::deque<Mark> marks_;
    std::size_t bulk_ends_ = 0;  // among the marks
    std::vector<StreamEvent> events_;
    bool bulk_ = false, full_ = false, report_drained_ = false;
    std::uint64_t dropped_ = 0;

    unsigned ticks_ = 0;
    std::size_t arrived_ = 0, shallowest_ = SIZE_MAX, excess_ = 0;
};

}  // namespace asterism::media
