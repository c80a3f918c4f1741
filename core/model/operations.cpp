#include "asterism/model/operations.hpp"

#include <algorithm>
#include <memory>

#include "asterism/config/settings.hpp"
#include "asterism/events/events.hpp"
#include "asterism/media/files.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/model/music.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/random.hpp"
#include "core/model/watch.hpp"

namespace asterism {

void answer(Channel& channel) {
    if (!channel.up() && !channel.ended()) channel.driver().answer();
}

Task<OpResult> answer_and_wait(Channel& channel) {
    if (channel.up() || channel.ended()) co_return OpResult{};
    answer(channel);
    Watch watch(channel, false);
    const TimePoint deadline = channel.pbx().loop->now() + 500ms;
    for (;;) {
        if (auto over = watch.over()) co_return *over;
        if (channel.heard()) co_return OpResult{};
        if (!co_await watch.next(deadline)) co_return OpResult{.end = End::timeout};
    }
}

Task<PartyTransfer> transfer_party(Channel& channel, std::string destination) {
    Watch watch(channel, false);
    if (auto over = watch.over()) co_return PartyTransfer{.end = *over};
    if (!channel.driver().transfer(destination)) co_return PartyTransfer{.possible = false};
    for (;;) {
        const auto signal = co_await watch.next(std::nullopt);
        if (signal->kind == ChannelSignal::Kind::transferred)
            co_return PartyTransfer{.end = {.end = signal->code == 0 ? End::done : End::failed}, .code = signal->code};
        if (auto over = watch.over()) co_return PartyTransfer{.end = *over};
    }
}

namespace {

/// Silence for a party that hears nothing else while it is waited for or recorded (asterisk.conf: transmit_silence):
/// some networks end a call that sends them no media.
class Silence {
  public:
    explicit Silence(Channel& channel) : pbx_(channel.pbx()) {
        if (pbx_.settings == nullptr || !pbx_.settings->transmit_silence || !channel.up() || !channel.leg()) return;
        op_ = pbx_.media->play(channel.leg(), {.silence = media::Millis::max(), .yields = true},
                               [](const media::OpEnd&) {});
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence() {
        if (op_) pbx_.media->stop(op_);
    }

  private:
    Pbx& pbx_;
    media::OpId op_;
};

}  // namespace

Task<OpResult> wait(Channel& channel, std::optional<Duration> time, std::string digits) {
    Watch watch(channel, !digits.empty());
    const Silence silence(channel);
    const TimePoint begin = channel.pbx().loop->now();
    const std::optional<TimePoint> deadline = time ? std::optional(begin + *time) : std::nullopt;
    for (;;) {
        if (auto over = watch.over()) co_return *over;
        const auto signal = co_await watch.next(deadline);
        if (!signal) co_return OpResult{.end = End::timeout};
        if (signal->kind == ChannelSignal::Kind::digit && digits.find(signal->digit) != std::string::npos) {
            co_return OpResult{.end = End::digit, .digit = signal->digit};
        }
    }
}

Task<OpResult> wait_digit(Channel& channel, std::optional<Duration> time, std::string digits) {
    std::string early = channel.take_early_digits();
    for (std::size_t i = 0; i < early.size(); ++i) {
        if (digits.find(early[i]) == std::string::npos) continue;
        channel.put_back_digits(std::string_view(early).substr(i + 1));
        co_return OpResult{.end = End::digit, .digit = early[i]};
    }
    co_return co_await wait(channel, time, std::move(digits));
}

Task<OpResult> play_tone(Channel& channel, media::ToneSpec tone, std::optional<Duration> time,
                         std::string stop_digits) {
    Watch watch(channel, !stop_digits.empty());
    const std::optional<TimePoint> deadline = time ? std::optional(channel.pbx().loop->now() + *time) : std::nullopt;
    MediaRun run(channel);
    run.started(channel.pbx().media->tone(channel.leg(), std::move(tone), run.done()));
    for (;;) {
        if (auto over = watch.over()) co_return *over;
        if (run.ended()) co_return OpResult{.end = End::done};
        const auto signal = co_await watch.next(deadline);
        if (!signal) co_return OpResult{.end = End::timeout};
        if (signal->kind == ChannelSignal::Kind::digit && stop_digits.find(signal->digit) != std::string::npos) {
            co_return OpResult{.end = End::digit, .digit = signal->digit};
        }
    }
}

Task<ReadResult> read_digits(Channel& channel, ReadOptions options) {
    ReadResult result;
    // Digits typed early count, but only those that came before now.
    const auto take = [&result, &options](char digit) {
        if (options.terminator.find(digit) != std::string::npos) {
            result.terminated = true;
            return true;
        }
        result.digits += digit;
        return result.digits.size() >= options.max_digits;
    };
    std::string early = channel.take_early_digits();
    for (std::size_t i = 0; i < early.size(); ++i) {
        if (!take(early[i])) continue;
        channel.put_back_digits(std::string_view(early).substr(i + 1));
        co_return result;
    }
    if (result.digits.empty() && !options.prompts.empty()) {
        PlayOptions play_options;
        if (options.stop_prompt) play_options.stop_digits = any_digit;
        result.how = co_await play(channel, options.prompts, std::move(play_options));
        if (result.how.over() || result.how.end == End::failed) co_return result;
        if (result.how.end == End::digit && take(result.how.digit)) {
            result.how.end = End::done;
            co_return result;
        }
    } else if (result.digits.empty() && options.tone) {
        result.how = co_await play_tone(channel, *options.tone, options.first_timeout, std::string(any_digit));
        if (result.how.over()) co_return result;
        if (result.how.end == End::timeout) co_return result;
        if (result.how.end == End::digit && take(result.how.digit)) {
            result.how.end = End::done;
            co_return result;
        }
    }
    for (;;) {
        const Duration time = result.digits.empty() ? options.first_timeout : options.digit_timeout;
        result.how = co_await wait_digit(channel, time > Duration::zero() ? std::optional(time) : std::nullopt);
        if (result.how.end != End::digit) co_return result;
        if (take(result.how.digit)) break;
    }
    result.how.end = End::done;
    co_return result;
}

Task<RecordResult> record(Channel& channel, RecordOptions options) {
    if (options.beep) {
        const OpResult beep = co_await play(channel, {"beep"});
        if (beep.over()) co_return RecordResult{.how = beep};
    }
    Watch watch(channel, !options.stop_digits.empty());
    // A party that sends nothing at all gives the engine no media to count the time by.
    std::optional<TimePoint> deadline;
    if (options.spec.max_duration > 0ms) deadline = channel.pbx().loop->now() + options.spec.max_duration;
    const Silence silence(channel);
    MediaRun run(channel);
    run.started(channel.pbx().media->record(channel.leg(), std::move(options.spec), run.done()));
    OpResult how;
    bool stopping = false, time_is_up = false;
    for (;;) {
        if (const auto* end = run.ended()) {
            how.position = end->position;
            how.samples = end->samples;
            if (end->why == media::OpEnd::Why::failed) {
                how.end = End::failed;
                how.error = end->error;
            }
            if (end->why == media::OpEnd::Why::closed && !stopping) how.end = End::hangup;
            co_return RecordResult{.how = how, .why = time_is_up ? media::OpEnd::Why::max_duration : end->why};
        }
        if (auto over = watch.over(); over && !stopping) {
            // The file is complete only when the operation has ended: that is waited for.
            how = *over;
            stopping = true;
            run.stop();
        }
        const auto signal = co_await watch.next(stopping ? std::nullopt : deadline);
        if (!signal) {
            time_is_up = stopping = true;
            run.stop();
            continue;
        }
        if (!stopping && signal->kind == ChannelSignal::Kind::digit &&
            options.stop_digits.find(signal->digit) != std::string::npos) {
            how = {.end = End::digit, .digit = signal->digit};
            stopping = true;
            run.stop();
        }
        if (signal->kind == ChannelSignal::Kind::ended) co_return RecordResult{.how = {.end = End::hangup}};
    }
}

Task<OpResult> send_dtmf(Channel& channel, std::string digits, std::chrono::milliseconds duration,
                         std::chrono::milliseconds gap) {
    Pbx& pbx = channel.pbx();
    for (const char digit : digits) {
        Watch watch(channel, false);
        if (auto over = watch.over()) co_return *over;
        if (digit == 'w' || digit == 'W') {
            const OpResult pause = co_await wait(channel, digit == 'w' ? 500ms : 1000ms);
            if (pause.over()) co_return pause;
            continue;
        }
        if (digit == 'f' || digit == 'F') continue;  // hook flash: no technology here has one
        if (pbx.bus->wanted(EventKind::channel_dtmf_begin)) {
            ChannelDtmfBegin event;
            event.channel = channel.snapshot();
            event.digit = digit;
            event.received = false;
            pbx.bus->publish(std::move(event));
        }
        MediaRun run(channel);
        run.started(pbx.media->send_dtmf(channel.leg(), std::string_view(&digit, 1), duration, 0ms, run.done()));
        while (run.ended() == nullptr) {
            if (auto over = watch.over()) co_return *over;
            co_await watch.next(std::nullopt);
        }
        if (pbx.bus->wanted(EventKind::channel_dtmf_end)) {
            ChannelDtmfEnd event;
            event.channel = channel.snapshot();
            event.digit = digit;
            event.received = false;
            event.milliseconds = duration.count();
            pbx.bus->publish(std::move(event));
        }
        if (gap > 0ms) {
            const OpResult pause = co_await wait(channel, gap);
            if (pause.over()) co_return pause;
        }
    }
    co_return OpResult{};
}

// ---- things that last: tones and music ----

namespace {

/// The tone or music that plays to a channel until something else does.
struct Lasting final : ChannelExtra {
    media::OpId tone, music;
    std::string music_class;
};

void stop_tone(Channel& channel) {
    if (Lasting* lasting = channel.find_extra<Lasting>(); lasting != nullptr && lasting->tone) {
        channel.pbx().media->stop(std::exchange(lasting->tone, {}));
    }
}

}  // namespace

void indicate(Channel& channel, Indication indication) {
    if (channel.ended()) return;
    stop_tone(channel);
    if (indication == Indication::stop_tone) return;
    if (channel.driver().indicate(indication)) return;
    Pbx& pbx = channel.pbx();
    std::string_view name;
    switch (indication) {
        case Indication::ringing: name = "ring"; break;
        case Indication::busy: name = "busy"; break;
        case Indication::congestion: name = "congestion"; break;
        case Indication::hold: start_music(channel, {}); return;
        case Indication::unhold: stop_music(channel); return;
        default: return;
    }
    if (pbx.indications == nullptr || !channel.leg()) return;
    if (auto tone = pbx.indications->tone(name)) {
        channel.extra<Lasting>().tone = pbx.media->tone(channel.leg(), *std::move(tone), [](const media::OpEnd&) {});
    }
}

void start_music(Channel& channel, std::string_view music_class) {
    if (channel.ended()) return;
    Pbx& pbx = channel.pbx();
    std::string wanted(music_class.empty() ? std::string_view(channel.music_class()) : music_class);
    const MusicClass* found = pbx.music != nullptr ? pbx.music->find(wanted) : nullptr;
    if (found == nullptr || found->files.empty() || !channel.leg()) {
        log::warning("Music on Hold class '{}' requested but no musiconhold loaded.",
                     wanted.empty() ? "default" : wanted);
        return;
    }
    Lasting& lasting = channel.extra<Lasting>();
    if (lasting.music && lasting.music_class == found->name) return;
    stop_music(channel);
    lasting.music_class = found->name;
    media::MusicSpec spec{.files = found->files, .shuffle = found->sort == "random"};
    if (found->sort == "randstart") spec.file = pbx.random->below(found->files.size());
    lasting.music = pbx.media->music(channel.leg(), std::move(spec), [](const media::OpEnd&) {});
    ChannelMusicStart event;
    event.channel = channel.snapshot();
    event.music_class = found->name;
    pbx.bus->publish(std::move(event));
}

void stop_music(Channel& channel) {
    Lasting* lasting = channel.find_extra<Lasting>();
    if (lasting == nullptr || !lasting->music) return;
    Pbx& pbx = channel.pbx();
    pbx.media->stop(std::exchange(lasting->music, {}));
    ChannelMusicStop event;
    event.channel = channel.snapshot();
    pbx.bus->publish(std::move(event));
}

// ---- ending ----

void tell_hangup_request(Channel& channel, SoftHangup why) {
    Pbx& pbx = channel.pbx();
    if (!pbx.bus->wanted(EventKind::channel_hangup_request)) return;
    ChannelHangupRequest event;
    event.channel = channel.snapshot();
    event.cause = channel.cause();
    event.soft = why;
    pbx.bus->publish(std::move(event));
}

void hang_up(Channel& channel, Cause cause, std::string_view source) {
    if (channel.ended() || channel.hangup_requested()) return;
    tell_hangup_request(channel, SoftHangup::explicit_request);
    channel.request_hangup(cause, source);
}

namespace {

Task<void> run_taken(Channel& channel, Channel::Takeover what) {
    const Channel::Hold hold(channel);
    co_await what(channel);
    // The Hold's end runs what was asked for meanwhile, or ends the channel.
}

}  // namespace

void continue_elsewhere(Channel& channel) {
    if (channel.ended()) return;
    if (channel.hangup_requested()) {
        channel.end();
    } else if (Channel::Takeover what = channel.take_pending_takeover()) {
        channel.tasks().spawn(run_taken(channel, std::move(what)));
    } else if (auto where = channel.take_pending_location()) {
        channel.set_location(*std::move(where));
        if (channel.pbx().start_dialplan != nullptr) channel.pbx().start_dialplan(channel);
    } else {
        channel.end(Cause::normal_clearing);
    }
}

}  // namespace asterism
