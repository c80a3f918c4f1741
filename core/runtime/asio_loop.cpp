#include "asterism/runtime/asio_loop.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "asterism/runtime/log.hpp"
#include "asterism/runtime/reactor.hpp"

namespace asterism {

class AsioLoop::SteadyClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }
    [[nodiscard]] WallTime wall() const override { return std::chrono::system_clock::now(); }
};

/// The one steady_timer behind the queue of timers.
struct AsioLoop::Waker {
    explicit Waker(boost::asio::io_context& context) : timer(context), guard(context.get_executor()) {}
    boost::asio::steady_timer timer;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard;
    std::optional<TimePoint> armed;
};

AsioLoop::AsioLoop(unsigned pool_threads)
    : clock_(std::make_unique<SteadyClock>()), waker_(std::make_unique<Waker>(context_)), pool_size_(pool_threads) {}

AsioLoop::~AsioLoop() {
    {
        const std::scoped_lock lock(mutex_);
        closing_ = true;
    }
    wanted_.notify_all();
    for (auto& thread : pool_) thread.join();
}

const Clock& AsioLoop::clock() const { return *clock_; }

void AsioLoop::post(Action action) { boost::asio::post(context_, std::move(action)); }

void AsioLoop::arm() {
    // Timers that are due within the same few milliseconds share a wake-up: none of control's is a sample clock.
    static constexpr Duration grain = 4ms;
    const auto next = timers().next();
    if (!next) return;
    TimePoint due(grain * ((next->time_since_epoch() + grain - Duration(1)) / grain));
    if (waker_->armed && *waker_->armed <= due) return;
    if (*next <= clock_->now()) due = *next;
    waker_->armed = due;
    waker_->timer.expires_at(due);
    waker_->timer.async_wait([this](const boost::system::error_code& error) {
        if (error) return;  // re-armed for an earlier time
        waker_->armed.reset();
        timers().run_due(clock_->now());
    });
}

bool AsioLoop::run_one() {
    try {
        return context_.run_one() != 0;
    } catch (const std::exception& error) {
        report(error);
        return true;
    }
}

void AsioLoop::report(const std::exception& error) const {
    log::error("The control loop goes on after an error ({}): {}", doing().empty() ? "nothing named" : doing(),
               error.what());
}

void AsioLoop::drain_all() {
    do {
        try {
            drain();
        } catch (const std::exception& error) {
            report(error);
        }
    } while (!idle());
}

void AsioLoop::run() {
    stopped_ = false;
    drain_all();  // what was made ready before; from now on there is a turn around whatever makes something ready
    TimePoint begin = clock_->now();
    while (!stopped_) {
        arm();
        // Waits if nothing is ready, then runs one handler.
        if (!run_one()) break;
        drain_all();
        const TimePoint end = clock_->now();
        account(end - std::max(begin, reactor::wait_ended()));
        begin = end;
    }
}

void AsioLoop::account(Duration turn) {
    ++stats_.turns;
    if (turn > stats_.longest) stats_.longest = turn;
    if (turn > LoopStats::slow_turn) {
        ++stats_.slow_turns;
        log::warning("The control loop was busy for {} ms ({})",
                     std::chrono::duration_cast<std::chrono::milliseconds>(turn).count(),
                     doing().empty() ? "nothing named" : doing());
    }
    working_on({});
}

void AsioLoop::blocking(Action work, Action done) {
    {
        const std::scoped_lock lock(mutex_);
        jobs_.emplace_back(std::move(work), std::move(done));
        if (idle_ == 0 && pool_.size() < pool_size_) pool_.emplace_back([this] { this->work(); });
    }
    wanted_.notify_one();
}

void AsioLoop::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        wanted_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
        --idle_;
        if (jobs_.empty()) return;  // closing, and all that was asked for is done: nothing is lost
        auto [job, done] = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
        job = nullptr;
        post(std::move(done));
        lock.lock();
    }
}

}  // namespace asterism
