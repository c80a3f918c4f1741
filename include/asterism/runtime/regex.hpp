// Regular expressions of dialplans, filters and questions: POSIX extended (regex(7)), as Asterisk takes them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct re_pattern_buffer;  // regex.h's regex_t

namespace asterism {

/// Compiled once. One that could not be compiled matches nothing, and says why; so does one whose repetitions come to
/// more than 1,000 states, or that nests more than 200 parentheses.
class Regex {
  public:
    enum class Case : bool { matters, ignored };
    explicit Regex(const std::string& pattern, Case letters = Case::matters);

    [[nodiscard]] bool good() const { return error_.empty(); }
    /// The C library's words, or "Regular expression too big"; empty: it is good.
    [[nodiscard]] const std::string& error() const { return error_; }
    /// How many parts of it stand in parentheses.
    [[nodiscard]] std::size_t groups() const;
    /// Whether any part of `text` matches.
    [[nodiscard]] bool matches(std::string_view text) const;
    /// What matched, then what each group did (its data() is null where it took no part), at most `most` of them;
    /// empty: nothing matches. They are parts of `text`.
    [[nodiscard]] std::vector<std::string_view> find(std::string_view text, std::size_t most = 10) const;

  private:
    struct Free {
        void operator()(re_pattern_buffer* compiled) const;
    };
    std::unique_ptr<re_pattern_buffer, Free> compiled_;
    std::string error_;
};

}  // namespace asterism
