// What to do about a program that does not read the audio it is sent.
#pragma once

#include <cstddef>

#include "asterism/runtime/time.hpp"

namespace asterism::media_channels {

/// Audio beyond a second is not queued: late audio is worth nothing to a program that listens to a call. One that has
/// not read for ten seconds has died.
class SlowReader {
  public:
    static constexpr Duration patience = std::chrono::seconds(10);
    static constexpr std::size_t frames = 50;

    /// Whether another frame may be queued while `queued` bytes wait.
    bool may_send(std::size_t queued, std::size_t frame_bytes, TimePoint now) {
        if (queued < frames * frame_bytes) {
            stuck_ = false;
            return true;
        }
        ++dropped_;
        if (!stuck_ || queued < least_) {
            stuck_ = true;
            least_ = queued;
            since_ = now;
        }
        return false;
    }
    [[nodiscard]] bool given_up(TimePoint now) const { return stuck_ && now - since_ >= patience; }
    [[nodiscard]] std::size_t dropped() const { return dropped_; }

  private:
    bool stuck_ = false;
    std::size_t least_ = 0, dropped_ = 0;
    TimePoint since_{};
};

}  // namespace asterism::media_channels
