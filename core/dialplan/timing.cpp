#include "asterism/dialplan/timing.hpp"

#include "asterism/config/options.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/runtime/whole.hpp"

namespace asterism::dialplan {
namespace {

std::tm machine_local(std::string_view, WallTime now) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return local;
}
std::tm (*zone_local)(std::string_view, WallTime) = machine_local;

constexpr std::string_view weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::string_view month_names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                            "jul", "aug", "sep", "oct", "nov", "dec"};

std::optional<int> by_name(std::string_view text, const std::string_view* names, int count) {
    for (int i = 0; i < count; ++i) {
        // "monday" is as good as "mon".
        if (text.size() >= 3 && config::equal_nocase(text.substr(0, 3), names[i])) return i;
    }
    return std::nullopt;
}

std::optional<int> whole(std::string_view text, int low, int high) {
    const auto value = parse_whole<int>(text);
    return value && *value >= low && *value <= high ? value : std::nullopt;
}

std::optional<int> minute(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto hours = whole(text.substr(0, colon), 0, 24);
    auto minutes = whole(text.substr(colon + 1), 0, 59);
    if (!hours || !minutes || (*hours == 24 && *minutes > 0)) return std::nullopt;
    return (*hours * 60 + *minutes) % 1440;
}

/// Fills the bits of "a", "a-b" and several of them; a range whose end comes first wraps around.
template <std::size_t N, class F>
bool fill(std::bitset<N>& bits, std::string_view text, int first, F value) {
    if (text == "*" || text.empty()) {
        bits.set();
        return true;
    }
    for (const auto& part : config::parse_list(text, '&')) {
        const std::string_view whole_part = part;
        const std::size_t dash = whole_part.find('-');
        auto from = value(config::trim(whole_part.substr(0, dash)));
        auto to = dash == std::string_view::npos ? from : value(config::trim(whole_part.substr(dash + 1)));
        if (!from || !to) return false;
        for (int i = *from;; i = i + 1 == static_cast<int>(N) ? first : i + 1) {
            bits.set(static_cast<std::size_t>(i));
            if (i == *to) break;
        }
    }
    return bits.any();
}

}  // namespace

std::expected<Timing, std::string> Timing::parse(std::string_view text) {
    const Arguments parts(text, ',', 5);
    const auto bad = [&](std::string_view what, std::size_t i) {
        return std::unexpected("bad " + std::string(what) + " '" + parts[i] + "'");
    };
    const auto trimmed = [&](std::size_t i) { return config::trim(parts[i]); };
    Timing timing;
    if (parts.size() == 0) return std::unexpected("a time is missing");
    if (!fill(timing.minutes_, trimmed(0), 0, minute)) return bad("time", 0);
    if (!fill(timing.weekdays_, trimmed(1), 0, [](std::string_view t) { return by_name(t, weekday_names, 7); }))
        return bad("weekday", 1);
    if (!fill(timing.days_, trimmed(2), 1, [](std::string_view t) { return whole(t, 1, 31); }))
        return bad("day of the month", 2);
    if (!fill(timing.months_, trimmed(3), 0, [](std::string_view t) { return by_name(t, month_names, 12); }))
        return bad("month", 3);
    timing.zone_ = std::string(trimmed(4));
    return timing;
}

bool Timing::includes(WallTime now) const {
    const std::tm local = zone_.empty() ? machine_local({}, now) : zone_local(zone_, now);
    return minutes_.test(static_cast<std::size_t>(local.tm_hour * 60 + local.tm_min)) &&
           weekdays_.test(static_cast<std::size_t>(local.tm_wday)) &&
           days_.test(static_cast<std::size_t>(local.tm_mday)) && months_.test(static_cast<std::size_t>(local.tm_mon));
}

void Timing::set_zones(std::tm (*local)(std::string_view zone, WallTime now)) { zone_local = local; }

}  // namespace asterism::dialplan
