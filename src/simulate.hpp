// asterism --simulate: scenarios played through the dialplan, without a socket.
#pragma once

#include <string>
#include <vector>

#include "asterism/config/settings.hpp"

namespace asterism {

/// Plays all scenarios of the files (of a folder: its *.yaml and *.yml) and prints what happened. `settings`: where
/// extensions.conf is, unless a file says so. `brief`: no trace of what went well. Status 0: all as expected.
int simulate(const std::vector<std::string>& paths, const config::Settings& settings, bool brief);

}  // namespace asterism
