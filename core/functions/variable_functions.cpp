// GLOBAL, SHARED, LOCAL, EVAL and the other functions on variables.
#include "asterism/dialplan/evaluate_later.hpp"
#include "asterism/dialplan/gosub.hpp"
#include "asterism/events/events.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

Text global_read(FunctionCall& call) {
    const auto* value = call.pbx.globals->find(call.args);
    return value ? Text(*value) : std::nullopt;
}
bool global_write(FunctionCall& call, std::string_view value) {
    dialplan::set_global(call.pbx, call.args, value);
    return true;
}
bool global_delete(FunctionCall& call, std::string_view) {
    (void)call.pbx.globals->unset(call.args);
    return true;
}
Text global_exists(FunctionCall& call) { return truth(call.pbx.globals->find(call.args) != nullptr); }

/// Values that other channels may read and set too.
struct SharedVariables : ChannelExtra {
    Variables values;
};

Channel* shared_channel(FunctionCall& call, const Arguments& args) {
    return args.has(1) ? call.pbx.channels->find(args[1]) : channel_of(call);
}

Text shared_read(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    auto* channel = shared_channel(call, args);
    if (!channel) return std::nullopt;
    auto* shared = channel->find_extra<SharedVariables>();
    const auto* value = shared ? shared->values.find(args[0]) : nullptr;
    return value ? Text(*value) : std::nullopt;
}

bool shared_write(FunctionCall& call, std::string_view value) {
    const Arguments args(call.args, ',', 2);
    auto* channel = shared_channel(call, args);
    if (!channel) return refused(call, "there is no such channel");
    channel->extra<SharedVariables>().values.set(args[0], value);
    if (call.pbx.bus->wanted(EventKind::channel_variable)) {
        ChannelVariable event;
        event.channel = channel->snapshot();
        event.name = "SHARED(" + args[0] + ")";
        event.value = value;
        call.pbx.bus->publish(std::move(event));
    }
    return true;
}

Text local_read(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    return dialplan::get_variable(call.pbx, channel, call.args);
}
bool local_write(FunctionCall& call, std::string_view value) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    return channel->extra<dialplan::GosubStack>().set_local(*channel, call.args, value) ||
           refused(call, "the channel is in no subroutine");
}

std::size_t frame_number(const std::string& text) {
    return static_cast<std::size_t>(std::max(std::strtol(text.c_str(), nullptr, 10), 0L));
}

Text local_peek(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    auto* channel = channel_of(call);
    if (!channel || args.size() < 2) return failed(call, "needs a number and a variable's name");
    auto* stack = channel->find_extra<dialplan::GosubStack>();
    return stack ? stack->peek(*channel, frame_number(args[0]), args[1]) : std::nullopt;
}

Text stack_peek(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    auto* channel = channel_of(call);
    if (!channel || !args.has(1)) return failed(call, "needs a number and what of it");
    auto* stack = channel->find_extra<dialplan::GosubStack>();
    const auto* place = stack ? stack->return_place(frame_number(args[0])) : nullptr;
    if (!place) {
        if (args.has(2)) return std::nullopt;
        return failed(call, "there is no such subroutine");
    }
    switch (args[1].front()) {
        case 'l': return place->context + "," + place->exten + "," + std::to_string(place->priority - 1);
        case 'c': return place->context;
        case 'e': return place->exten;
        case 'p': return std::to_string(place->priority - 1);
        default: return failed(call, "only l, c, e and p are known");
    }
}

Text eval(FunctionCall& call) { return dialplan::substitute(call.pbx, call.channel, call.args); }

Task<Text> eval_later(FunctionCall call) {
    co_return co_await dialplan::substitute_later(call.pbx, call.channel, std::string(call.args));
}

/// Another channel's variable.
Text import(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    auto* channel = call.pbx.channels->find(args[0]);
    if (!channel || !args.has(1)) return std::nullopt;
    return dialplan::get_variable(call.pbx, channel, args[1]);
}
bool export_(FunctionCall& call, std::string_view value) {
    const Arguments args(call.args, ',', 2);
    auto* channel = call.pbx.channels->find(args[0]);
    if (!channel || !args.has(1)) return refused(call, "there is no such channel");
    return dialplan::set_variable(call.pbx, channel, args[1], value);
}

/// The channel with which the call began.
Channel* master(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return nullptr;
    auto* first = call.pbx.channels->find_uniqueid(channel->linkedid());
    return first ? first : channel;
}
Text master_read(FunctionCall& call) {
    auto* channel = master(call);
    return channel ? dialplan::get_variable(call.pbx, channel, call.args) : std::nullopt;
}
bool master_write(FunctionCall& call, std::string_view value) {
    auto* channel = master(call);
    return channel && dialplan::set_variable(call.pbx, channel, call.args, value);
}

}  // namespace

void add_variable_functions(dialplan::Functions& all) {
    const dialplan::Parameter name{"varname", "name of a variable"};
    const dialplan::Parameter channel{"channel", "name or unique id of a channel"};
    all.add({.name = "GLOBAL",
             .synopsis = "a global variable",
             .syntax = "GLOBAL(varname)",
             .parameters = {name},
             .read = global_read,
             .write = global_write,
             .module = "func_global"});
    all.add({.name = "GLOBAL_DELETE",
             .synopsis = "removes a global variable",
             .syntax = "GLOBAL_DELETE(varname)",
             .parameters = {name},
             .write = global_delete,
             .module = "func_global"});
    all.add({.name = "GLOBAL_EXISTS",
             .synopsis = "1 if there is a global variable",
             .syntax = "GLOBAL_EXISTS(varname)",
             .parameters = {name},
             .read = global_exists,
             .module = "func_global"});
    all.add({.name = "SHARED",
             .synopsis = "a variable that other channels may read and set",
             .syntax = "SHARED(varname[,channel])",
             .parameters = {name, channel},
             .read = shared_read,
             .write = shared_write,
             .module = "func_global"});
    all.add({.name = "LOCAL",
             .synopsis = "a variable of the present subroutine",
             .syntax = "LOCAL(varname)",
             .parameters = {name},
             .read = local_read,
             .write = local_write,
             .module = "app_stack"});
    all.add({.name = "LOCAL_PEEK",
             .synopsis = "a local variable of a subroutine further up",
             .syntax = "LOCAL_PEEK(n,varname)",
             .parameters = {{"n", "0 is the present one"}, name},
             .read = local_peek,
             .module = "app_stack"});
    all.add({.name = "STACK_PEEK",
             .synopsis = "where a subroutine was called",
             .syntax = "STACK_PEEK(n,which[,suppress])",
             .parameters = {{"n", "0 is the present one"},
                            {"which", "l whole place, c context, e extension, p priority"},
                            {"suppress", "no warning if there is none"}},
             .read = stack_peek,
             .module = "app_stack"});
    all.add({.name = "EVAL",
             .synopsis = "its argument with variables replaced once more",
             .syntax = "EVAL(variable)",
             .read = eval,
             .read_later = eval_later,
             .module = "func_strings"});
    all.add({.name = "IMPORT",
             .synopsis = "a variable of another channel",
             .syntax = "IMPORT(channel,variable)",
             .parameters = {channel, name},
             .read = import,
             .module = "func_logic"});
    all.add({.name = "EXPORT",
             .synopsis = "sets a variable of another channel",
             .syntax = "EXPORT(channel,var)",
             .parameters = {channel, name},
             .write = export_,
             .module = "func_export"});
    all.add({.name = "MASTER_CHANNEL",
             .synopsis = "a variable of the channel with which the call began",
             .syntax = "MASTER_CHANNEL(variable)",
             .parameters = {name},
             .read = master_read,
             .write = master_write,
             .module = "func_channel"});
}

}  // namespace asterism::functions
