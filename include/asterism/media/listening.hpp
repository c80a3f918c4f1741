// What can be listened for in a leg's audio while it goes by: silence, tones, digits of old signalling, machines.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include "asterism/media/operations.hpp"

namespace asterism::media {

/// Sound and silence. A party that sends nothing is silent.
struct LevelWatch {
    int level = 256;          ///< mean amplitude, 0..32767, that counts as sound (dsp.conf: silencethreshold)
    Millis silence_after{0};  ///< `silence` each time so much of it went by without a break; 0: never
    Millis sound_after{0};    ///< `sound` each time so much of it went by without a break; 0: never
};

/// One frequency.
struct ToneWatch {
    unsigned frequency = 0;  ///< Hz, 1..3999
    Millis duration{500};    ///< that it must last
    double margin_db = 16;   ///< by how much it must stand above everything else, 0..60
    bool swallow = false;    ///< while it sounds the audio goes no further
};

/// Multi-frequency signalling (ITU-T Q.320 ff., R1): 0-9, * (KP), # (ST), A (STP), B (ST2P), C (ST3P).
struct MfWatch {
    bool swallow = false;
};

/// Digits as pulses of one frequency (E&M single frequency).
struct SfWatch {
    unsigned frequency = 2600;
};

/// Call progress: what the far end's network plays.
struct ProgressWatch {
    bool fax = false, voice = false;  ///< listened for as well
};

/// Who has answered: a person or a machine (amd.conf).
struct MachineWatch {
    Millis initial_silence{2500}, greeting{1500}, after_greeting_silence{800}, total_time{5000}, min_word{100},
        between_words{50}, max_word{5000};
    int max_words = 3;
    int level = 256;
};

struct ListenSpec {
    Side side = Side::in;  ///< in: what the party says; out: what it hears
    std::variant<LevelWatch, ToneWatch, MfWatch, SfWatch, ProgressWatch, MachineWatch> what;
};

/// What was heard.
struct Heard {
    enum class Kind : std::uint8_t {
        silence,     ///< duration; sounded: how long there was sound before it, since the last report
        sound,       ///< duration
        tone_begin,  ///< it has lasted ToneWatch::duration
        tone_end,    ///< duration
        digit,       ///< digit
        progress,    ///< text: "RINGING", "BUSY", "SIT", "DIALTONE", "FAX", "MODEM", "VOICE"
        decided,     ///< text: AMDSTATUS; cause: AMDCAUSE
    };
    Kind kind = Kind::silence;
    Millis duration{0}, sounded{0};
    char digit = 0;
    std::string text{}, cause{};
};
/// Called on the control loop, in order; never after the operation's OpDone.
using HeardHandler = std::move_only_function<void(const Heard&)>;

/// What is done to one direction of a leg's audio as it goes by. Costs decoding. Each kind is there once a direction.
struct EffectSpec {
    enum class Kind : std::uint8_t {
        gain_control,  ///< value: wanted level, 1..32767 (8000 is customary)
        denoise,
        pitch,     ///< value: factor, 0.1..4
        scramble,  ///< the spectrum turned upside down; done twice it is as before
        drop,      ///< audio goes no further
        drop_digits,
    };
    Kind kind = Kind::denoise;
    bool on = true;
    double value = 0;
};

}  // namespace asterism::media
