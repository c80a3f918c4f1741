// One queue of timers for the control loop, driven by real time in the daemon and by the test in virtual time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "asterism/runtime/time.hpp"

namespace asterism {

using Action = std::move_only_function<void()>;

/// Ordered by due time, first in first out among equals. Owned by the Loop. Not thread safe: control loop only.
class TimerQueue {
  public:
    using Handle = std::uint64_t;  ///< 0 is no timer

    /// Calls `action` once at `due`, from Loop::run. Times in the past run at the next turn.
    Handle schedule(TimePoint due, Action action);
    /// Forgets a timer. Cancelling one that ran, or 0, does nothing. Returns whether it was pending.
    bool cancel(Handle handle);
    /// When the next timer is due.
    [[nodiscard]] std::optional<TimePoint> next() const;
    /// Runs everything due at or before `now`, in order; returns how many ran.
    std::size_t run_due(TimePoint now);
    [[nodiscard]] std::size_t size() const { return heap_.size(); }

  private:
    struct Slot {
        TimePoint due{};
        std::uint64_t order = 0;
        Action action;
        std::uint32_t generation = 1;
        std::uint32_t position = 0;  // in heap_
    };
    [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const;
    void place(std::size_t at, std::uint32_t slot);
    void sift_up(std::size_t at);
    void sift_down(std::size_t at);
    Action remove(std::uint32_t slot);

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::vector<std::uint32_t> heap_;
    std::uint64_t order_ = 0;
};

class Loop;

/// One restartable timer. Its owner is the object whose callback it calls; destroying it cancels it.
class Timer {
  public:
    explicit Timer(Loop& loop) : loop_(&loop) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { cancel(); }

    /// (Re)starts: `action` runs once after `delay`, on the control loop.
    void start(Duration delay, Action action);
    void start_at(TimePoint due, Action action);
    void cancel();
    [[nodiscard]] bool pending() const { return handle_ != 0; }

  private:
    Loop* loop_;
    TimerQueue::Handle handle_ = 0;
};

}  // namespace asterism
