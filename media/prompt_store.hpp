// Sound files in memory, shared by all that play them.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "media/prompt.hpp"

namespace asterism {
class Loop;
}

namespace asterism::media {

/// Control loop only; the files are read on the blocking pool. What has not been played for longest is forgotten when
/// `max_bytes` are exceeded (a player that still has it keeps it alive). A file that changed on disk is read again:
/// its time and size are looked at when the last look is over a second old.
class PromptStore {
  public:
    /// The prompt, or nullptr and why not.
    using Loaded = std::move_only_function<void(PromptPtr, std::string error)>;

    PromptStore(Loop& loop, std::size_t max_bytes);
    ~PromptStore();
    PromptStore(const PromptStore&) = delete;
    PromptStore& operator=(const PromptStore&) = delete;

    /// Calls `loaded` at once if the prompt is at hand, else later; never after the store has ended.
    void load(const std::string& path, Loaded loaded);
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] std::size_t size() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace asterism::media
