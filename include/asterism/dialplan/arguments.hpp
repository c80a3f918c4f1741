// How the text between an application's or function's parentheses is taken apart.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::dialplan {

/// Splits at `separator` outside "", () and []; quotes are taken away, a backslash too and what follows it is kept as
/// it is. Nothing is trimmed. With `max`, the last part is the rest of the text, untouched. Empty text: no parts.
[[nodiscard]] std::vector<std::string> split_arguments(std::string_view text, char separator = ',',
                                                       std::size_t max = static_cast<std::size_t>(-1));

/// The parts of an argument list; those that were not given are empty.
class Arguments {
  public:
    explicit Arguments(std::string_view text, char separator = ',', std::size_t max = static_cast<std::size_t>(-1))
        : parts_(split_arguments(text, separator, max)) {}
    [[nodiscard]] std::size_t size() const { return parts_.size(); }
    [[nodiscard]] bool has(std::size_t i) const { return i < parts_.size() && !parts_[i].empty(); }
    [[nodiscard]] const std::string& operator[](std::size_t i) const;
    [[nodiscard]] const std::vector<std::string>& all() const { return parts_; }

  private:
    std::vector<std::string> parts_;
};

/// Single letter options, each perhaps with a parenthesis: "rL(60000:10000)g".
class OptionLetters {
  public:
    explicit OptionLetters(std::string_view text);
    [[nodiscard]] bool has(char letter) const;
    /// What stands in the letter's parenthesis; empty without one.
    [[nodiscard]] std::string_view argument(char letter) const;
    /// The letters in their order, to warn of unknown ones.
    [[nodiscard]] std::string letters() const;

  private:
    struct Option {
        char letter;
        std::string argument;
    };
    std::vector<Option> options_;
};

/// What the dialplan takes for true: not empty, and if it is a number not 0.
[[nodiscard]] bool is_true(std::string_view text);

}  // namespace asterism::dialplan
