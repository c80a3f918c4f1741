// The seam for console commands: whoever can answer a command registers it, the CLI and AMI's Command run it.
//
//   registry.add({.name = "core show uptime [seconds]", .summary = "Show uptime information",
//                 .usage = "       Shows Asterisk uptime information.\n", .run = [&](cli::Context& c) {
//                     c.print("System uptime: {}\n", ...);
//                     return cli::Result::success;
//                 }});
#pragma once

#include <fmt/format.h>

#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/runtime/task.hpp"

namespace asterism::cli {

/// What became of a command. `usage`: the arguments were wrong, the registry prints the usage. `failure`: the registry
/// adds "Command '...' failed." to what the command printed.
enum class Result { success, usage, failure };

/// The console that a command was typed on; commands about the console itself need it.
class Console {
  public:
    virtual ~Console() = default;
    [[nodiscard]] virtual int verbose() const = 0;
    virtual void set_verbose(int level) = 0;
    /// Whether log lines are shown on it (`logger mute`).
    virtual void mute(bool on) = 0;
    [[nodiscard]] virtual bool muted() const = 0;
    /// The command that runs now ends the daemon, or starts it again: `-x` returns only when that has happened, or the
    /// stop was aborted.
    virtual void ends_with_daemon(bool /*restart*/) {}
};

/// One run of a command. Lives until the command has ended.
struct Context {
    std::string line;                ///< as typed
    std::vector<std::string> words;  ///< all words, those of the command's name in full
    std::size_t name_words = 0;      ///< how many of `words` belong to the name, options in [] included
    Console* console = nullptr;      ///< nullptr for AMI's Command
    std::string out;                 ///< what the command printed

    template <class... Args>
    void print(fmt::format_string<Args...> text, Args&&... args) {
        fmt::format_to(std::back_inserter(out), text, std::forward<Args>(args)...);
    }
    /// Words behind the name.
    [[nodiscard]] std::size_t arguments() const { return words.size() - name_words; }
    /// Argument `index`; empty when there is none.
    [[nodiscard]] std::string_view argument(std::size_t index) const {
        return name_words + index < words.size() ? std::string_view(words[name_words + index]) : std::string_view();
    }
    /// Word `index` of the whole line, for options that are part of the name; empty when there is none.
    [[nodiscard]] std::string_view word(std::size_t index) const {
        return index < words.size() ? std::string_view(words[index]) : std::string_view();
    }
};

/// What tab completion asks: the words before the cursor, and the beginning of the word that is being typed.
struct Completion {
    std::vector<std::string> words;
    std::string begin;
};

/// One command. `name` is its words: plain, `{on|off}` for one of several, `[concise|verbose]` for one of several or
/// none. Words may be abbreviated by whoever types, as long as one command fits.
struct Command {
    std::string name;
    std::string summary = {};  ///< one line, for `core show help`
    std::string usage =
        {};  ///< what follows "Usage: NAME "; whole lines, the first holds the arguments ("<family>\n ...")
    std::function<Result(Context&)> run = {};
    std::function<Task<Result>(Context&)> run_async = {};  ///< instead of `run`, for commands that wait
    /// Candidates for the argument that is being typed (those not beginning with `begin` are dropped).
    std::function<std::vector<std::string>(const Completion&)> complete = {};
    bool hidden = false;  ///< internal: not in help
};

/// What a line gave. `error`: no such command, wrong usage or a command that failed.
struct Reply {
    std::string text;
    bool error = false;
};

/// All commands. Owned by main; a command's owner outlives it or removes it. Control loop only.
class Registry {
  public:
    virtual ~Registry() = default;
    /// Adds a command; one of the same name is replaced.
    virtual void add(Command command) = 0;
    virtual void remove(std::string_view name) = 0;
    /// Runs one line to its end. An empty line does nothing.
    virtual Task<Reply> execute(std::string line, Console* console = nullptr) = 0;
    /// Names of all commands that help lists, sorted.
    [[nodiscard]] virtual std::vector<std::string> names() const = 0;
    /// Words that may stand at the end of `line` (tab completion), sorted, each once.
    [[nodiscard]] virtual std::vector<std::string> complete(std::string_view line) const = 0;
};

/// Splits a line as the console does: blanks separate, "..." groups, \ escapes the next character.
[[nodiscard]] std::vector<std::string> split_line(std::string_view line);

/// The registry of the daemon, with `help` in it.
[[nodiscard]] std::unique_ptr<Registry> make_registry();

}  // namespace asterism::cli
