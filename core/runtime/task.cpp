#include "asterism/runtime/task.hpp"

#include <algorithm>

#include "asterism/runtime/log.hpp"

namespace asterism {

struct TaskScope::Root {
    Task<void> task;
    std::coroutine_handle<> handle;
};

struct TaskScope::State {
    std::vector<std::unique_ptr<Root>> roots;
};

TaskScope::TaskScope(Loop& loop, CallId call) : loop_(loop), call_(call), state_(std::make_shared<State>()) {}

Task<void> TaskScope::run(Task<void> task, std::weak_ptr<State> state, Root* root, Loop& loop) {
    try {
        co_await std::move(task);
    } catch (const std::exception& e) {
        log::error("A task ended with an exception: {}", e.what());
    } catch (...) {
        log::error("A task ended with an unknown exception");
    }
    // Frees the frame at the end of the turn: it is still running now.
    loop.defer([state, root] {
        auto alive = state.lock();
        if (!alive) return;
        auto found = std::ranges::find_if(alive->roots, [root](const auto& r) { return r.get() == root; });
        if (found == alive->roots.end()) return;
        auto ended = std::move(*found);
        alive->roots.erase(found);
    });
}

void TaskScope::spawn(Task<void> task) {
    auto owned = std::make_unique<Root>();
    Root* root = owned.get();
    root->task = run(std::move(task), state_, root, loop_);
    state_->roots.push_back(std::move(owned));
    // The task's awaiter, with no one awaiting: start it by hand.
    root->handle = std::move(root->task).operator co_await().await_suspend(std::noop_coroutine());
    const log::CallScope scope(call_ ? call_ : log::current_call());
    root->handle.resume();
}

void TaskScope::cancel_all() {
    auto roots = std::exchange(state_->roots, {});
    // Newest first, as their owner's members would be destroyed.
    while (!roots.empty()) roots.pop_back();
}

bool TaskScope::empty() const {
    return std::ranges::all_of(state_->roots, [](const auto& root) { return root->task.done(); });
}

}  // namespace asterism
