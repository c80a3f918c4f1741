// How a log line looks: dates, level names and the three formatters.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "asterism/runtime/logger.hpp"

namespace asterism::log {

/// strftime in local time, and Asterisk's parts of a second: %q a tenth, %Q milliseconds, %O microseconds, %3q so many
/// digits.
[[nodiscard]] std::string format_date(std::string_view format, WallTime when);

/// What a formatter shows of a line.
struct LineView {
    Level level;
    int number;
    CallId call;
    WallTime when;
    pid_t thread;
    std::string_view file;  ///< without folders
    int line;
    std::string_view function;
    std::string_view text;
};

/// With the end of line.
[[nodiscard]] std::string format_line(Formatter formatter, const LineView& line, const LoggerConfig& config);
/// For the console: verbose lines are bare, with the lead that their level gets; others like `plain`.
[[nodiscard]] std::string format_console(const LineView& line, const LoggerConfig& config, const ConsoleStyle& style);

}  // namespace asterism::log
