// DIALPLAN_EXISTS, EVAL_EXTEN, EXCEPTION: functions on the dialplan itself.

#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/whole.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

dialplan::Plan::Query query(FunctionCall& call, std::string_view context, std::string_view exten) {
    if (call.channel) return dialplan::query_for(*call.channel, context, exten);
    return {.context = context, .exten = exten, .caller = {}, .now = call.pbx.loop->clock().wall()};
}

/// What DIALPLAN_EXISTS and VALID_EXTEN ask for: a priority by number, or (DIALPLAN_EXISTS) by its label.
struct Wanted {
    std::string context, exten;
    int priority = 1;
    std::string label{};
};
Text answer(FunctionCall& call, const Wanted& wanted) {
    const auto plan = call.pbx.dialplan->plan();
    const auto place = query(call, wanted.context, wanted.exten);
    if (!wanted.label.empty()) return truth(static_cast<bool>(plan->find_label(place, wanted.label)));
    return truth(plan->exists(place, wanted.priority));
}
/// A database is asked where the extension may lie in one.
Task<Text> answer_later(FunctionCall call, Wanted wanted) {
    if (!call.channel || !wanted.label.empty() || call.pbx.dialplan->plan()->outside() == nullptr)
        co_return answer(call, wanted);
    co_return truth(co_await dialplan::exists_later(*call.channel, {wanted.context, wanted.exten, wanted.priority}));
}

std::optional<Wanted> wanted_of_exists(const Arguments& args) {
    if (!args.has(1)) return std::nullopt;
    Wanted wanted{.context = args[0], .exten = args[1]};
    if (!args.has(2)) return wanted;
    if (const auto priority = parse_whole<int>(args[2]))
        wanted.priority = *priority;
    else
        wanted.label = args[2];
    return wanted;
}
std::optional<Text> known_already(FunctionCall& call, const Arguments& args) {
    if (!args.has(0)) return Text(failed(call, "needs a context"));  // known: nothing
    if (!args.has(1)) return truth(call.pbx.dialplan->plan()->context(args[0]) != nullptr);
    return std::nullopt;
}
Text dialplan_exists(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    if (const auto known = known_already(call, args)) return *known;
    return answer(call, *wanted_of_exists(args));
}
Task<Text> dialplan_exists_later(FunctionCall call) {
    const Arguments args(call.args, ',', 3);
    if (const auto known = known_already(call, args)) co_return *known;
    co_return co_await answer_later(call, *wanted_of_exists(args));
}

Wanted wanted_of_valid(FunctionCall& call, const Arguments& args) {
    return {.context = args.has(0) || !call.channel ? args[0] : call.channel->location().context,
            .exten = args[1],
            .priority = parse_whole<int>(args[2]).value_or(1)};
}
Text valid_exten(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    if (!args.has(1)) return failed(call, "needs an extension");
    return answer(call, wanted_of_valid(call, args));
}
Task<Text> valid_exten_later(FunctionCall call) {
    const Arguments args(call.args, ',', 3);
    if (!args.has(1)) co_return failed(call, "needs an extension");
    co_return co_await answer_later(call, wanted_of_valid(call, args));
}

/// What Return() of another extension would give, worked out on this channel without going there.
Text eval_exten(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    const auto where = dialplan::parse_location(*channel, call.args);
    if (!where) return failed(call, where.error());
    const auto plan = call.pbx.dialplan->plan();
    const auto found = plan->find(query(call, where->context, where->exten), where->priority);
    if (!found) return failed(call, "there is no such place");
    if (lower(found.priority->application) != "return") return failed(call, "that place does not return");
    // ${EXTEN} and ${CONTEXT} are those of the other place.
    const auto here = channel->location();
    channel->set_location(*where);
    auto value = dialplan::substitute(call.pbx, channel, found.priority->data.text());
    channel->set_location(here);
    return value;
}

Task<Text> eval_sub(FunctionCall call) {
    auto* channel = channel_of(call);
    if (!channel) co_return std::nullopt;
    if (!co_await dialplan::run_gosub(*channel, std::string(call.args))) co_return std::nullopt;
    const auto* value = channel->variable("GOSUB_RETVAL");
    co_return value ? *value : std::string{};
}

Text exception(FunctionCall& call) {
    auto* channel = channel_of(call);
    auto* raised = channel ? channel->find_extra<dialplan::Exception>() : nullptr;
    if (!raised) return std::nullopt;
    const auto field = lower(call.args);
    if (field == "reason") return raised->reason;
    if (field == "context") return raised->context;
    if (field == "exten") return raised->exten;
    if (field == "priority") return std::to_string(raised->priority);
    return failed(call, "only reason, context, exten and priority are known");
}

}  // namespace

void add_dialplan_functions(dialplan::Functions& all) {
    const dialplan::Parameter context{"context", "the context"};
    const dialplan::Parameter exten{"extension", "the extension"};
    const dialplan::Parameter priority{"priority", "number or label"};
    all.add({.name = "DIALPLAN_EXISTS",
             .synopsis = "1 if the dialplan has a place",
             .syntax = "DIALPLAN_EXISTS(context[,extension[,priority]])",
             .parameters = {context, exten, priority},
             .read = dialplan_exists,
             .read_later = dialplan_exists_later,
             .module = "func_dialplan"});
    all.add({.name = "VALID_EXTEN",
             .synopsis = "1 if the dialplan has an extension",
             .syntax = "VALID_EXTEN([context],extension[,priority])",
             .parameters = {context, exten, priority},
             .read = valid_exten,
             .read_later = valid_exten_later,
             .module = "func_dialplan"});
    all.add({.name = "EVAL_EXTEN",
             .synopsis = "what Return() at another place would give",
             .syntax = "EVAL_EXTEN([context,]extension,priority)",
             .parameters = {context, exten, priority},
             .read = eval_exten,
             .module = "func_evalexten"});
    all.add({.name = "EVAL_SUB",
             .synopsis = "what a subroutine returns",
             .syntax = "EVAL_SUB([context,]extension,priority)",
             .parameters = {context, exten, priority},
             .read_later = eval_sub,
             .module = "func_evalexten"});
    all.add({.name = "EXCEPTION",
             .synopsis = "what went wrong, in the extension e",
             .syntax = "EXCEPTION(field)",
             .parameters = {{"field", "reason, context, exten or priority"}},
             .read = exception,
             .module = "pbx_builtins"});
}

}  // namespace asterism::functions
