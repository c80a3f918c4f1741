// Time as all code sees it: injected, so that a whole PBX can run in virtual time.
#pragma once

#include <chrono>

namespace asterism {

using namespace std::chrono_literals;  // NOLINT: 20ms is how the field writes 20 ms

using Duration = std::chrono::steady_clock::duration;
using TimePoint = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

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
