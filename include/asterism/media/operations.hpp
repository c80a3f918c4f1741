// What a leg or a mixer can be asked to do for a while: play, tone, music, record, digits. Each ends exactly once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "asterism/media/tones.hpp"
#include "asterism/runtime/ids.hpp"
#include "asterism/runtime/time.hpp"

namespace asterism::media {

using LegId = Id<struct LegTag>;      ///< one channel's media
using MixerId = Id<struct MixerTag>;  ///< a conference of legs
using OpId = Id<struct OpTag>;        ///< a running operation

using Millis = std::chrono::milliseconds;
/// Who an operation is for.
using Target = std::variant<LegId, MixerId>;

/// How an operation ended.
struct OpEnd {
    enum class Why : std::uint8_t {
        finished,      ///< played to the end, all digits sent
        stopped,       ///< by stop(), or replaced by another play on the same target
        failed,        ///< see error; what had been done is kept
        closed,        ///< its leg or mixer was closed
        silence,       ///< record: max_silence
        max_duration,  ///< record: max_duration
    };
    Why why = Why::finished;
    std::uint64_t samples = 0;  ///< played or recorded of the present file, in samples of that file's rate
    Millis position{0};         ///< the same in time
    std::size_t file = 0;       ///< play, music: index of the file that was playing
    Millis silence{0};          ///< record with measure_silence: how much of `position` was silence
    std::string error{};        ///< one sentence without the operation's name; empty unless failed
};
using OpDone = std::move_only_function<void(const OpEnd&)>;

/// Files one after another, as one operation. Paths are absolute, with extension (see files.hpp).
struct PlaySpec {
    std::vector<std::string> files{};
    unsigned repeat = 1;  ///< times the whole list is played; 0 for ever
    Millis offset{0};     ///< where the first file starts
    Millis silence{0};    ///< instead of files: so much silence (max() for ever)
    bool yields = false;  ///< with silence: ends as `stopped` where something plays or audio comes from elsewhere
};

/// Music on hold: files in a ring until stopped.
struct MusicSpec {
    std::vector<std::string> files{};
    bool shuffle = false;
    std::size_t file = 0;  ///< where to begin, as OpEnd gave it
    Millis position{0};
};

/// Which audio of a leg is recorded. For a mixer always the whole mix.
enum class Side : std::uint8_t { in, out, both };  ///< in: what the party says; out: what it hears; both: mixed

struct RecordSpec {
    enum class Existing : std::uint8_t { overwrite, append, fail };
    std::string path{};    ///< absolute, with extension; missing directories are an error
    std::string format{};  ///< "wav", "wav16", "sln", "sln16", "ulaw", "alaw", "gsm"...; empty: by path's extension
    Existing existing = Existing::overwrite;
    Side side = Side::in;
    Millis max_duration{0};                ///< 0: none
    Millis max_silence{0};                 ///< ends after so much silence; 0: none
    int silence_threshold = 256;           ///< mean amplitude, 0..32767, that counts as silence (dsp.conf)
    bool measure_silence = false;          ///< OpEnd::silence is wanted
    bool drop_silence = false;             ///< leave the silence that ended it out of the file
    bool stereo = false;                   ///< Side::both: two channels, what the party says left; for PCM formats only
    bool keep_time = false;                ///< Side::in, out: silence is written while nothing comes
    double volume_in = 1, volume_out = 1;  ///< Side::both: factors of the two directions
};

struct OpControl {
    enum class Kind : std::uint8_t { pause, resume, restart, forward, reverse, stop, mute, unmute };
    Kind kind = Kind::stop;
    Millis by{3000};         ///< forward, reverse
    Side side = Side::both;  ///< mute, unmute: of a recording of both directions
};

}  // namespace asterism::media
