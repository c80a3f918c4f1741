// Groups of calls by which the log's lines on consoles can be told apart: LOG_GROUP() and `logger filter`.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "asterism/runtime/ids.hpp"

namespace asterism::log {

/// Thread safe. While no group is chosen every line is shown.
class Groups {
  public:
    /// The call of `owner` (a channel) is in `group` from now on; an empty one: in none.
    void assign(CallId call, std::uint64_t owner, const std::string& group);
    /// The owner has ended: its call is in no group, unless somebody else has put it into one since.
    void forget(CallId call, std::uint64_t owner);

    /// Lines of calls in `group` are shown on consoles, and those of other calls are not.
    void choose(const std::string& group, bool on);
    void choose_all();
    /// Sorted.
    [[nodiscard]] std::vector<std::string> chosen() const;
    /// Whether consoles hide a line of this call. One that belongs to no call is always shown.
    [[nodiscard]] bool hides(CallId call) const;

  private:
    struct Member {
        std::uint64_t owner;
        std::string group;
    };
    mutable std::mutex mutex_;
    std::unordered_map<CallId, Member> members_;
    std::set<std::string> chosen_;
    std::atomic<bool> active_{false};
};

/// The one of the process, as the log itself is.
[[nodiscard]] Groups& groups();

}  // namespace asterism::log
