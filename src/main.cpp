// The program: command line, asterisk.conf, background, then the Daemon; or the remote console.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "asterism/cli/remote.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/runtime/logger.hpp"
#include "src/build_info.hpp"
#include "src/command_line.hpp"
#include "src/daemon.hpp"
#include "src/process_setup.hpp"
#include "src/simulate.hpp"
#include "src/systemd.hpp"

namespace {

using namespace asterism;

/// asterisk.conf with the command line on top.
config::Settings read_settings(const CommandLine& line, bool quiet) {
    config::Report report;
    config::Settings settings = config::Settings::defaults();
    if (std::filesystem::exists(line.config_file)) {
        settings = load_settings(line.config_file, line.exec_includes, report);
    } else if (line.config_given && !quiet) {
        std::fprintf(stderr, "Unable to open specified master config file '%s', using built-in defaults\n",
                     line.config_file.c_str());
    }
    if (!quiet) std::fputs(report.text().c_str(), stderr);
    settings.verbose = std::max(settings.verbose, line.verbose);
    settings.debug = std::max(settings.debug, line.debug);
    settings.exec_includes |= line.exec_includes;
    settings.dump_core |= line.dump_core;
    settings.quiet |= line.quiet;
    settings.no_color |= line.no_colour;
    settings.timestamp |= line.timestamp;
    settings.high_priority |= line.high_priority;
    settings.console |= line.console;
    settings.no_fork |= line.no_fork;
    settings.always_fork |= line.always_fork;
    if (!line.user.empty()) settings.run_user = line.user;
    if (!line.group.empty()) settings.run_group = line.group;
    if (line.max_calls) settings.max_calls = *line.max_calls;
    if (line.max_load) settings.max_load = *line.max_load;
    return settings;
}

int run_console(const CommandLine& line) {
    const config::Settings settings = read_settings(line, true);
    return cli::run_remote({.path = line.socket.empty() ? settings.control_socket() : line.socket,
                            .command = line.command,
                            .reconnect = line.reconnect,
                            .verbose = line.verbose,
                            .quiet = line.quiet,
                            .shell = !settings.disable_remote_console_shell});
}

/// The same program again, in this process.
[[noreturn]] void restart(char** argv) {
    // Sockets that a library opened without close-on-exec must not stay open behind the new daemon's back.
    ::close_range(3, ~0u, 0);
    setenv("ASTERISM_RESTARTED", "1", 1);  // it is in the background already
    ::execv("/proc/self/exe", argv);
    std::perror("restart");
    std::_Exit(1);
}

int run_daemon(const CommandLine& line, char** argv) {
    const config::Settings settings = read_settings(line, false);
    const bool restarted = std::getenv("ASTERISM_RESTARTED") != nullptr;
    unsetenv("ASTERISM_RESTARTED");

    Background background;
    const bool foreground = (settings.no_fork || settings.console) && !settings.always_fork;
    ServiceManager service;
    if (!foreground && !restarted) background.detach();
    std::signal(SIGPIPE, SIG_IGN);

    AsioLoop loop;
    // With -c the console is a client of the control socket: it shows the log lines itself.
    const bool shows_log = foreground && !settings.console;
    log::Logger logger(loop.clock(), {.enabled = shows_log,
                                      .colour = !settings.no_color && isatty(STDOUT_FILENO) != 0,
                                      .timestamp = settings.timestamp,
                                      .muted = line.mute});
    log::set_backend(&logger);
    logger.set_verbose(settings.verbose);
    logger.set_debug(settings.debug);
    struct NoBackend {
        ~NoBackend() { log::set_backend(nullptr); }
    } no_backend;

    make_folders(settings);
    set_limits(settings);
    if (auto became = become(settings.run_user, settings.run_group); !became) {
        std::fprintf(stderr, "%s\n", became.error().c_str());
        return 1;
    }

    Daemon daemon(loop, logger, settings, std::move(service));
    if (auto booted = daemon.boot(); !booted) {
        std::fprintf(stderr, "%s\n", booted.error().c_str());
        return 1;
    }
    background.ready();

    std::thread console;
    if (settings.console) {
        console = std::thread([&] {
            cli::run_remote({.path = settings.control_socket(), .verbose = settings.verbose, .quiet = settings.quiet});
            loop.post([&daemon] { daemon.stop(StopKind::now, false); });
        });
    }
    daemon.run();
    if (console.joinable()) console.join();
    if (daemon.restart_wanted()) {
        logger.flush();
        restart(argv);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const CommandLine line = parse_command_line({argv + 1, argv + argc});
    if (!line.error.empty()) {
        std::fprintf(stderr, "%s: %s\n\n%s", argv[0], line.error.c_str(), help_text().c_str());
        return 1;
    }
    try {
        switch (line.mode) {
            case CommandLine::Mode::help: std::fputs(help_text().c_str(), stdout); return 0;
            case CommandLine::Mode::version:
                std::printf("Asterisk %s\n", read_settings(line, true).reported_version.c_str());
                return 0;
            case CommandLine::Mode::check: return check_configuration(line.config_file, line.exec_includes);
            case CommandLine::Mode::simulate: return simulate(line.scenarios, read_settings(line, true), line.quiet);
            case CommandLine::Mode::remote: return run_console(line);
            case CommandLine::Mode::run: return run_daemon(line, argv);
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
    }
    return 1;
}
