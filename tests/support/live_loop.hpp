// A control loop in real time for tests of the real engine: posts from any thread, waits with a deadline, never sleeps.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "asterism/runtime/loop.hpp"

namespace asterism {

class LiveLoop final : public Loop {
  public:
    LiveLoop() : pool_([this] { work(); }) {}
    ~LiveLoop() override {
        {
            const std::scoped_lock lock(mutex_);
            closing_ = true;
        }
        wanted_.notify_all();
        pool_.join();
    }
    [[nodiscard]] const Clock& clock() const override { return clock_; }
    void post(Action action) override {
        {
            const std::scoped_lock lock(mutex_);
            posted_.push_back(std::move(action));
        }
        arrived_.notify_one();
    }
    void blocking(Action work, Action done) override {
        {
            const std::scoped_lock lock(mutex_);
            jobs_.emplace_back(std::move(work), std::move(done));
        }
        wanted_.notify_one();
    }
    /// Runs what is posted until `done()`; false after `limit`.
    template <class F>
    bool run_until(F done, Duration limit = 20s) {
        const TimePoint until = clock_.now() + limit;
        for (;;) {
            drain();
            timers().run_due(clock_.now());
            drain();
            if (done()) return true;
            std::unique_lock lock(mutex_);
            TimePoint wake = until;
            if (const auto next = timers().next(); next && *next < wake) wake = *next;
            arrived_.wait_until(lock, wake, [this] { return !posted_.empty(); });
            if (posted_.empty()) {
                if (clock_.now() >= until) return false;
                continue;
            }
            Action action = std::move(posted_.front());
            posted_.pop_front();
            lock.unlock();
            action();
        }
    }

  private:
    class Steady final : public Clock {
      public:
        [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }
        [[nodiscard]] WallTime wall() const override { return std::chrono::system_clock::now(); }
    };
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            wanted_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
            if (jobs_.empty()) return;
            auto [job, done] = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job();
            job = nullptr;
            post(std::move(done));
            lock.lock();
        }
    }
    Steady clock_;
    std::mutex mutex_;
    std::condition_variable arrived_, wanted_;
    std::deque<Action> posted_;
    std::deque<std::pair<Action, Action>> jobs_;
    bool closing_ = false;
    std::thread pool_;
};

}  // namespace asterism
