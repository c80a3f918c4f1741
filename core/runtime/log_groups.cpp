#include "asterism/runtime/log_groups.hpp"

namespace asterism::log {

void Groups::assign(CallId call, std::uint64_t owner, const std::string& group) {
    const std::scoped_lock lock(mutex_);
    if (group.empty())
        members_.erase(call);
    else
        members_[call] = {owner, group};
}

void Groups::forget(CallId call, std::uint64_t owner) {
    const std::scoped_lock lock(mutex_);
    const auto found = members_.find(call);
    if (found != members_.end() && found->second.owner == owner) members_.erase(found);
}

void Groups::choose(const std::string& group, bool on) {
    const std::scoped_lock lock(mutex_);
    if (on)
        chosen_.insert(group);
    else
        chosen_.erase(group);
    active_ = !chosen_.empty();
}

void Groups::choose_all() {
    const std::scoped_lock lock(mutex_);
    chosen_.clear();
    active_ = false;
}

std::vector<std::string> Groups::chosen() const {
    const std::scoped_lock lock(mutex_);
    return {chosen_.begin(), chosen_.end()};
}

bool Groups::hides(CallId call) const {
    if (!active_.load(std::memory_order_relaxed) || !call) return false;
    const std::scoped_lock lock(mutex_);
    const auto found = members_.find(call);
    return found == members_.end() || !chosen_.contains(found->second.group);
}

Groups& groups() {
    static Groups all;
    return all;
}

}  // namespace asterism::log
