// CUT, FIELDQTY, PUSH and the other functions on lists of values.
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

/// The one character that an argument gives as delimiter.
char delimiter(const std::string& argument, char usual) {
    const auto text = unescape(argument);
    return text.empty() ? usual : text.front();
}

Text cut_fields(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    if (!args.has(0) || !args.has(2)) return failed(call, "needs a variable's name, a delimiter and fields");
    auto result = cut(value_of(call, args[0]), delimiter(args[1], '-'), args[2]);
    if (!result) return failed(call, result.error());
    return std::move(*result);
}

Text field_quantity(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    if (!args.has(0)) return failed(call, "needs a variable's name");
    const auto value = value_of(call, args[0]);
    if (args.size() < 2) return "1";
    return std::to_string(split(value, delimiter(args[1], '\0')).size());
}

Text field_place(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    if (args.size() < 3) return failed(call, "needs a variable's name, a delimiter and a value");
    return std::to_string(field_number(value_of(call, args[0]), delimiter(args[1], ','), args[2]));
}

Text list_filter(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    if (args.size() < 3) return failed(call, "needs a variable's name, a delimiter and a value");
    return without_field(value_of(call, args[0]), delimiter(args[1], ','), args[2]);
}

Text sorted(FunctionCall& call) { return sort_keys(call.args); }

/// Takes the first or last field out of the variable.
Text take(FunctionCall& call, bool first) {
    const Arguments args(call.args, ',', 2);
    if (!args.has(0)) return failed(call, "needs a variable's name");
    const auto value = value_of(call, args[0]);
    if (value.empty()) return std::string{};
    const char mark = delimiter(args[1], ',');
    const auto at = first ? value.find(mark) : value.rfind(mark);
    std::string taken = value, rest;
    if (at != std::string::npos) {
        taken = first ? value.substr(0, at) : value.substr(at + 1);
        rest = first ? value.substr(at + 1) : value.substr(0, at);
    }
    (void)dialplan::set_variable(call.pbx, call.channel, args[0], rest);
    return taken;
}
Text shift(FunctionCall& call) { return take(call, true); }
Text pop(FunctionCall& call) { return take(call, false); }

/// Adds the values, one after the other, at the end or in front.
bool put(FunctionCall& call, std::string_view values, bool last) {
    const Arguments args(call.args, ',', 2);
    if (!args.has(0)) return refused(call, "needs a variable's name");
    const char mark = delimiter(args[1], ',');
    auto list = value_of(call, Variables::bare(args[0]));
    for (const auto& value : dialplan::split_arguments(values)) {
        if (list.empty())
            list = value;
        else if (last)
            list += mark + value;
        else
            list = value + mark + list;
    }
    return dialplan::set_variable(call.pbx, call.channel, args[0], list);
}
bool push(FunctionCall& call, std::string_view values) { return put(call, values, true); }
bool unshift(FunctionCall& call, std::string_view values) { return put(call, values, false); }

bool array(FunctionCall& call, std::string_view value) {
    const Arguments names(call.args);
    const auto values = dialplan::split_arguments(value);
    for (std::size_t i = 0; i < names.size(); ++i)
        (void)dialplan::set_variable(call.pbx, call.channel, names[i], i < values.size() ? values[i] : std::string{});
    return names.size() > 0 || refused(call, "needs names of variables");
}

}  // namespace

void add_list_functions(dialplan::Functions& all) {
    const dialplan::Parameter name{"varname", "name of a variable that holds a list"};
    const dialplan::Parameter mark{"delimiter", "one character between the fields; \\n, \\t and \\x2c are understood"};
    const dialplan::Parameter value{"value", "a field"};
    all.add({.name = "CUT",
             .synopsis = "fields of a list by number",
             .syntax = "CUT(varname,char-delim,range-spec)",
             .parameters = {name, mark, {"range-spec", "fields and ranges joined by &: 1&3-5&7-"}},
             .read = cut_fields,
             .module = "func_cut"});
    all.add({.name = "SORT",
             .synopsis = "keys ordered by their numbers",
             .syntax = "SORT(key1:val1[,key2:val2[,...]])",
             .parameters = {{"key1:val1", "a key and the number it is ordered by"}},
             .read = sorted,
             .module = "func_cut"});
    all.add({.name = "FIELDQTY",
             .synopsis = "how many fields there are",
             .syntax = "FIELDQTY(varname,delim)",
             .parameters = {name, mark},
             .read = field_quantity,
             .module = "func_strings"});
    all.add({.name = "FIELDNUM",
             .synopsis = "which field has a value, from 1; 0: none",
             .syntax = "FIELDNUM(varname,delim,value)",
             .parameters = {name, mark, value},
             .read = field_place,
             .module = "func_strings"});
    all.add({.name = "LISTFILTER",
             .synopsis = "a list without a value",
             .syntax = "LISTFILTER(varname,delim,value)",
             .parameters = {name, mark, value},
             .read = list_filter,
             .module = "func_strings"});
    all.add({.name = "SHIFT",
             .synopsis = "takes the first field out of a list",
             .syntax = "SHIFT(varname[,delimiter])",
             .parameters = {name, mark},
             .read = shift,
             .module = "func_strings"});
    all.add({.name = "POP",
             .synopsis = "takes the last field out of a list",
             .syntax = "POP(varname[,delimiter])",
             .parameters = {name, mark},
             .read = pop,
             .module = "func_strings"});
    all.add({.name = "PUSH",
             .synopsis = "adds values at the end of a list",
             .syntax = "PUSH(varname[,delimiter])",
             .parameters = {name, mark},
             .write = push,
             .module = "func_strings"});
    all.add({.name = "UNSHIFT",
             .synopsis = "adds values in front of a list",
             .syntax = "UNSHIFT(varname[,delimiter])",
             .parameters = {name, mark},
             .write = unshift,
             .module = "func_strings"});
    all.add({.name = "ARRAY",
             .synopsis = "sets several variables from a list",
             .syntax = "ARRAY(var1[,var2[,...]])",
             .parameters = {{"var1", "name of the first variable"}},
             .write = array,
             .module = "func_strings"});
}

}  // namespace asterism::functions
