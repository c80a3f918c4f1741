// Variables, functions and expressions in the dialplan's texts: ${NAME:off:len}, ${FUNC(args)}, $[1 + 2].
//
// Everybody who reads or sets a variable by the name a user wrote (AMI Getvar, ARI, AGI, applications) comes here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace asterism {
struct Pbx;
class Channel;
}  // namespace asterism

namespace asterism::dialplan {

/// What names mean while a text is substituted.
class Scope {
  public:
    virtual ~Scope() = default;
    /// Appends a variable's value. False: unset.
    virtual bool append_variable(std::string_view name, std::string& out) = 0;
    /// Appends what NAME(args) gives. False: failed or unknown, which has been logged.
    virtual bool append_function(std::string_view name, std::string_view args, std::string& out) = 0;
};

/// The value of `$[...]`'s inside after substitution: operators | & = == != < > <= >= + - * / % ! : =~ ?: ~~ and
/// parentheses; numbers (also with fraction) compare as numbers, else as texts. Nothing: a syntax error, with what is
/// wrong in `error`.
[[nodiscard]] std::optional<std::string> evaluate_expression(std::string_view text, std::string* error = nullptr);

/// Text longer than this is cut, with a warning: a value that doubles itself in a loop must not take the memory.
inline constexpr std::size_t max_value = 1u << 20;

/// Replaces all ${} and $[] of a text that was not there at load.
[[nodiscard]] std::string substitute(Scope& scope, std::string_view text);
/// The same on a channel (null: globals only).
[[nodiscard]] std::string substitute(Pbx& pbx, Channel* channel, std::string_view text);

/// NAME, NAME:off:len or FUNC(args), without ${}. Nothing: unset, or the function failed.
[[nodiscard]] std::optional<std::string> get_variable(Pbx& pbx, Channel* channel, std::string_view name);
/// NAME (with its _ or __), or FUNC(args). Without a channel a NAME is a global. False: the function failed.
bool set_variable(Pbx& pbx, Channel* channel, std::string_view name, std::string_view value);
/// Sets a global (an empty value too); publishes VarSet.
void set_global(Pbx& pbx, std::string_view name, std::string_view value);

/// "FUNC(args)" taken apart; nothing if it is not of that form.
struct FunctionName {
    std::string_view name, args;
};
[[nodiscard]] std::optional<FunctionName> parse_function_name(std::string_view text);

}  // namespace asterism::dialplan
