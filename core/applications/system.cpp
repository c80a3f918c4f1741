// System and TrySystem: shell commands.
#include <sys/wait.h>

#include <cstdlib>

#include "asterism/runtime/log.hpp"
#include "asterism/runtime/task.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// Exit status of the shell, -1 if there was none. On the pool: a command occupies one of its threads while it runs.
int run_shell(const std::string& command) {
    const int status = std::system(command.c_str());  // NOLINT: that is what it is for
    return status == -1 ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

Task<AppResult> system_(Channel& channel, std::string data, bool forgiving) {
    if (data.empty()) {
        log::warning("System requires an argument(command)");
        channel.set_variable("SYSTEMSTATUS", "FAILURE");
        co_return forgiving ? AppResult::go_on() : AppResult::hang_up();
    }
    const int status = co_await run_blocking(*channel.pbx().loop, [command = data] { return run_shell(command); });
    if (status == -1 || status == 127) {
        log::warning("Unable to execute '{}'", data);
        channel.set_variable("SYSTEMSTATUS", "FAILURE");
    } else {
        channel.set_variable("SYSTEMSTATUS", status == 0 || !forgiving ? "SUCCESS" : "APPERROR");
    }
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}
Task<AppResult> system_app(Channel& channel, std::string data) { return system_(channel, std::move(data), false); }
Task<AppResult> try_system(Channel& channel, std::string data) { return system_(channel, std::move(data), true); }

}  // namespace

void add_system_applications(dialplan::Applications& all) {
    const dialplan::Parameter command{"command", "given to /bin/sh; SYSTEMSTATUS tells"};
    all.add({.name = "System",
             .synopsis = "run a shell command",
             .syntax = "System(command)",
             .parameters = {command},
             .run = system_app,
             .module = "app_system",
             .dangerous = true});
    all.add({.name = "TrySystem",
             .synopsis = "run a shell command, whatever comes of it",
             .syntax = "TrySystem(command)",
             .parameters = {command},
             .run = try_system,
             .module = "app_system",
             .dangerous = true});
}

}  // namespace asterism::applications
