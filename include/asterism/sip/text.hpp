// Small text helpers of the grammar of RFC 3261 25. All work on views and allocate nothing unless they return a string.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace asterism::sip {

[[nodiscard]] constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
/// ASCII case-insensitive.
[[nodiscard]] bool iequals(std::string_view a, std::string_view b);
/// Without spaces, tabs and line ends around it.
[[nodiscard]] std::string_view trim(std::string_view text);
/// A decimal number that fills all of `text` and is at most `most`.
[[nodiscard]] std::optional<std::uint32_t> number(std::string_view text, std::uint32_t most = 0xFFFFFFFFu);

/// Takes the next element of a comma-separated header value off `rest`, honouring quotes and angle brackets; the
/// element comes trimmed. False at the end.
bool next_element(std::string_view& rest, std::string_view& element);
/// Whether a comma-separated list of tokens (Supported, Require, Allow) holds `token`, case-insensitively.
[[nodiscard]] bool list_contains(std::string_view list, std::string_view token);

/// The text of a quoted-string with its quotes and escapes taken away; other text as it is.
[[nodiscard]] std::string unquote(std::string_view text);
/// `text` in quotes, with `"` and `\` escaped.
[[nodiscard]] std::string quote(std::string_view text);
/// %-escapes resolved (RFC 3261 19.1.2).
[[nodiscard]] std::string unescape(std::string_view text);
/// Escaped so that it may stand in the user part of a SIP URI.
[[nodiscard]] std::string escape_user(std::string_view text);

/// `name=value` pairs separated by `;`, as they stand behind a URI or a header value. A view.
class Params {
  public:
    constexpr Params() = default;
    /// `raw` may begin with `;`.
    constexpr explicit Params(std::string_view raw) : raw_(raw) {}

    /// The value of a parameter (names are case-insensitive): empty if it has none, nothing if it is not there.
    /// A quoted value comes with its quotes.
    [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return get(name).has_value(); }
    /// Takes the next pair off; false at the end.
    bool next(std::string_view& name, std::string_view& value);
    [[nodiscard]] std::string_view raw() const { return raw_; }

  private:
    std::string_view raw_;
};

}  // namespace asterism::sip
