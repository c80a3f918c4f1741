#include "core/runtime/logger_format.hpp"

#include <array>
#include <cctype>
#include <ctime>

#include "asterism/runtime/json_text.hpp"

namespace asterism::log {

namespace {

constexpr std::array<std::string_view, 9> names = {"DEBUG", "TRACE", "VERBOSE",  "NOTICE", "WARNING",
                                                   "ERROR", "DTMF",  "SECURITY", "FAX"};
constexpr std::array<std::string_view, 9> colours = {
    "\033[1;32m", "\033[1;32m", "", "\033[1;33m", "\033[1;31m", "\033[31m", "\033[1;32m", "\033[1;35m", ""};

bool equals(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (std::tolower(static_cast<unsigned char>(a[i])) != std::tolower(static_cast<unsigned char>(b[i])))
            return false;
    }
    return true;
}

std::string_view trim(std::string_view s) {
    while (!s.empty() && std::isspace(static_cast<unsigned char>(s.front()))) s.remove_prefix(1);
    while (!s.empty() && std::isspace(static_cast<unsigned char>(s.back()))) s.remove_suffix(1);
    return s;
}

std::string call_text(CallId call, const LoggerConfig& config) {
    return config.use_call_ids && call ? fmt::format("[C-{:08x}]", call.value) : std::string();
}

// The lead that a verbose line has on the console, by its level.
std::string_view verbose_lead(int number) {
    switch (number) {
        case 0: return "";
        case 1: return " ";
        case 2: return "  == ";
        case 3: return "    -- ";
        default: return "       > ";
    }
}

}  // namespace

std::string level_name(Level level, const std::vector<std::string>& custom) {
    const auto number = static_cast<unsigned>(level);
    if (number < names.size()) return std::string(names[number]);
    const auto index = number - first_custom_level;
    if (index >= custom.size()) return "UNKNOWN";
    std::string name = custom[index];
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
}

ChannelConfig parse_channel(std::string_view name, std::string_view value, const std::vector<std::string>& custom,
                            std::vector<std::string>* unknown) {
    ChannelConfig channel;
    channel.name = trim(name);
    value = trim(value);
    channel.text = value;
    if (value.starts_with('[')) {
        const auto end = value.find(']');
        const auto formatter = trim(value.substr(1, end == value.npos ? end : end - 1));
        if (equals(formatter, "json"))
            channel.formatter = Formatter::json;
        else if (equals(formatter, "plain"))
            channel.formatter = Formatter::plain;
        else if (!equals(formatter, "default") && unknown)
            unknown->emplace_back(formatter);
        value = end == value.npos ? std::string_view() : trim(value.substr(end + 1));
        channel.text = value;
    }
    while (!value.empty()) {
        const auto comma = value.find(',');
        const auto word = trim(value.substr(0, comma));
        value = comma == value.npos ? std::string_view() : value.substr(comma + 1);
        if (word.empty()) continue;
        if (word == "*") {
            channel.levels = ~0u;
            continue;
        }
        const auto paren = word.find('(');
        const auto base = trim(word.substr(0, paren));
        bool known = false;
        for (unsigned n = 0; n < names.size(); ++n) {
            if (!equals(base, names[n])) continue;
            channel.levels |= 1u << n;
            known = true;
            if (Level{n} != Level::verbose || paren == word.npos) continue;
            int number = 0;
            for (const char c : word.substr(paren + 1)) {
                if (c < '0' || c > '9' || number > 99) break;
                number = number * 10 + (c - '0');
            }
            channel.verbose = number;
        }
        for (unsigned n = 0; n < custom.size() && n < max_custom_levels; ++n) {
            if (!equals(base, custom[n])) continue;
            channel.levels |= 1u << (first_custom_level + n);
            known = true;
        }
        if (!known && unknown) unknown->emplace_back(word);
    }
    return channel;
}

std::string format_date(std::string_view format, WallTime when) {
    using namespace std::chrono;
    const auto micros = duration_cast<microseconds>(when.time_since_epoch()).count() % 1'000'000;
    const std::string fraction = fmt::format("{:06}", micros);
    std::string prepared;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 >= format.size()) {
            prepared += format[i];
            continue;
        }
        const char next = format[i + 1];
        if (next >= '1' && next <= '6' && i + 2 < format.size() && format[i + 2] == 'q') {
            prepared += fraction.substr(0, static_cast<std::size_t>(next - '0'));
            i += 2;
        } else if (next == 'q' || next == 'Q' || next == 'O') {
            prepared += fraction.substr(0, next == 'q' ? 1 : next == 'Q' ? 3 : 6);
            i += 1;
        } else {
            prepared += format[i];
            prepared += next;
            i += 1;
        }
    }
    const std::time_t seconds = system_clock::to_time_t(when);
    std::tm local{};
    localtime_r(&seconds, &local);
    std::array<char, 256> buffer{};
    const auto length = std::strftime(buffer.data(), buffer.size(), prepared.c_str(), &local);
    return {buffer.data(), length};
}

std::string format_line(Formatter formatter, const LineView& line, const LoggerConfig& config) {
    const std::string date = format_date(config.date_format, line.when);
    const std::string level = level_name(line.level, config.custom_levels);
    switch (formatter) {
        case Formatter::plain:
            return fmt::format("[{}] {}[{}]{}: {}:{} {}: {}\n", date, level, line.thread, call_text(line.call, config),
                               line.file, line.line, line.function, line.text);
        case Formatter::json: {
            std::string out = "{\"hostname\":";
            append_json_text(out, config.hostname);
            out += ",\"timestamp\":";
            append_json_text(out, date);
            fmt::format_to(std::back_inserter(out), ",\"identifiers\":{{\"lwp\":{}", line.thread);
            if (line.call && config.use_call_ids) {
                fmt::format_to(std::back_inserter(out), ",\"callid\":\"C-{:08x}\"", line.call.value);
            }
            out += "},\"logmsg\":{\"location\":{\"filename\":";
            append_json_text(out, line.file);
            out += ",\"function\":";
            append_json_text(out, line.function);
            fmt::format_to(std::back_inserter(out), ",\"line\":{}}},\"level\":", line.line);
            append_json_text(out, level);
            out += ",\"message\":";
            append_json_text(out, line.text);
            out += "}}\n";
            return out;
        }
        case Formatter::standard: break;
    }
    return fmt::format("[{}] {}[{}]{} {}: {}\n", date, level, line.thread, call_text(line.call, config), line.file,
                       line.text);
}

std::string format_console(const LineView& line, const LoggerConfig& config, const ConsoleStyle& style) {
    if (line.level == Level::verbose) {
        const std::string date =
            style.timestamp ? fmt::format("[{}] ", format_date(config.date_format, line.when)) : std::string();
        return fmt::format("{}{}{}\n", date, verbose_lead(line.number), line.text);
    }
    if (!style.colour || static_cast<unsigned>(line.level) >= colours.size()) {
        return format_line(Formatter::plain, line, config);
    }
    return fmt::format("[{}] {}{}\033[0m[{}]{}: {}:{} {}: {}\n", format_date(config.date_format, line.when),
                       colours[static_cast<unsigned>(line.level)], level_name(line.level, config.custom_levels),
                       line.thread, call_text(line.call, config), line.file, line.line, line.function, line.text);
}

}  // namespace asterism::log
