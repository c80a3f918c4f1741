// When a socket that many peers share is read next.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "asterism/runtime/time.hpp"

namespace asterism::pjsip {

/// A quiet socket is read the moment something comes. A busy one is read at intervals: a daemon that sleeps and wakes
/// between any two messages finds its caches cold each time, which costs several times what the message does. Network
/// cards do the same to interrupts (ethtool(8), adaptive-rx). The price is half an interval's wait for a message, on
/// average; nothing a caller hears moves in smaller steps than that packet time, and T1 is 500 ms (RFC 3261 17.1.1.1).
class ReadPacing {
  public:
    static constexpr Duration interval = 20ms;  // one packet of audio
    /// From this many messages a second, two in an interval, there is something to gain.
    static constexpr int busy_rate = 100;
    /// A call or two that are being set up are not load: so many messages may come at any rate.
    static constexpr int burst = 10;
    /// What is read together is answered together: more at once may be more than a peer's socket holds.
    static constexpr int together = 16;

    /// All that there was, `count` messages, was read at `now`. Returns when to read again, or nothing: as soon as
    /// there is something to read.
    [[nodiscard]] std::optional<TimePoint> after_read(int count, TimePoint now) {
        const Duration took = now - std::exchange(last_, now);
        // A leaky bucket: it stands at what came beyond the rate, and overflows, so that load is soon forgotten.
        const double leaked = busy_rate * std::chrono::duration<double>(took).count();
        level_ = std::min(std::max(level_ - leaked, 0.0) + count, 2.0 * burst);
        if (count == 0 || level_ <= burst) return std::nullopt;
        return now + std::min(interval, took * together / count);
    }

  private:
    TimePoint last_{};
    double level_ = 0;
};

}  // namespace asterism::pjsip
