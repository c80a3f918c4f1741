// One party's media in a worker: what it says goes to whoever listens, what others say goes to it.
#pragma once

#include <memory>
#include <vector>

#include "asterism/media/engine.hpp"
#include "media/digit_sender.hpp"
#include "media/dtmf_detector.hpp"
#include "media/effects.hpp"
#include "media/frame.hpp"
#include "media/listener.hpp"
#include "media/station.hpp"
#include "media/telephone_event.hpp"

namespace asterism::media {

class Mixer;
class TapLeg;

/// Owned by the worker; ended by close(). Kinds differ in deliver() and in where heard() is called from.
///
///     party -> heard() -> listen (gain, digits, talking), listeners, recorders, taps, effects -> route() -> peer /
///     mixer / echo
///     peer, mixer, echo -> write() -> [player or digits override] -> send_audio() -> listeners, recorders, taps,
///     effects -> deliver() -> party
class Leg : public Station {
  public:
    Leg(Worker& worker, LegId id) : Station(worker), id_(id) {}
    ~Leg() override = default;

    [[nodiscard]] LegId id() const { return id_; }
    [[nodiscard]] Worker& worker_of() const { return worker(); }
    /// Ends operations, leaves whatever it is in. The worker destroys it at the end of its turn.
    virtual void close();
    [[nodiscard]] bool closed() const { return closed_; }

    // ---- from the party ----
    void heard(Frame& frame);
    /// A digit that came by signalling.
    void digit_received(char digit, Millis duration);

    // ---- to the party ----
    /// Audio or events from a peer, a mixer or echo.
    void write(Frame& frame);
    void write_digit(bool begin, char digit);
    /// Audio from anyone who may override.
    void send_audio(Frame& frame);
    virtual void deliver(Frame& frame) = 0;
    /// A packet of this stream will not be written.
    virtual void leave_out(std::uint64_t) {}
    [[nodiscard]] virtual DigitWay digit_way() const { return DigitWay::events; }
    /// The codec that can be delivered without work, for 20 ms frames; none if samples do as well.
    [[nodiscard]] virtual CodecId preferred() const { return CodecId::none; }

    // ---- topology; called by the worker ----
    void set_peer(Leg* peer) { peer_ = peer; }
    [[nodiscard]] Leg* peer() const { return peer_; }
    void set_mixer(Mixer* mixer) { mixer_ = mixer; }
    [[nodiscard]] Mixer* mixer() const { return mixer_; }
    void set_echo(bool on) { echo_ = on; }
    [[nodiscard]] bool echoes() const { return echo_; }
    void leave();
    void add_tap(TapLeg* tap);
    void remove_tap(TapLeg* tap);

    void mute(Side side, bool on);
    void gain(Side side, double factor);
    void detect(const DetectOptions& options);
    void pass_digits(bool on) { pass_digits_ = on; }
    void send_dtmf(std::string_view digits, Millis duration, Millis gap, OpId op);
    bool stop_dtmf(OpId op);
    void listen_for(std::unique_ptr<Listener> listener);
    bool stop_listening(OpId op);
    void effect(Side side, const EffectSpec& effect);
    /// As if the party had said it: past the taps, to whoever hears it.
    void inject(Frame& frame) { route(frame); }

    void tell(const LegEvent& event);
    /// Every 20 ms while it wants_ticks().
    void tick();
    [[nodiscard]] virtual bool wants_ticks() const;

  protected:
    /// Digits are to be heard in the audio.
    virtual bool listens_inband() const { return detect_ && detect_->options.inband_digits; }
    void operations_changed() override;
    virtual void tick_more() {}

  private:
    struct Detecting {
        DetectOptions options;
        bool talking = false, silent = false;
        Millis sound{0}, quiet{0}, talked{0};
        std::unique_ptr<DtmfDetector> digits;
        std::unique_ptr<Resampler> to_8k;
        std::vector<std::int16_t> at_8k;
        char digit = 0;
    };
    void route(Frame& frame);
    void route_digit(bool begin, char digit);
    bool listen(Frame& frame);
    void listen_for_talking(Detecting& d, Frame& frame);
    bool listen_for_digits(Detecting& d, Frame& frame);
    void tell_changes(const EventReceiver::Changes& changes);
    DigitSender& digits();
    Detecting& detecting();
    static void amplify(Frame& frame, double factor);
    bool pass_hooks(Side side, Frame& frame);
    void spy(bool in, Frame& frame);

    LegId id_;
    bool closed_ = false;
    Leg* peer_ = nullptr;
    Mixer* mixer_ = nullptr;
    bool echo_ = false;
    bool mute_in_ = false, mute_out_ = false, pass_digits_ = true;
    double gain_in_ = 1, gain_out_ = 1;
    std::unique_ptr<EventReceiver> events_in_;   // made when the first event comes
    std::unique_ptr<EventReceiver> events_out_;  // for a party that takes no events
    std::unique_ptr<DigitSender> digit_sender_;
    std::unique_ptr<Detecting> detect_;
    std::vector<TapLeg*> taps_;
    /// What few legs have.
    struct Hooks {
        std::vector<std::unique_ptr<Listener>> listeners;
        Effects in, out;
    };
    std::unique_ptr<Hooks> hooks_;
};

/// One half of a Local channel.
class PairLeg final : public Leg {
  public:
    using Leg::Leg;
    void set_other(PairLeg* other) { other_ = other; }
    void deliver(Frame& frame) override;
    void leave_out(std::uint64_t stream) override;
    void close() override;

  private:
    PairLeg* other_ = nullptr;
    bool first_told_ = false;
    int depth_ = 0;  // two pairs wired in a ring must not recurse for ever
};

class NullLeg final : public Leg {
  public:
    using Leg::Leg;
    void deliver(Frame&) override {}
};

/// Hears another leg and whispers to it.
class TapLeg final : public Leg {
  public:
    TapLeg(Worker& worker, LegId id, const TapOptions& options);
    void attach(Leg* target);
    void deliver(Frame& frame) override;
    void close() override;
    [[nodiscard]] bool wants_ticks() const override { return target_ != nullptr || Leg::wants_ticks(); }
    /// Audio of the target's side goes by: taken if spied on, added to if whispered to.
    void passes(bool in, Frame& frame);
    void target_gone() { target_ = nullptr; }
    void set(const TapOptions& options) { options_ = options; }

  protected:
    void tick_more() override;

  private:
    static constexpr unsigned rate = 16000;
    TapOptions options_;
    Leg* target_ = nullptr;
    JitterFifo in_{rate}, out_{rate}, whisper_in_{rate}, whisper_out_{rate};
    std::unique_ptr<Resampler> resample_in_, resample_out_, resample_whisper_, back_in_, back_out_;
    std::uint64_t stream_;
    std::vector<std::int16_t> scratch_, scratch2_;
    unsigned quiet_out_ = 0, quiet_in_ = 0;  // ticks without a frame to add the whisper to
};

}  // namespace asterism::media
