// The AGI commands, as the table from which they are found, explained and listed.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "asterism/runtime/task.hpp"

namespace asterism::agi {

class Session;

/// What a command does. Those that never wait are plain functions: a coroutine costs more than most of them do.
class Handler {
  public:
    using Now = void (*)(Session&);
    using Attempt = bool (*)(Session&);  ///< false: nothing was done, it has to wait
    using Later = Task<void> (*)(Session&);
    constexpr Handler(Now now) : now_(now) {}
    constexpr Handler(Later later) : later_(later) {}
    constexpr Handler(Attempt attempt, Later later) : attempt_(attempt), later_(later) {}

    /// True: it is done. False: see later().
    bool now(Session& session) const {
        if (now_) now_(session);
        return now_ || (attempt_ && attempt_(session));
    }
    Task<void> later(Session& session) const { return later_(session); }

  private:
    Now now_ = nullptr;
    Attempt attempt_ = nullptr;
    Later later_ = nullptr;
};

/// One row. `words` are upper case and matched without case, word by word.
struct Command {
    std::string_view words;   ///< "SET VARIABLE"
    std::string_view syntax;  ///< what follows: "variablename value"
    std::size_t least = 0;    ///< arguments needed
    std::size_t most = 127;   ///< arguments allowed; more are answered 520
    bool runs_dead = false;   ///< may run when the channel has hung up
    std::string_view summary;
    std::string_view meaning;  ///< what it does and answers
    Handler run;
    std::size_t word_count = static_cast<std::size_t>(std::ranges::count(words, ' ')) + 1;

    /// The lines between "520-" and "520 End".
    [[nodiscard]] std::string usage() const;
};

/// All rows, sorted by their words.
std::span<const Command> commands();
/// The command with which `words` begin. Null if there is none.
const Command* find_command(std::span<const std::string_view> words);

// The families' rows; commands() puts them together.
std::span<const Command> call_commands();
std::span<const Command> variable_commands();
std::span<const Command> database_commands();
std::span<const Command> playback_commands();
std::span<const Command> input_commands();
std::span<const Command> say_commands();
std::span<const Command> speech_commands();

}  // namespace asterism::agi
