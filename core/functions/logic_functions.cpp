// IF, IFTIME, EXISTS, ISNULL, SET, MATH and the other functions that decide and compute.
#include <fmt/format.h>

#include <cmath>

#include "asterism/dialplan/test_time.hpp"
#include "asterism/dialplan/timing.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/math.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/random.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

/// What stands after the ?, for true and for false.
std::string choose(std::string_view choices, bool condition) {
    const Arguments parts(choices, ':', 2);
    return std::string(unquote(condition ? parts[0] : parts[1]));
}

Text if_(FunctionCall& call) {
    const Arguments parts(call.args, '?', 2);
    if (parts.size() < 2) return failed(call, "needs expression?true:false");
    return choose(parts[1], dialplan::is_true(trim(parts[0])));
}

Text if_time(FunctionCall& call) {
    const Arguments parts(call.args, '?', 2);
    if (parts.size() < 2) return failed(call, "needs timespec?true:false");
    const auto timing = dialplan::Timing::parse(trim(parts[0]));
    if (!timing) return failed(call, timing.error());
    return choose(parts[1], timing->includes(dialplan::time_for(call.pbx, call.channel)));
}

Text exists(FunctionCall& call) { return truth(!call.args.empty()); }
Text is_null(FunctionCall& call) { return truth(call.args.empty()); }

Text set(FunctionCall& call) {
    const auto equals = call.args.find('=');
    if (equals == std::string_view::npos) return failed(call, "needs name=value");
    const auto name = trim(call.args.substr(0, equals));
    const auto value = call.args.substr(equals + 1);
    (void)dialplan::set_variable(call.pbx, call.channel, name, value);
    return std::string(value);
}

bool delete_variable(FunctionCall& call, std::string_view) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    (void)channel->variables().unset(call.args);
    return true;
}

Text variable_exists(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    return truth(channel->variable(call.args) != nullptr);
}

Text math_(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    const auto result = math(args[0], args[1]);
    if (!result) return failed(call, result.error());
    return *result;
}

Text step(FunctionCall& call, double by) {
    const auto value = parse_number(value_of(call, call.args));
    if (!value) return failed(call, "the variable holds no number");
    auto text = number_text(*value + by);
    (void)dialplan::set_variable(call.pbx, call.channel, call.args, text);
    return text;
}
Text increment(FunctionCall& call) { return step(call, 1); }
Text decrement(FunctionCall& call) { return step(call, -1); }

Text smaller(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    const auto a = parse_number(args[0]), b = parse_number(args[1]);
    if (!a || !b) return failed(call, "needs two numbers");
    return number_text(std::min(*a, *b));
}
Text larger(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    const auto a = parse_number(args[0]), b = parse_number(args[1]);
    if (!a || !b) return failed(call, "needs two numbers");
    return number_text(std::max(*a, *b));
}
Text absolute(FunctionCall& call) {
    const auto value = parse_number(call.args);
    if (!value) return failed(call, "needs a number");
    return number_text(std::fabs(*value));
}
Text digit_sum(FunctionCall& call) {
    long sum = 0;
    for (char c : call.args) {
        if (c < '0' || c > '9') return failed(call, "needs digits");
        sum += c - '0';
    }
    return std::to_string(sum);
}

Text random_number(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    auto low = whole_number(parse_number(args[0]).value_or(0));
    auto high = whole_number(parse_number(args[1]).value_or(2147483647));
    if (high < low) std::swap(low, high);
    const auto range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    const auto offset = range == 0 ? call.pbx.random->next() : call.pbx.random->below(range);
    return std::to_string(static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset));
}

}  // namespace

void add_logic_functions(dialplan::Functions& all) {
    all.add({.name = "IF",
             .synopsis = "one of two values",
             .syntax = "IF(expression?[true][:false])",
             .parameters = {{"expression", "true unless empty or 0"},
                            {"true", "the value then"},
                            {"false", "the value otherwise"}},
             .read = if_,
             .module = "func_logic"});
    all.add({.name = "IFTIME",
             .synopsis = "one of two values, by the time",
             .syntax = "IFTIME(timespec?[true][:false])",
             .parameters = {{"timespec", "times,weekdays,days,months[,zone]"},
                            {"true", "the value then"},
                            {"false", "the value otherwise"}},
             .read = if_time,
             .module = "func_logic"});
    all.add({.name = "EXISTS",
             .synopsis = "1 if there is any text",
             .syntax = "EXISTS(data)",
             .read = exists,
             .module = "func_logic"});
    all.add({.name = "ISNULL",
             .synopsis = "1 if there is no text",
             .syntax = "ISNULL(data)",
             .read = is_null,
             .module = "func_logic"});
    all.add({.name = "SET",
             .synopsis = "sets a variable and gives its value",
             .syntax = "SET(varname=value)",
             .read = set,
             .module = "func_logic"});
    all.add({.name = "DELETE",
             .synopsis = "removes a variable of the channel",
             .syntax = "DELETE(varname)",
             .write = delete_variable,
             .module = "func_logic"});
    all.add({.name = "VARIABLE_EXISTS",
             .synopsis = "1 if the channel has the variable",
             .syntax = "VARIABLE_EXISTS(varname)",
             .read = variable_exists,
             .module = "func_logic"});
    all.add({.name = "RAND",
             .synopsis = "a random whole number",
             .syntax = "RAND([min][,max])",
             .parameters = {{"min", "at least; 0"}, {"max", "at most; 2147483647"}},
             .read = random_number,
             .module = "func_rand"});
}

void add_math_functions(dialplan::Functions& all) {
    const dialplan::Parameter name{"variable", "name of a variable that holds a number"};
    all.add({.name = "MATH",
             .synopsis = "two numbers and an operator",
             .syntax = "MATH(expression[,type])",
             .parameters = {{"expression", "+ - * / % ^ << >> & | < <= > >= == AND OR XOR"},
                            {"type", "f (six decimals), i, h or c"}},
             .read = math_,
             .module = "func_math"});
    all.add({.name = "INC",
             .synopsis = "adds one to a variable",
             .syntax = "INC(variable)",
             .parameters = {name},
             .read = increment,
             .module = "func_math"});
    all.add({.name = "DEC",
             .synopsis = "takes one from a variable",
             .syntax = "DEC(variable)",
             .parameters = {name},
             .read = decrement,
             .module = "func_math"});
    all.add({.name = "MIN",
             .synopsis = "the smaller number",
             .syntax = "MIN(num1,num2)",
             .read = smaller,
             .module = "func_math"});
    all.add({.name = "MAX",
             .synopsis = "the larger number",
             .syntax = "MAX(num1,num2)",
             .read = larger,
             .module = "func_math"});
    all.add({.name = "ABS",
             .synopsis = "a number without its sign",
             .syntax = "ABS(num)",
             .read = absolute,
             .module = "func_math"});
    all.add({.name = "DIGIT_SUM",
             .synopsis = "sum of a number's digits",
             .syntax = "DIGIT_SUM(num)",
             .read = digit_sum,
             .module = "func_math"});
}

}  // namespace asterism::functions
