#include "media/prompt_store.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>
#include <vector>

#include "asterism/runtime/loop.hpp"

namespace asterism::media {

namespace {

constexpr auto believed_for = 1s;

/// What tells one version of a file from another.
struct Version {
    std::int64_t seconds = -1, nanos = 0;
    std::int64_t bytes = 0;
    std::uint64_t inode = 0;
    bool operator==(const Version&) const = default;
};

Version version_of(const std::string& path) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) return {};
    return {status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size, status.st_ino};
}

}  // namespace

struct PromptStore::State {
    struct Entry {
        PromptPtr prompt;
        Version version;
        TimePoint looked{};
        std::list<std::string>::iterator place;
    };
    State(Loop& l, std::size_t m) : loop(l), max_bytes(m) {}

    void keep(const std::string& path, PromptPtr prompt, const Version& version) {
        drop(path);
        order.push_front(path);
        bytes += prompt->bytes();
        entries[path] = {std::move(prompt), version, loop.now(), order.begin()};
        while (bytes > max_bytes && order.size() > 1) drop(std::string(order.back()));
    }
    void drop(const std::string& path) {
        const auto found = entries.find(path);
        if (found == entries.end()) return;
        bytes -= found->second.prompt->bytes();
        order.erase(found->second.place);
        entries.erase(found);
    }

    Loop& loop;
    std::size_t max_bytes;
    std::unordered_map<std::string, Entry> entries;
    std::list<std::string> order;  // most recently played first
    std::size_t bytes = 0;
    std::unordered_map<std::string, std::vector<Loaded>> waiting;  // for a file that is being read
};

PromptStore::PromptStore(Loop& loop, std::size_t max_bytes) : state_(std::make_shared<State>(loop, max_bytes)) {}
PromptStore::~PromptStore() = default;
std::size_t PromptStore::bytes() const { return state_->bytes; }
std::size_t PromptStore::size() const { return state_->entries.size(); }

void PromptStore::load(const std::string& path, Loaded loaded) {
    State& s = *state_;
    Version known;
    PromptPtr old;
    if (const auto found = s.entries.find(path); found != s.entries.end()) {
        auto& entry = found->second;
        s.order.splice(s.order.begin(), s.order, entry.place);
        if (s.loop.now() - entry.looked < believed_for) return loaded(entry.prompt, {});
        known = entry.version;
        old = entry.prompt;
    }
    auto& waiting = s.waiting[path];
    waiting.push_back(std::move(loaded));
    if (waiting.size() > 1) return;  // somebody asked just before

    struct Result {
        PromptPtr prompt;
        Version version;
        std::string error;
    };
    auto result = std::make_shared<Result>();
    s.loop.blocking(
        [result, path, known, old] {
            result->version = version_of(path);
            if (old && result->version == known) {
                result->prompt = old;
                return;
            }
            auto read = read_prompt(path);
            if (read)
                result->prompt = std::make_shared<const Prompt>(std::move(*read));
            else
                result->error = fmt::format("{}: {}", path, read.error());
        },
        [result, path, weak = std::weak_ptr(state_)] {
            const auto state = weak.lock();
            if (!state) return;
            if (result->prompt)
                state->keep(path, result->prompt, result->version);
            else
                state->drop(path);
            auto waiters = std::move(state->waiting[path]);
            state->waiting.erase(path);
            for (auto& waiter : waiters) waiter(result->prompt, result->error);
        });
}

}  // namespace asterism::media
