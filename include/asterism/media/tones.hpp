// Tones as indications.conf writes them: "440+480/2000,0/4000", "!950/330", "440*20/500".
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::media {

/// One step of a cadence.
struct ToneSegment {
    std::uint16_t freq1 = 0;  ///< Hz; 0 with freq2 0 is silence
    std::uint16_t freq2 = 0;  ///< added to freq1, or modulating it
    bool modulated = false;   ///< freq1*freq2: amplitude modulation (90 % depth) instead of a sum
    bool midi = false;        ///< written M60: kept only for printing
    bool once = false;        ///< written with "!": not part of the repetition
    std::uint32_t ms = 0;     ///< 0 lasts until stopped
};

/// A tone: its segments in order; those not marked `once` repeat for ever. All `once` ends after the last.
struct ToneSpec {
    std::vector<ToneSegment> segments{};
    int level = 7219;  ///< peak amplitude of each frequency, 0..32767

    [[nodiscard]] bool repeats() const;
    /// Length of one pass in ms; 0 if a segment has no end.
    [[nodiscard]] std::uint32_t pass_ms() const;
};

/// Reads a tone's text (segments separated by "," or "|", up to 1024 of them, frequencies up to 24000 Hz). The error
/// names the segment that makes no sense.
[[nodiscard]] std::expected<ToneSpec, std::string> parse_tone(std::string_view text);

}  // namespace asterism::media
