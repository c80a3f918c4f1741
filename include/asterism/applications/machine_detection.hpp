// amd.conf: AMD's defaults. AMD reads it itself, each time it runs.
#pragma once

#include "asterism/config/file.hpp"

namespace asterism::applications {

/// Reports what is wrong with an amd.conf, for --check.
void check_machine_config(const config::File& file, config::Report& report);

}  // namespace asterism::applications
