// AGC, DENOISE, PITCH_SHIFT, SCRAMBLE, FRAME_DROP, TONE_DETECT, HOLD_INTERCEPT, PERIODIC_HOOK: functions on what a
// channel says and hears.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "asterism/dialplan/executor.hpp"
#include "asterism/events/events.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/math.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/model/hold_intercept.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/random.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

using dialplan::FunctionCall;
using functions::refused;
using media::EffectSpec;
using media::Side;

std::optional<Side> side_of(std::string_view text) {
    const auto name = functions::lower(functions::trim(text));
    if (name == "rx") return Side::in;
    if (name == "tx") return Side::out;
    if (name == "both" || name == "trx") return Side::both;
    return std::nullopt;
}

bool apply(FunctionCall& call, std::string_view direction, const EffectSpec& effect) {
    auto* channel = functions::channel_of(call);
    if (!channel) return false;
    const auto side = side_of(direction);
    if (!side) return refused(call, "the direction is rx or tx");
    if (channel->leg()) call.pbx.media->effect(channel->leg(), *side, effect);
    return true;
}

bool says_on(std::string_view value) {
    const auto text = functions::lower(functions::trim(value));
    return text == "on" || text == "yes" || text == "true" || text == "1";
}

bool gain_control(FunctionCall& call, std::string_view value) {
    EffectSpec effect{.kind = EffectSpec::Kind::gain_control, .value = 8000};
    if (const auto level = functions::parse_number(value); level && *level > 1) {
        if (*level > 32768) return refused(call, "the level is to be between 1 and 32768");
        effect.value = *level;
    } else {
        effect.on = says_on(value);
    }
    return apply(call, call.args, effect);
}

bool denoise(FunctionCall& call, std::string_view value) {
    return apply(call, call.args, {.kind = EffectSpec::Kind::denoise, .on = says_on(value)});
}

bool pitch_shift(FunctionCall& call, std::string_view value) {
    static constexpr std::array<std::pair<std::string_view, double>, 6> names{
        {{"highest", 2}, {"higher", 1.5}, {"high", 1.25}, {"low", 0.85}, {"lower", 0.7}, {"lowest", 0.5}}};
    const auto text = functions::lower(functions::trim(value));
    const auto* named = std::ranges::find(names, std::string_view(text), &std::pair<std::string_view, double>::first);
    const auto factor = named != names.end() ? std::optional(named->second) : functions::parse_number(text);
    if (!factor || *factor < 0.1 || *factor > 4) return refused(call, "the factor is to be between 0.1 and 4.0");
    return apply(call, call.args, {.kind = EffectSpec::Kind::pitch, .on = *factor != 1, .value = *factor});
}

bool scramble(FunctionCall& call, std::string_view value) {
    const auto text = functions::lower(functions::trim(value));
    const bool off = text == "remove" || text == "off" || text == "0" || text == "no" || text == "false";
    return apply(call, call.args.empty() ? "both" : call.args, {.kind = EffectSpec::Kind::scramble, .on = !off});
}

/// Audio and digits are what a leg carries; the rest never passes through it and cannot be dropped there.
bool frame_drop(FunctionCall& call, std::string_view value) {
    bool voice = false, digits = false;
    for (auto part : functions::split(value, ',')) {
        const auto name = functions::upper(functions::trim(part));
        if (name == "VOICE")
            voice = true;
        else if (name == "DTMF_BEGIN" || name == "DTMF_END")
            digits = true;
        else if (!name.empty())
            log::warning("FRAME_DROP: only VOICE, DTMF_BEGIN and DTMF_END are dropped, not {}", name);
    }
    return apply(call, call.args, {.kind = EffectSpec::Kind::drop, .on = voice}) &&
           apply(call, call.args, {.kind = EffectSpec::Kind::drop_digits, .on = digits});
}

bool hold_intercept(FunctionCall& call, std::string_view) {
    auto* channel = functions::channel_of(call);
    if (!channel) return false;
    const auto action = functions::lower(call.args);
    if (action == "set")
        (void)channel->extra<HoldIntercept>();
    else if (action == "remove")
        channel->drop_extra<HoldIntercept>();
    else
        return refused(call, "only set and remove are known");
    return true;
}

// ---- TONE_DETECT ----

struct ToneDetectors : ChannelExtra {
    explicit ToneDetectors() = default;
    ToneDetectors(const ToneDetectors&) = delete;
    ToneDetectors& operator=(const ToneDetectors&) = delete;
    std::vector<media::OpId> ops;
    int received = 0, sent = 0;
};

/// Where the n-th tone of a direction leads.
struct ToneGoto {
    std::optional<Location> where;
    int after = 1;
};

void hear_tones(Channel& channel, Side side, const media::ToneWatch& watch, ToneGoto then) {
    Pbx& pbx = channel.pbx();
    const auto heard = [&pbx, id = channel.id(), side, then, count = 0](const media::Heard& what) mutable {
        if (what.kind != media::Heard::Kind::tone_begin) return;
        auto* still = pbx.channels->find(id);
        if (!still) return;
        auto& detectors = still->extra<ToneDetectors>();
        ++(side == Side::in ? detectors.received : detectors.sent);
        if (pbx.bus->wanted(EventKind::channel_tone)) {
            ChannelToneDetected event;
            event.channel = still->snapshot();
            pbx.bus->publish(std::move(event));
        }
        if (++count == then.after && then.where) still->redirect(*then.where);
    };
    channel.extra<ToneDetectors>().ops.push_back(
        pbx.media->listen(channel.leg(), {.side = side, .what = watch}, heard, [](const media::OpEnd&) {}));
}

bool tone_detect(FunctionCall& call, std::string_view) {
    auto* channel = functions::channel_of(call);
    if (!channel) return false;
    const Arguments args(call.args, ',', 3);
    const OptionLetters options(args[2]);
    if (options.has('x')) {
        if (auto* detectors = channel->find_extra<ToneDetectors>())
            for (const auto op : std::exchange(detectors->ops, {})) call.pbx.media->stop(op);
        channel->drop_extra<ToneDetectors>();
        return true;
    }
    const int frequency = to_int(args[0]);
    if (frequency < 1 || frequency > 3999) return refused(call, "the frequency is to be between 1 and 3999 Hz");
    if (!channel->leg()) return true;
    media::ToneWatch watch{.frequency = static_cast<unsigned>(frequency)};
    if (const int ms = to_int(args[1]); ms > 0) watch.duration = media::Millis(ms);
    if (const auto margin = functions::parse_number(options.argument('d'))) watch.margin_db = *margin;
    watch.swallow = options.has('s');
    const auto goto_of = [&](char letter) {
        ToneGoto then;
        then.after = std::max(to_int(options.argument('n')), 1);
        if (!options.argument(letter).empty()) {
            if (auto where = dialplan::parse_location(*channel, options.argument(letter)))
                then.where = *where;
            else
                log::warning("TONE_DETECT: {}", where.error());
        }
        return then;
    };
    const bool received = options.has('r') || !options.has('t');
    const bool sent = options.has('t') || !options.has('r');
    if (received) hear_tones(*channel, Side::in, watch, goto_of('g'));
    if (sent) hear_tones(*channel, Side::out, watch, goto_of('h'));
    return true;
}

std::optional<std::string> tones_detected(FunctionCall& call) {
    auto* channel = functions::channel_of(call);
    if (!channel) return std::nullopt;
    const auto side = side_of(call.args);
    if (!side || *side == Side::both) return functions::failed(call, "rx or tx is read");
    const auto* detectors = channel->find_extra<ToneDetectors>();
    if (!detectors) return "0";
    return std::to_string(*side == Side::in ? detectors->received : detectors->sent);
}

// ---- PERIODIC_HOOK ----

struct PeriodicHooks : ChannelExtra {
    struct Hook {
        explicit Hook(Loop& loop) : timer(loop) {}
        std::string context, exten;
        Duration interval{};
        Timer timer;
    };
    std::map<std::string, std::unique_ptr<Hook>, std::less<>> all;
};

void arm(Pbx& pbx, ChannelId id, PeriodicHooks::Hook& hook, const std::string& hook_id) {
    hook.timer.start(hook.interval, [&pbx, id, &hook, hook_id] {
        auto* channel = pbx.channels->find(id);
        if (!channel) return;
        // The extension runs on one half of a Local channel; the other speaks into the call.
        features::OriginateRequest request;
        request.destination = "Local/" + hook.exten + "@" + hook.context + "/n";
        request.application = "ChanSpy";
        request.data = channel->name() + ",uqEB";
        request.variables = {{"HOOK_CHANNEL", channel->name()}, {"HOOK_ID", hook_id}};
        (void)features::originate(pbx, std::move(request));
        arm(pbx, id, hook, hook_id);
    });
}

std::optional<std::string> periodic_hook(FunctionCall& call) {
    auto* channel = functions::channel_of(call);
    if (!channel) return std::nullopt;
    const Arguments args(call.args, ',', 4);
    const auto interval = functions::parse_number(args[2]);
    if (!args.has(0) || !args.has(1) || !interval || *interval < 1 || *interval > 1e6)
        return functions::failed(call, "it needs a context, an extension and an interval in seconds");
    const auto id = args.has(3) ? args[3] : call.pbx.random->hex(8);
    auto hook = std::make_unique<PeriodicHooks::Hook>(*call.pbx.loop);
    hook->context = args[0];
    hook->exten = args[1];
    hook->interval = from_seconds(*interval);
    auto& kept = channel->extra<PeriodicHooks>().all[id];
    kept = std::move(hook);
    arm(call.pbx, channel->id(), *kept, id);
    return id;
}

bool switch_hook(FunctionCall& call, std::string_view value) {
    auto* channel = functions::channel_of(call);
    if (!channel) return false;
    auto& hooks = channel->extra<PeriodicHooks>().all;
    const auto found = hooks.find(call.args);
    if (found == hooks.end()) return refused(call, "there is no hook of this id");
    if (says_on(value)) {
        arm(call.pbx, channel->id(), *found->second, found->first);
        if (call.pbx.bus->wanted(EventKind::test)) {
            TestEvent event;
            event.state = "PERIODIC_HOOK_ENABLED";
            event.headers = {{"Channel", channel->name()}};
            call.pbx.bus->publish(std::move(event));
        }
    } else {
        found->second->timer.cancel();
    }
    return true;
}

}  // namespace

void add_audio_functions(dialplan::Functions& all) {
    const dialplan::Parameter direction{"direction", "rx: what the party says; tx: what it hears"};
    all.add({.name = "AGC",
             .synopsis = "automatic gain control",
             .syntax = "AGC(direction)",
             .parameters = {direction, {"=value", "the level to reach, on (8000) or off"}},
             .write = gain_control,
             .module = "func_speex"});
    all.add({.name = "DENOISE",
             .synopsis = "noise suppression",
             .syntax = "DENOISE(direction)",
             .parameters = {direction, {"=value", "on or off"}},
             .write = denoise,
             .module = "func_speex"});
    all.add({.name = "PITCH_SHIFT",
             .synopsis = "a higher or lower voice",
             .syntax = "PITCH_SHIFT(direction)",
             .parameters = {{"direction", "rx, tx or both"},
                            {"=value", "highest, higher, high, low, lower, lowest, or a factor from 0.1 to 4; 1: off"}},
             .write = pitch_shift,
             .module = "func_pitchshift"});
    all.add({.name = "SCRAMBLE",
             .synopsis = "speech that only another SCRAMBLE makes intelligible",
             .syntax = "SCRAMBLE([direction])",
             .parameters = {{"direction", "rx, tx or both"}, {"=value", "1, or remove"}},
             .write = scramble,
             .module = "func_scramble"});
    all.add({.name = "FRAME_DROP",
             .synopsis = "audio or digits of a direction go no further",
             .syntax = "FRAME_DROP(direction)",
             .parameters = {direction, {"=value", "VOICE, DTMF_BEGIN, DTMF_END, joined by commas; nothing: all pass"}},
             .write = frame_drop,
             .module = "func_frame_drop"});
    all.add({.name = "HOLD_INTERCEPT",
             .synopsis = "a hold of the party is only told, not done",
             .syntax = "HOLD_INTERCEPT(action)",
             .parameters = {{"action", "set or remove"}},
             .write = hold_intercept,
             .module = "func_holdintercept"});
    all.add({.name = "TONE_DETECT",
             .synopsis = "counts tones of one frequency, and goes where they lead",
             .syntax = "TONE_DETECT(freq[,duration_ms[,options]])",
             .parameters = {{"freq", "Hz; when read: rx or tx"},
                            {"duration_ms", "that it lasts; 500"},
                            {"options",
                             "d(x): dB above everything else, 16; g(place), h(place): where it goes when one is "
                             "received, sent; n(x): after x of them; r, t: only received, only sent; s: others do not "
                             "hear it; x: ends all"}},
             .read = tones_detected,
             .write = tone_detect,
             .module = "res_tonedetect"});
    all.add({.name = "PERIODIC_HOOK",
             .synopsis = "an extension that speaks into the call now and then",
             .syntax = "PERIODIC_HOOK(context,extension,interval[,hook_id])",
             .parameters = {{"context", "and extension: run each time, with HOOK_CHANNEL and HOOK_ID set"},
                            {"interval", "seconds"},
                            {"hook_id", "its own if none is given; PERIODIC_HOOK(id)=off or on switches it"}},
             .read = periodic_hook,
             .write = switch_hook,
             .module = "func_periodic_hook"});
}

}  // namespace asterism::applications
