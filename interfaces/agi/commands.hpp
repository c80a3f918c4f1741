// The AGI commands, as the table from which they are found, explained and listed.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "asterism/runtime/task.hpp"

namespace asterism::agi {

class Session;

/// One row. `words` are upper case and matched without case, word by word.
struct Command {
    std::string_view words;   ///< "SET VARIABLE"
    std::string_view syntax;  ///< what follows: "variablename value"
    std::size_t least = 0;    ///< arguments needed
    std::size_t most = 127;   ///< arguments allowed; more are answered 520
    bool runs_dead = false;   ///< may run when the channel has hung up
    std::string_view summary;
    std::string_view meaning;  ///< what it does and answers
    Task<void> (*run)(Session&) = nullptr;

    [[nodiscard]] std::size_t word_count() const;
    /// The lines between "520-" and "520 End".
    [[nodiscard]] std::string usage() const;
};

/// All rows, sorted by their words.
std::span<const Command> commands();
/// The command with which `words` begin: the longest that fits. Null if there is none.
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
