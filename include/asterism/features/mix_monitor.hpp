// Recording a channel while it does something else: MixMonitor of the dialplan, AMI and the console.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/model/channel.hpp"

namespace asterism::features {

struct MixMonitorRequest {
    std::string file{};     ///< "name.format" (format: raw if there is none), relative to the spool's monitor folder
    std::string options{};  ///< letters as MixMonitor() takes them
    std::string command{};  ///< for the shell when the files are closed; ^{NAME} is replaced at the start
};

/// Starts recording; several may run on one channel. Sets MIXMONITOR_FILENAME, publishes MixMonitorStart. Gives the
/// id by which it is stopped. Error: one sentence. A file that cannot be written is logged later.
std::expected<std::string, std::string> start_mix_monitor(Channel& channel, const MixMonitorRequest& request);
/// Stops the one with this id, or all; publishes MixMonitorStop. False: there is none. `closed` is called once when
/// their files are complete.
bool stop_mix_monitor(Channel& channel, std::string_view id, std::function<void()> closed = {});
/// Silences directions of the one with this id, or of all; publishes MixMonitorMute. `in`: what the party says
/// ("read"), `out`: what it hears ("write"). False: there is none.
bool mute_mix_monitor(Channel& channel, std::string_view id, media::Side side, bool on);

struct MixMonitorInfo {
    std::string id, file, receive_file, transmit_file;
};
[[nodiscard]] std::vector<MixMonitorInfo> mix_monitors(Channel& channel);

}  // namespace asterism::features
