// Time as all code sees it: injected, so that a whole PBX can run in virtual time.
#pragma once

#include <chrono>

namespace asterism {

using namespace std::chrono_literals;  // NOLINT: 20ms is how the field writes 20 ms

using Duration = std::chrono::steady_clock::duration;
using TimePoint = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// So many seconds, as people and peers write them: none for NaN, and at most 1e9 (31 years) either way.
[[nodiscard]] constexpr Duration from_seconds(double seconds) {
    constexpr double most = 1e9;
    if (!(seconds >= -most)) seconds = seconds < -most ? -most : 0;
    if (seconds > most) seconds = most;
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

/// Source of time. Nobody but its implementations calls std::chrono::*_clock::now().
class Clock {
  public:
    virtual ~Clock() = default;
    /// Monotonic time, for timers and intervals.
    [[nodiscard]] virtual TimePoint now() const = 0;
    /// Calendar time, for records, events and headers.
    [[nodiscard]] virtual WallTime wall() const = 0;
};

}  // namespace asterism
