#include "core/records/writer.hpp"

#include <cstdio>
#include <deque>
#include <filesystem>
#include <mutex>
#include <utility>

#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::records {

namespace {

constexpr std::size_t max_waiting = 64u << 20;  // bytes; a disk that stands still must not take the memory

void write(const std::string& path, const std::string& text) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    std::FILE* file = std::fopen(path.c_str(), "ae");
    bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
    if (file != nullptr && std::fclose(file) != 0) written = false;
    if (!written) log::error("Unable to write a record to {}", path);
}

}  // namespace

struct LineWriter::State {
    std::mutex mutex;
    std::deque<std::pair<std::string, std::string>> waiting;  ///< path and text
    std::size_t bytes = 0;
    bool running = false;

    /// On the pool, one at a time.
    void drain() {
        std::unique_lock lock(mutex);
        while (!waiting.empty()) {
            auto [path, text] = std::move(waiting.front());
            waiting.pop_front();
            // What goes to the same file goes in one piece.
            while (!waiting.empty() && waiting.front().first == path) {
                text += waiting.front().second;
                waiting.pop_front();
            }
            bytes -= text.size();
            lock.unlock();
            write(path, text);
            lock.lock();
        }
        running = false;
    }
};

LineWriter::LineWriter(Loop& loop) : loop_(loop), state_(std::make_shared<State>()) {}

void LineWriter::append(std::string path, std::string text) {
    {
        const std::scoped_lock lock(state_->mutex);
        if (state_->bytes > max_waiting) {
            log::error("A record for {} is lost: the disk does not keep up", path);
            return;
        }
        state_->bytes += text.size();
        state_->waiting.emplace_back(std::move(path), std::move(text));
        if (std::exchange(state_->running, true)) return;
    }
    loop_.blocking([state = state_] { state->drain(); }, [] {});
}

}  // namespace asterism::records
