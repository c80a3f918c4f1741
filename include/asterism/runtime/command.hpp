// Commands of the shell: System(), SHELL(), MixMonitor's command afterwards, exec of the logger.
#pragma once

#include <cstddef>
#include <string>

namespace asterism {

struct CommandSpec {
    std::string command;         ///< for /bin/sh -c
    std::size_t max_output = 0;  ///< how much of what it prints is kept, in bytes; 0: it prints where the daemon does
};

struct CommandEnd {
    static constexpr int not_started = -1;
    /// Exit status of the shell (127: no such command); 128 and the signal's number if a signal ended it.
    int status = not_started;
    std::string output{};
};

}  // namespace asterism
