// NoOp, Verbose, Log, DumpChan, UserEvent, RaiseException: what tells somebody something.
#include "asterism/runtime/log.hpp"

#include "asterism/dialplan/executor.hpp"
#include "asterism/events/events.hpp"
#include "asterism/functions/text.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

AppResult no_op(Channel&, std::string_view) { return AppResult::go_on(); }

AppResult verbose(Channel&, std::string_view data) {
    const Arguments args(data, ',', 2);
    if (args.size() < 2) {
        if (!data.empty()) log::verbose(0, "{}", data);
        return AppResult::go_on();
    }
    const auto& level = args[0];
    if (level.size() != 1 || level[0] < '0' || level[0] > '9') {
        log::warning("'{}' is not a verboser number", level);
        return AppResult::go_on();
    }
    log::verbose(level[0] - '0', "{}", args[1]);
    return AppResult::go_on();
}

AppResult log_(Channel& channel, std::string_view data) {
    const Arguments args(data, ',', 2);
    const auto level = functions::upper(args[0]);
    if (level == "ERROR")
        log::error("Ext. {}: {}", channel.location().exten, args[1]);
    else if (level == "WARNING")
        log::warning("Ext. {}: {}", channel.location().exten, args[1]);
    else if (level == "NOTICE")
        log::notice("Ext. {}: {}", channel.location().exten, args[1]);
    else if (level == "DEBUG")
        log::debug(1, "Ext. {}: {}", channel.location().exten, args[1]);
    else if (level == "VERBOSE")
        log::verbose(1, "Ext. {}: {}", channel.location().exten, args[1]);
    else if (level == "DTMF")
        log::dtmf("Ext. {}: {}", channel.location().exten, args[1]);
    else
        log::error("Unknown log level: '{}'", args[0]);
    return AppResult::go_on();
}

AppResult dump_channel(Channel& channel, std::string_view data) {
    std::string text = fmt::format(
        "\nDumping Info For Channel: {}\n"
        "Name=           {}\nType=           {}\nUniqueID=       {}\nLinkedID=       {}\n"
        "CallerIDNum=    {}\nCallerIDName=   {}\nConnectedLineIDNum={}\nConnectedLineIDName={}\n"
        "Language=       {}\nState=          {}\nContext=        {}\nExtension=      {}\nPriority=       {}\n"
        "NativeFormat=   {}\nApplication=    {}\nData=           {}\n\nVariables:\n",
        channel.name(), channel.name(), channel.technology(), channel.uniqueid(), channel.linkedid(),
        channel.caller().id.number.text, channel.caller().id.name.text, channel.connected().id.number.text,
        channel.connected().id.name.text, channel.language(), to_string(channel.state()), channel.location().context,
        channel.location().exten, channel.location().priority, channel.driver().native_formats(), channel.application(),
        channel.application_data());
    for (const auto& entry : channel.variables().all()) text += entry.name + "=" + entry.value + "\n";
    log::verbose(to_int(data), "{}", text);
    return AppResult::go_on();
}

AppResult user_event(Channel& channel, std::string_view data) {
    const Arguments args(data);
    if (!args.has(0)) {
        log::warning("UserEvent requires an argument (eventname[,optional event body])");
        return AppResult::hang_up();
    }
    UserEvent event;
    event.channel = channel.snapshot();
    event.name = args[0];
    for (std::size_t i = 1; i < args.size(); ++i) {
        const std::string_view header = args[i];
        const auto colon = header.find(':');
        if (colon == std::string_view::npos) continue;
        event.headers.emplace_back(functions::trim(header.substr(0, colon)), functions::trim(header.substr(colon + 1)));
    }
    channel.pbx().bus->publish(std::move(event));
    return AppResult::go_on();
}

AppResult raise_exception(Channel& channel, std::string_view data) {
    return dialplan::raise_exception(channel, data) ? AppResult::go_on() : AppResult::hang_up();
}

}  // namespace

void add_log_applications(dialplan::Applications& all) {
    all.add({.name = "NoOp",
             .synopsis = "do nothing",
             .syntax = "NoOp([text])",
             .parameters = {{"text", "shown where the dialplan is traced"}},
             .run_now = no_op,
             .module = "pbx_builtins"});
    all.add({.name = "Verbose",
             .synopsis = "write to the verbose log",
             .syntax = "Verbose([level,]message)",
             .parameters = {{"level", "0 to 9: shown from this verbosity on; 0"}, {"message", "any text"}},
             .run_now = verbose,
             .module = "app_verbose"});
    all.add({.name = "Log",
             .synopsis = "write to the log",
             .syntax = "Log(level,message)",
             .parameters = {{"level", "ERROR, WARNING, NOTICE, DEBUG, VERBOSE or DTMF"}, {"message", "any text"}},
             .run_now = log_,
             .module = "app_verbose"});
    all.add({.name = "DumpChan",
             .synopsis = "write what is known of the channel to the verbose log",
             .syntax = "DumpChan([level])",
             .parameters = {{"level", "verbosity; 0"}},
             .run_now = dump_channel,
             .module = "app_dumpchan"});
    all.add({.name = "UserEvent",
             .synopsis = "an event of one's own for AMI and ARI",
             .syntax = "UserEvent(eventname[,header1: value1[,...]])",
             .parameters = {{"eventname", "shown as UserEvent"}, {"header1: value1", "shown too"}},
             .run_now = user_event,
             .module = "app_userevent"});
    all.add({.name = "RaiseException",
             .synopsis = "go to the extension e",
             .syntax = "RaiseException(reason)",
             .parameters = {{"reason", "read there by EXCEPTION(reason)"}},
             .run_now = raise_exception,
             .module = "pbx_builtins"});
}

}  // namespace asterism::applications
