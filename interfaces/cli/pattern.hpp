// How what was typed is set against the names of commands: "core sh ch co" is `core show channels [concise|...]`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::cli {

/// A command's name taken apart. One word: its alternatives (a plain word has one).
class Pattern {
  public:
    explicit Pattern(std::string_view name);

    struct Match {
        std::vector<std::string> words;  ///< the name's words in full, options included
        std::size_t exact = 0;           ///< how many were typed in full
        [[nodiscard]] bool all_exact() const { return exact == words.size(); }
    };
    /// Nothing if a word that the name requires is missing or different.
    [[nodiscard]] std::optional<Match> match(const std::vector<std::string>& typed) const;
    /// Words of the name that may follow `typed`; `at_end` is set when all of the name's words are there.
    [[nodiscard]] std::vector<std::string> next(const std::vector<std::string>& typed, bool& at_end) const;
    /// The words without braces and options: what `help` sorts by.
    [[nodiscard]] std::string plain() const;

  private:
    struct Word {
        std::vector<std::string> alternatives;
        bool optional = false;
    };
    std::vector<Word> words_;
};

[[nodiscard]] bool equal_words(std::string_view a, std::string_view b);
[[nodiscard]] bool begins(std::string_view word, std::string_view begin);

}  // namespace asterism::cli
