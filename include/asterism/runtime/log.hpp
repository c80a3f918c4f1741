// Logging as Asterisk's logger.conf knows it: levels, verbosity, call ids. spdlog stays behind the backend.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <string_view>

#include "asterism/runtime/ids.hpp"

namespace asterism::log {

enum class Level : unsigned { debug, trace, verbose, notice, warning, error, dtmf, security };

/// One line, given to the backend on the thread that logged it. The views live until the call returns.
struct Record {
    Level level;
    int number = 0;  ///< debug or verbose level, 1 to 10; 0 for the others
    CallId call;
    std::string_view file;
    int line = 0;
    std::string_view function;
    std::string_view text;
};

/// Where lines go; thread safe. One for the process: logging is the one thing that everything shares.
class Backend {
  public:
    virtual ~Backend() = default;
    virtual void write(const Record& record) = 0;
};
/// Sets the backend (nullptr: standard error, warnings and errors only). Called by main before threads start.
void set_backend(Backend* backend);

/// Lowest numbers that are dropped unseen: `core set verbose`, `core set debug`.
void set_verbose_level(int level);
void set_debug_level(int level);
[[nodiscard]] bool enabled(Level level, int number = 0);
void write(const Record& record);

/// Sets the call that lines of this thread belong to while it lives (also shown when code has no channel at hand).
class CallScope {
  public:
    explicit CallScope(CallId call);
    ~CallScope();
    CallScope(const CallScope&) = delete;
    CallScope& operator=(const CallScope&) = delete;

  private:
    CallId before_;
};
[[nodiscard]] CallId current_call();

/// A format string with the place it stands at.
template <class... Args>
struct Format {
    fmt::format_string<Args...> text;
    const char* file;
    int line;
    const char* function;
    template <class S>
    consteval Format(const S& s, const char* f = __builtin_FILE(), int l = __builtin_LINE(),  // NOLINT: implicit
                     const char* fn = __builtin_FUNCTION())
        : text(s), file(f), line(l), function(fn) {}
};

/// The formatting itself, compiled once: as a template it would cost every file that logs seconds to compile.
void put_formatted(Level level, int number, const char* file, int line, const char* function, fmt::string_view text,
                   fmt::format_args args);

template <class... Args>
void put(Level level, int number, const Format<std::type_identity_t<Args>...>& f, Args&&... args) {
    if (!enabled(level, number)) return;
    put_formatted(level, number, f.file, f.line, f.function, f.text, fmt::make_format_args(args...));
}

template <class... A>
void debug(int number, Format<std::type_identity_t<A>...> f, A&&... a) {
    put(Level::debug, number, f, std::forward<A>(a)...);
}
template <class... A>
void verbose(int number, Format<std::type_identity_t<A>...> f, A&&... a) {
    put(Level::verbose, number, f, std::forward<A>(a)...);
}
template <class... A>
void notice(Format<std::type_identity_t<A>...> f, A&&... a) {
    put(Level::notice, 0, f, std::forward<A>(a)...);
}
template <class... A>
void warning(Format<std::type_identity_t<A>...> f, A&&... a) {
    put(Level::warning, 0, f, std::forward<A>(a)...);
}
template <class... A>
void error(Format<std::type_identity_t<A>...> f, A&&... a) {
    put(Level::error, 0, f, std::forward<A>(a)...);
}
template <class... A>
void security(Format<std::type_identity_t<A>...> f, A&&... a) {
    put(Level::security, 0, f, std::forward<A>(a)...);
}
template <class... A>
void dtmf(Format<std::type_identity_t<A>...> f, A&&... a) {
    put(Level::dtmf, 0, f, std::forward<A>(a)...);
}

}  // namespace asterism::log
