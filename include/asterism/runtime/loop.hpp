// The control loop: the one thread that owns every channel, bridge, endpoint, dialplan, subscription and session.
#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>
#include <functional>
#include <string_view>
#include <variant>

#include "asterism/runtime/command.hpp"
#include "asterism/runtime/ids.hpp"
#include "asterism/runtime/time.hpp"
#include "asterism/runtime/timer.hpp"

namespace asterism {

/// A coroutine that waits, and the call that it is busy with: what it logs when it goes on is of that call.
struct Waiting {
    std::coroutine_handle<> coroutine;
    CallId call;

    Waiting() = default;
    /// Of the call that the present code runs for.
    explicit Waiting(std::coroutine_handle<> waiting);
    explicit operator bool() const { return static_cast<bool>(coroutine); }
};

/// Owned by main (AsioLoop) or by a test (TestLoop). A turn is one callback plus everything it made ready. Only
/// `post` may be called from another thread.
class Loop {
  public:
    Loop() = default;
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    virtual ~Loop() = default;

    [[nodiscard]] virtual const Clock& clock() const = 0;
    [[nodiscard]] TimerQueue& timers() { return timers_; }
    [[nodiscard]] TimePoint now() const { return clock().now(); }

    /// Runs `action` on the control loop, in the order of the calls. From any thread; the only such door.
    virtual void post(Action action) = 0;
    /// Runs `work` on the blocking pool (files, databases, name look-ups, process starts, password hashing), then
    /// `done` on the control loop.
    virtual void blocking(Action work, Action done) = 0;

    /// Runs `spec.command` by /bin/sh. Nothing waits for it, no thread and no stop of the daemon; it goes on when
    /// `done` has lost interest. `done` is called once, on the control loop.
    virtual void command(CommandSpec spec, std::function<void(CommandEnd)> done);

    /// Runs `action` later in this turn, after the present callback has returned. Never inline.
    void defer(Action action);
    /// Resumes the coroutine later in this turn. Never inline: an object is not destroyed inside its own callback.
    void ready(Waiting waiting);
    /// Takes a coroutine that is about to be destroyed out of the queue.
    void forget(Waiting waiting);
    /// Destroys `object` at the end of the turn, after everything that is ready has run.
    template <class T>
    void reap(T object) {
        defer([kept = std::move(object)]() mutable { (void)kept; });
    }

    /// What the loop is doing, for the watchdog's report of a slow turn ("ami action Status"). A literal.
    void working_on(std::string_view what) { doing_ = what; }
    [[nodiscard]] std::string_view doing() const { return doing_; }

  protected:
    /// Runs everything that was made ready, to the end.
    void drain();
    [[nodiscard]] bool idle() const { return queue_.empty(); }

  private:
    std::deque<std::variant<Action, Waiting>> queue_;
    TimerQueue timers_;
    std::string_view doing_;
    bool draining_ = false;
};

}  // namespace asterism
