// AGI scripts that a scenario plays, instead of programs and sockets.
#pragma once

#include <memory>
#include <vector>

#include "asterism/simulator/simulator.hpp"
#include "interfaces/agi/link.hpp"

namespace asterism {

class World;

/// `scripts` and `recorder` outlive it. A script that nobody wrote is a problem of the scenario.
[[nodiscard]] std::unique_ptr<agi::Linker> make_scripted_linker(World& world,
                                                                const std::vector<simulator::AgiScript>& scripts,
                                                                simulator::Recorder& recorder);

}  // namespace asterism
