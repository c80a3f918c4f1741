// core show version|uptime|settings|sysinfo, core stop|restart, core reload, core waitfullybooted, core set ...
#include <strings.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <ctime>

#include "asterism/config/settings.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/logger.hpp"
#include "asterism/runtime/whole.hpp"
#include "asterism/store/astdb.hpp"
#include "interfaces/cli/commands.hpp"
#include "interfaces/cli/pattern.hpp"

namespace asterism::cli {

namespace {

std::string clock_time(WallTime when) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
    std::tm local{};
    localtime_r(&seconds, &local);
    return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

Result show_version(Context& context, Pbx& pbx) {
    const BuildInfo build = pbx.process->build();
    context.print("Asterisk {} built by {} @ {} on a {} running {} on {}\n", pbx.process->reported_version(),
                  build.user, build.host, build.machine, build.os, build.date);
    return Result::success;
}

Result show_uptime(Context& context, Pbx& pbx) {
    if (context.arguments() > 0) return Result::usage;
    const bool bare = context.name_words > 3;
    const WallTime now = pbx.loop->clock().wall();
    const auto up = seconds_between(pbx.started, now);
    const auto since = seconds_between(pbx.reloaded, now);
    if (bare) {
        context.print("System uptime: {}\nLast reload: {}\n", up.count(), since.count());
    } else {
        context.print("System uptime: {}\nLast reload: {}\n", spoken_time(up), spoken_time(since));
    }
    return Result::success;
}

Result show_settings(Context& context, Pbx& pbx) {
    const config::Settings& s = *pbx.settings;
    const BuildInfo build = pbx.process->build();
    const auto yes = [](bool on) { return on ? "Enabled" : "Disabled"; };
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    const auto line = [&](std::string_view name, const auto& value) { context.print("  {:<28} {}\n", name, value); };
    context.print("\nPBX Core settings\n-----------------\n");
    line("Version:", pbx.process->reported_version());
    line("Asterism:", pbx.process->own_version());
    line("All Build Options:", build.options);
    line("Maximum calls:",
         s.max_calls > 0 ? fmt::format("{} (Current {})", s.max_calls, pbx.channels->calls()) : "Not set");
    line("Maximum open file handles:", files.rlim_cur);
    line("Root console verbosity:", pbx.process->logger().verbose());
    line("Current console verbosity:", context.console ? context.console->verbose() : 0);
    line("Debug level:", pbx.process->logger().debug());
    line("Trace level:", 0);
    line("Dump core on crash:", s.dump_core ? "Yes" : "No");
    line("Maximum load average:", fmt::format("{:.6f}", s.max_load));
    line("Minimum free memory:", fmt::format("{} MB", s.min_free_memory_mb));
    line("Startup time:", clock_time(pbx.started));
    line("Last reload time:", clock_time(pbx.reloaded));
    line("System:",
         fmt::format("{}/{} built by {} on {} {}", build.os, build.kernel, build.user, build.machine, build.date));
    line("System name:", pbx.system_name);
    line("Entity ID:", pbx.entity_id);
    line("PBX UUID:", pbx.db ? pbx.db->get("pbx", "UUID").value_or("") : "");
    line("Default language:", s.default_language);
    line("Language prefix:", yes(s.language_prefix));
    line("User name and group:", s.run_user + "/" + s.run_group);
    line("Executable includes:", yes(s.exec_includes));
    line("Transmit silence during rec:", yes(s.transmit_silence));
    line("Min DTMF duration::", 0);
    line("Cache media frames:", yes(s.cache_media_frames));
    line("RTP use dynamic payloads:", 1);
    line("Shell on remote consoles:", yes(!s.disable_remote_console_shell));
    context.print("\n* Subsystems\n  -------------\n");
    line("Manager (AMI):", yes(pbx.process->module("res_manager").has_value()));
    line("Web Manager (AMI/HTTP):", yes(pbx.process->module("res_http").has_value()));
    line("Call data records:", yes(pbx.process->module("cdr_csv").has_value()));
    line("Realtime Architecture (ARA):", "Disabled");
    context.print("\n* Directories\n  -------------\n");
    line("Configuration file:", s.etc_dir + "/asterisk.conf");
    line("Configuration directory:", s.etc_dir);
    line("Module directory:", s.module_dir);
    line("Spool directory:", s.spool_dir);
    line("Log directory:", s.log_dir);
    line("Run/Sockets directory:", s.run_dir);
    line("PID file:", s.pid_file());
    line("VarLib directory:", s.var_lib_dir);
    line("Data directory:", s.data_dir);
    line("ASTDB:", s.db_dir + "/astdb");
    line("IAX2 Keys directory:", s.key_dir + "/keys");
    line("AGI Scripts directory:", s.agi_dir);
    line("Cache directory:", s.cache_dir);
    context.print("\n\n");
    return Result::success;
}

Result show_sysinfo(Context& context) {
    struct sysinfo info{};
    ::sysinfo(&info);
    const auto kib = [&](unsigned long units) { return static_cast<unsigned long long>(units) * info.mem_unit / 1024; };
    context.print(
        "\nSystem Statistics\n-----------------\n  System Uptime:             {} hours\n  Total RAM:                 "
        "{} "
        "KiB\n  Free RAM:                  {} KiB\n  Buffer RAM:                {} KiB\n  Total Swap Space:          "
        "{} "
        "KiB\n  Free Swap Space:           {} KiB\n\n  Number of Processes:       {} \n\n",
        info.uptime / 3600, kib(info.totalram), kib(info.freeram), kib(info.bufferram), kib(info.totalswap),
        kib(info.freeswap), info.procs);
    return Result::success;
}

// "core set verbose [atleast] N|off": of the console that asks; from AMI, of the whole process.
Result set_level(Context& context, Pbx& pbx, bool verbose) {
    std::size_t at = 0;
    const bool at_least = equal_words(context.argument(0), "atleast");
    if (at_least) ++at;
    const std::string_view word = context.argument(at);
    int level = 0;
    if (!equal_words(word, "off")) {
        level = parse_whole<int>(word).value_or(-1);
        if (level < 0) return Result::usage;
    }
    log::Logger& logger = pbx.process->logger();
    const bool own = verbose && context.console;
    const int before = own ? context.console->verbose() : verbose ? logger.verbose() : logger.debug();
    if (at_least && before > level) level = before;
    if (own)
        context.console->set_verbose(level);
    else if (verbose)
        logger.set_verbose(level);
    else
        logger.set_debug(level);
    const bool silent = equal_words(context.argument(at + 1), "silent");
    if (silent) return Result::success;
    const auto name = [](int n) { return n == 0 ? std::string("OFF") : std::to_string(n); };
    const char* what = verbose ? "Console verbose" : "Core debug";
    if (before == level)
        context.print("{} is still {}.\n", what, name(level));
    else
        context.print("{} was {} and is now {}.\n", what, name(before), name(level));
    return Result::success;
}

Task<Result> wait_booted(Context& context, Pbx& pbx) {
    // Shared: the console may go away while the daemon boots.
    auto box = std::make_shared<Mailbox<bool>>(*pbx.loop);
    pbx.process->when_booted([weak = std::weak_ptr(box)] {
        if (auto waiting = weak.lock()) waiting->send(true);
    });
    co_await box->next();
    context.print("Asterisk has fully booted.\n");
    co_return Result::success;
}

Task<Result> reload_everything(Context&, Pbx& pbx) {
    auto box = std::make_shared<Mailbox<ReloadResult>>(*pbx.loop);
    pbx.process->reload("", [weak = std::weak_ptr(box)](ReloadResult result) {
        if (auto waiting = weak.lock()) waiting->send(result);
    });
    co_await box->next();
    co_return Result::success;
}

}  // namespace

void add_process_commands(Registry& registry, Pbx& pbx) {
    registry.add({.name = "core show version",
                  .summary = "Display version info",
                  .usage = "\n       Shows Asterisk version information.\n",
                  .run = [&pbx](Context& c) { return show_version(c, pbx); }});
    registry.add({.name = "core show uptime [seconds]",
                  .summary = "Show uptime information",
                  .usage = "\n       Shows how long the daemon has been running, and when it last read its\n"
                           "       configuration. With 'seconds', as plain numbers.\n",
                  .run = [&pbx](Context& c) { return show_uptime(c, pbx); }});
    registry.add({.name = "core show settings",
                  .summary = "Show some core settings",
                  .usage = "\n       Shows miscellaneous settings of the core.\n",
                  .run = [&pbx](Context& c) { return show_settings(c, pbx); }});
    registry.add({.name = "core show sysinfo",
                  .summary = "Show System Information",
                  .usage = "\n       Lists memory and processes of the machine.\n",
                  .run = [](Context& c) { return show_sysinfo(c); }});
    registry.add({.name = "core show taskprocessors",
                  .summary = "List instantiated task processors and statistics",
                  .usage = "\n       There are none here: one loop does all of it.\n",
                  .run = [](Context& c) {
                      c.print("\n{:<70} {:>10} {:>10} {:>10} {:>10} {:>10} {:>12} {:>13}\n\n0 taskprocessors\n\n",
                              "Processor", "Processed", "In Queue", "Max Depth", "Low water", "High water",
                              "Low time(us)", "High time(us)");
                      return Result::success;
                  }});
    registry.add({.name = "core waitfullybooted",
                  .summary = "Wait for Asterisk to be fully booted",
                  .usage = "\n       Waits until everything has started.\n",
                  .run_async = [&pbx](Context& c) { return wait_booted(c, pbx); }});
    registry.add({.name = "core reload",
                  .summary = "Global reload",
                  .usage = "\n       Reads all configuration files again.\n",
                  .run_async = [&pbx](Context& c) { return reload_everything(c, pbx); }});
    registry.add({.name = "reload",
                  .summary = "Global reload",
                  .run_async = [&pbx](Context& c) { return reload_everything(c, pbx); },
                  .hidden = true});
    registry.add(
        {.name = "core set verbose",
         .summary = "Set level of verbosity",
         .usage = "[atleast] <level> [silent] | off\n       Sets how much this console shows; 0 or off is nothing.\n",
         .run = [&pbx](Context& c) { return set_level(c, pbx, true); }});
    registry.add(
        {.name = "core set debug",
         .summary = "Set level of debug chattiness",
         .usage =
             "[atleast] <level> [module] | off\n       Sets how much is written to channels with the level debug.\n",
         .run = [&pbx](Context& c) { return set_level(c, pbx, false); }});
    struct Way {
        const char* name;
        StopKind kind;
        const char* meaning;
    };
    for (const Way& way : {Way{"now", StopKind::now, "at once, hanging up all calls"},
                           Way{"gracefully", StopKind::gracefully, "when the calls have ended; new ones are refused"},
                           Way{"when convenient", StopKind::when_convenient, "as soon as there is no call"}}) {
        for (const bool restart : {false, true}) {
            const char* verb = restart ? "restart" : "stop";
            registry.add({.name = fmt::format("core {} {}", verb, way.name),
                          .summary = fmt::format("{} Asterisk {}", restart ? "Restart" : "Shut down",
                                                 way.kind == StopKind::now          ? "immediately"
                                                 : way.kind == StopKind::gracefully ? "gracefully"
                                                                                    : "at empty call volume"),
                          .usage = fmt::format("\n       {}s {}.\n", restart ? "Restart" : "Stop", way.meaning),
                          .run = [&pbx, kind = way.kind, restart](Context& c) {
                              if (c.arguments() > 0) return Result::usage;
                              pbx.process->stop(kind, restart);
                              if (c.console) c.console->ends_with_daemon(restart);
                              return Result::success;
                          }});
        }
    }
    registry.add({.name = "core abort shutdown",
                  .summary = "Cancel a running shutdown",
                  .usage = "\n       Goes on after a stop or restart that is waiting for calls.\n",
                  .run = [&pbx](Context&) {
                      pbx.process->abort_stop();
                      return Result::success;
                  }});
}

}  // namespace asterism::cli
