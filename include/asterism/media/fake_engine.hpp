// An Engine without sockets or threads, in the time of the loop it is given. It remembers what it was asked, ends plays
// after their nominal length, carries digits between legs that hear each other, and lets its user (a test, the
// simulator) make things happen.
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "asterism/media/engine.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::media {

class FakeEngine final : public Engine {
  public:
    struct Leg {
        LegId id;
        std::string kind;  // "rtp", "pair", "null", "tap", "stream"
        std::shared_ptr<LegHandler> handler;
        StreamOptions stream_options;
        std::shared_ptr<StreamHandler> stream;
        std::vector<StreamCommand> commands;  // all that were given to a stream
        LegId other;                          // the other half of a pair, or what a tap listens to
        RtpOptions options;
        Address local;
        std::vector<RtpConfig> configs;  // all that were given
        LegId peer;
        MixerId mixer;
        MixRole role = MixRole::normal;
        bool echo = false, mute_in = false, mute_out = false, pass_digits = true, closed = false;
        double gain_in = 1, gain_out = 1;
        DetectOptions detect;
        TapOptions tap;
        std::vector<std::pair<Side, EffectSpec>> effects;  // in the order in which they were asked for
        std::string heard;                                 // digits that the party sent
        std::string written;                               // digits that went out to the party
    };
    struct Op {
        OpId id;
        std::string kind;  // "play", "tone", "music", "record", "dtmf"
        Target target;
        PlaySpec play;
        ToneSpec tone;
        MusicSpec music;
        RecordSpec record;
        ListenSpec listen;
        std::shared_ptr<HeardHandler> heard;
        std::string digits;
        Millis length{0};  // max(): for ever
        Millis played{0};  // before `since`
        TimePoint since{};
        bool paused = false, ended = false;
        OpEnd end;
        std::vector<OpControl> controls;
        OpDone done;
        std::unique_ptr<Timer> timer;
    };
    struct Mixer {
        MixerId id;
        MixerOptions options;
        std::vector<LegId> members;
        bool closed = false;
    };

    explicit FakeEngine(Loop& loop) : loop_(loop) {}
    ~FakeEngine() override { *alive_ = false; }

    // ---- what a test sets ----
    std::map<std::string, Millis> durations;  ///< by path; else by the file's size, else default_duration
    Millis default_duration{1000};
    bool missing_files_fail = false;  ///< a play of a file that is neither on disk nor in `durations` fails
    bool recordings_silent = false;   ///< max_silence ends recordings
    bool parties_speak = true;        ///< first_media comes as soon as a leg is open
    bool complete_by_itself = true;   ///< false: operations end only by complete(), stop or close
    std::string open_error;           ///< open_rtp fails with this
    std::uint16_t next_port = 30000;
    std::function<std::optional<Millis>(const std::string& path)> length_of_file;  ///< asked before `durations`
    std::function<void(const Op&)> on_start;  ///< a play, tone, music, recording or digits began
    std::function<void(const Op&)> on_end;    ///< and ended: its `end` says how

    // ---- what a test reads ----
    std::vector<std::string> calls;  ///< every call in order: "play 3 /sounds/en/beep.wav"
    std::map<LegId, Leg> legs;       ///< closed ones stay
    std::map<OpId, std::unique_ptr<Op>> ops;
    std::map<MixerId, Mixer> mixers;
    RtpStats stats_answer;

    Leg& leg(LegId id) { return legs.at(id); }
    Op& op(OpId id) { return *ops.at(id); }
    /// Operations of a target that have not ended.
    std::vector<Op*> running(Target target) {
        std::vector<Op*> found;
        for (auto& [id, one] : ops)
            if (!one->ended && one->target == target) found.push_back(one.get());
        return found;
    }
    /// The one that plays now, or nullptr.
    Op* playing(Target target) {
        for (Op* one : running(target))
            if (one->kind == "play" || one->kind == "tone" || one->kind == "music") return one;
        return nullptr;
    }
    std::size_t open_legs() const {
        return static_cast<std::size_t>(
            std::count_if(legs.begin(), legs.end(), [](auto& l) { return !l.second.closed; }));
    }
    /// How long a file plays; nothing if there is none.
    std::optional<Millis> length_of(const std::string& path) const {
        if (length_of_file) {
            if (const auto given = length_of_file(path)) return given;
        }
        if (auto known = durations.find(path); known != durations.end()) return known->second;
        std::error_code error;
        const auto bytes = std::filesystem::file_size(path, error);
        if (error) return std::nullopt;
        const auto dot = path.rfind('.');
        const std::string ext = dot == std::string::npos ? "" : path.substr(dot + 1);
        if (ext == "wav") return Millis{bytes < 44 ? 0 : (bytes - 44) / 16};
        if (ext == "sln") return Millis{bytes / 16};
        if (ext == "gsm") return Millis{bytes / 33 * 20};
        return Millis{bytes / 8};
    }
    bool called(std::string_view text) const {
        return std::any_of(calls.begin(), calls.end(), [&](auto& c) { return c.find(text) != std::string::npos; });
    }

    // ---- what a test makes happen ----
    /// Ends an operation, if it has not ended.
    void complete(OpId id, OpEnd end = {}) {
        auto found = ops.find(id);
        if (found == ops.end() || found->second->ended) return;
        Op& one = *found->second;
        if (end.position == Millis{0}) end.position = position(one);
        if (end.samples == 0) end.samples = static_cast<std::uint64_t>(end.position.count()) * 8;
        one.ended = true;
        one.end = end;
        one.timer.reset();
        if (on_end) on_end(one);
        later([done = std::make_shared<OpDone>(std::move(one.done)), end] {
            if (*done) (*done)(end);
        });
    }
    void event(LegId id, LegEvent what) {
        auto found = legs.find(id);
        if (found == legs.end() || found->second.closed) return;
        later([this, id, what] {
            auto l = legs.find(id);
            if (l == legs.end() || l->second.closed || !l->second.handler || !*l->second.handler) return;
            const auto handler = l->second.handler;  // kept: it may replace itself
            (*handler)(id, what);
        });
    }
    /// A stream has something for its program.
    void stream_event(LegId id, StreamEvent what) {
        later([this, id, what = std::move(what)] {
            auto l = legs.find(id);
            if (l == legs.end() || l->second.closed || !l->second.stream) return;
            const auto handler = l->second.stream;
            (*handler)(what);
        });
    }
    /// The party presses a digit for so long (virtual time).
    void press(LegId id, char digit, Millis duration = Millis{100}) {
        auto found = legs.find(id);
        if (found == legs.end() || found->second.closed) return;
        found->second.heard += digit;
        event(id, {.kind = LegEvent::Kind::dtmf_begin, .digit = digit, .duration = {}, .source = {}});
        after(duration, [this, id, digit, duration] {
            event(id, {.kind = LegEvent::Kind::dtmf_end, .digit = digit, .duration = duration, .source = {}});
        });
        if (found->second.pass_digits) pass_on(found->second, digit, duration);
    }
    void press_all(LegId id, std::string_view digits, Millis duration = Millis{100}, Millis gap = Millis{100}) {
        Millis at{0};
        for (const char digit : digits) {
            after(at, [this, id, digit, duration] { press(id, digit, duration); });
            at += duration + gap;
        }
    }

    // ---- Engine ----
    std::expected<RtpPort, std::string> open_rtp(const RtpOptions& options, LegHandler handler) override {
        note("open_rtp", options.bind_ip);
        if (!open_error.empty()) return std::unexpected(open_error);
        Leg& made = make("rtp", std::move(handler));
        made.options = options;
        made.local = {options.bind_ip, next_port};
        next_port = static_cast<std::uint16_t>(next_port + 2);
        const auto rtcp = static_cast<std::uint16_t>(options.rtcp ? made.local.port + 1 : 0);
        return RtpPort{made.id, made.local, {options.bind_ip, rtcp}};
    }
    void configure_rtp(LegId id, const RtpConfig& config) override {
        note("configure_rtp", id, config.remote.ip + ":" + std::to_string(config.remote.port));
        if (Leg* l = open(id)) l->configs.push_back(config);
    }
    std::pair<LegId, LegId> open_pair(LegHandler first, LegHandler second) override {
        const LegId a = make("pair", std::move(first)).id;
        const LegId b = make("pair", std::move(second)).id;
        leg(a).other = b;
        leg(b).other = a;
        note("open_pair", a, std::to_string(b.value));
        return {a, b};
    }
    LegId open_null(LegHandler handler) override {
        const LegId id = make("null", std::move(handler)).id;
        note("open_null", id);
        return id;
    }
    LegId open_stream(const StreamOptions& options, LegHandler handler, StreamHandler stream) override {
        Leg& made = make("stream", std::move(handler));
        made.stream_options = options;
        made.stream = std::make_shared<StreamHandler>(std::move(stream));
        note("open_stream", made.id, std::string(codec_info(options.codec).name));
        return made.id;
    }
    void stream(LegId id, StreamCommand command) override {
        if (Leg* l = open(id)) l->commands.push_back(std::move(command));
    }
    LegId open_tap(LegId of, const TapOptions& options, LegHandler handler) override {
        Leg& made = make("tap", std::move(handler));
        made.other = of;
        made.tap = options;
        note("open_tap", made.id, std::to_string(of.value));
        return made.id;
    }
    void set_tap(LegId id, const TapOptions& options) override {
        note("set_tap", id);
        if (Leg* l = open(id)) l->tap = options;
    }
    void set_handler(LegId id, LegHandler handler) override {
        if (Leg* l = open(id)) l->handler = std::make_shared<LegHandler>(std::move(handler));
    }
    void close(LegId id) override {
        note("close", id);
        Leg* l = open(id);
        if (!l) return;
        leave(*l);
        l->closed = true;
        end_all(Target{id});
    }
    void connect(LegId a, LegId b) override {
        note("connect", a, std::to_string(b.value));
        Leg *x = open(a), *y = open(b);
        if (!x || !y || a == b) return;
        leave(*x);
        leave(*y);
        x->peer = b;
        y->peer = a;
    }
    void disconnect(LegId id) override {
        note("disconnect", id);
        if (Leg* l = open(id)) leave(*l);
    }
    MixerId open_mixer(const MixerOptions& options) override {
        const MixerId id{++last_};
        mixers[id] = {id, options, {}, false};
        note("open_mixer", std::to_string(id.value));
        return id;
    }
    void close_mixer(MixerId id) override {
        note("close_mixer", std::to_string(id.value));
        auto found = mixers.find(id);
        if (found == mixers.end() || found->second.closed) return;
        found->second.closed = true;
        for (const LegId member : std::exchange(found->second.members, {})) leg(member).mixer = {};
        end_all(Target{id});
    }
    void mixer_add(MixerId id, LegId member, MixRole role) override {
        note("mixer_add", std::to_string(id.value), std::to_string(member.value));
        Leg* l = open(member);
        auto found = mixers.find(id);
        if (!l || found == mixers.end() || found->second.closed) return;
        if (l->mixer != id) {
            leave(*l);
            found->second.members.push_back(member);
        }
        l->mixer = id;
        l->role = role;
    }
    void mixer_remove(MixerId id, LegId member) override {
        note("mixer_remove", std::to_string(id.value), std::to_string(member.value));
        Leg* l = open(member);
        if (l && l->mixer == id) leave(*l);
    }
    void echo(LegId id, bool on) override {
        note("echo", id, on ? "on" : "off");
        Leg* l = open(id);
        if (!l) return;
        if (on) leave(*l);
        l->echo = on;
    }
    void mute(LegId id, Side side, bool on) override {
        note("mute", id,
             std::string(side == Side::in    ? "in"
                         : side == Side::out ? "out"
                                             : "both") +
                 (on ? " on" : " off"));
        Leg* l = open(id);
        if (!l) return;
        if (side != Side::out) l->mute_in = on;
        if (side != Side::in) l->mute_out = on;
    }
    void gain(LegId id, Side side, double factor) override {
        note("gain", id, std::to_string(factor));
        Leg* l = open(id);
        if (!l) return;
        if (side != Side::out) l->gain_in = factor;
        if (side != Side::in) l->gain_out = factor;
    }
    void detect(LegId id, const DetectOptions& options) override {
        note("detect", id, options.talking ? "talking" : "");
        if (Leg* l = open(id)) l->detect = options;
    }
    void effect(LegId id, Side side, const EffectSpec& effect) override {
        note("effect", id);
        if (Leg* l = open(id)) l->effects.emplace_back(side, effect);
    }
    void pass_digits(LegId id, bool on) override {
        note("pass_digits", id, on ? "on" : "off");
        if (Leg* l = open(id)) l->pass_digits = on;
    }
    OpId play(Target target, PlaySpec spec, OpDone done) override {
        std::string names;
        Millis length = spec.silence;
        std::string missing;
        for (const auto& file : spec.files) {
            names += (names.empty() ? "" : "&") + file;
            const auto known = length_of(file);
            if (!known && missing_files_fail && missing.empty()) missing = file;
            length += known.value_or(default_duration);
        }
        if (spec.repeat == 0 || spec.silence == Millis::max())
            length = Millis::max();
        else
            length = length * spec.repeat - spec.offset;
        if (length < Millis{0}) length = Millis{0};
        const bool yields = spec.yields && playing(target) != nullptr;
        Op& made = start("play", target, length, names, std::move(done), !yields);
        if (yields) {
            complete(made.id, {.why = OpEnd::Why::stopped, .samples = 0, .position = {}, .file = 0, .error = {}});
            return made.id;
        }
        made.play = std::move(spec);
        begun(made);
        if (!missing.empty() && !made.ended)
            complete(made.id, {.why = OpEnd::Why::failed,
                               .samples = 0,
                               .position = {},
                               .file = 0,
                               .error = missing + ": no such file"});
        return made.id;
    }
    OpId tone(Target target, ToneSpec spec, OpDone done) override {
        Millis length = Millis::max();
        if (!spec.repeats() && spec.pass_ms() != 0) length = Millis{spec.pass_ms()};
        Op& made = start("tone", target, length, "", std::move(done), true);
        made.tone = std::move(spec);
        begun(made);
        return made.id;
    }
    OpId music(Target target, MusicSpec spec, OpDone done) override {
        Op& made =
            start("music", target, Millis::max(), spec.files.empty() ? "" : spec.files.front(), std::move(done), true);
        made.music = std::move(spec);
        begun(made);
        if (made.music.files.empty() && !made.ended)
            complete(made.id,
                     {.why = OpEnd::Why::failed, .samples = 0, .position = {}, .file = 0, .error = "no files to play"});
        return made.id;
    }
    OpId record(Target target, RecordSpec spec, OpDone done) override {
        Op& made = start("record", target, Millis::max(), spec.path, std::move(done), false);
        made.record = std::move(spec);
        begun(made);
        const auto& r = made.record;
        if (made.ended || !complete_by_itself) return made.id;
        const bool silent = recordings_silent && r.max_silence > Millis{0} &&
                            (r.max_duration == Millis{0} || r.max_silence < r.max_duration);
        if (silent)
            end_after(made, r.max_silence, OpEnd::Why::silence);
        else if (r.max_duration > Millis{0})
            end_after(made, r.max_duration, OpEnd::Why::max_duration);
        return made.id;
    }
    OpId send_dtmf(LegId id, std::string_view digits, Millis duration, Millis gap, OpDone done) override {
        Op& made = start("dtmf", Target{id}, Millis::max(), std::string(digits), std::move(done), false);
        made.digits = digits;
        begun(made);
        if (made.ended) return made.id;
        Millis at{0};
        for (const char digit : digits) {
            if (digit == 'w' || digit == 'W') {
                at += digit == 'w' ? Millis{500} : Millis{1000};
                continue;
            }
            after(at, [this, id, op = made.id, digit, duration] {
                if (Leg* l = open(id); l && !ops.at(op)->ended) write(*l, digit, duration);
            });
            at += duration + gap;
        }
        made.length = at;
        if (complete_by_itself) end_after(made, at, OpEnd::Why::finished);
        return made.id;
    }
    OpId listen(LegId id, ListenSpec spec, HeardHandler heard, OpDone done) override {
        Op& made = start("listen", Target{id}, Millis::max(), "", std::move(done), false);
        made.listen = spec;
        made.heard = std::make_shared<HeardHandler>(std::move(heard));
        return made.id;
    }
    /// What a running listen() hears.
    void hear(OpId id, Heard what) {
        auto found = ops.find(id);
        if (found == ops.end() || found->second->ended) return;
        later([this, id, what = std::move(what)] {
            const auto& one = *ops.at(id);
            if (one.ended || !one.heard) return;
            const auto heard = one.heard;
            (*heard)(what);
        });
    }
    /// The running listen() of a leg for `What` (LevelWatch...); a null id if there is none.
    template <class What>
    OpId listening(LegId id) {
        for (Op* one : running(Target{id}))
            if (one->kind == "listen" && std::holds_alternative<What>(one->listen.what)) return one->id;
        return {};
    }
    void control(OpId id, OpControl what) override {
        using Kind = OpControl::Kind;
        static constexpr std::array names{"pause", "resume", "restart", "forward", "reverse", "stop", "mute", "unmute"};
        note(names.at(static_cast<std::size_t>(what.kind)), std::to_string(id.value));
        auto found = ops.find(id);
        if (found == ops.end() || found->second->ended) return;
        Op& one = *found->second;
        one.controls.push_back(what);
        Millis at = position(one);
        switch (what.kind) {
            case Kind::stop:
                complete(id, {.why = OpEnd::Why::stopped, .samples = 0, .position = {}, .file = 0, .error = {}});
                return;
            case Kind::pause:
                one.played = at;
                one.paused = true;
                one.timer.reset();
                return;
            case Kind::resume:
                if (!one.paused) return;
                one.paused = false;
                break;
            case Kind::restart:
                at = Millis{0};
                one.paused = false;
                break;
            case Kind::forward: at += what.by; break;
            case Kind::reverse: at = std::max(Millis{0}, at - what.by); break;
            case Kind::mute:
            case Kind::unmute: return;
        }
        one.played = at;
        one.since = loop_.now();
        if (!one.paused) arm(one);
    }
    void digit_received(LegId id, char digit, Millis duration) override {
        note("digit_received", id, std::string(1, digit));
        press(id, digit, duration);
    }
    void stats(LegId id, std::move_only_function<void(const RtpStats&)> result) override {
        note("stats", id);
        later([result = std::make_shared<decltype(result)>(std::move(result)), s = stats_answer] { (*result)(s); });
    }
    void set_ports(PortRange range) override { note("set_ports", std::to_string(range.first)); }
    EngineCounts counts() const override {
        EngineCounts c;
        c.legs = open_legs();
        for (auto& [id, m] : mixers) c.mixers += m.closed ? 0 : 1;
        for (auto& [id, o] : ops) c.operations += o->ended ? 0 : 1;
        return c;
    }

  private:
    template <class... T>
    void note(std::string what, T... rest) {
        ((what += " " + text(rest)), ...);
        calls.push_back(std::move(what));
    }
    static std::string text(LegId id) { return std::to_string(id.value); }
    static std::string text(const std::string& s) { return s; }
    static std::string text(const char* s) { return s; }

    Leg& make(const char* kind, LegHandler handler) {
        Leg made;
        made.id = LegId{++last_};
        made.kind = kind;
        made.handler = std::make_shared<LegHandler>(std::move(handler));
        const LegId id = made.id;
        Leg& kept = legs.emplace(id, std::move(made)).first->second;
        if (parties_speak) event(id, {.kind = LegEvent::Kind::first_media, .digit = 0, .duration = {}, .source = {}});
        return kept;
    }
    Leg* open(LegId id) {
        auto found = legs.find(id);
        return found == legs.end() || found->second.closed ? nullptr : &found->second;
    }
    void leave(Leg& l) {
        if (l.peer) leg(l.peer).peer = {};
        l.peer = {};
        if (l.mixer) std::erase(mixers.at(l.mixer).members, l.id);
        l.mixer = {};
        l.echo = false;
    }
    /// A digit goes out to a leg's party.
    void write(Leg& l, char digit, Millis duration) {
        l.written += digit;
        if (l.kind == "pair") press(l.other, digit, duration);
        if (l.kind == "stream" || (!l.configs.empty() && l.configs.back().dtmf == DtmfMode::info))
            event(l.id, {.kind = LegEvent::Kind::dtmf_to_signal, .digit = digit, .duration = duration, .source = {}});
    }
    void pass_on(Leg& from, char digit, Millis duration) {
        if (from.peer)
            write(leg(from.peer), digit, duration);
        else if (from.echo)
            write(from, digit, duration);
        else if (from.mixer && mixers.at(from.mixer).options.digits_pass)
            for (const LegId member : mixers.at(from.mixer).members)
                if (member != from.id) write(leg(member), digit, duration);
    }
    Op& start(const char* kind, Target target, Millis length, const std::string& what, OpDone done, bool plays) {
        const auto value = std::visit([](auto id) { return id.value; }, target);
        if (plays)
            if (Op* before = playing(target))
                complete(before->id,
                         {.why = OpEnd::Why::stopped, .samples = 0, .position = {}, .file = 0, .error = {}});
        auto made = std::make_unique<Op>();
        made->id = OpId{++last_};
        made->kind = kind;
        made->target = target;
        made->length = length;
        made->since = loop_.now();
        made->done = std::move(done);
        Op& one = *(ops[made->id] = std::move(made));
        note(kind, std::to_string(value), what);
        if (!alive(target)) {
            complete(one.id, {.why = OpEnd::Why::closed, .samples = 0, .position = {}, .file = 0, .error = {}});
        } else if (plays) {
            arm(one);
        }
        return one;
    }
    void begun(const Op& one) {
        if (on_start && !one.ended) on_start(one);
    }
    bool alive(Target target) {
        if (auto* id = std::get_if<LegId>(&target)) return open(*id) != nullptr;
        auto found = mixers.find(std::get<MixerId>(target));
        return found != mixers.end() && !found->second.closed;
    }
    void arm(Op& one) {
        if (complete_by_itself && one.length != Millis::max() && one.kind != "record")
            end_after(one, std::max(Millis{0}, one.length - one.played), OpEnd::Why::finished);
    }
    void end_after(Op& one, Millis time, OpEnd::Why why) {
        one.timer = std::make_unique<Timer>(loop_);
        one.timer->start(time, [this, id = one.id, why] {
            // The timer's own callback must not destroy it.
            loop_.defer([this, id, why, alive = alive_] {
                if (*alive) complete(id, {.why = why, .samples = 0, .position = {}, .file = 0, .error = {}});
            });
        });
    }
    Millis position(const Op& one) const {
        return one.paused
                   ? one.played
                   : std::min(one.length, one.played + std::chrono::duration_cast<Millis>(loop_.now() - one.since));
    }
    void end_all(Target target) {
        for (Op* one : running(target))
            complete(one->id, {.why = OpEnd::Why::closed, .samples = 0, .position = {}, .file = 0, .error = {}});
    }
    template <class F>
    void later(F action) {
        loop_.post([alive = alive_, action = std::move(action)]() mutable {
            if (*alive) action();
        });
    }
    template <class F>
    void after(Millis time, F action) {
        loop_.timers().schedule(loop_.now() + time, [alive = alive_, action = std::move(action)]() mutable {
            if (*alive) action();
        });
    }

    Loop& loop_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::uint64_t last_ = 0;
};

}  // namespace asterism::media
