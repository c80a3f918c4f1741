// mixmonitor start|stop|list
#include "asterism/features/mix_monitor.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"
#include "interfaces/cli/commands.hpp"

namespace asterism::cli {

namespace {

/// Everything behind the channel's name, as it was typed.
std::string rest(const Context& context) {
    std::string text;
    for (std::size_t i = 2; i < context.arguments(); ++i) {
        if (!text.empty()) text += ' ';
        text += context.argument(i);
    }
    return text;
}

Result mix_monitor(Context& context, Pbx& pbx) {
    if (context.arguments() < 2) return Result::usage;
    const std::string what(context.argument(0));
    if (what != "start" && what != "stop" && what != "list") return Result::usage;
    auto* channel = pbx.channels->find(context.argument(1));
    if (!channel) {
        context.print("No channel matching '{}' found.\n", context.argument(1));
        return Result::success;
    }
    if (what == "start") {
        const auto arguments = rest(context);
        const auto first = arguments.find(','), second = arguments.find(',', first + 1);
        features::MixMonitorRequest request;
        request.file = arguments.substr(0, first);
        if (first != std::string::npos) {
            request.options = arguments.substr(first + 1, second == std::string::npos ? second : second - first - 1);
            if (second != std::string::npos) request.command = arguments.substr(second + 1);
        }
        if (const auto made = features::start_mix_monitor(*channel, request); !made)
            context.print("{}\n", made.error());
    } else if (what == "stop") {
        if (!features::stop_mix_monitor(*channel, rest(context))) context.print("There is no such MixMonitor.\n");
    } else {
        context.print("{:<18} {:<20} {:<20} {}\n", "MixMonitor ID", "File", "Receive File", "Transmit File");
        for (const auto& one : features::mix_monitors(*channel))
            context.print("{:<18} {:<20} {:<20} {}\n", one.id, one.file, one.receive_file, one.transmit_file);
    }
    return Result::success;
}

}  // namespace

void add_audio_commands(Registry& registry, Pbx& pbx) {
    registry.add({.name = "mixmonitor",
                  .summary = "Record channels",
                  .usage = " start <channel> [<file>[,<options>[,<command>]]]\n"
                           "       mixmonitor stop <channel> [<id>]\n"
                           "       mixmonitor list <channel>\n"
                           "       Records a channel as the application MixMonitor does, stops that, or lists what "
                           "is recorded.\n",
                  .run = [&pbx](Context& c) { return mix_monitor(c, pbx); }});
}

}  // namespace asterism::cli
