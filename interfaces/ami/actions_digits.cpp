// Actions that send a digit to a channel: PlayDTMF, PlayMF.

#include "asterism/applications/signalling.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/runtime/whole.hpp"
#include "core.hpp"
#include "find.hpp"

namespace asterism::ami {

namespace {

using std::chrono::milliseconds;

struct Digit {
    Channel& channel;
    char digit;
    milliseconds duration;  ///< 0: the usual
};

/// Nothing: the error has been answered.
std::optional<Digit> read_digit(Exchange& x) {
    const auto refuse = [&x](std::string_view why) {
        x.error(why);
        return std::nullopt;
    };
    auto* channel = find_channel(x.pbx(), x.get("Channel"));
    if (!channel) return refuse("Channel not found");
    const auto digit = x.get("Digit"), text = x.get("Duration");
    if (digit.empty()) return refuse("No digit specified");
    const auto ms = text.empty() ? 0 : parse_whole<long>(text).value_or(-1);
    if (ms < 0) return refuse("Could not convert Duration parameter");
    return Digit{*channel, digit.front(), milliseconds(ms)};
}

Task<void> send(Channel& channel, char digit, milliseconds duration) {
    (void)co_await send_dtmf(channel, std::string(1, digit), duration);
}

void play_dtmf(Exchange& x) {
    const auto what = read_digit(x);
    if (!what) return;
    const auto duration = what->duration.count() ? what->duration : milliseconds(100);
    x.success("DTMF successfully queued");
    if (x.request().is_true("Receive")) {
        what->channel.digit_begin(what->digit);
        what->channel.digit_end(what->digit, duration);
        return;
    }
    what->channel.tasks().spawn(send(what->channel, what->digit, duration));
}

Task<void> play(Channel& channel, media::ToneSpec tone) {
    (void)co_await play_tone(channel, std::move(tone), std::nullopt);
}

void play_mf(Exchange& x) {
    const auto what = read_digit(x);
    if (!what) return;
    applications::MfTimes times;
    if (what->duration.count()) times.digit = times.key_pulse = times.start = what->duration;
    auto tone = applications::mf_tones({&what->digit, 1}, times);
    if (!tone) return x.error("No digit specified");
    x.success("MF successfully queued");
    if (what->channel.leg()) what->channel.tasks().spawn(play(what->channel, *std::move(tone)));
}

}  // namespace

Actions digit_actions() {
    return {
        {"PlayDTMF", cls::call, "Channel*,Digit*,Duration,Receive", "Send a digit to a channel.", play_dtmf},
        {"PlayMF", cls::call, "Channel*,Digit*,Duration", "Send an MF digit to a channel.", play_mf},
    };
}

}  // namespace asterism::ami
