// Times and patterns as scenarios write them.
#include <charconv>

#include <fmt/format.h>

#include "asterism/simulator/scenario.hpp"

namespace asterism::simulator {

std::optional<Millis> parse_span(std::string_view text) {
    constexpr double longest = 7 * 24 * 3600;
    double seconds = 0;
    bool any = false;
    while (!text.empty()) {
        double number = 0;
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
        if (error != std::errc() || !(number >= 0) || number > longest * 1000) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        double unit = 1;
        if (text.starts_with("ms")) {
            unit = 0.001;
            text.remove_prefix(2);
        } else if (text.starts_with('s')) {
            text.remove_prefix(1);
        } else if (text.starts_with('m')) {
            unit = 60;
            text.remove_prefix(1);
        } else if (text.starts_with('h')) {
            unit = 3600;
            text.remove_prefix(1);
        } else if (!text.empty() || any) {
            return std::nullopt;
        }
        seconds += number * unit;
        any = true;
    }
    if (!any || seconds > longest) return std::nullopt;
    return Millis(static_cast<std::int64_t>(seconds * 1000 + 0.5));
}

std::string span_text(Millis time) {
    const auto total = time.count();
    const auto minutes = total / 60'000, rest = total % 60'000;
    std::string seconds =
        rest % 1000 == 0 ? fmt::format("{}", rest / 1000) : fmt::format("{}.{:03}", rest / 1000, rest % 1000);
    if (seconds.find('.') != std::string::npos) seconds.erase(seconds.find_last_not_of('0') + 1);
    if (minutes == 0) return seconds + "s";
    return rest == 0 ? fmt::format("{}m", minutes) : fmt::format("{}m{}s", minutes, seconds);
}

bool like(std::string_view pattern, std::string_view text) {
    // The last star that may take one more character, and where it stood.
    std::size_t p = 0, t = 0, star = std::string_view::npos, from = 0;
    for (;;) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            from = t;
            continue;
        }
        if (t == text.size() && p == pattern.size()) return true;
        const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\' && pattern[p + 1] == '*';
        const std::size_t at = escaped ? p + 1 : p;
        if (t < text.size() && at < pattern.size() && pattern[at] == text[t]) {
            p = at + 1;
            ++t;
            continue;
        }
        if (star == std::string_view::npos || from >= text.size()) return false;
        t = ++from;
        p = star + 1;
    }
}

}  // namespace asterism::simulator
