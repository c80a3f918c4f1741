#include "asterism/functions/zone.hpp"

#include <gtest/gtest.h>

#include <filesystem>

using namespace asterism::functions;

namespace {

std::string shown(const char* zone, std::int64_t seconds) {
    const auto found = Zone::find(zone);
    const auto time = found->local(seconds);
    return format_time("%F %T %Z", time, 0);
}

}  // namespace

TEST(Zone, Utc) {
    EXPECT_EQ(shown("UTC", 1000000000), "2001-09-09 01:46:40 UTC");
    EXPECT_EQ(shown("No/Such", 0), "1970-01-01 00:00:00 UTC");
    EXPECT_EQ(shown("../../etc/passwd", 0), "1970-01-01 00:00:00 UTC");
}

TEST(Zone, SummerAndWinter) {
    if (!std::filesystem::exists("/usr/share/zoneinfo/Europe/Berlin")) GTEST_SKIP() << "no zoneinfo files here";
    EXPECT_EQ(shown("Europe/Berlin", 1000000000), "2001-09-09 03:46:40 CEST");
    EXPECT_EQ(shown("America/New_York", 1765000000), "2025-12-06 00:46:40 EST");
    // Beyond the table: by the rule at the file's end.
    EXPECT_EQ(shown("Europe/Berlin", 2540592000), "2050-07-05 02:00:00 CEST");
    EXPECT_EQ(shown("Europe/Berlin", 2524608000), "2050-01-01 01:00:00 CET");
}

TEST(Zone, BackToSeconds) {
    for (const char* name : {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"})
        for (std::int64_t t : {0LL, 1000000000LL, 1720000000LL, 1765000000LL, 2540592000LL}) {
            const auto zone = Zone::find(name);
            EXPECT_EQ(zone->seconds(zone->local(t)), t) << name;
        }
}

TEST(Zone, GarbageIsRefused) {
    EXPECT_FALSE(Zone::parse(""));
    EXPECT_FALSE(Zone::parse(std::string("TZif2") + std::string(60, '\xff')));
}

TEST(Zone, Fractions) {
    std::tm t{};
    t.tm_mday = 1;
    EXPECT_EQ(format_time("%q|%1q|%6q|%%q", t, 7'654'321), "007|0|007654|%q");
    EXPECT_EQ(format_time("", t, 0), "");
    EXPECT_EQ(format_time("%H", t, 0), "00");
}
