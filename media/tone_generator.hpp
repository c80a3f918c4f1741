// Makes tones: cadences of indications.conf, and DTMF.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "asterism/media/tones.hpp"

namespace asterism::media {

/// Sum (or product) of two sines, continuous from call to call.
class DualTone {
  public:
    DualTone() = default;
    DualTone(unsigned freq1, unsigned freq2, bool modulated, int level, unsigned rate);
    /// Overwrites `out`.
    void generate(std::span<std::int16_t> out);

  private:
    struct Oscillator {
        std::uint32_t phase = 0, step = 0;  // 2^32 is a turn
    };
    std::array<Oscillator, 2> osc_{};
    int level_ = 0;
    bool modulated_ = false;
};

/// The two frequencies of a digit (ITU-T Q.23); nothing for what is none.
[[nodiscard]] std::optional<std::array<unsigned, 2>> dtmf_frequencies(char digit);

/// Plays a ToneSpec.
class ToneGenerator {
  public:
    ToneGenerator(ToneSpec spec, unsigned rate);
    /// Overwrites `out`, with silence after the end; false once all is over.
    bool generate(std::span<std::int16_t> out);

  private:
    void enter(std::size_t segment);

    ToneSpec spec_;
    unsigned rate_;
    std::size_t segment_ = 0;
    std::uint64_t left_ = 0;  // samples of the present segment
    bool endless_ = false;    // the present segment
    bool over_ = false;
    DualTone tone_;
};

}  // namespace asterism::media
