#include "src/command_line.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace asterism {

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
    CommandLine line;
    bool remote = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word == "--check") {
            line.mode = CommandLine::Mode::check;
            continue;
        }
        if (word == "--simulate" || word.starts_with("--simulate=")) {
            line.mode = CommandLine::Mode::simulate;
            if (word.size() > 10)
                line.scenarios.push_back(word.substr(11));
            else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with('-'))
                line.scenarios.push_back(arguments[++i]);
            if (line.scenarios.empty() || line.scenarios.back().empty()) {
                line.error = "--simulate requires a file of scenarios, or a folder of them";
                return line;
            }
            continue;
        }
        if (word == "--help" || word == "--version") {
            line.mode = word == "--help" ? CommandLine::Mode::help : CommandLine::Mode::version;
            continue;
        }
        if (line.mode == CommandLine::Mode::simulate && !word.empty() && word[0] != '-') {
            line.scenarios.push_back(word);
            continue;
        }
        if (word.size() < 2 || word[0] != '-') {
            line.error = "unexpected argument: " + word;
            return line;
        }
        for (std::size_t at = 1; at < word.size(); ++at) {
            const char option = word[at];
            // An option's value: the rest of the word, or the next one.
            const auto value = [&]() -> std::string {
                std::string text;
                if (at + 1 < word.size())
                    text = word.substr(at + 1);
                else if (i + 1 < arguments.size())
                    text = arguments[++i];
                else
                    line.error = std::string("option requires an argument -- '") + option + "'";
                at = word.size();
                return text;
            };
            switch (option) {
                case 'C':
                    line.config_file = value();
                    line.config_given = true;
                    break;
                case 'U': line.user = value(); break;
                case 'G': line.group = value(); break;
                case 's': line.socket = value(); break;
                case 'x':
                    line.command = value();
                    remote = true;
                    break;
                case 'M': {
                    const std::string text = value();
                    int number = 0;
                    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
                    if (error != std::errc() || number < 0) line.error = "not a number of calls: " + text;
                    line.max_calls = number;
                    break;
                }
                case 'L': line.max_load = std::strtod(value().c_str(), nullptr); break;
                case 'f': line.no_fork = true; break;
                case 'F': line.always_fork = true; break;
                case 'c':
                    line.console = true;
                    line.no_fork = true;
                    break;
                case 'd':
                    ++line.debug;
                    line.no_fork = true;
                    break;
                case 'v':
                    ++line.verbose;
                    line.no_fork = true;
                    break;
                case 'g': line.dump_core = true; break;
                case 'q': line.quiet = true; break;
                case 'm': line.mute = true; break;
                case 'n': line.no_colour = true; break;
                case 'p': line.high_priority = true; break;
                case 'T': line.timestamp = true; break;
                case 'X': line.exec_includes = true; break;
                case 'r': remote = true; break;
                case 'R':
                    remote = true;
                    line.reconnect = true;
                    break;
                case 'V': line.mode = CommandLine::Mode::version; break;
                case 'h': line.mode = CommandLine::Mode::help; break;
                case 'i':  // keys with a passphrase: asked for when they are needed
                case 't':  // recordings are written where they belong at once
                case 'W':
                case 'B': break;  // backgrounds of terminals
                default: line.error = std::string("invalid option -- '") + option + "'";
            }
            if (!line.error.empty()) return line;
        }
    }
    if (remote && line.mode == CommandLine::Mode::run) line.mode = CommandLine::Mode::remote;
    return line;
}

std::string help_text() {
    return "Usage: asterism [OPTIONS]\n"
           "       asterism -r [-v] [-x COMMAND]      talk to the daemon that runs here\n"
           "       asterism --check                   read all configuration and say what is wrong with it\n"
           "       asterism --simulate FILE|FOLDER... play scenarios through the dialplan, without a socket (-q: only\n"
           "                                          what fails in full)\n"
           "\n"
           "   -V              Show the version and end\n"
           "   -C <file>       Read this instead of /etc/asterisk/asterisk.conf\n"
           "   -U <user>       Run as this user\n"
           "   -G <group>      Run as this group\n"
           "   -f              Stay in the foreground\n"
           "   -F              Go to the background, even with -v or -d\n"
           "   -c              Stay in the foreground with a console\n"
           "   -g              Dump core on a crash\n"
           "   -p              Run with real-time priority\n"
           "   -q              Say nothing at start\n"
           "   -m              Show no log lines on the console\n"
           "   -n              No colours\n"
           "   -T              Show the time in front of every line on the console\n"
           "   -v              Say more (repeat for even more); stays in the foreground\n"
           "   -d              Debug more (repeat); stays in the foreground\n"
           "   -M <calls>      Refuse calls beyond this number\n"
           "   -L <load>       Refuse calls above this load average\n"
           "   -X              Allow #exec in the configuration\n"
           "   -r              Connect to the daemon on this machine\n"
           "   -R              The same, and connect again when it goes away\n"
           "   -s <socket>     The control socket to connect to, with -r\n"
           "   -x <command>    Run one console command in the daemon, show what it says, and end\n"
           "   -h              This text\n";
}

}  // namespace asterism
