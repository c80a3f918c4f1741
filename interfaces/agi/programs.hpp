// Applications beside AGI that have a program run along with the call.
#pragma once

namespace asterism {
struct Pbx;
}

namespace asterism::agi {

class Linker;

void add_mp3_player(Pbx& pbx, Linker& linker);
void add_external_ivr(Pbx& pbx, Linker& linker);

}  // namespace asterism::agi
