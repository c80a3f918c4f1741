// Actions on the recording of a channel: MixMonitor and its kin.
#include "asterism/features/mix_monitor.hpp"
#include "asterism/runtime/log.hpp"
#include "core.hpp"
#include "find.hpp"

namespace asterism::ami {

namespace {

void mix_monitor(Exchange& x) {
    const auto name = x.get("Channel");
    if (name.empty()) return x.error("No channel specified");
    auto* channel = find_channel(x.pbx(), name);
    if (!channel) return x.error("No such channel");
    if (!x.get("Command").empty() && !x.session().may(cls::system))
        return x.error("Permission denied: the Command of MixMonitor needs the class system");
    const auto made = features::start_mix_monitor(*channel, {.file = std::string(x.get("File")),
                                                             .options = std::string(x.get("Options")),
                                                             .command = std::string(x.get("Command"))});
    if (!made) {
        log::warning("AMI MixMonitor: {}", made.error());
        return x.error("Could not start monitoring channel");
    }
    x.reply().end();
}

void stop_mix_monitor(Exchange& x) {
    const auto name = x.get("Channel");
    if (name.empty()) return x.error("No channel specified");
    auto* channel = find_channel(x.pbx(), name);
    if (!channel) return x.error("No such channel");
    // Asterisk replies before it says so to everybody.
    bool any = false;
    for (const auto& one : features::mix_monitors(*channel))
        any = any || x.get("MixMonitorID").empty() || x.get("MixMonitorID") == one.id;
    if (!any) return x.error("Could not stop monitoring channel");
    x.reply().end();
    (void)features::stop_mix_monitor(*channel, x.get("MixMonitorID"));
}

void mix_monitor_mute(Exchange& x) {
    const auto direction = x.get("Direction"), state = x.get("State");
    media::Side side = media::Side::both;
    if (same_name(direction, "read"))
        side = media::Side::in;
    else if (same_name(direction, "write"))
        side = media::Side::out;
    else if (!same_name(direction, "both"))
        return x.error("No direction specified. Must be read, write or both");
    if (x.get("Channel").empty()) return x.error("No channel specified");
    if (state.empty()) return x.error("No state specified");
    auto* channel = find_channel(x.pbx(), x.get("Channel"));
    if (!channel) return x.error("No such channel");
    if (features::mix_monitors(*channel).empty()) return x.error("Cannot set mute flag");
    x.reply().end();
    (void)features::mute_mix_monitor(*channel, x.get("MixMonitorID"), side, says_yes(state));
}

}  // namespace

Actions audio_actions() {
    return {
        {"MixMonitor", cls::system, "Channel*,File,Options,Command", "Record a channel.", mix_monitor},
        {"MixMonitorMute", cls::system | cls::call, "Channel*,Direction,State,MixMonitorID",
         "Silence a direction of a channel's recording.", mix_monitor_mute},
        {"StopMixMonitor", cls::system | cls::call, "Channel*,MixMonitorID", "Stop recording a channel.",
         stop_mix_monitor},
    };
}

}  // namespace asterism::ami
