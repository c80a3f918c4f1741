#include "asterism/runtime/log.hpp"

#include <cstdio>

namespace asterism::log {

namespace {

std::atomic<Backend*> backend{nullptr};
std::atomic<int> verbose_level{0};
std::atomic<int> debug_level{0};
thread_local CallId call_of_thread;

}  // namespace

void set_backend(Backend* to) { backend.store(to, std::memory_order_release); }
void set_verbose_level(int level) { verbose_level.store(level, std::memory_order_relaxed); }
void set_debug_level(int level) { debug_level.store(level, std::memory_order_relaxed); }

bool enabled(Level level, int number) {
    switch (level) {
        case Level::verbose: return number <= verbose_level.load(std::memory_order_relaxed);
        case Level::debug:
        case Level::trace: return number <= debug_level.load(std::memory_order_relaxed);
        default: return true;
    }
}

void write(const Record& record) {
    if (Backend* to = backend.load(std::memory_order_acquire)) {
        to->write(record);
    } else if (record.level == Level::warning || record.level == Level::error) {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(record.text.size()), record.text.data());
    }
}

void put_formatted(Level level, int number, const char* file, int line, const char* function, fmt::string_view text,
                   fmt::format_args args) {
    fmt::memory_buffer buffer;
    fmt::vformat_to(fmt::appender(buffer), text, args);
    write({level, number, current_call(), file, line, function, {buffer.data(), buffer.size()}});
}

CallScope::CallScope(CallId call) : before_(call_of_thread) { call_of_thread = call; }
CallScope::~CallScope() { call_of_thread = before_; }
CallId current_call() { return call_of_thread; }

}  // namespace asterism::log
