// ENV, UUID, VERSION, SHELL, STAT and the other functions on the machine and the daemon.
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <fmt/format.h>

#include "asterism/config/settings.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"
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
    constexpr std::size_t max_output = 64u << 10;
    CommandEnd end = co_await run_command(*call.pbx.loop, {std::string(call.args), max_output});
    co_return std::move(end.output);
}

std::string file_status(char what, const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return what == 'e' || what == 'f' || what == 'd' ? "0" : "";
    switch (what) {
        case 'e': return "1";
        case 's': return std::to_string(info.st_size);
        case 'f': return S_ISREG(info.st_mode) ? "1" : "0";
        case 'd': return S_ISDIR(info.st_mode) ? "1" : "0";
        case 'M': return std::to_string(info.st_mtime);
        case 'A': return std::to_string(info.st_atime);
        case 'C': return std::to_string(info.st_ctime);
        case 'm': return fmt::format("{:o}", info.st_mode);
        default: return "";
    }
}

Task<Text> stat_(FunctionCall call) {
    const Arguments args(call.args, ',', 2);
    if (!args.has(0) || !args.has(1)) {
        failed(call, "needs a flag and a file");
        co_return std::nullopt;
    }
    co_return co_await run_blocking(*call.pbx.loop,
                                    [what = args[0].front(), path = args[1]] { return file_status(what, path); });
}

Text base_name(FunctionCall& call) {
    auto path = call.args;
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return std::string(path.substr(path.rfind('/') + 1));
}
Text dir_name(FunctionCall& call) {
    const auto slash = call.args.rfind('/');
    if (slash == std::string_view::npos) return ".";
    return std::string(slash == 0 ? std::string_view("/") : call.args.substr(0, slash));
}

}  // namespace

void add_system_functions(dialplan::Functions& all) {
    const dialplan::Parameter file{"filename", "path of a file"};
    all.add({.name = "ENV",
             .synopsis = "a variable of the daemon's environment",
             .syntax = "ENV(varname)",
             .read = env_read,
             .write = env_write,
             .module = "func_env",
             .dangerous_write = true});
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
    all.add({.name = "STAT",
             .synopsis = "facts of a file",
             .syntax = "STAT(flag,filename)",
             .parameters = {{"flag", "e exists, f file, d directory, s size, M A C times, m mode"}, file},
             .read_later = stat_,
             .module = "func_env",
             .dangerous_read = true});
    all.add({.name = "BASENAME",
             .synopsis = "a path's last part",
             .syntax = "BASENAME(filename)",
             .parameters = {file},
             .read = base_name,
             .module = "func_env"});
    all.add({.name = "DIRNAME",
             .synopsis = "a path without its last part",
             .syntax = "DIRNAME(filename)",
             .parameters = {file},
             .read = dir_name,
             .module = "func_env"});
}

}  // namespace asterism::functions
