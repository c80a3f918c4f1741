// The command line, as Asterisk's.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace asterism {

struct CommandLine {
    enum class Mode { run, remote, check, simulate, version, help } mode = Mode::run;
    std::string config_file = "/etc/asterisk/asterisk.conf";
    bool config_given = false;
    bool no_fork = false;                ///< -f, and what implies it: -c, -d, -v
    bool always_fork = false;            ///< -F
    bool console = false;                ///< -c
    bool dump_core = false;              ///< -g
    bool quiet = false;                  ///< -q
    bool mute = false;                   ///< -m
    bool no_colour = false;              ///< -n
    bool high_priority = false;          ///< -p
    bool timestamp = false;              ///< -T
    bool exec_includes = false;          ///< -X
    bool reconnect = false;              ///< -R
    int verbose = 0;                     ///< number of -v
    int debug = 0;                       ///< number of -d
    std::optional<std::string> command;  ///< -x
    std::string socket;                  ///< -s, with -r
    std::string user, group;             ///< -U, -G
    std::optional<int> max_calls;        ///< -M
    std::optional<double> max_load;      ///< -L
    std::vector<std::string> scenarios;  ///< --simulate
    std::string error;                   ///< what is wrong with it; empty: nothing
};

/// `arguments` without the program's name.
[[nodiscard]] CommandLine parse_command_line(const std::vector<std::string>& arguments);
/// The text of -h.
[[nodiscard]] std::string help_text();

}  // namespace asterism
