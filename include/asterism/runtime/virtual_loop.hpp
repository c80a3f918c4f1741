// The control loop in virtual time, of tests and of the simulator: nothing happens until it is run or advanced, and a
// 32 s timer costs nothing.
#pragma once

#include <deque>
#include <utility>

#include "asterism/runtime/loop.hpp"

namespace asterism {

class VirtualClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override { return now_; }
    [[nodiscard]] WallTime wall() const override {
        return wall_ + std::chrono::duration_cast<WallTime::duration>(now_ - TimePoint(1000s));
    }
    void set(TimePoint now) { now_ = now; }
    /// What calendars show now.
    void set_wall(WallTime wall) {
        wall_ = wall - std::chrono::duration_cast<WallTime::duration>(now_ - TimePoint(1000s));
    }

  private:
    TimePoint now_{1000s};
    WallTime wall_{1'795'288'305s};  // 2026-11-21 19:11:45 UTC
};

class VirtualLoop final : public Loop {
  public:
    [[nodiscard]] const Clock& clock() const override { return clock_; }
    void post(Action action) override { posted_.push_back(std::move(action)); }
    /// Blocking work runs at once, its completion in the next turn, as on a pool that is never busy.
    void blocking(Action work, Action done) override {
        work();
        post(std::move(done));
    }

    /// Runs everything that can run without time passing.
    void run() {
        while (turn()) {
        }
    }
    /// Runs some of what can run without time passing; false: there was nothing more.
    bool turn() {
        drain();
        timers().run_due(clock_.now());
        if (!idle()) return true;
        if (posted_.empty()) return false;
        Action action = std::move(posted_.front());
        posted_.pop_front();
        action();
        return true;
    }
    /// Goes to the next timer's time, without running it; false: there is none, or it is later than `until`.
    bool skip_to_next(TimePoint until) {
        const auto next = timers().next();
        if (!next || *next > until) return false;
        if (*next > clock_.now()) clock_.set(*next);
        return true;
    }
    void set_wall(WallTime wall) { clock_.set_wall(wall); }
    /// Lets `time` pass, stopping at every timer on the way.
    void advance(Duration time) {
        const TimePoint until = clock_.now() + time;
        run();
        while (skip_to_next(until)) run();
        clock_.set(until);
        run();
    }
    /// Runs until `done()` or until `limit` of virtual time has passed or nothing is left to happen; returns done().
    template <class F>
    bool run_until(F done, Duration limit = std::chrono::minutes(5)) {
        const TimePoint until = clock_.now() + limit;
        run();
        while (!done()) {
            if (!skip_to_next(until)) return done();
            run();
        }
        return true;
    }

  private:
    VirtualClock clock_;
    std::deque<Action> posted_;
};

}  // namespace asterism
