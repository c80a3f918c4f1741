#include "asterism/runtime/timer.hpp"

#include <utility>

#include "asterism/runtime/loop.hpp"

namespace asterism {

namespace {
constexpr std::uint32_t nowhere = ~std::uint32_t{0};
}

bool TimerQueue::before(std::uint32_t a, std::uint32_t b) const {
    return slots_[a].due != slots_[b].due ? slots_[a].due < slots_[b].due : slots_[a].order < slots_[b].order;
}

void TimerQueue::place(std::size_t at, std::uint32_t slot) {
    heap_[at] = slot;
    slots_[slot].position = static_cast<std::uint32_t>(at);
}

void TimerQueue::sift_up(std::size_t at) {
    const std::uint32_t slot = heap_[at];
    while (at > 0 && before(slot, heap_[(at - 1) / 2])) {
        place(at, heap_[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    place(at, slot);
}

void TimerQueue::sift_down(std::size_t at) {
    const std::uint32_t slot = heap_[at];
    for (;;) {
        std::size_t child = 2 * at + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
        if (!before(heap_[child], slot)) break;
        place(at, heap_[child]);
        at = child;
    }
    place(at, slot);
}

TimerQueue::Handle TimerQueue::schedule(TimePoint due, Action action) {
    std::uint32_t slot;
    if (free_.empty()) {
        slot = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    slots_[slot].due = due;
    slots_[slot].order = ++order_;
    slots_[slot].action = std::move(action);
    heap_.push_back(slot);
    sift_up(heap_.size() - 1);
    // The generation tells a handle of this use of the slot from one of an earlier use.
    return (static_cast<Handle>(slots_[slot].generation) << 32U) | (slot + 1);
}

Action TimerQueue::remove(std::uint32_t slot) {
    const std::size_t at = slots_[slot].position;
    const std::uint32_t last = heap_.back();
    heap_.pop_back();
    if (last != slot) {
        place(at, last);
        sift_up(at);
        sift_down(slots_[last].position);
    }
    slots_[slot].position = nowhere;
    ++slots_[slot].generation;
    free_.push_back(slot);
    return std::exchange(slots_[slot].action, Action());
}

bool TimerQueue::cancel(Handle handle) {
    if (handle == 0) return false;
    const auto slot = static_cast<std::uint32_t>(handle & 0xffffffffU) - 1;
    if (slot >= slots_.size() || slots_[slot].generation != handle >> 32U) return false;
    Action dropped = remove(slot);  // destroyed after the queue is whole again: it may own what cancels other timers
    return true;
}

std::optional<TimePoint> TimerQueue::next() const {
    if (heap_.empty()) return std::nullopt;
    return slots_[heap_.front()].due;
}

std::size_t TimerQueue::run_due(TimePoint now) {
    std::size_t ran = 0;
    // Timers that a callback adds with a due time already past wait for the next turn, so that none can hold this one.
    const std::uint64_t last = order_;
    while (!heap_.empty()) {
        const std::uint32_t slot = heap_.front();
        if (slots_[slot].due > now || slots_[slot].order > last) break;
        Action action = remove(slot);
        action();
        ++ran;
    }
    return ran;
}

void Timer::start(Duration delay, Action action) { start_at(loop_->now() + delay, std::move(action)); }

void Timer::start_at(TimePoint due, Action action) {
    cancel();
    handle_ = loop_->timers().schedule(due, [this, run = std::move(action)]() mutable {
        handle_ = 0;
        // Moved to the stack: the action may restart or destroy this timer.
        Action now = std::move(run);
        now();
    });
}

void Timer::cancel() { loop_->timers().cancel(std::exchange(handle_, 0)); }

}  // namespace asterism
