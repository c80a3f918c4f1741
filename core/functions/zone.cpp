#include "asterism/functions/zone.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

namespace asterism::functions {
namespace {

constexpr std::int64_t day_seconds = 86400;
constexpr std::size_t largest_file = 1 << 20;

std::int64_t days_from_civil(std::int64_t year, int month, int day) {
    year -= month <= 2;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const auto yoe = year - era * 400;
    const auto doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}
bool leap(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

std::tm utc(std::int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm result{};
    gmtime_r(&time, &result);
    return result;
}

/// Big-endian numbers from the front of a file.
struct Reader {
    std::string_view bytes;
    bool good = true;
    std::string_view take(std::size_t count) {
        if (bytes.size() < count) {
            good = false;
            return {};
        }
        const auto part = bytes.substr(0, count);
        bytes.remove_prefix(count);
        return part;
    }
    std::int64_t number(std::size_t size) {
        const auto part = take(size);
        if (part.empty()) return 0;
        std::uint64_t value = 0;
        for (char c : part) value = value << 8 | static_cast<unsigned char>(c);
        if (size == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
        return static_cast<std::int64_t>(value);
    }
};

struct Counts {
    std::size_t utc = 0, standard = 0, leaps = 0, times = 0, types = 0, characters = 0;
};

std::expected<Counts, std::string> take_header(Reader& in, char& version) {
    const auto head = in.take(20);
    if (!in.good || !head.starts_with("TZif")) return std::unexpected("it is no zoneinfo file");
    version = head[4];
    Counts c;
    for (auto* count : {&c.utc, &c.standard, &c.leaps, &c.times, &c.types, &c.characters})
        *count = static_cast<std::size_t>(std::max<std::int64_t>(in.number(4), 0));
    if (!in.good || c.times > 100000 || c.types == 0 || c.types > 256 || c.characters > 4096 || c.leaps > 1000)
        return std::unexpected("its header makes no sense");
    return c;
}

}  // namespace

std::expected<Zone, std::string> Zone::parse(std::string_view bytes) {
    Reader in{bytes};
    char version = 0;
    auto counts = take_header(in, version);
    if (!counts) return std::unexpected(counts.error());
    std::size_t time_size = 4;
    if (version >= '2') {
        in.take(counts->times * 5 + counts->types * 6 + counts->characters + counts->leaps * 8 + counts->standard +
                counts->utc);
        counts = take_header(in, version);
        if (!counts) return std::unexpected(counts.error());
        time_size = 8;
    }
    Zone zone;
    zone.types_.clear();
    for (std::size_t i = 0; i < counts->times && in.good; ++i) zone.times_.push_back(in.number(time_size));
    for (char kind : in.take(counts->times)) zone.kinds_.push_back(static_cast<std::uint8_t>(kind));
    std::vector<std::size_t> names;
    for (std::size_t i = 0; i < counts->types && in.good; ++i) {
        Type type;
        type.offset = static_cast<std::int32_t>(in.number(4));
        type.daylight = in.number(1) != 0;
        names.push_back(static_cast<std::size_t>(in.number(1)));
        zone.types_.push_back(type);
    }
    const auto letters = in.take(counts->characters);
    in.take(counts->leaps * (time_size + 4) + counts->standard + counts->utc);
    if (!in.good || !std::is_sorted(zone.times_.begin(), zone.times_.end()))
        return std::unexpected("it is cut short or out of order");
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] >= letters.size()) return std::unexpected("a name lies outside the file");
        const auto rest = letters.substr(names[i]);
        zone.types_[i].abbreviation = rest.substr(0, rest.find('\0'));
    }
    for (auto kind : zone.kinds_)
        if (kind >= zone.types_.size()) return std::unexpected("a change names no type");
    if (time_size == 8 && in.bytes.starts_with('\n')) {
        const auto text = in.bytes.substr(1);
        zone.has_footer_ = zone.parse_footer(text.substr(0, text.find('\n')));
    }
    return zone;
}

namespace {

/// "CET", "<+03>"
std::string take_name(std::string_view& text) {
    std::string name;
    if (text.starts_with('<')) {
        const auto end = text.find('>');
        name = text.substr(1, end == std::string_view::npos ? end : end - 1);
        text.remove_prefix(std::min(text.size(), end == std::string_view::npos ? text.size() : end + 1));
        return name;
    }
    while (!text.empty() && ((text.front() | 32) >= 'a' && (text.front() | 32) <= 'z')) {
        name += text.front();
        text.remove_prefix(1);
    }
    return name;
}

int take_int(std::string_view& text) {
    int value = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9' && value < 100000) {
        value = value * 10 + (text.front() - '0');
        text.remove_prefix(1);
    }
    return value;
}

/// "-1", "2:30", "+167:59:59" in seconds
std::int32_t take_clock(std::string_view& text) {
    int sign = 1;
    if (text.starts_with('-')) sign = -1;
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    std::int32_t value = take_int(text) * 3600;
    for (int unit : {60, 1}) {
        if (!text.starts_with(':')) break;
        text.remove_prefix(1);
        value += take_int(text) * unit;
    }
    return sign * value;
}

}  // namespace

bool Zone::parse_rule(std::string_view& text, Rule& rule) {
    if (!text.starts_with(',')) return false;
    text.remove_prefix(1);
    if (text.starts_with('M')) {
        text.remove_prefix(1);
        rule.kind = Rule::Kind::month;
        rule.month = take_int(text);
        if (!text.starts_with('.')) return false;
        text.remove_prefix(1);
        rule.week = take_int(text);
        if (!text.starts_with('.')) return false;
        text.remove_prefix(1);
        rule.day = take_int(text);
        if (rule.month < 1 || rule.month > 12 || rule.week < 1 || rule.week > 5 || rule.day > 6) return false;
    } else {
        rule.kind = text.starts_with('J') ? Rule::Kind::julian : Rule::Kind::day;
        if (text.starts_with('J')) text.remove_prefix(1);
        rule.day = take_int(text);
    }
    if (text.starts_with('/')) {
        text.remove_prefix(1);
        rule.time = take_clock(text);
    }
    return true;
}

bool Zone::parse_footer(std::string_view text) {
    standard_.abbreviation = take_name(text);
    if (standard_.abbreviation.empty() || text.empty()) return false;
    standard_.offset = -take_clock(text);
    if (text.empty()) return true;
    daylight_.daylight = true;
    daylight_.abbreviation = take_name(text);
    daylight_.offset = standard_.offset + 3600;
    if (!text.empty() && text.front() != ',') daylight_.offset = -take_clock(text);
    return parse_rule(text, begins_) && parse_rule(text, ends_);
}

std::int64_t Zone::rule_second(const Rule& rule, int year) {
    std::int64_t day = days_from_civil(year, 1, 1);
    if (rule.kind == Rule::Kind::month) {
        const auto first = days_from_civil(year, rule.month, 1);
        const auto next = rule.month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, rule.month + 1, 1);
        const auto weekday = ((first + 4) % 7 + 7) % 7;
        day = first + (rule.day - weekday + 7) % 7 + (rule.week - 1) * 7;
        while (day >= next) day -= 7;
    } else if (rule.kind == Rule::Kind::julian) {
        day += rule.day - 1 + (leap(year) && rule.day >= 60 ? 1 : 0);
    } else {
        day += rule.day;
    }
    return day * day_seconds + rule.time;
}

const Zone::Type& Zone::type_at(std::int64_t seconds) const {
    const auto after = std::upper_bound(times_.begin(), times_.end(), seconds);
    if (after == times_.end() && has_footer_) {
        if (begins_.kind == Rule::Kind::none) return standard_;
        const int year = utc(seconds + standard_.offset).tm_year + 1900;
        const auto on = rule_second(begins_, year) - standard_.offset;
        const auto off = rule_second(ends_, year) - daylight_.offset;
        const bool summer = on < off ? seconds >= on && seconds < off : seconds >= on || seconds < off;
        return summer ? daylight_ : standard_;
    }
    if (after != times_.begin()) return types_[kinds_[static_cast<std::size_t>(after - times_.begin()) - 1]];
    const auto plain = std::find_if(types_.begin(), types_.end(), [](const Type& t) { return !t.daylight; });
    return plain == types_.end() ? types_.front() : *plain;
}

std::tm Zone::local(std::int64_t seconds) const {
    const auto& type = type_at(seconds);
    auto result = utc(seconds + type.offset);
    result.tm_isdst = type.daylight;
    result.tm_gmtoff = type.offset;
    result.tm_zone = type.abbreviation.c_str();
    return result;
}

std::int64_t Zone::seconds(const std::tm& local) const {
    const std::int64_t months = static_cast<std::int64_t>(local.tm_year) * 12 + local.tm_mon;
    const auto year = (months >= 0 ? months : months - 11) / 12;
    const auto wall =
        (days_from_civil(year + 1900, static_cast<int>(months - year * 12) + 1, 1) + local.tm_mday - 1) * day_seconds +
        std::int64_t{local.tm_hour} * 3600 + std::int64_t{local.tm_min} * 60 + local.tm_sec;
    // The offset holds either side of the time asked for: try both that are near, keep the one that agrees.
    std::int64_t best = wall - type_at(wall).offset;
    bool found = false;
    for (const auto probe : {wall - day_seconds, wall + day_seconds}) {
        const auto& type = type_at(probe);
        const auto guess = wall - type.offset;
        const auto& real = type_at(guess);
        if (real.offset != type.offset) continue;
        if (!found || real.daylight == (local.tm_isdst > 0)) best = guess;
        found = true;
    }
    return best;
}

std::shared_ptr<const Zone> Zone::find(std::string_view name) {
    static std::map<std::string, std::shared_ptr<const Zone>, std::less<>> known;
    if (const auto at = known.find(name); at != known.end()) return at->second;
    std::string path;
    if (name.empty()) {
        const char* zone = std::getenv("TZ");
        // By its own name: the simulator's scenarios have one each.
        if (zone && *zone && *zone != ':' && *zone != '/') return find(zone);
        path = zone && *zone ? std::string(zone[0] == ':' ? zone + 1 : zone) : "/etc/localtime";
    } else {
        path = name;
    }
    auto result = std::make_shared<Zone>();
    if (path.find("..") == std::string::npos) {
        if (!path.starts_with('/') || !name.empty()) path = "/usr/share/zoneinfo/" + path;
        std::ifstream file(path, std::ios::binary);
        std::string bytes(largest_file, '\0');
        file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
        if (auto zone = parse(bytes)) *result = std::move(*zone);
    }
    if (known.size() < 1024) known.emplace(name, result);
    return result;
}

std::string format_time(std::string_view pattern, const std::tm& time, long nanoseconds) {
    std::string prepared;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const auto rest = pattern.substr(i);
        std::size_t digits = 0;
        if (rest.starts_with("%q")) digits = 3;
        if (rest.size() > 2 && rest[0] == '%' && rest[1] >= '1' && rest[1] <= '9' && rest[2] == 'q')
            digits = static_cast<std::size_t>(rest[1] - '0');
        if (digits) {
            auto fraction = std::to_string(std::clamp(nanoseconds, 0L, 999'999'999L));
            fraction.insert(0, 9 - fraction.size(), '0');
            prepared += fraction.substr(0, digits);
            i += rest[1] == 'q' ? 1 : 2;
        } else if (rest.starts_with("%") && rest.size() > 1) {
            prepared += rest.substr(0, 2);
            ++i;
        } else {
            prepared += rest.front();
        }
    }
    if (prepared.empty()) return {};
    std::string result(256, '\0');
    prepared += ' ';  // strftime's 0 may mean "empty" or "too small"
    for (;;) {
        const auto size = std::strftime(result.data(), result.size(), prepared.c_str(), &time);
        if (size) {
            result.resize(size - 1);
            return result;
        }
        if (result.size() > 65536) return {};
        result.resize(result.size() * 4);
    }
}

}  // namespace asterism::functions
