// The door between control, which decides, and the media workers, which own sockets, mixers, players and recorders.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "asterism/media/listening.hpp"
#include "asterism/media/operations.hpp"
#include "asterism/media/rtp.hpp"
#include "asterism/media/stream.hpp"

namespace asterism {
class Loop;
}

namespace asterism::media {

/// Something that happened on a leg. `leg` is the one whose party caused it.
struct LegEvent {
    enum class Kind : std::uint8_t {
        dtmf_begin,       ///< digit; the party pressed it
        dtmf_end,         ///< digit, duration
        dtmf_to_signal,   ///< digit, duration: the leg's digits go by signalling (SIP INFO); control shall send it
        first_media,      ///< the first packet was taken
        source_learned,   ///< source: packets come from another address than `remote`
        rtp_timeout,      ///< duration: since the last packet; once until packets come again
        talking_started,  ///< TALK_DETECT
        talking_stopped,  ///< duration: of the talking
        silence,          ///< duration: detect()'s silence_after went by; once until sound comes again
        sound,            ///< after `silence`
        fax_tone,         ///< CNG, 1100 Hz
    };
    Kind kind = Kind::first_media;
    char digit = 0;  ///< 0-9 * # A-D
    Millis duration{0};
    Address source{};
};
/// Called on the control loop, in the order in which things happened; never after close(leg) has returned.
using LegHandler = std::move_only_function<void(LegId, const LegEvent&)>;

struct RtpPort {
    LegId leg{};
    Address rtp{};   ///< bound address (the bind address, so "0.0.0.0" if that was asked) and port
    Address rtcp{};  ///< its port, 0 without RTCP
};

/// What is listened for in a leg's incoming audio, beyond what its RtpConfig says. Costs decoding.
struct DetectOptions {
    bool talking = false;        ///< talking_started and talking_stopped
    int talk_level = 256;        ///< mean amplitude that counts as sound
    Millis talk_after{0};        ///< TALK_DETECT's second argument: sound needed (0: at once)
    Millis silent_after{2500};   ///< silence that ends talking
    Millis silence_after{0};     ///< report `silence`; 0 never
    bool inband_digits = false;  ///< Goertzel, even if RtpConfig::dtmf says otherwise
    bool fax_tone = false;
};

enum class MixRole : std::uint8_t { normal, listen_only, talk_only };
struct MixerOptions {
    unsigned rate = 8000;       ///< 8000, 16000, 32000 or 48000
    bool digits_pass = true;    ///< a digit of one goes to the others
    bool drop_silence = false;  ///< members that are silent are left out of the mix
};

/// A copy of a leg's audio into another leg, and audio added to it (ARI snoop, ChanSpy, whisper). A tap is a leg like
/// others: connected to the spy, or played to (a beep that the party and those who hear it shall hear).
struct TapOptions {
    bool spy_in = false, spy_out = false;          ///< heard on the tap leg
    bool whisper_in = false, whisper_out = false;  ///< what is written to the tap leg is added there
};

struct EngineOptions {
    unsigned workers = 1;
    PortRange ports{};
    std::size_t prompt_cache_bytes = 64u << 20;  ///< of prompts that nobody plays
    std::string cname{};                         ///< empty: made from the SSRC
};

/// Totals for metrics, as of the last tick.
struct EngineCounts {
    std::size_t legs = 0, mixers = 0, operations = 0, rtp_ports = 0;
    std::uint64_t late_ticks = 0;  ///< ticks that began over 20 ms late
};

/// All methods are called on the control loop, never block and return at once; all callbacks come on the control
/// loop, never from within a method. Unknown or closed ids are ignored (an operation on one ends `closed`), because
/// a leg may be closed by whoever hung up while somebody else still acts on it.
///
/// Owned by main, ended after everything that holds a leg. Its end stops the workers; callbacks still due are dropped.
class Engine {
  public:
    Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    virtual ~Engine() = default;

    // ---- legs ----
    /// Binds a port (and the next for RTCP). Error: one sentence (no free port, bad address).
    [[nodiscard]] virtual std::expected<RtpPort, std::string> open_rtp(const RtpOptions& options,
                                                                       LegHandler handler) = 0;
    /// Takes effect for the next packet. Nothing is received or sent before the first call.
    virtual void configure_rtp(LegId leg, const RtpConfig& config) = 0;
    /// Two legs back to back: what is written to one is what the other's party says (the halves of a Local channel).
    /// Frames and digits pass without copy or transcoding. Closing one leaves the other silent.
    [[nodiscard]] virtual std::pair<LegId, LegId> open_pair(LegHandler first, LegHandler second) = 0;
    /// A party that says nothing and hears nothing.
    [[nodiscard]] virtual LegId open_null(LegHandler handler) = 0;
    /// A leg whose party is a program that speaks in bytes. Silent in both directions until StreamCommand::start.
    [[nodiscard]] virtual LegId open_stream(const StreamOptions& options, LegHandler handler, StreamHandler stream) = 0;
    virtual void stream(LegId leg, StreamCommand command) = 0;
    /// A leg that spies on another and whispers to it; closed with it or before.
    [[nodiscard]] virtual LegId open_tap(LegId of, const TapOptions& options, LegHandler handler) = 0;
    /// What a tap hears and where it whispers, from now on.
    virtual void set_tap(LegId tap, const TapOptions& options) = 0;
    /// Replaces the handler given at open (a channel that takes another's place).
    virtual void set_handler(LegId leg, LegHandler handler) = 0;
    /// Idempotent. Its operations end `closed`, its peer or mixer goes on without it, no event follows.
    virtual void close(LegId leg) = 0;

    // ---- who hears whom ----
    /// Two parties. Either leaves what it was in (another peer, a mixer, echo) first.
    virtual void connect(LegId a, LegId b) = 0;
    /// Out of its peer, mixer or echo. Its operations go on.
    virtual void disconnect(LegId leg) = 0;
    [[nodiscard]] virtual MixerId open_mixer(const MixerOptions& options) = 0;
    virtual void close_mixer(MixerId mixer) = 0;
    /// Also changes the role of one that is in it.
    virtual void mixer_add(MixerId mixer, LegId leg, MixRole role) = 0;
    virtual void mixer_remove(MixerId mixer, LegId leg) = 0;
    virtual void echo(LegId leg, bool on) = 0;
    /// in: what the party says is dropped; out: it hears nothing.
    virtual void mute(LegId leg, Side side, bool on) = 0;
    /// Factor for loudness; 1 unchanged, 0 silent. Other than 1 costs decoding.
    virtual void gain(LegId leg, Side side, double factor) = 0;
    virtual void detect(LegId leg, const DetectOptions& options) = 0;
    /// Changes the audio of a direction (side `both`: of each) as it goes by, after taps and recordings have had it.
    virtual void effect(LegId leg, Side side, const EffectSpec& effect) = 0;
    /// Whether digits heard on this leg go on to its peer or mixer (default) or are only reported (a menu runs).
    virtual void pass_digits(LegId leg, bool on) = 0;

    // ---- operations: `done` is called exactly once ----
    /// While one plays to a leg it replaces what comes from its peer or mixer. A second play, tone or music on the same
    /// target ends the first as `stopped`. On a mixer all members hear it, mixed with the others.
    virtual OpId play(Target target, PlaySpec spec, OpDone done) = 0;
    virtual OpId tone(Target target, ToneSpec spec, OpDone done) = 0;
    virtual OpId music(Target target, MusicSpec spec, OpDone done) = 0;
    /// `done` comes when the file is complete and closed. Several may run on one target.
    virtual OpId record(Target target, RecordSpec spec, OpDone done) = 0;
    /// Digits "0-9*#A-D", "w" half a second, "W" a second of pause; each `duration` long, `gap` between.
    virtual OpId send_dtmf(LegId leg, std::string_view digits, Millis duration, Millis gap, OpDone done) = 0;
    /// Listens until stopped; several may on one leg, each for its own. `heard` is called for what it is about.
    virtual OpId listen(LegId leg, ListenSpec spec, HeardHandler heard, OpDone done) = 0;
    virtual void control(OpId op, OpControl control) = 0;
    void stop(OpId op) { control(op, {.kind = OpControl::Kind::stop, .by = Millis{0}}); }
    /// A digit that came by signalling (SIP INFO): as if the party had sent it in its media.
    virtual void digit_received(LegId leg, char digit, Millis duration) = 0;

    // ---- the rest ----
    virtual void stats(LegId leg, std::move_only_function<void(const RtpStats&)> result) = 0;
    virtual void set_ports(PortRange range) = 0;
    [[nodiscard]] virtual EngineCounts counts() const = 0;
};

/// Starts the workers. `control` outlives the engine.
[[nodiscard]] std::unique_ptr<Engine> make_engine(Loop& control, EngineOptions options);

}  // namespace asterism::media
