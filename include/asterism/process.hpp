// What the interfaces may ask of the daemon as a process: to stop, to restart, to read its configuration again, what it
// is made of. The daemon implements it; AMI, ARI and the console ask it through Pbx::process.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asterism {

namespace log {
class Logger;
}

/// How soon a stop or restart happens: at once; refusing new calls and waiting for the last to end; or waiting for a
/// moment without calls.
enum class StopKind : std::uint8_t { now, gracefully, when_convenient };

/// One entry of `module show`: a part of the PBX under the name that its counterpart has in Asterisk.
struct ModuleInfo {
    std::string name;  ///< "res_pjsip.so"
    std::string description;
    int use_count = 0;
    bool running = true;
    std::string support_level = "core";  ///< "core", "extended", "deprecated"
};

enum class ReloadResult : std::uint8_t {
    done,
    no_such_module,
    error,       ///< its configuration has an error: nothing was changed, the log says where
    not_needed,  ///< the module has nothing to read again
    in_progress  ///< a reload is under way
};

/// How the program was built, for `core show version` and ARI's info.
struct BuildInfo {
    std::string os, kernel, machine, date, user, host, options;
};

class Process {
  public:
    virtual ~Process() = default;

    virtual void stop(StopKind kind, bool restart) = 0;
    /// Forgets a stop that waits. False: none did.
    virtual bool abort_stop() = 0;
    /// New calls are refused.
    [[nodiscard]] virtual bool stopping() const = 0;

    [[nodiscard]] virtual bool booted() const = 0;
    /// Calls `then` once, on the loop: later in this turn if it has booted already.
    virtual void when_booted(std::function<void()> then) = 0;

    /// Sorted by name.
    [[nodiscard]] virtual std::vector<ModuleInfo> modules() const = 0;
    /// By name with or without ".so".
    [[nodiscard]] virtual std::optional<ModuleInfo> module(std::string_view name) const = 0;
    /// `module load`, `module unload`: marks it as running or not; parts of the PBX are not taken out. False: no such
    /// module, or it is so already.
    virtual bool set_running(std::string_view name, bool running) = 0;
    /// Reads the configuration of one module again, or of all ("core", "" ). `done` is called once, on the loop.
    virtual void reload(std::string_view module, std::function<void(ReloadResult)> done) = 0;

    /// The version whose behaviour is kept ("22.11.0"), and our own ("0.1.0").
    [[nodiscard]] virtual std::string reported_version() const = 0;
    [[nodiscard]] virtual std::string own_version() const = 0;
    [[nodiscard]] virtual BuildInfo build() const = 0;
    [[nodiscard]] virtual log::Logger& logger() = 0;
};

}  // namespace asterism
