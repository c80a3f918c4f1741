#include "media/leg.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "media/mixer.hpp"
#include "media/worker.hpp"

namespace asterism::media {

namespace {
// rtp.conf dtmftimeout: 3000 timestamp units, here with room for a burst of losses.
constexpr Millis lost_end_after{400};
}  // namespace

void Leg::close() {
    if (closed_) return;
    end_operations(OpEnd::Why::closed);
    if (digit_sender_) digit_sender_->end_all(OpEnd::Why::closed);
    if (hooks_) {
        for (const auto& listener : std::exchange(hooks_->listeners, {}))
            worker().operation_ended(listener->op(),
                                     {.why = OpEnd::Why::closed, .samples = 0, .position = {}, .file = 0, .error = {}});
    }
    leave();
    for (TapLeg* tap : std::exchange(taps_, {})) tap->target_gone();
    closed_ = true;
}

void Leg::leave() {
    if (peer_) peer_->set_peer(nullptr);
    peer_ = nullptr;
    if (mixer_) mixer_->remove(*this);
    mixer_ = nullptr;
    echo_ = false;
}

void Leg::tell(const LegEvent& event) { worker().notify(LegNotice{id_, event}); }

void Leg::tell_changes(const EventReceiver::Changes& changes) {
    for (std::size_t i = 0; i < changes.count; ++i) {
        const auto& c = changes.list[i];
        tell({.kind = c.begin ? LegEvent::Kind::dtmf_begin : LegEvent::Kind::dtmf_end,
              .digit = c.digit,
              .duration = c.duration,
              .source = {}});
    }
}

void Leg::heard(Frame& frame) {
    if (closed_) return;
    if (frame.event) {
        if (hooks_ && hooks_->in.drops_digits()) return;
        const auto event = parse_telephone_event(frame.payload);
        if (!event) return;
        if (!events_in_) events_in_ = std::make_unique<EventReceiver>();
        const bool was_pressed = events_in_->pressed();
        tell_changes(events_in_->received(*event, frame.header.timestamp, frame.clock, worker().now()));
        if (events_in_->pressed() && !was_pressed) worker().wants_ticks(*this);
        if (pass_digits_)
            route(frame);
        else if (peer_)
            peer_->leave_out(frame.stream);
        return;
    }
    if (mute_in_ || !listen(frame) || !pass_hooks(Side::in, frame)) {
        if (peer_) peer_->leave_out(frame.stream);
        return;
    }
    route(frame);
}

void Leg::route(Frame& frame) {
    if (peer_)
        peer_->write(frame);
    else if (mixer_)
        mixer_->take(*this, frame);
    else if (echo_)
        write(frame);
}

void Leg::route_digit(bool begin, char digit) {
    if (!pass_digits_) return;
    if (peer_)
        peer_->write_digit(begin, digit);
    else if (mixer_)
        mixer_->take_digit(*this, begin, digit);
    else if (echo_)
        write_digit(begin, digit);
}

void Leg::digit_received(char digit, Millis duration) {
    if (closed_ || !event_of_digit(digit)) return;
    tell({.kind = LegEvent::Kind::dtmf_begin, .digit = digit, .duration = {}, .source = {}});
    tell({.kind = LegEvent::Kind::dtmf_end, .digit = digit, .duration = duration, .source = {}});
    if (!pass_digits_) return;
    const auto pass = [&](Leg& to) {
        to.digits().send_one(digit, duration);
        worker().wants_ticks(to);
    };
    if (peer_)
        pass(*peer_);
    else if (mixer_)
        mixer_->each_other(*this, pass);
    else if (echo_)
        pass(*this);
}

void Leg::write(Frame& frame) {
    if (closed_) return;
    if (frame.event) {
        if (hooks_ && hooks_->out.drops_digits()) return;
        if (digit_way() == DigitWay::events) return deliver(frame);
        // The party takes no events: say it another way.
        const auto event = parse_telephone_event(frame.payload);
        if (!event) return;
        if (!events_out_) events_out_ = std::make_unique<EventReceiver>();
        const auto changes = events_out_->received(*event, frame.header.timestamp, frame.clock, worker().now());
        for (std::size_t i = 0; i < changes.count; ++i) write_digit(changes.list[i].begin, changes.list[i].digit);
        return;
    }
    if (player()) give_way();
    if (player() || (digit_sender_ && digit_sender_->busy())) return;
    send_audio(frame);
}

void Leg::write_digit(bool begin, char digit) {
    if (begin)
        digits().press(digit);
    else
        digits().release(digit);
    worker().wants_ticks(*this);
}

void Leg::send_audio(Frame& frame) {
    if (mute_out_) return;
    if (gain_out_ != 1) amplify(frame, gain_out_);
    if (pass_hooks(Side::out, frame)) deliver(frame);
}

/// Listeners and recordings have the audio as it is; taps have it too, and may whisper into it; then it is changed.
bool Leg::pass_hooks(Side side, Frame& frame) {
    bool goes_on = true;
    if (hooks_) {
        for (const auto& listener : hooks_->listeners)
            if (listener->side() == side || listener->side() == Side::both) goes_on = listener->hear(frame) && goes_on;
    }
    if (!goes_on) return false;
    if (records()) feed_recorders(side, frame);
    if (!taps_.empty()) spy(side == Side::in, frame);
    return !hooks_ || (side == Side::in ? hooks_->in : hooks_->out).apply(frame);
}

void Leg::listen_for(std::unique_ptr<Listener> listener) {
    if (!hooks_) hooks_ = std::make_unique<Hooks>();
    hooks_->listeners.push_back(std::move(listener));
    worker().wants_ticks(*this);
}

bool Leg::stop_listening(OpId op) {
    if (!hooks_) return false;
    const auto count = std::erase_if(hooks_->listeners, [&](const auto& listener) { return listener->op() == op; });
    if (count == 0) return false;
    worker().operation_ended(op, {.why = OpEnd::Why::stopped, .samples = 0, .position = {}, .file = 0, .error = {}});
    return true;
}

void Leg::effect(Side side, const EffectSpec& effect) {
    if (!hooks_) hooks_ = std::make_unique<Hooks>();
    if (side != Side::out) hooks_->in.set(effect);
    if (side != Side::in) hooks_->out.set(effect);
    if (hooks_->listeners.empty() && hooks_->in.none() && hooks_->out.none()) hooks_.reset();
}

void Leg::spy(bool in, Frame& frame) {
    for (TapLeg* tap : taps_) tap->passes(in, frame);
}

void Leg::add_tap(TapLeg* tap) { taps_.push_back(tap); }
void Leg::remove_tap(TapLeg* tap) { std::erase(taps_, tap); }

void Leg::mute(Side side, bool on) {
    if (side != Side::out) mute_in_ = on;
    if (side != Side::in) mute_out_ = on;
}

void Leg::gain(Side side, double factor) {
    factor = std::clamp(factor, 0.0, 256.0);
    if (side != Side::out) gain_in_ = factor;
    if (side != Side::in) gain_out_ = factor;
}

void Leg::amplify(Frame& frame, double factor) {
    const auto by = static_cast<std::int64_t>(std::lround(factor * 65536));
    for (auto& sample : frame.samples())
        sample = static_cast<std::int16_t>(std::clamp<std::int64_t>(sample * by / 65536, -32768, 32767));
    frame.samples_changed();
}

Leg::Detecting& Leg::detecting() {
    if (!detect_) detect_ = std::make_unique<Detecting>();
    return *detect_;
}

void Leg::detect(const DetectOptions& options) {
    Detecting& d = detecting();
    d.options = options;
    if (!options.talking) d.talking = false;
    d.sound = d.quiet = Millis{0};
}

/// Everything that has to hear the samples of what the party says. False: the frame goes no further.
bool Leg::listen(Frame& frame) {
    if (gain_in_ != 1) amplify(frame, gain_in_);
    const bool inband = listens_inband();
    if (!detect_ && !inband) return true;
    Detecting& d = detecting();
    if (d.options.talking || d.options.silence_after.count() > 0) listen_for_talking(d, frame);
    return !inband || listen_for_digits(d, frame);
}

void Leg::listen_for_talking(Detecting& d, Frame& frame) {
    const auto samples = frame.samples();
    if (samples.empty()) return;
    using Kind = LegEvent::Kind;
    const Millis length(static_cast<std::int64_t>(samples.size() * 1000 / frame.rate()));
    const auto say = [&](Kind kind, Millis duration) {
        tell({.kind = kind, .digit = 0, .duration = duration, .source = {}});
    };
    d.talked += length;
    if (mean_magnitude(samples) >= d.options.talk_level) {
        d.quiet = Millis{0};
        d.sound += length;
        if (std::exchange(d.silent, false)) say(Kind::sound, {});
        if (d.options.talking && !d.talking && d.sound >= d.options.talk_after) {
            d.talking = true;
            d.talked = d.sound;
            say(Kind::talking_started, {});
        }
        return;
    }
    d.quiet += length;
    if (!d.talking) d.sound = Millis{0};
    if (d.talking && d.quiet >= d.options.silent_after) {
        d.talking = false;
        d.sound = Millis{0};
        say(Kind::talking_stopped, d.talked - d.quiet);
    }
    if (d.options.silence_after.count() > 0 && !d.silent && d.quiet >= d.options.silence_after) {
        d.silent = true;
        say(Kind::silence, d.quiet);
    }
}

bool Leg::listen_for_digits(Detecting& d, Frame& frame) {
    std::span<const std::int16_t> samples = frame.samples();
    if (samples.empty()) return true;
    if (frame.rate() != 8000) {
        if (!d.to_8k || d.to_8k->from() != frame.rate()) d.to_8k = std::make_unique<Resampler>(frame.rate(), 8000);
        d.at_8k.resize(samples.size() * 8000 / frame.rate() + 16);
        samples = std::span(d.at_8k).first(d.to_8k->process(samples, d.at_8k));
    }
    if (!d.digits) d.digits = std::make_unique<DtmfDetector>();
    d.digits->feed(samples, [&](const DtmfDetector::Change& c) {
        tell({.kind = c.begin ? LegEvent::Kind::dtmf_begin : LegEvent::Kind::dtmf_end,
              .digit = c.digit,
              .duration = c.duration,
              .source = {}});
        route_digit(c.begin, c.digit);
    });
    // The others get the digit anew; the tone itself would make it two.
    return !d.digits->sounding();
}

DigitSender& Leg::digits() {
    if (!digit_sender_) digit_sender_ = std::make_unique<DigitSender>(*this);
    return *digit_sender_;
}

void Leg::send_dtmf(std::string_view what, Millis duration, Millis gap, OpId op) {
    digits().send(what, duration, gap, op);
    worker().wants_ticks(*this);
}

bool Leg::stop_dtmf(OpId op) { return digit_sender_ && digit_sender_->stop(op); }

bool Leg::wants_ticks() const {
    return !closed_ && (player() || recorders_want_ticks() || (digit_sender_ && digit_sender_->busy()) ||
                        (events_in_ && events_in_->pressed()) || (hooks_ && !hooks_->listeners.empty()));
}

void Leg::operations_changed() {
    if (wants_ticks()) worker().wants_ticks(*this);
}

void Leg::tick() {
    if (closed_) return;
    const bool digits_first = digit_sender_ && digit_sender_->busy();
    if (digits_first) digit_sender_->tick();
    if (player()) {
        Frame frame;
        // A digit sounds over what plays; what plays goes on behind it.
        if (next_played(frame) && !digits_first) send_audio(frame);
    }
    if (records()) tick_recorders();
    if (hooks_)
        for (const auto& listener : hooks_->listeners) listener->tick();
    if (events_in_ && events_in_->pressed()) tell_changes(events_in_->tick(worker().now(), lost_end_after));
    tick_more();
}

void PairLeg::deliver(Frame& frame) {
    if (!other_ || depth_ > 0) return;
    if (!other_->first_told_) {
        other_->first_told_ = true;
        other_->tell({.kind = LegEvent::Kind::first_media, .digit = 0, .duration = {}, .source = {}});
    }
    ++depth_;
    other_->heard(frame);
    --depth_;
}

void PairLeg::leave_out(std::uint64_t stream) {
    if (!other_ || depth_ > 0 || !other_->peer()) return;
    ++depth_;
    other_->peer()->leave_out(stream);
    --depth_;
}

void PairLeg::close() {
    if (other_) other_->set_other(nullptr);
    other_ = nullptr;
    Leg::close();
}

}  // namespace asterism::media
