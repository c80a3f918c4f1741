// Time zones by name, from the system's zoneinfo files (RFC 8536): the C library knows only one at a time.
#pragma once

#include <cstdint>
#include <ctime>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::functions {

/// Local time of one place. Immutable, shared by all who use it.
class Zone {
  public:
    /// "Europe/Berlin", "UTC"; "" is the machine's zone ($TZ, else /etc/localtime). An unknown name is UTC, as in the
    /// C library. The first use of a name reads one small local file; answers are kept (at most 1024 of them).
    /// Control loop only.
    static std::shared_ptr<const Zone> find(std::string_view name);
    /// From the bytes of a zoneinfo file.
    static std::expected<Zone, std::string> parse(std::string_view bytes);

    /// tm_gmtoff and tm_zone are set; tm_zone lives as long as the zone.
    [[nodiscard]] std::tm local(std::int64_t seconds) const;
    /// Seconds since 1970 of a local time (fields may be out of range, as mktime allows). Of a time that a change of
    /// the clock repeats, the one in standard time unless tm_isdst > 0.
    [[nodiscard]] std::int64_t seconds(const std::tm& local) const;

  private:
    struct Type {
        std::int32_t offset = 0;
        bool daylight = false;
        std::string abbreviation = "UTC";
    };
    /// When daylight saving changes in years after the table, by the file's POSIX TZ text.
    struct Rule {
        enum class Kind { none, julian, day, month } kind = Kind::none;
        int month = 0, week = 0, day = 0;
        std::int32_t time = 7200;
    };
    [[nodiscard]] const Type& type_at(std::int64_t seconds) const;
    bool parse_footer(std::string_view text);
    static bool parse_rule(std::string_view& text, Rule& rule);
    static std::int64_t rule_second(const Rule& rule, int year);

    std::vector<std::int64_t> times_;
    std::vector<std::uint8_t> kinds_;
    std::vector<Type> types_{Type{}};
    bool has_footer_ = false;
    Type standard_, daylight_;
    Rule begins_, ends_;
};

/// strftime with Asterisk's own %q (milliseconds; %1q to %9q: so many digits of the second's fraction).
/// `nanoseconds` in [0, 1e9).
std::string format_time(std::string_view pattern, const std::tm& time, long nanoseconds);

}  // namespace asterism::functions
