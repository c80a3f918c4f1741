// Playing prompts to a channel: finding the files, then one operation of the media engine for all of them.
#include <algorithm>
#include <memory>

#include "asterism/events/events.hpp"
#include "asterism/media/files.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "core/model/watch.hpp"

namespace asterism {

namespace {

/// The file behind a prompt's name, found on the blocking pool.
Task<std::optional<std::string>> find_prompt(Pbx& pbx, std::string name, std::string language, media::CodecId wanted) {
    auto box = std::make_shared<Mailbox<std::optional<std::string>>>(*pbx.loop);
    pbx.prompts->find(name, language, wanted, [weak = std::weak_ptr(box)](std::optional<std::string> path) {
        if (const auto alive = weak.lock()) alive->send(std::move(path));
    });
    co_return co_await box->next();
}

[[nodiscard]] bool in(const std::string& digits, char digit) { return digits.find(digit) != std::string::npos; }

/// The engine counts in samples of the file's rate, which is a whole number of kHz.
std::uint64_t at_8_khz(const media::OpEnd& end) {
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(end.position.count(), 0));
    const auto khz = ms == 0 ? 8 : std::max<std::uint64_t>((end.samples + ms / 2) / ms, 1);
    return end.samples * 8 / khz;
}

/// What plays to a channel, for those who control it from outside.
struct NowPlaying : ChannelExtra {
    media::OpId op;
    bool paused = false;
    bool keys = false;  ///< the party has keys to move in it (ControlPlayback): so have others
};

/// Test suites follow prompts and what is done to them.
void tell_test(Channel& channel, Headers headers) {
    if (!channel.pbx().bus->wanted(EventKind::test)) return;
    TestEvent event;
    event.state = "PLAYBACK";
    event.headers = std::move(headers);
    event.headers.emplace_back("Channel", channel.name());
    channel.pbx().bus->publish(std::move(event));
}

/// Tells the records that a prompt begins, and when this goes that it has ended.
class Streaming {
  public:
    Streaming(Channel& channel, const std::string& sound, std::string_view format, const std::string& language)
        : pbx_(channel.pbx()), channel_(channel.id()) {
        if (!pbx_.bus->wanted(EventKind::channel_stream_begin)) return;
        ChannelStreamBegin event;
        event.channel = channel.snapshot();
        event.sound = sound;
        event.format = format;
        event.language = language;
        pbx_.bus->publish(std::move(event));
    }
    Streaming(const Streaming&) = delete;
    Streaming& operator=(const Streaming&) = delete;
    ~Streaming() {
        Channel* channel = pbx_.channels->find(channel_);
        if (channel == nullptr || !pbx_.bus->wanted(EventKind::channel_stream_end)) return;
        ChannelStreamEnd event;
        event.channel = channel->snapshot();
        pbx_.bus->publish(std::move(event));
    }

  private:
    Pbx& pbx_;
    ChannelId channel_;
};

/// Does `control` (pause: goes on again if it is paused) and tells test suites so.
void do_control(Channel& channel, NowPlaying& playing, media::OpControl control, const char* stop_name) {
    using Kind = media::OpControl::Kind;
    const char* name = stop_name;
    switch (control.kind) {
        case Kind::forward: name = "FastForward"; break;
        case Kind::reverse: name = "Rewind"; break;
        case Kind::restart: name = "Restart"; break;
        case Kind::pause:
            playing.paused = !playing.paused;
            name = playing.paused ? "Pause" : "Unpause";
            if (!playing.paused) control.kind = Kind::resume;
            break;
        default: break;
    }
    Headers headers{{"Control", name}};
    if (control.kind == Kind::forward || control.kind == Kind::reverse) {
        headers.emplace_back("SkipMs", std::to_string(control.by.count()));
    }
    tell_test(channel, std::move(headers));
    channel.pbx().media->control(playing.op, control);
}

}  // namespace

bool control_play(Channel& channel, media::OpControl control) {
    auto* playing = channel.find_extra<NowPlaying>();
    if (playing == nullptr || !playing->op) return false;
    using Kind = media::OpControl::Kind;
    if (playing->keys || control.kind == Kind::forward || control.kind == Kind::reverse) {
        do_control(channel, *playing, control, "Stop");
    } else {
        do_control(channel, *playing, {.kind = Kind::stop}, "Break");  // as Asterisk: what only plays only ends
    }
    return true;
}

Task<OpResult> play(Channel& channel, std::vector<std::string> names, PlayOptions options) {
    Pbx& pbx = channel.pbx();
    const std::string language = options.language.empty() ? channel.language() : options.language;
    const std::string controls =
        options.forward_digits + options.reverse_digits + options.pause_digits + options.restart_digits;
    Watch watch(channel, !options.stop_digits.empty() || !controls.empty());
    if (auto over = watch.over()) co_return *over;
    if (channel.in_afterlife()) co_return OpResult{.end = End::hangup};

    if (!options.no_early_digits && !options.stop_digits.empty()) {
        const std::string early = channel.take_early_digits();
        for (std::size_t i = 0; i < early.size(); ++i) {
            if (!in(options.stop_digits, early[i])) continue;
            channel.put_back_digits(std::string_view(early).substr(i + 1));
            co_return OpResult{.end = End::digit, .digit = early[i]};
        }
    } else {
        (void)channel.take_early_digits();
    }

    media::PlaySpec spec;
    spec.offset = options.offset;
    const auto codec = media::codec_by_name(channel.driver().native_format()).value_or(media::CodecId::slin);
    for (auto& name : names) {
        auto path = co_await find_prompt(pbx, name, language, codec);
        if (auto over = watch.over()) co_return *over;
        if (!path) {
            log::warning("File {} does not exist in any format", name);
            co_return OpResult{.end = End::failed, .error = "File " + name + " does not exist in any format"};
        }
        spec.files.push_back(*std::move(path));
    }
    if (!channel.up()) channel.driver().indicate(Indication::progress);

    for (const auto& name : names) tell_test(channel, {{"Message", name}});
    const Streaming streaming(channel, names.empty() ? std::string() : names.front(), media::codec_info(codec).name,
                              language);
    MediaRun run(channel);
    const media::OpId op = pbx.media->play(channel.leg(), std::move(spec), run.done());
    run.started(op);
    auto& playing = channel.extra<NowPlaying>();
    playing.op = op;
    playing.paused = false;
    playing.keys = !controls.empty();
    OpResult result;
    bool stopping = false;
    for (;;) {
        if (const auto* end = run.ended()) {
            if (playing.op == op) playing.op = {};
            result.position = end->position;
            result.samples = at_8_khz(*end);
            if (stopping) co_return result;
            switch (end->why) {
                case media::OpEnd::Why::failed:
                    result.end = End::failed;
                    result.error = end->error;
                    break;
                case media::OpEnd::Why::stopped: result.end = End::stopped; break;
                case media::OpEnd::Why::closed: result.end = End::hangup; break;
                default: break;
            }
            co_return result;
        }
        if (auto over = watch.over(); over && !stopping) {
            // Where it was is part of the answer, so its end is waited for.
            result = *over;
            stopping = true;
            run.stop();
        }
        const auto signal = co_await watch.next(std::nullopt);
        if (signal->kind == ChannelSignal::Kind::ended) co_return OpResult{.end = End::hangup};
        if (signal->kind != ChannelSignal::Kind::digit || stopping) continue;
        using Kind = media::OpControl::Kind;
        const auto step = options.skip;
        if (in(options.stop_digits, signal->digit)) {
            result.end = End::digit;
            result.digit = signal->digit;
            stopping = true;
            do_control(channel, playing, {.kind = Kind::stop}, controls.empty() ? "Break" : "Stop");
        } else if (in(options.forward_digits, signal->digit)) {
            do_control(channel, playing, {.kind = Kind::forward, .by = step}, "");
        } else if (in(options.reverse_digits, signal->digit)) {
            do_control(channel, playing, {.kind = Kind::reverse, .by = step}, "");
        } else if (in(options.restart_digits, signal->digit)) {
            do_control(channel, playing, {.kind = Kind::restart}, "");
        } else if (in(options.pause_digits, signal->digit)) {
            do_control(channel, playing, {.kind = Kind::pause}, "");
        }
    }
}

}  // namespace asterism
