// SendMF, ReceiveMF, SendSF, ReceiveSF.
#include "asterism/applications/signalling.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "asterism/functions/math.hpp"
#include "asterism/media/mf.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/hearing.hpp"

namespace asterism::applications {

namespace {

using EventKind = Hearing::Event::Kind;
using std::chrono::milliseconds;

constexpr milliseconds longest{10'000};

void add(media::ToneSpec& spec, unsigned low, unsigned high, milliseconds time) {
    if (time.count() <= 0) return;
    media::ToneSegment segment;
    segment.freq1 = static_cast<std::uint16_t>(low);
    segment.freq2 = static_cast<std::uint16_t>(high);
    segment.once = true;
    segment.ms = static_cast<std::uint32_t>(std::min(time, longest).count());
    spec.segments.push_back(segment);
}

bool ends_mf(char digit) { return digit == '#' || digit == 'A' || digit == 'B' || digit == 'C'; }

milliseconds ms_of(std::string_view text, milliseconds otherwise) {
    const auto time = parse_time(text, true);
    return time && *time > Duration::zero() ? std::chrono::duration_cast<milliseconds>(*time) : otherwise;
}

Task<void> play_elsewhere(Channel& channel, media::ToneSpec tone) {
    (void)co_await play_tone(channel, std::move(tone), std::nullopt);
}

/// To the party of this channel, or of another one.
Task<AppResult> send(Channel& channel, media::ToneSpec tone, std::string other_name) {
    if (tone.segments.empty()) co_return AppResult::go_on();
    if (!other_name.empty()) {
        auto* other = channel.pbx().channels->find(other_name);
        if (!other) {
            log::warning("No such channel: {}", other_name);
            co_return AppResult::go_on();
        }
        if (other != &channel) {
            other->tasks().spawn(play_elsewhere(*other, std::move(tone)));
            co_return AppResult::go_on();
        }
    }
    co_return after(co_await play_tone(channel, std::move(tone), std::nullopt));
}

Task<AppResult> send_mf(Channel& channel, std::string data) {
    const Arguments args(data, ',', 6);
    if (!args.has(0)) {
        log::warning("SendMF requires an argument");
        co_return AppResult::go_on();
    }
    MfTimes times;
    times.gap = ms_of(args[1], times.gap);
    times.digit = ms_of(args[2], times.digit);
    times.key_pulse = ms_of(args[3], times.key_pulse);
    times.start = ms_of(args[4], times.start);
    auto tone = mf_tones(args[0], times);
    if (!tone) {
        log::warning("SendMF: {}", tone.error());
        co_return AppResult::go_on();
    }
    co_return co_await send(channel, *std::move(tone), args[5]);
}

Task<AppResult> send_sf(Channel& channel, std::string data) {
    const Arguments args(data, ',', 3);
    const int frequency = args.has(1) ? to_int(args[1]) : 2600;
    if (!args.has(0) || frequency < 1 || frequency > 3999) {
        log::warning("SendSF requires digits and a frequency below 4000 Hz");
        co_return AppResult::go_on();
    }
    auto tone = sf_tones(args[0], static_cast<unsigned>(frequency));
    if (!tone) {
        log::warning("SendSF: {}", tone.error());
        co_return AppResult::go_on();
    }
    co_return co_await send(channel, *std::move(tone), args[2]);
}

struct Collected {
    std::string digits;
    const char* status = "ERROR";
};

/// Digits until `take` says how it ended.
template <class Take>
Task<Collected> collect(Channel& channel, media::ListenSpec spec, std::optional<Duration> time, Take take) {
    Collected result;
    if (!channel.leg()) co_return result;
    Hearing hearing(channel, spec);
    std::optional<TimePoint> deadline;
    if (time && *time > Duration::zero()) deadline = channel.pbx().loop->now() + *time;
    for (;;) {
        const auto event = co_await hearing.next(deadline);
        if (event.kind == EventKind::over) {
            result.status = "HANGUP";
            co_return result;
        }
        if (event.kind == EventKind::timeout) {
            result.status = "TIMEOUT";
            co_return result;
        }
        if (event.heard.kind != media::Heard::Kind::digit) continue;
        if (const char* status = take(result.digits, event.heard.digit)) {
            result.status = status;
            co_return result;
        }
    }
}

Task<AppResult> receive_mf(Channel& channel, std::string data) {
    const Arguments args(data, ',', 3);
    if (!args.has(0)) {
        log::warning("ReceiveMF requires an argument (variable)");
        channel.set_variable("RECEIVEMFSTATUS", "ERROR");
        co_return AppResult::go_on();
    }
    const OptionLetters options(args[2]);
    const int most = options.argument('n').empty() ? 0 : to_int(options.argument('n'));
    bool open = options.has('l');  // whether a KP came, without which digits mean nothing
    const auto take = [&](std::string& digits, char digit) -> const char* {
        if (digit == '*') {
            if (open && options.has('o')) digits.clear();
            open = true;
            if (!options.has('k')) digits += digit;
            return nullptr;
        }
        if (!open) return nullptr;
        if (!ends_mf(digit) || !options.has('s')) digits += digit;
        if (ends_mf(digit)) return "START";
        return most > 0 && static_cast<int>(digits.size()) >= most ? "MAXDIGITS" : nullptr;
    };
    auto result =
        co_await collect(channel, {.what = media::MfWatch{.swallow = options.has('q')}}, parse_time(args[1]), take);
    channel.set_variable(args[0], result.digits);
    channel.set_variable("RECEIVEMFSTATUS", result.status);
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

Task<AppResult> receive_sf(Channel& channel, std::string data) {
    const Arguments args(data, ',', 5);
    const int frequency = args.has(3) ? to_int(args[3]) : 2600;
    if (!args.has(0) || frequency < 1 || frequency > 3999) {
        log::warning("ReceiveSF requires a variable, and a frequency below 4000 Hz");
        channel.set_variable("RECEIVESFSTATUS", "ERROR");
        co_return AppResult::go_on();
    }
    const int most = to_int(args[1]);
    const auto take = [&](std::string& digits, char digit) -> const char* {
        digits += digit;
        return most > 0 && static_cast<int>(digits.size()) >= most ? "MAXDIGITS" : nullptr;
    };
    const media::SfWatch watch{.frequency = static_cast<unsigned>(frequency)};
    auto result = co_await collect(channel, {.what = watch}, parse_time(args[2]), take);
    channel.set_variable(args[0], result.digits);
    channel.set_variable("RECEIVESFSTATUS", result.status);
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

}  // namespace

std::expected<media::ToneSpec, std::string> mf_tones(std::string_view digits, const MfTimes& times) {
    media::ToneSpec spec;
    for (const char c : digits) {
        const char digit = c >= 'a' && c <= 'c' ? static_cast<char>(c - 'a' + 'A') : c;
        if (digit == 'w' || digit == 'W') {
            add(spec, 0, 0, digit == 'w' ? milliseconds(500) : milliseconds(1000));
            continue;
        }
        const auto [low, high] = media::mf_frequencies(digit);
        if (low == 0) return std::unexpected(fmt::format("'{}' is no MF digit", c));
        add(spec, low, high, digit == '*' ? times.key_pulse : ends_mf(digit) ? times.start : times.digit);
        add(spec, 0, 0, times.gap);
    }
    return spec;
}

std::expected<media::ToneSpec, std::string> sf_tones(std::string_view digits, unsigned frequency) {
    media::ToneSpec spec;
    for (const char digit : digits) {
        if (digit == 'w' || digit == 'W') {
            add(spec, 0, 0, digit == 'w' ? milliseconds(500) : milliseconds(1000));
        } else if (digit == 'h' || digit == 'H') {
            add(spec, frequency, 0, digit == 'h' ? milliseconds(500) : milliseconds(1000));
        } else if (digit >= '0' && digit <= '9') {
            for (int pulses = digit == '0' ? 10 : digit - '0'; pulses > 0; --pulses) {
                add(spec, frequency, 0, milliseconds(60));
                add(spec, 0, 0, milliseconds(40));
            }
            add(spec, 0, 0, milliseconds(600));
        } else {
            return std::unexpected(fmt::format("'{}' is no SF digit", digit));
        }
    }
    return spec;
}

void add_signalling_applications(dialplan::Applications& all) {
    const dialplan::Parameter other{"channel", "whose party hears them; nothing: this one's"};
    all.add({.name = "SendMF",
             .synopsis = "send MF digits",
             .syntax = "SendMF(digits[,timeout_ms[,duration_ms[,duration_ms_kp[,duration_ms_st[,channel]]]]])",
             .parameters = {{"digits", "0-9 * (KP) # (ST) A (STP) B (ST2P) C (ST3P) w"},
                            {"timeout_ms", "between two; 50"},
                            {"duration_ms", "of each; 55"},
                            {"duration_ms_kp", "of KP; 120"},
                            {"duration_ms_st", "of ST; 65"},
                            other},
             .run = send_mf,
             .module = "app_mf"});
    all.add({.name = "ReceiveMF",
             .synopsis = "collect MF digits",
             .syntax = "ReceiveMF(variable[,timeout[,options]])",
             .parameters = {{"variable", "gets the digits; RECEIVEMFSTATUS tells"},
                            {"timeout", "seconds; nothing: for ever"},
                            {"options",
                             "k: without the KP; l: digits count without a KP; n(x): x digits at most; o: another "
                             "KP begins anew; q: others do not hear them; s: without the ST"}},
             .run = receive_mf,
             .module = "app_mf"});
    all.add({.name = "SendSF",
             .synopsis = "send SF digits",
             .syntax = "SendSF(digits[,frequency[,channel]])",
             .parameters = {{"digits", "0-9 w h"}, {"frequency", "Hz; 2600"}, other},
             .run = send_sf,
             .module = "app_sf"});
    all.add({.name = "ReceiveSF",
             .synopsis = "collect SF digits",
             .syntax = "ReceiveSF(variable[,digits[,timeout[,frequency[,options]]]])",
             .parameters = {{"variable", "gets the digits; RECEIVESFSTATUS tells"},
                            {"digits", "how many at most"},
                            {"timeout", "seconds; nothing: for ever"},
                            {"frequency", "Hz; 2600"},
                            {"options", "taken for compatibility"}},
             .run = receive_sf,
             .module = "app_sf"});
}

}  // namespace asterism::applications
