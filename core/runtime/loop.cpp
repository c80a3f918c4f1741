#include "asterism/runtime/loop.hpp"

#include "asterism/runtime/log.hpp"

namespace asterism {

Waiting::Waiting(std::coroutine_handle<> waiting) : coroutine(waiting), call(log::current_call()) {}

void Loop::defer(Action action) { queue_.emplace_back(std::move(action)); }

void Loop::ready(Waiting waiting) { queue_.emplace_back(waiting); }

void Loop::forget(Waiting waiting) {
    for (auto& item : queue_) {
        if (auto* queued = std::get_if<Waiting>(&item); queued != nullptr && queued->coroutine == waiting.coroutine) {
            item = Waiting();  // left in place as nothing: drain may be walking the queue
        }
    }
}

void Loop::drain() {
    if (draining_) return;
    draining_ = true;
    struct Guard {
        bool& on;
        ~Guard() { on = false; }
    } guard{draining_};  // against what throws: the rest is for the next call
    while (!queue_.empty()) {
        auto item = std::move(queue_.front());
        queue_.pop_front();
        if (auto* waiting = std::get_if<Waiting>(&item)) {
            if (!*waiting) continue;
            const log::CallScope scope(waiting->call);
            waiting->coroutine.resume();
        } else {
            std::get<Action>(item)();
        }
    }
}

}  // namespace asterism
