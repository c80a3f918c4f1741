// VOLUME, MUTEAUDIO, TALK_DETECT: functions on what a channel hears and says.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "asterism/functions/functions.hpp"
#include "asterism/functions/math.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/media/jitter.hpp"
#include "asterism/model/channel.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

/// The channel, if it has media.
Channel* heard(FunctionCall& call) {
    auto* channel = channel_of(call);
    return channel && call.pbx.media && channel->leg() ? channel : nullptr;
}

/// Steps as Asterisk's: 2 is twice as loud, -2 half as loud.
void set_volume(Channel& channel, media::Side side, double step) {
    const auto size = std::clamp(std::fabs(step), 1.0, 1000.0);
    if (channel.leg()) channel.pbx().media->gain(channel.leg(), side, step < 0 ? 1 / size : size);
}

/// What the party has made of its volume with * and #.
struct VolumeKeys : ChannelExtra {
    std::array<std::optional<double>, 2> step;  // in, out: only those that have keys
    bool watched = false;
};

/// Option p: * is quieter, # louder, for as long as the channel lives.
Task<void> follow_keys(Channel& channel) {
    Mailbox<ChannelSignal> box(*channel.pbx().loop);
    const Observation watch(channel, box, false);
    for (;;) {
        const auto signal = co_await box.next();
        if (signal.kind != ChannelSignal::Kind::digit || (signal.digit != '*' && signal.digit != '#')) continue;
        auto& keys = channel.extra<VolumeKeys>();
        for (const std::size_t i : {0u, 1u}) {
            if (!keys.step[i]) continue;
            *keys.step[i] = std::clamp(*keys.step[i] + (signal.digit == '#' ? 1 : -1), -10.0, 10.0);
            set_volume(channel, i == 0 ? media::Side::in : media::Side::out, *keys.step[i]);
        }
    }
}

bool volume(FunctionCall& call, std::string_view value) {
    const Arguments args(call.args, ',', 2);
    const auto side = lower(args[0]);
    if (side != "rx" && side != "tx") return refused(call, "only RX and TX are known");
    const auto step = parse_number(value).value_or(0);
    auto* channel = heard(call);
    if (!channel) return true;
    set_volume(*channel, side == "rx" ? media::Side::in : media::Side::out, step);
    auto& keys = channel->extra<VolumeKeys>();
    keys.step[side == "rx" ? 0 : 1] = args[1].find('p') != std::string::npos ? std::optional(step) : std::nullopt;
    if (keys.step[side == "rx" ? 0 : 1] && !std::exchange(keys.watched, true))
        channel->tasks().spawn(follow_keys(*channel));
    return true;
}

bool mute(FunctionCall& call, std::string_view value) {
    const auto side = lower(call.args);
    if (side != "in" && side != "out" && side != "all") return refused(call, "only in, out and all are known");
    const auto text = lower(trim(value));
    const bool on = dialplan::is_true(text) && text != "off" && text != "no" && text != "false";
    if (auto* channel = heard(call)) {
        if (side != "out") call.pbx.media->mute(channel->leg(), media::Side::in, on);
        if (side != "in") call.pbx.media->mute(channel->leg(), media::Side::out, on);
    }
    return true;
}

/// "default", or max_size[,resync_threshold[,target_extra]] in milliseconds; what is left out is as usual.
bool jitter_buffer(FunctionCall& call, std::string_view value) {
    const auto kind = lower(trim(call.args));
    media::JitterSpec spec;
    if (kind == "fixed")
        spec.kind = media::JitterSpec::Kind::fixed;
    else if (kind == "adaptive")
        spec.kind = media::JitterSpec::Kind::adaptive;
    else if (kind != "disabled")
        return refused(call, "only fixed, adaptive and disabled are known");
    const Arguments args(value, ',', 4);
    const std::array<media::Millis*, 3> fields{&spec.max, &spec.resync, &spec.extra};
    for (std::size_t i = 0; i < fields.size() && lower(trim(value)) != "default"; ++i) {
        if (!args.has(i)) continue;
        const auto number = parse_number(args[i]);
        // A threshold of -1 is Asterisk's way to say that nothing begins anew.
        if (!number || *number < (i == 1 ? -1 : 0) || *number > 60000)
            return refused(call, "times are 0..60000 milliseconds");
        *fields[i] = media::Millis(std::max(static_cast<long>(*number), 0L));
    }
    auto* channel = heard(call);
    auto* buffers = channel ? dynamic_cast<media::JitterBuffers*>(call.pbx.media) : nullptr;
    if (buffers) buffers->jitter_buffer(channel->leg(), spec);
    return true;
}

bool talk_detect(FunctionCall& call, std::string_view value) {
    const auto action = lower(call.args);
    media::DetectOptions options;
    if (action == "set") {
        const Arguments args(value, ',', 2);
        options.talking = true;
        options.silent_after =
            media::Millis(std::clamp<std::int64_t>(whole_number(parse_number(args[0]).value_or(2500)), 0, 3'600'000));
        if (const auto level = parse_number(args[1]))
            options.talk_level = static_cast<int>(std::clamp(*level, 1.0, 32767.0));
    } else if (action != "remove") {
        return refused(call, "only set and remove are known");
    }
    if (auto* channel = heard(call)) call.pbx.media->detect(channel->leg(), options);
    return true;
}

}  // namespace

void add_media_functions(dialplan::Functions& all) {
    all.add({.name = "VOLUME",
             .synopsis = "how loud a direction is",
             .syntax = "VOLUME(direction[,options])",
             .parameters = {{"direction", "RX: what the party says; TX: what it hears"},
                            {"options", "p: the party changes it with * and #"}},
             .write = volume,
             .module = "func_volume"});
    all.add({.name = "MUTEAUDIO",
             .synopsis = "silences a direction",
             .syntax = "MUTEAUDIO(direction)",
             .parameters = {{"direction", "in: what the party says; out: what it hears; all"}},
             .write = mute,
             .module = "res_mutestream"});
    all.add({.name = "JITTERBUFFER",
             .synopsis = "holds what the party says, to even out an uneven network",
             .syntax = "JITTERBUFFER(type)=default|max_size[,resync_threshold[,target_extra]]",
             .parameters = {{"type",
                             "fixed (each packet is held for max_size), adaptive (as long as the network asks "
                             "for, at most max_size), disabled"},
                            {"max_size", "milliseconds, 200 unless said otherwise"},
                            {"resync_threshold", "a jump by so many milliseconds begins anew: 1000; 0: none does"},
                            {"target_extra", "milliseconds that adaptive holds beyond what it sees: 40"}},
             .write = jitter_buffer,
             .module = "func_jitterbuffer"});
    all.add({.name = "TALK_DETECT",
             .synopsis = "events when the party starts and stops talking",
             .syntax = "TALK_DETECT(action)",
             .parameters = {{"action", "set (=silence_ms[,level]) or remove"}},
             .write = talk_detect,
             .module = "func_talkdetect"});
}

}  // namespace asterism::functions
