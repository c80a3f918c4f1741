// MixMonitor, StopMixMonitor and the function MIXMONITOR.
#include "asterism/features/mix_monitor.hpp"

#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

AppResult mix_monitor(Channel& channel, std::string_view data) {
    const Arguments args(data, ',', 3);
    const auto made = features::start_mix_monitor(channel, {.file = args[0], .options = args[1], .command = args[2]});
    if (!made) log::warning("MixMonitor: {}", made.error());
    return AppResult::go_on();
}

/// Waits until the files are complete: the next step of the dialplan may play them.
Task<AppResult> stop(Channel& channel, std::string data) {
    auto box = std::make_shared<Mailbox<bool>>(*channel.pbx().loop);
    const bool any = features::stop_mix_monitor(channel, functions::trim(data), [weak = std::weak_ptr(box)] {
        if (const auto waiting = weak.lock()) waiting->send(true);
    });
    if (any) co_await box->next();
    co_return AppResult::go_on();
}

std::optional<std::string> read(dialplan::FunctionCall& call) {
    auto* channel = functions::channel_of(call);
    if (!channel) return std::nullopt;
    const Arguments args(call.args, ',', 2);
    if (args.size() < 2) return functions::failed(call, "it needs an id and a key");
    if (args[1] != "filename") return functions::failed(call, "the only key is filename");
    for (const auto& one : features::mix_monitors(*channel))
        if (one.id == args[0]) return one.file;
    return functions::failed(call, "there is no MixMonitor of this id");
}

}  // namespace

void add_mix_monitor_applications(dialplan::Applications& all) {
    all.add({.name = "MixMonitor",
             .synopsis = "record a call",
             .syntax = "MixMonitor(filename.extension[,options[,command]])",
             .parameters = {{"filename", "absolute, or in the spool's folder monitor; MIXMONITOR_FILENAME tells"},
                            {"extension", "wav, ulaw, gsm...; raw if there is none"},
                            {"options",
                             "a: append; b: only while it is in a bridge; B(s): a beep every s seconds; d: delete "
                             "afterwards; D: two channels; i(var): gets the id; n: r and t without silence where "
                             "nothing came; p, P: a beep at the start, at the end; r(file): what the party says; "
                             "t(file): what it hears; s(s): begins s seconds later; v(x), V(x), W(x): volume of what "
                             "is heard, of what is said, of both, -4 to 4"},
                            {"command", "for the shell when the files are closed; ^{NAME} is a variable"}},
             .run_now = mix_monitor,
             .module = "app_mixmonitor",
             .dangerous = true});
    all.add({.name = "StopMixMonitor",
             .synopsis = "stop recording a call",
             .syntax = "StopMixMonitor([MixMonitorID])",
             .parameters = {{"MixMonitorID", "as option i gave it; nothing: all of the channel"}},
             .run = stop,
             .module = "app_mixmonitor"});
}

void add_mix_monitor_function(dialplan::Functions& all) {
    all.add({.name = "MIXMONITOR",
             .synopsis = "about a MixMonitor of the channel",
             .syntax = "MIXMONITOR(id,key)",
             .parameters = {{"id", "as option i gave it"}, {"key", "filename"}},
             .read = read,
             .module = "app_mixmonitor"});
}

}  // namespace asterism::applications
