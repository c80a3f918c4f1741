#include "asterism/cli/commands.hpp"

#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"
#include "interfaces/cli/commands.hpp"

namespace asterism::cli {

void register_core_commands(Pbx& pbx) {
    Registry& registry = *pbx.cli;
    add_process_commands(registry, pbx);
    add_module_commands(registry, pbx);
    add_channel_commands(registry, pbx);
    add_call_commands(registry, pbx);
    add_bridge_commands(registry, pbx);
    add_audio_commands(registry, pbx);
    add_media_commands(registry, pbx);
    add_database_commands(registry, pbx);
    add_logger_commands(registry, pbx);
    add_help_commands(registry, pbx);
    add_dialplan_commands(registry, pbx);
    add_dialplan_edit_commands(registry, pbx);
    add_state_commands(registry, pbx);
}

std::chrono::seconds seconds_between(WallTime from, WallTime to) {
    return std::max(std::chrono::duration_cast<std::chrono::seconds>(to - from), 0s);
}

std::string spoken_time(std::chrono::seconds time) {
    struct Unit {
        long seconds;
        const char* name;
    };
    static constexpr Unit units[] = {{365L * 24 * 3600, "year"},
                                     {7L * 24 * 3600, "week"},
                                     {24L * 3600, "day"},
                                     {3600, "hour"},
                                     {60, "minute"},
                                     {1, "second"}};
    std::string text;
    long left = time.count();
    for (const auto& unit : units) {
        const long count = left / unit.seconds;
        if (count == 0) continue;
        left -= count * unit.seconds;
        if (!text.empty()) text += ", ";
        text += fmt::format("{} {}{}", count, unit.name, count == 1 ? "" : "s");
    }
    return text.empty() ? "0 seconds" : text;
}

std::vector<std::string> channel_names(Pbx& pbx) {
    std::vector<std::string> names;
    for (const ChannelId id : pbx.channels->ids()) {
        if (const Channel* channel = pbx.channels->find(id)) names.push_back(channel->name());
    }
    return names;
}

}  // namespace asterism::cli
