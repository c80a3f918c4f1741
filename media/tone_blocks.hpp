// Audio in blocks, and the power of some tones in each.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "media/goertzel.hpp"

namespace asterism::media {

/// What the watchers of tones listen with: `tones` frequencies (Hz) in blocks of `block` samples at 8 kHz.
template <std::size_t tones, std::size_t block>
class ToneBlocks {
  public:
    explicit ToneBlocks(const std::array<unsigned, tones>& frequencies) {
        for (std::size_t i = 0; i < tones; ++i) tones_[i] = Goertzel(frequencies[i]);
    }
    /// Calls `ended` at the end of each block, of which power(), part() and energy() then speak.
    template <class F>
    void feed(std::span<const std::int16_t> samples, F ended) {
        while (!samples.empty()) {
            const auto next = samples.first(std::min(samples.size(), block - filled_));
            samples = samples.subspan(next.size());
            for (auto& tone : tones_) tone.feed(next);
            energy_ += energy_of(next);
            filled_ += next.size();
            if (filled_ < block) continue;
            ended();
            for (auto& tone : tones_) tone.reset();
            energy_ = 0;
            filled_ = 0;
        }
    }
    /// Of a sine of amplitude A: about (A block / 2)^2.
    [[nodiscard]] float power(std::size_t tone) const { return tones_[tone].power(); }
    /// The same as a part of energy(): A^2 block / 2.
    [[nodiscard]] float part(std::size_t tone) const { return power(tone) * 2 / block; }
    /// Sum of the squares.
    [[nodiscard]] float energy() const { return energy_; }

  private:
    std::array<Goertzel, tones> tones_;
    float energy_ = 0;
    std::size_t filled_ = 0;
};

}  // namespace asterism::media
