#include "asterism/runtime/loop.hpp"

#include <algorithm>

namespace asterism {

void Loop::defer(Action action) { queue_.emplace_back(std::move(action)); }

void Loop::ready(std::coroutine_handle<> coroutine) { queue_.emplace_back(coroutine); }

void Loop::forget(std::coroutine_handle<> coroutine) {
    for (auto& item : queue_) {
        if (auto* handle = std::get_if<std::coroutine_handle<>>(&item); handle != nullptr && *handle == coroutine) {
            item = std::coroutine_handle<>();  // left in place as nothing: drain may be walking the queue
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
        if (auto* handle = std::get_if<std::coroutine_handle<>>(&item)) {
            if (*handle) handle->resume();
        } else {
            std::get<Action>(item)();
        }
    }
}

}  // namespace asterism
