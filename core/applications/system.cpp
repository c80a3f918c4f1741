// System and TrySystem: shell commands.
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/task.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

Task<AppResult> system_(Channel& channel, std::string data, bool forgiving) {
    if (data.empty()) {
        log::warning("System requires an argument(command)");
        channel.set_variable("SYSTEMSTATUS", "FAILURE");
        co_return forgiving ? AppResult::go_on() : AppResult::hang_up();
    }
    const int status = (co_await run_command(*channel.pbx().loop, {data})).status;
    if (status == CommandEnd::not_started || status == 127) {
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
