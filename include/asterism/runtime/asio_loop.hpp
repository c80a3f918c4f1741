// The control loop of the daemon: one io_context run by one thread, and a small pool for what blocks.
#pragma once

#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "asterism/runtime/loop.hpp"

namespace asterism {

/// What the watchdog saw. Read on the control loop.
struct LoopStats {
    std::uint64_t turns = 0;
    std::uint64_t slow_turns = 0;  ///< turns over slow_turn
    Duration longest{};            ///< longest turn so far
    static constexpr Duration slow_turn = 20ms;
};

/// Owned by main; ends when stop() is called. Sockets of the interfaces and transports live on context().
class AsioLoop final : public Loop {
  public:
    /// `pool_threads`: how many blocking calls may run side by side; threads start when first needed.
    explicit AsioLoop(unsigned pool_threads = 4);
    ~AsioLoop() override;

    [[nodiscard]] const Clock& clock() const override;
    void post(Action action) override;
    void blocking(Action work, Action done) override;
    void command(CommandSpec spec, std::function<void(CommandEnd)> done) override;

    [[nodiscard]] boost::asio::io_context& context() { return context_; }
    /// Runs turns until stop(). What a handler throws ends that handler: the log has it, and the loop goes on.
    void run();
    /// Ends run() after the present turn. On the control loop only.
    void stop() { stopped_ = true; }
    [[nodiscard]] const LoopStats& stats() const { return stats_; }

  private:
    void arm();
    void work();
    /// Runs a handler; false if there is nothing to wait for. What it throws goes to the log.
    bool run_one();
    void account(Duration turn);
    void report(const std::exception& error) const;
    void drain_all();

    class SteadyClock;
    std::unique_ptr<SteadyClock> clock_;
    boost::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};  // other threads only post
    struct Waker;
    std::unique_ptr<Waker> waker_;
    LoopStats stats_;
    bool stopped_ = false;

    std::mutex mutex_;
    std::condition_variable wanted_;
    std::deque<std::pair<Action, Action>> jobs_;
    std::vector<std::thread> pool_;
    unsigned pool_size_;
    unsigned idle_ = 0;
    bool closing_ = false;
};

}  // namespace asterism
