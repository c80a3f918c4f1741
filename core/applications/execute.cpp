// ExecIf, ExecIfTime, Exec, TryExec: applications run from text.
#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/test_time.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// "App(args)" taken apart.
struct Call {
    std::string name, data;
};
Call parse_call(std::string_view text) {
    text = functions::trim(text);
    const auto open = text.find('(');
    if (open == std::string_view::npos) return {std::string(text), {}};
    const auto close = text.rfind(')');
    const auto name = functions::trim(text.substr(0, open));
    // A parenthesis that is not closed is as good as closed at the end.
    const auto end = close == std::string_view::npos || close < open ? text.size() : close;
    return {std::string(name), std::string(text.substr(open + 1, end - open - 1))};
}

Task<AppResult> exec(Channel& channel, std::string data) {
    const auto call = parse_call(data);
    if (call.name.empty()) co_return AppResult::go_on();
    if (!channel.pbx().applications->find(call.name)) {
        log::warning("Could not find application ({})", call.name);
        co_return AppResult::hang_up();
    }
    co_return co_await dialplan::execute(channel, call.name, call.data);
}

Task<AppResult> try_exec(Channel& channel, std::string data) {
    const auto call = parse_call(data);
    if (call.name.empty()) co_return AppResult::go_on();
    if (!channel.pbx().applications->find(call.name)) {
        log::warning("Could not find application ({})", call.name);
        channel.set_variable("TRYSTATUS", "NOAPP");
        co_return AppResult::go_on();
    }
    const auto how = co_await dialplan::execute(channel, call.name, call.data);
    channel.set_variable("TRYSTATUS", how.over() ? "FAILED" : "SUCCESS");
    if (channel.hangup_requested()) co_return AppResult::hang_up();
    co_return how.over() ? AppResult::go_on() : how;
}

/// The same text with the colon that separates the two applications found outside of parentheses.
std::pair<std::string_view, std::string_view> split_two(std::string_view text) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
            continue;
        }
        if (text[i] == '"') quoted = !quoted;
        if (quoted) continue;
        if (text[i] == '(') ++depth;
        if (text[i] == ')' && depth > 0) --depth;
        if (text[i] == ':' && depth == 0) return {text.substr(0, i), text.substr(i + 1)};
    }
    return {text, {}};
}

Task<AppResult> exec_if(Channel& channel, std::string data) {
    const auto question = data.find('?');
    if (question == std::string::npos) {
        log::warning("ExecIf requires an argument (expr?app(args)[:app(args)])");
        co_return AppResult::go_on();
    }
    const auto [then, otherwise] = split_two(std::string_view(data).substr(question + 1));
    const bool truth = dialplan::is_true(functions::trim(std::string_view(data).substr(0, question)));
    const auto call = parse_call(truth ? then : otherwise);
    if (call.name.empty()) co_return AppResult::go_on();
    if (!channel.pbx().applications->find(call.name)) {
        log::warning("Could not find application! ({})", call.name);
        co_return AppResult::hang_up();
    }
    co_return co_await dialplan::execute(channel, call.name, call.data);
}

Task<AppResult> exec_if_time(Channel& channel, std::string data) {
    const auto question = data.find('?');
    const auto timing = question == std::string::npos
                            ? std::unexpected(std::string("no ?"))
                            : dialplan::Timing::parse(functions::trim(std::string_view(data).substr(0, question)));
    if (!timing) {
        log::warning("ExecIfTime requires an argument (times,weekdays,mdays,months[,zone]?app(args)): {}",
                     timing.error());
        co_return AppResult::hang_up();
    }
    if (!timing->includes(dialplan::time_for(channel.pbx(), &channel))) co_return AppResult::go_on();
    co_return co_await exec(channel, data.substr(question + 1));
}

}  // namespace

void add_execute_applications(dialplan::Applications& all) {
    // Dangerous because what they run may be: AMI sees the text, not the application in it.
    const dialplan::Parameter app{"appname(arguments)", "an application and what stands in its parentheses"};
    all.add({.name = "Exec",
             .synopsis = "run an application given as text",
             .syntax = "Exec(appname(arguments))",
             .parameters = {app},
             .run = exec,
             .module = "app_exec",
             .dangerous = true});
    all.add({.name = "TryExec",
             .synopsis = "run an application and go on whatever it gives",
             .syntax = "TryExec(appname(arguments))",
             .parameters = {app, {"TRYSTATUS", "SUCCESS, FAILED or NOAPP"}},
             .run = try_exec,
             .module = "app_exec",
             .dangerous = true});
    all.add({.name = "ExecIf",
             .synopsis = "run one of two applications",
             .syntax = "ExecIf(expression?appiftrue(args)[:appiffalse(args)])",
             .parameters = {{"expression", "true unless empty or 0"}, app},
             .run = exec_if,
             .module = "app_exec",
             .dangerous = true});
    all.add({.name = "ExecIfTime",
             .synopsis = "run an application if it is the time",
             .syntax = "ExecIfTime(times,weekdays,mdays,months[,timezone]?appname(args))",
             .parameters = {{"times,weekdays,mdays,months", "9:00-17:00,mon-fri,*,*"}, app},
             .run = exec_if_time,
             .module = "pbx_builtins",
             .dangerous = true});
}

}  // namespace asterism::applications
