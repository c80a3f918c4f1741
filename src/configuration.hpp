// Reading all configuration: at start, at reload, and for --check.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/config/file.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/logger.hpp"

namespace asterism {

struct Parts;

/// One file that a part of the PBX reads: how to take it over while running.
struct ConfigPart {
    std::string file;
    /// Names under which it may be reloaded, without ".so": "manager", "pbx_config".
    std::vector<std::string> modules;
    /// Takes the file over; null: it is not there. Nothing changes while `report` has errors.
    std::function<void(Parts&, const config::File*, config::Report&)> apply;
};

/// The parts in the order in which they are loaded. `logger` is configured first.
[[nodiscard]] std::vector<ConfigPart> config_parts(log::Logger& logger, const std::string& banner);

/// `--check`: reads asterisk.conf and everything else. Prints `file:line: what` for each error (status 1) and warning.
int check_configuration(const std::string& asterisk_conf, bool exec_includes);

}  // namespace asterism
