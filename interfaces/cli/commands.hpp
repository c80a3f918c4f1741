// The groups of commands that register_core_commands() puts together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "asterism/cli/registry.hpp"
#include "asterism/runtime/time.hpp"

namespace asterism {
struct Pbx;
}

namespace asterism::cli {

void add_process_commands(Registry& registry, Pbx& pbx);
void add_module_commands(Registry& registry, Pbx& pbx);
void add_channel_commands(Registry& registry, Pbx& pbx);
void add_call_commands(Registry& registry, Pbx& pbx);
void add_bridge_commands(Registry& registry, Pbx& pbx);
void add_audio_commands(Registry& registry, Pbx& pbx);
void add_media_commands(Registry& registry, Pbx& pbx);
void add_database_commands(Registry& registry, Pbx& pbx);
void add_logger_commands(Registry& registry, Pbx& pbx);
void add_help_commands(Registry& registry, Pbx& pbx);
void add_dialplan_commands(Registry& registry, Pbx& pbx);
void add_dialplan_edit_commands(Registry& registry, Pbx& pbx);
void add_state_commands(Registry& registry, Pbx& pbx);

/// "19 minutes, 11 seconds": `core show uptime`, System uptime.
[[nodiscard]] std::string spoken_time(std::chrono::seconds time);
/// Seconds of wall time between two moments, at least 0.
[[nodiscard]] std::chrono::seconds seconds_between(WallTime from, WallTime to);
/// Completion for a channel's name.
[[nodiscard]] std::vector<std::string> channel_names(Pbx& pbx);

}  // namespace asterism::cli
