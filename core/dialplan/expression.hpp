// Values of $[...] and the arithmetic on them.
#pragma once

#include <forward_list>
#include <string>
#include <string_view>

namespace asterism::dialplan {

/// A number, or a text (with its quotes, if it has any).
struct Value {
    bool number = false;
    long double n = 0;
    std::string_view text;

    static Value of(long double n) { return {true, n, {}}; }
    static Value of(bool b) { return {true, b ? 1.0L : 0.0L, {}}; }
};

/// Texts that an evaluation makes; they live as long as it does.
using Texts = std::forward_list<std::string>;

/// "[-]digits[.digits]": what an expression takes for a number.
bool parse_number(std::string_view text, long double& into);
/// As Asterisk prints: whole numbers without a point, else 18 significant digits.
void append_number(long double value, std::string& out);
[[nodiscard]] std::string_view unquoted(std::string_view text);
/// 0, empty, or two quotes with nothing between.
[[nodiscard]] bool is_null(const Value& value);
/// Texts that are no numbers count as 0.
[[nodiscard]] long double to_number(const Value& value);
[[nodiscard]] std::string_view to_text(const Value& value, Texts& texts);

/// -1, 0, 1: as numbers if both are, else as texts.
[[nodiscard]] int compare(const Value& a, const Value& b, Texts& texts);
/// `:` (anchored) and `=~`: the first parenthesis of the pattern, or how many characters matched.
[[nodiscard]] Value match(const Value& text, const Value& pattern, bool anchored, Texts& texts, std::string& error);
/// FLOOR(x), POW(x,y)...; false if there is no such function.
bool math_function(std::string_view name, const Value* arguments, std::size_t count, Value& result);

}  // namespace asterism::dialplan
