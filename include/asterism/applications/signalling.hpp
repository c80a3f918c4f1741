// Digits of signalling older than DTMF, as tones.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include "asterism/media/tones.hpp"

namespace asterism::applications {

/// How long the tones of SendMF last.
struct MfTimes {
    std::chrono::milliseconds gap{50}, digit{55}, key_pulse{120}, start{65};
};
/// MF digits (ITU-T Q.320): 0-9, * (KP), # (ST), A (STP), B (ST2P), C (ST3P), w for half a second of silence. The
/// error names the character that is none.
[[nodiscard]] std::expected<media::ToneSpec, std::string> mf_tones(std::string_view digits, const MfTimes& times = {});
/// SF digits 0-9 as pulses of one frequency, ten a second; h a wink, w half a second of silence.
[[nodiscard]] std::expected<media::ToneSpec, std::string> sf_tones(std::string_view digits, unsigned frequency = 2600);

}  // namespace asterism::applications
