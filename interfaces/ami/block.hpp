// Writing of AMI blocks: `Name: value` lines into a string that goes to a session, or to all of them.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace asterism::ami {

/// Appends header lines to a string that outlives it. A value cannot break out of its line: CR and LF become blanks.
class Block {
  public:
    explicit Block(std::string& out) : out_(out) {}

    Block& header(std::string_view name, std::string_view value) {
        out_.append(name).append(": ");
        append_clean(value);
        out_.append("\r\n");
        return *this;
    }
    /// The name is put together from a prefix and a name ("Dest" "Channel").
    Block& header(std::string_view prefix, std::string_view name, std::string_view value) {
        out_.append(prefix);
        return header(name, value);
    }
    template <std::integral N>
        requires(!std::same_as<N, bool> && !std::same_as<N, char>)
    Block& header(std::string_view name, N value) {
        char digits[24];
        auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        return header(name, std::string_view(digits, static_cast<std::size_t>(end - digits)));
    }
    template <std::integral N>
        requires(!std::same_as<N, bool> && !std::same_as<N, char>)
    Block& header(std::string_view prefix, std::string_view name, N value) {
        out_.append(prefix);
        return header(name, value);
    }
    template <class... Args>
    Block& format(std::string_view name, fmt::format_string<Args...> text, Args&&... args) {
        return header(name, fmt::format(text, std::forward<Args>(args)...));
    }
    /// The empty line.
    void end() { out_.append("\r\n"); }

    [[nodiscard]] std::string& out() { return out_; }

  private:
    void append_clean(std::string_view value) {
        if (value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos) {
            out_.append(value);
            return;
        }
        for (char c : value) out_.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
    }
    std::string& out_;
};

/// C escapes for control characters, backslash, quotes and question mark, as values of VarSet, Getvar and Status have
/// them since Asterisk 13.5. `value` itself when there is nothing to escape; else `kept` holds the result.
[[nodiscard]] std::string_view escape_c(std::string_view value, std::string& kept);

}  // namespace asterism::ami
