// STRFTIME, STRPTIME and TIMEOUT.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/math.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/functions/zone.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;
using std::chrono::duration_cast;

Text strf_time(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    const auto now = duration_cast<std::chrono::nanoseconds>(call.pbx.loop->clock().wall().time_since_epoch()).count();
    std::int64_t seconds = now / 1'000'000'000;
    auto nanoseconds = static_cast<long>(now % 1'000'000'000);
    if (args.has(0)) {
        const auto given = parse_number(args[0]);
        if (!given || *given < -1e11 || *given > 1e12) return failed(call, "the epoch is no number of seconds");
        seconds = static_cast<std::int64_t>(std::floor(*given));
        nanoseconds = static_cast<long>((*given - static_cast<double>(seconds)) * 1e9);
    }
    const auto zone = Zone::find(args[1]);
    return format_time(args.has(2) ? args[2] : "%c", zone->local(seconds), nanoseconds);
}

Text strp_time(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    if (!args.has(0) || !args.has(2)) return failed(call, "needs a time, a zone and a format");
    std::tm time{};
    time.tm_mday = 1;
    time.tm_isdst = -1;
    if (!::strptime(args[0].c_str(), args[2].c_str(), &time)) return failed(call, "the text is not of the format");
    return std::to_string(Zone::find(args[1])->seconds(time));
}

/// Set(TESTTIME()=2010/12/25 10:00:00 Europe/Berlin): what timed branches of this channel take for now. Nothing: the
/// real time again.
bool test_time(FunctionCall& call, std::string_view value) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    value = trim(value.empty() ? call.args : value);
    if (value.empty()) {
        channel->set_variable("TESTTIME", "");
        return true;
    }
    const Arguments parts(value, ' ', 3);
    std::tm time{};
    time.tm_isdst = -1;
    auto date = parts[0];
    std::ranges::replace(date, '/', '-');
    const auto text = date + " " + parts[1];
    const char* end = ::strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &time);
    if (!end) {
        time = {};
        time.tm_isdst = -1;
        end = ::strptime(text.c_str(), "%Y-%m-%d %H:%M", &time);
    }
    if (!end || *end) return refused(call, "the time is written YYYY-MM-DD HH:MM:SS [zone]");
    channel->set_variable("TESTTIME", std::to_string(Zone::find(trim(parts[2]))->seconds(time)));
    return true;
}

std::string seconds_text(Duration time) { return fmt::format("{:.3f}", std::chrono::duration<double>(time).count()); }

Text timeout_read(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    const auto kind = lower(call.args);
    auto& timeouts = channel->extra<dialplan::Timeouts>();
    if (kind.starts_with('a')) {
        if (!timeouts.absolute) return "0";
        return seconds_text(std::max(*timeouts.absolute - call.pbx.loop->now(), Duration::zero()));
    }
    if (kind.starts_with('d')) return seconds_text(timeouts.digit);
    if (kind.starts_with('r')) return seconds_text(timeouts.response);
    return failed(call, "only absolute, digit and response are known");
}

bool timeout_write(FunctionCall& call, std::string_view value) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    const auto kind = lower(call.args);
    const auto seconds = parse_number(value).value_or(0);
    const auto time = from_seconds(std::max(seconds, 0.0));
    auto& timeouts = channel->extra<dialplan::Timeouts>();
    if (kind.starts_with('a'))
        dialplan::set_absolute_timeout(*channel, seconds > 0 ? std::optional(time) : std::nullopt);
    else if (kind.starts_with('d'))
        timeouts.digit = seconds > 0 ? time : dialplan::Timeouts{}.digit;
    else if (kind.starts_with('r'))
        timeouts.response = seconds > 0 ? time : dialplan::Timeouts{}.response;
    else
        return refused(call, "only absolute, digit and response are known");
    return true;
}

}  // namespace

void add_time_functions(dialplan::Functions& all) {
    const dialplan::Parameter zone{"timezone", "Europe/Berlin; nothing: the machine's"};
    all.add({.name = "STRFTIME",
             .synopsis = "a time as text",
             .syntax = "STRFTIME([epoch][,timezone[,format]])",
             .parameters = {{"epoch", "seconds since 1970; nothing: now"},
                            zone,
                            {"format", "as C's strftime, with %q for milliseconds; %c"}},
             .read = strf_time,
             .module = "func_strings"});
    all.add({.name = "STRPTIME",
             .synopsis = "a text as seconds since 1970",
             .syntax = "STRPTIME(datetime,timezone,format)",
             .parameters = {{"datetime", "the time"}, zone, {"format", "as C's strptime"}},
             .read = strp_time,
             .module = "func_strings"});
    all.add({.name = "TIMEOUT",
             .synopsis = "how long the channel's waits and the call may take",
             .syntax = "TIMEOUT(timeouttype)",
             .parameters = {{"timeouttype", "absolute (the call), digit (between digits), response (first digit)"}},
             .read = timeout_read,
             .write = timeout_write,
             .module = "func_timeout"});
    all.add({.name = "TESTTIME",
             .synopsis = "sets the time by which timed branches go",
             .syntax = "TESTTIME(date time [zone])",
             .parameters = {{"date", "YYYY-MM-DD"}, {"time", "HH:MM:SS"}, {"zone", "name of a time zone"}},
             .write = test_time,
             .module = "pbx_builtins"});
}

}  // namespace asterism::functions
