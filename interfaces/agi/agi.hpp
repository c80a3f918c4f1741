// AGI: scripts that control a channel. What main needs to know of it.
#pragma once

#include <string>

namespace asterism {
struct Pbx;
class Channel;
}  // namespace asterism

namespace asterism::agi {

class Linker;

/// Registers AGI, DeadAGI, EAGI, MP3Player and ExternalIVR. `pbx` (its loop, settings and applications set) and
/// `linker` outlive all channels.
void add_applications(Pbx& pbx, Linker& linker);

/// AMI's action AGI: a command for a channel that runs AGI(agi:async). False: it does not, or too many wait already.
bool queue_async_command(Channel& channel, std::string command, std::string command_id);

}  // namespace asterism::agi
