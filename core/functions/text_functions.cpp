// LEN, FILTER, REPLACE and the other functions on one text.
#include <charconv>

#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

Text len(FunctionCall& call) { return std::to_string(call.args.size()); }
Text to_upper(FunctionCall& call) { return upper(call.args); }
Text to_lower(FunctionCall& call) { return lower(call.args); }
Text trim_both(FunctionCall& call) { return std::string(trim(call.args)); }
Text trim_begin(FunctionCall& call) { return std::string(trim_left(call.args)); }
Text trim_end(FunctionCall& call) { return std::string(trim_right(call.args)); }
Text keypad_hash(FunctionCall& call) { return keypad(call.args); }
Text quoted(FunctionCall& call) { return quote(call.args); }
Text csv_quoted(FunctionCall& call) { return csv_quote(call.args); }
Text pass_through(FunctionCall& call) { return std::string(call.args); }

Text filtered(FunctionCall& call) {
    const auto comma = call.args.find(',');
    if (comma == std::string_view::npos) return failed(call, "needs the characters to keep and a text");
    return filter(call.args.substr(0, comma), call.args.substr(comma + 1));
}

Text replace(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    if (!args.has(0) || !args.has(1)) return failed(call, "needs a variable's name and the characters to replace");
    const auto with = unescape(args[2]);
    return replace_chars(value_of(call, args[0]), unescape(args[1]),
                         with.empty() ? std::nullopt : std::optional(with.front()));
}

Text string_replace(FunctionCall& call) {
    const Arguments args(call.args, ',', 4);
    if (!args.has(0) || !args.has(1)) return failed(call, "needs a variable's name and the text to replace");
    long most = -1;
    if (args.has(3)) {
        const auto& text = args[3];
        std::from_chars(text.data(), text.data() + text.size(), most);
        if (most < 1) return value_of(call, args[0]);
    }
    return replace_text(value_of(call, args[0]), args[1], args[2], most);
}

Text between(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    if (!args.has(0)) return failed(call, "needs a variable's name");
    return interleave(value_of(call, args[0]), args[1]);
}

Text regex(FunctionCall& call) {
    auto text = trim_left(call.args);
    std::string pattern;
    if (!text.starts_with('"')) return failed(call, "needs a pattern in quotes and a text");
    text.remove_prefix(1);
    while (!text.empty() && text.front() != '"') {
        // One backslash is the argument's, as everywhere in the dialplan: a pattern's own are written twice.
        if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
        pattern += text.front();
        text.remove_prefix(1);
    }
    if (text.empty()) return failed(call, "needs a pattern in quotes and a text");
    text.remove_prefix(1);
    if (text.starts_with(' ')) text.remove_prefix(1);
    const auto found = regex_match(pattern, text);
    if (!found) return failed(call, found.error());
    return truth(*found);
}

Text sprintf(FunctionCall& call) {
    const Arguments args(call.args);
    if (args.size() == 0) return failed(call, "needs a format");
    const auto result = format(args[0], {args.all().begin() + 1, args.all().end()});
    if (!result) return failed(call, result.error());
    return *result;
}

}  // namespace

void add_text_functions(dialplan::Functions& all) {
    all.add({.name = "LEN",
             .synopsis = "length of a text in bytes",
             .syntax = "LEN(string)",
             .read = len,
             .module = "func_strings"});
    all.add({.name = "TOUPPER",
             .synopsis = "in upper case",
             .syntax = "TOUPPER(string)",
             .read = to_upper,
             .module = "func_strings"});
    all.add({.name = "TOLOWER",
             .synopsis = "in lower case",
             .syntax = "TOLOWER(string)",
             .read = to_lower,
             .module = "func_strings"});
    all.add({.name = "TRIM",
             .synopsis = "without blanks at both ends",
             .syntax = "TRIM(string)",
             .read = trim_both,
             .module = "func_strings"});
    all.add({.name = "LTRIM",
             .synopsis = "without blanks in front",
             .syntax = "LTRIM(string)",
             .read = trim_begin,
             .module = "func_strings"});
    all.add({.name = "RTRIM",
             .synopsis = "without blanks at the end",
             .syntax = "RTRIM(string)",
             .read = trim_end,
             .module = "func_strings"});
    all.add({.name = "KEYPADHASH",
             .synopsis = "the keys of a telephone that spell a text",
             .syntax = "KEYPADHASH(string)",
             .read = keypad_hash,
             .module = "func_strings"});
    all.add({.name = "QUOTE",
             .synopsis = "in quotes, with backslashes before quotes",
             .syntax = "QUOTE(string)",
             .read = quoted,
             .module = "func_strings"});
    all.add({.name = "CSV_QUOTE",
             .synopsis = "in quotes for a CSV file",
             .syntax = "CSV_QUOTE(string)",
             .read = csv_quoted,
             .module = "func_strings"});
    all.add({.name = "PASSTHRU",
             .synopsis = "its argument, where a variable's name is wanted",
             .syntax = "PASSTHRU([string])",
             .read = pass_through,
             .module = "func_strings"});
    all.add({.name = "FILTER",
             .synopsis = "only the listed characters of a text",
             .syntax = "FILTER(allowed-chars,string)",
             .parameters = {{"allowed-chars", "characters and ranges: 0-9a-z, \\n, \\x2d"}, {"string", "any text"}},
             .read = filtered,
             .module = "func_strings"});
    all.add({.name = "REPLACE",
             .synopsis = "a variable's value with characters replaced or removed",
             .syntax = "REPLACE(varname,find-chars[,replace-char])",
             .parameters = {{"varname", "name of a variable"},
                            {"find-chars", "every one of these goes"},
                            {"replace-char", "what takes its place; nothing: removed"}},
             .read = replace,
             .module = "func_strings"});
    all.add({.name = "STRREPLACE",
             .synopsis = "a variable's value with a text replaced",
             .syntax = "STRREPLACE(varname,find-string[,replace-string[,max-replacements]])",
             .parameters = {{"varname", "name of a variable"},
                            {"find-string", "what is replaced"},
                            {"replace-string", "by what; nothing: removed"},
                            {"max-replacements", "at most so often, from the left"}},
             .read = string_replace,
             .module = "func_strings"});
    all.add({.name = "STRBETWEEN",
             .synopsis = "a variable's value with a text between its characters",
             .syntax = "STRBETWEEN(varname,insert-string)",
             .parameters = {{"varname", "name of a variable"}, {"insert-string", "what stands between"}},
             .read = between,
             .module = "func_strings"});
    all.add({.name = "REGEX",
             .synopsis = "1 if a text matches a pattern, else 0",
             .syntax = "REGEX(\"regular expression\" string)",
             .parameters = {{"regular expression", "POSIX extended"}, {"string", "any text"}},
             .read = regex,
             .module = "func_strings"});
    all.add({.name = "SPRINTF",
             .synopsis = "values put into a pattern",
             .syntax = "SPRINTF(format,arg1[,...])",
             .parameters = {{"format", "as C's printf"}, {"arg1", "value of the first conversion"}},
             .read = sprintf,
             .module = "func_sprintf"});
}

}  // namespace asterism::functions
