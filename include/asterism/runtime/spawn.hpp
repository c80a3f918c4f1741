// Starts a process: for the pool, because it waits until the new program has taken the place of the copy.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace asterism {

struct SpawnSpec {
    std::string path;                      ///< without a slash: looked for in the daemon's PATH
    std::vector<std::string> arguments{};  ///< behind the program's own name
    std::vector<std::pair<std::string, std::string>> environment{};  ///< in front of the daemon's own
    bool writes_to = false;   ///< its standard input is a pipe; else the daemon's
    bool reads_from = false;  ///< its standard output is a pipe; else the daemon's
    bool third = false;       ///< its descriptor 3 is a pipe that it reads from
};

/// A process that has been started. Descriptors and process are given up by whoever takes them (release()); else they
/// are closed and the process is killed and waited for.
class Spawned {
  public:
    int to_child = -1, from_child = -1;
    int third = -1;    ///< our end of descriptor 3, which never blocks
    int process = -1;  ///< a pidfd: readable when it has ended; -1 where the kernel has none
    pid_t pid = -1;    ///< -1: not started, see `error`
    bool not_found = false;
    std::string error{};

    Spawned() = default;
    Spawned(Spawned&& other) noexcept;
    Spawned& operator=(Spawned&& other) noexcept;
    ~Spawned();
    /// The caller closes the descriptors and waits for the process from now on.
    void release();
};

/// Signals are as a fresh program expects them, descriptors above 2 (or 3) are closed.
Spawned spawn(const SpawnSpec& spec);

}  // namespace asterism
