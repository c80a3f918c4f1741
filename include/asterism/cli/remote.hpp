// The remote console: `asterism -r`, `-R` and `-x COMMAND`. Blocking; a process of its own.
#pragma once

#include <optional>
#include <string>

namespace asterism::cli {

struct RemoteOptions {
    std::string path{};                    ///< of the control socket
    std::optional<std::string> command{};  ///< -x: run this and end
    bool reconnect = false;                ///< -R: try again when the daemon goes away
    int verbose = 0;                       ///< -v: verbosity of this console
    bool quiet = false;                    ///< no greeting
    bool shell = true;                     ///< `!command` runs a shell
};

/// Runs until the user or the daemon ends it. The process's exit status: 1 if no daemon answered, else 0.
int run_remote(const RemoteOptions& options);

}  // namespace asterism::cli
