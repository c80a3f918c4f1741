// ENV, UUID, VERSION, SHELL, SYSINFO and the other functions on the machine and the daemon.
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <fmt/format.h>

#include "asterism/config/settings.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/log_groups.hpp"
#include "asterism/runtime/random.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

Text env_read(FunctionCall& call) {
    const char* value = getenv(std::string(call.args).c_str());  // NOLINT: changed on this thread only
    return std::string(value ? value : "");
}
bool env_write(FunctionCall& call, std::string_view value) {
    const std::string name(call.args);
    if (name.empty() || name.contains('=')) return refused(call, "no name of an environment variable");
    if (value.empty())
        unsetenv(name.c_str());
    else
        setenv(name.c_str(), std::string(value).c_str(), 1);
    return true;
}

Text uuid(FunctionCall& call) { return call.pbx.random->uuid(); }

/// "22.11.0" as 221100.
std::string version_number(std::string_view version) {
    int parts[3]{};
    std::sscanf(std::string(version).c_str(), "%d.%d.%d", &parts[0], &parts[1], &parts[2]);
    return fmt::format("{}{:02}{:02}", parts[0], parts[1], parts[2]);
}

Text version(FunctionCall& call) {
    const auto field = upper(call.args);
    utsname machine{};
    uname(&machine);
    if (field.empty()) return call.pbx.settings->reported_version;
    if (field == "ASTERISK_VERSION_NUM") return version_number(call.pbx.settings->reported_version);
    if (field == "BUILD_USER") return "asterism";
    if (field == "BUILD_HOSTNAME") return "localhost";
    if (field == "BUILD_MACHINE") return std::string(machine.machine);
    if (field == "BUILD_OS") return std::string(machine.sysname);
    if (field == "BUILD_DATE") return std::string("unknown");
    if (field == "BUILD_KERNEL") return std::string(machine.release);
    return failed(call, "an unknown item");
}

Text system_info(FunctionCall& call) {
    const auto field = lower(call.args);
    struct sysinfo info{};
    if (::sysinfo(&info) != 0) return failed(call, "the system gives no information");
    const auto kilobytes = [&](unsigned long units) {
        return std::to_string(static_cast<std::uint64_t>(units) * info.mem_unit / 1024);
    };
    if (field == "loadavg") return fmt::format("{:.2f}", static_cast<double>(info.loads[0]) / 65536);
    if (field == "numcalls") return std::to_string(call.pbx.channels->size());
    if (field == "uptime") return std::to_string(info.uptime / 3600);
    if (field == "totalram") return kilobytes(info.totalram);
    if (field == "freeram") return kilobytes(info.freeram);
    if (field == "bufferram") return kilobytes(info.bufferram);
    if (field == "totalswap") return kilobytes(info.totalswap);
    if (field == "freeswap") return kilobytes(info.freeswap);
    if (field == "numprocs") return std::to_string(info.procs);
    return failed(call, "an unknown item");
}

/// What a shell command prints.
Task<Text> shell(FunctionCall call) {
    if (call.args.empty()) co_return failed(call, "needs a command");
    constexpr std::size_t max_output = 64u << 10;
    CommandEnd end = co_await run_command(*call.pbx.loop, {std::string(call.args), max_output});
    co_return std::move(end.output);
}

Text if_module(FunctionCall& call) {
    if (call.args.empty()) return failed(call, "needs the name of a module");
    if (!call.pbx.process) return "0";
    const auto module = call.pbx.process->module(call.args);
    return truth(module && module->running);
}

/// Takes the channel's call out of its group when the channel ends.
struct LogMember : ChannelExtra {
    LogMember() = default;
    LogMember(const LogMember&) = delete;
    LogMember& operator=(const LogMember&) = delete;
    ~LogMember() override { log::groups().forget(call, channel); }
    CallId call{};
    std::uint64_t channel = 0;
};

bool log_group(FunctionCall& call, std::string_view group) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    auto& member = channel->extra<LogMember>();
    if (member.channel && member.call != channel->call()) log::groups().forget(member.call, member.channel);
    member.call = channel->call();
    member.channel = channel->id().value;
    log::groups().assign(member.call, member.channel, std::string(trim(group)));
    return true;
}

}  // namespace

void add_system_functions(dialplan::Functions& all) {
    all.add({.name = "ENV",
             .synopsis = "a variable of the daemon's environment",
             .syntax = "ENV(varname)",
             .read = env_read,
             .write = env_write,
             .module = "func_env",
             .dangerous_write = true});
    all.add({.name = "IFMODULE",
             .synopsis = "1 if a module is running",
             .syntax = "IFMODULE(modulename.so)",
             .parameters = {{"modulename.so", "as module show lists it"}},
             .read = if_module,
             .module = "func_module"});
    all.add({.name = "UUID", .synopsis = "a new UUID", .syntax = "UUID()", .read = uuid, .module = "func_uuid"});
    all.add({.name = "VERSION",
             .synopsis = "version that clients are told",
             .syntax = "VERSION([info])",
             .parameters = {{"info", "ASTERISK_VERSION_NUM, BUILD_OS, BUILD_MACHINE..."}},
             .read = version,
             .module = "func_version"});
    all.add({.name = "SYSINFO",
             .synopsis = "a figure of the machine",
             .syntax = "SYSINFO(parameter)",
             .parameters = {{"parameter",
                             "loadavg, numcalls, uptime (hours), totalram, freeram, bufferram, totalswap, "
                             "freeswap (KiB), numprocs"}},
             .read = system_info,
             .module = "func_sysinfo"});
    all.add({.name = "SHELL",
             .synopsis = "what a shell command prints",
             .syntax = "SHELL(command)",
             .read_later = shell,
             .module = "func_shell",
             .dangerous_read = true});
    all.add(
        {.name = "LOG_GROUP",
         .synopsis = "puts the call into a group that logger filter changroup can choose",
         .syntax = "LOG_GROUP()",
         .parameters = {{"value",
                         "the name of the group; nothing: none. The channel's end takes its call out of the group"}},
         .write = log_group,
         .module = "builtin"});
}

}  // namespace asterism::functions
