// AGI: scripts that control a channel. What main needs to know of it.
#pragma once

namespace asterism {
struct Pbx;
}

namespace asterism::agi {

class Linker;

/// Registers AGI and DeadAGI. `pbx` (its loop, settings and applications set) and `linker` outlive all channels.
void add_applications(Pbx& pbx, Linker& linker);

}  // namespace asterism::agi
