// Goto, Gosub, Return and their conditional forms.
#include "asterism/dialplan/executor.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/dialplan/test_time.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// condition?then[:else] taken apart without copies: loops run it often. Nothing without a question mark.
struct Choice {
    std::string_view condition, then, otherwise;
};
std::optional<Choice> parse_choice(std::string_view data) {
    const std::size_t question = data.find('?');
    if (question == std::string_view::npos) return std::nullopt;
    Choice out{
        .condition = functions::trim(data.substr(0, question)), .then = data.substr(question + 1), .otherwise = {}};
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < out.then.size(); ++i) {
        const char c = out.then[i];
        if (c == '"') quoted = !quoted;
        if (c == '(') ++depth;
        if (c == ')' && depth > 0) --depth;
        if (c != ':' || depth > 0 || quoted) continue;
        out.otherwise = out.then.substr(i + 1);
        out.then = out.then.substr(0, i);
        break;
    }
    return out;
}

AppResult jump(Channel& channel, std::string_view place) {
    return dialplan::go_to(channel, place) ? AppResult::go_on() : AppResult::hang_up();
}

AppResult goto_(Channel& channel, std::string_view data) {
    if (data.empty()) return requires_argument("Goto", "[[context,]extension,]priority");
    return jump(channel, data);
}

AppResult goto_if(Channel& channel, std::string_view data) {
    const auto choice = parse_choice(data);
    if (!choice) {
        log::warning("GotoIf requires an argument (condition?[labeliftrue][:labeliffalse])");
        return AppResult::go_on();
    }
    const auto place = functions::unquote(dialplan::is_true(choice->condition) ? choice->then : choice->otherwise);
    if (place.empty()) return AppResult::go_on();
    return jump(channel, place);
}

AppResult goto_if_time(Channel& channel, std::string_view data) {
    const auto choice = parse_choice(data);
    const auto timing = choice ? dialplan::Timing::parse(choice->condition) : std::unexpected(std::string{});
    if (!timing) {
        log::warning("GotoIfTime requires an argument (times,weekdays,mdays,months[,zone]?place) {}", timing.error());
        return AppResult::hang_up();
    }
    const bool now = timing->includes(dialplan::time_for(channel.pbx(), &channel));
    const auto place = functions::trim(now ? choice->then : choice->otherwise);
    if (place.empty()) return AppResult::go_on();
    return jump(channel, place);
}

AppResult call(Channel& channel, std::string_view data) {
    const auto target = dialplan::parse_gosub(data);
    const auto where = dialplan::parse_location(channel, target.place);
    if (!where) {
        log::error("Gosub address is invalid: '{}': {}", target.place, where.error());
        return AppResult::hang_up();
    }
    if (!dialplan::exists(channel, *where)) {
        log::error("Attempt to reach a non-existent destination for gosub: (Context:{}, Extension:{}, Priority:{})",
                   where->context, where->exten, where->priority);
        return AppResult::hang_up();
    }
    auto back = channel.location();
    ++back.priority;
    if (!channel.extra<dialplan::GosubStack>().push(channel, std::move(back), target.arguments)) {
        log::error("Gosub: too many subroutines within each other");
        return AppResult::hang_up();
    }
    dialplan::go_to(channel, *where);
    return AppResult::go_on();
}

AppResult gosub(Channel& channel, std::string_view data) {
    if (data.empty()) return requires_argument("Gosub", "[[context,]exten,]priority[(arg1[,...][,argN])]");
    return call(channel, data);
}

AppResult gosub_if(Channel& channel, std::string_view data) {
    const auto choice = parse_choice(data);
    if (!choice) {
        log::warning("GosubIf requires an argument (condition?place[(args)][:place[(args)]])");
        return AppResult::go_on();
    }
    const auto place = functions::trim(dialplan::is_true(choice->condition) ? choice->then : choice->otherwise);
    if (place.empty()) return AppResult::go_on();
    return call(channel, place);
}

AppResult return_(Channel& channel, std::string_view data) {
    const auto back = channel.extra<dialplan::GosubStack>().pop(channel, data);
    if (!back) {
        log::error("Return without Gosub: stack is empty");
        return AppResult::hang_up();
    }
    dialplan::go_to(channel, *back);
    return AppResult::go_on();
}

AppResult stack_pop(Channel& channel, std::string_view) {
    auto& stack = channel.extra<dialplan::GosubStack>();
    const auto* returned = channel.variable("GOSUB_RETVAL");
    if (!stack.pop(channel, returned ? *returned : std::string{}))
        log::error("StackPop called with no gosub stack allocated.");
    return AppResult::go_on();
}

}  // namespace

void add_flow_applications(dialplan::Applications& all) {
    const dialplan::Parameter place{"priority", "[[context,]extension,]number or label"};
    const dialplan::Parameter condition{"condition", "true unless empty or 0"};
    const dialplan::Parameter then{"labeliftrue", "a place; nothing: go on"};
    const dialplan::Parameter otherwise{"labeliffalse", "a place; nothing: go on"};
    all.add({.name = "Goto",
             .synopsis = "go to another place in the dialplan",
             .syntax = "Goto([[context,]extension,]priority)",
             .parameters = {place},
             .run_now = goto_,
             .module = "pbx_builtins"});
    all.add({.name = "GotoIf",
             .synopsis = "go to one of two places",
             .syntax = "GotoIf(condition?[labeliftrue][:labeliffalse])",
             .parameters = {condition, then, otherwise},
             .run_now = goto_if,
             .module = "pbx_builtins"});
    all.add({.name = "GotoIfTime",
             .synopsis = "go to one of two places, by the time",
             .syntax = "GotoIfTime(times,weekdays,mdays,months[,timezone]?[labeliftrue][:labeliffalse])",
             .parameters = {{"times,weekdays,mdays,months", "9:00-17:00,mon-fri,*,*"}, then, otherwise},
             .run_now = goto_if_time,
             .module = "pbx_builtins"});
    all.add({.name = "Gosub",
             .synopsis = "run a subroutine, which comes back by Return",
             .syntax = "Gosub([[context,]extension,]priority[(arg1[,...])])",
             .parameters = {place, {"arg1", "ARG1 there"}},
             .run_now = gosub,
             .module = "app_stack"});
    all.add({.name = "GosubIf",
             .synopsis = "run one of two subroutines",
             .syntax = "GosubIf(condition?[labeliftrue[(arg1[,...])]][:labeliffalse[(arg1[,...])]])",
             .parameters = {condition, then, otherwise},
             .run_now = gosub_if,
             .module = "app_stack"});
    all.add({.name = "Return",
             .synopsis = "leave a subroutine",
             .syntax = "Return([value])",
             .parameters = {{"value", "GOSUB_RETVAL afterwards"}},
             .run_now = return_,
             .module = "app_stack"});
    all.add({.name = "StackPop",
             .synopsis = "forget where the present subroutine was called",
             .syntax = "StackPop()",
             .run_now = stack_pop,
             .module = "app_stack"});
}

}  // namespace asterism::applications
