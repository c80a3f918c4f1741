#include "media/worker.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "asterism/runtime/time.hpp"
#include "media/mixer.hpp"
#include "media/rtp_leg.hpp"
#include "media/rtp_sockets.hpp"

namespace asterism::media {

namespace {

constexpr Duration tick_time = std::chrono::milliseconds(tick_ms);
constexpr Duration slow_round = 500ms;    // each RTP leg is looked at so often
constexpr Duration slow_tick = 100ms;     // how often the worker wakes when all that it has is such looking
constexpr Duration soon = slow_tick;      // what may wait does not wait longer
constexpr std::size_t max_waiting = 256;  // commands that do not wake it

// From 3000 packets a second on (30 relayed calls) the worker lets packets gather for a millisecond, a twentieth of a
// packet time: falling asleep and waking for each costs more than relaying it.
constexpr std::uint64_t busy_packets = 300;
constexpr Duration busy_window = 100ms;
constexpr long gather_ns = 1'000'000;

int checked(int fd, const char* what) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
    return fd;
}

/// Under a second each; zero is never.
void set_timer_to(int timer, Duration first, Duration then) {
    itimerspec spec{};
    spec.it_value.tv_nsec = std::chrono::nanoseconds(first).count();
    spec.it_interval.tv_nsec = std::chrono::nanoseconds(then).count();
    timerfd_settime(timer, 0, &spec, nullptr);
}

}  // namespace

Worker::Worker(const Clock& clock, FileWriter& writer, Notify told)
    : clock_(clock), writer_(writer), told_(std::move(told)) {
    epoll_ = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    wake_ = checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
    timer_ = checked(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create");
    soon_ = checked(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create");
    // The three are told from sockets by pointing at themselves.
    for (int* own : {&wake_, &timer_, &soon_}) {
        // Edge-triggered: what only wakes need not be read.
        epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = own}};
        checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, *own, &event), "epoll_ctl");
    }
    now_ = clock_.now();
}

void Worker::shut_down() {
    stop();
    for (auto& [id, leg] : legs_) leg->close();
    for (auto& [id, mixer] : mixers_) mixer->close();
    ticking_.clear();
    rtp_legs_.clear();
    mixers_.clear();
    legs_.clear();
    dropped_.clear();
}

Worker::~Worker() {
    shut_down();
    for (const int fd : {epoll_, wake_, timer_, soon_}) ::close(fd);
}

void Worker::start() {
    timed_ = true;
    thread_ = std::thread([this] { run(); });
}

void Worker::stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    send([](Worker&) {});
    thread_.join();
}

void Worker::send(Command command) { put(std::move(command), true); }
void Worker::send_later(Command command) { put(std::move(command), false); }

void Worker::put(Command command, bool at_once) {
    bool wake = false;
    bool set_timer = false;
    {
        const std::scoped_lock lock(mutex_);
        commands_.push_back(std::move(command));
        commanded_.store(true, std::memory_order_release);
        if (at_once || commands_.size() >= max_waiting)
            wake = !std::exchange(woken_, true);
        else if (!woken_)
            set_timer = !std::exchange(soon_on_, true);
    }
    // Setting a timer costs a tenth of waking a thread, which finds nothing to do but to set it.
    if (set_timer) set_timer_to(soon_, soon, Duration::zero());
    const std::uint64_t one = 1;
    if (wake && ::write(wake_, &one, sizeof one) < 0) return;  // cannot be: the counter never fills
}

void Worker::run() {
    pthread_setname_np(pthread_self(), "media");
    prctl(PR_SET_TIMERSLACK, 10'000UL);  // ns; the usual 50 us would be added to each gathering
    while (!stopping_) {
        gather();
        turn(-1);
    }
}

void Worker::gather() {
    if (now_ - counted_since_ >= busy_window) {
        busy_ = packets_ >= busy_packets && now_ - counted_since_ < 2 * busy_window;
        packets_ = 0;
        counted_since_ = now_;
    }
    if (!busy_) return;
    const timespec pause{.tv_sec = 0, .tv_nsec = gather_ns};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
}

void Worker::turn(int milliseconds) {
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds);
    now_ = clock_.now();
    // Commands before packets: whatever woke the worker, it knows all that was asked by then.
    if (commanded_.load(std::memory_order_acquire)) run_commands();
    bool tick_now = false;
    for (int i = 0; i < count; ++i) {
        void* what = events[static_cast<std::size_t>(i)].data.ptr;
        if (what == &timer_) {
            tick_now = true;
        } else if (what != &wake_ && what != &soon_) {
            static_cast<Pollable*>(what)->readable(*this);
            ++packets_;
        }
    }
    if (tick_now) {
        std::uint64_t expirations = 0;
        if (::read(timer_, &expirations, sizeof expirations) > 0) {
            if (now_ - tick_due_ >= tick_time) ++late_ticks_;
            tick_due_ += tick_every_ * static_cast<std::int64_t>(expirations);
            // Late by less than a fifth of a second: catch up, or what plays gets slower. More: it would be a burst.
            for (std::uint64_t n = std::min<std::uint64_t>(expirations, 10); n > 0; --n) tick();
        }
    }
    flush();
}

void Worker::run_commands() {
    {
        const std::scoped_lock lock(mutex_);
        woken_ = soon_on_ = false;
        commanded_.store(false, std::memory_order_relaxed);
        running_.swap(commands_);
    }
    for (auto& command : running_) command(*this);
    running_.clear();
}

void Worker::flush() {
    closed_legs_.clear();
    dropped_.clear();
    update_timer();
    count_legs_.store(legs_.size(), std::memory_order_relaxed);
    count_mixers_.store(mixers_.size(), std::memory_order_relaxed);
    count_operations_.store(operations_.size(), std::memory_order_relaxed);
    count_rtp_.store(rtp_legs_.size(), std::memory_order_relaxed);
    if (!notices_.empty()) told_(std::exchange(notices_, {}));
}

/// No ticks while nobody needs them: an idle PBX does not wake 50 times a second, nor one that only relays.
void Worker::update_timer() {
    const Duration every = !ticking_.empty() || !mixers_.empty() ? tick_time
                           : !rtp_legs_.empty()                  ? slow_tick
                                                                 : Duration::zero();
    if (every == tick_every_ || !timed_) return;
    tick_every_ = every;
    tick_due_ = clock_.now() + every;
    set_timer_to(timer_, every, every);
}

EngineCounts Worker::counts() const {
    EngineCounts c;
    c.legs = count_legs_.load(std::memory_order_relaxed);
    c.mixers = count_mixers_.load(std::memory_order_relaxed);
    c.operations = count_operations_.load(std::memory_order_relaxed);
    c.rtp_ports = count_rtp_.load(std::memory_order_relaxed);
    c.late_ticks = late_ticks_.load(std::memory_order_relaxed);
    return c;
}

void Worker::tick() {
    // By index: a tick may make another leg want ticks (a digit that goes on).
    for (std::size_t i = 0; i < ticking_.size(); ++i) ticking_[i]->tick();
    std::erase_if(ticking_, [](const Leg* leg) { return !leg->wants_ticks(); });
    for (const auto& [id, mixer] : mixers_)
        if (mixer->wants_ticks()) mixer->tick();
    slow_ticks();
}

void Worker::slow_ticks() {
    if (rtp_legs_.empty()) return;
    const auto rounds = static_cast<std::size_t>(slow_round / (tick_every_ == slow_tick ? slow_tick : tick_time));
    const std::size_t share = (rtp_legs_.size() + rounds - 1) / rounds;
    for (std::size_t i = 0; i < share; ++i) {
        if (slow_at_ >= rtp_legs_.size()) slow_at_ = 0;
        rtp_legs_[slow_at_++]->slow_tick();
    }
}

WallTime Worker::wall() const { return clock_.wall(); }

void Worker::operation_ended(OpId op, OpEnd end) {
    if (operations_.erase(op) != 0) notify(EndNotice{op, std::move(end)});
}

void Worker::watch(int fd, Pollable& socket) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &socket}};
    checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

void Worker::wants_ticks(Leg& leg) {
    if (std::find(ticking_.begin(), ticking_.end(), &leg) == ticking_.end()) ticking_.push_back(&leg);
}

Leg* Worker::leg(LegId id) const {
    const auto found = legs_.find(id);
    return found == legs_.end() ? nullptr : found->second.get();
}

Mixer* Worker::mixer(MixerId id) const {
    const auto found = mixers_.find(id);
    return found == mixers_.end() ? nullptr : found->second.get();
}

Station* Worker::station(Target target) const {
    if (const auto* id = std::get_if<LegId>(&target)) return leg(*id);
    return mixer(std::get<MixerId>(target));
}

Station* Worker::station_of(OpId op) const {
    const auto found = operations_.find(op);
    return found == operations_.end() ? nullptr : station(found->second);
}

}  // namespace asterism::media
