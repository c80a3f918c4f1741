// The power of one frequency in a block of samples.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>

namespace asterism::media {

/// Goertzel's algorithm. Fed with N samples of a sine of amplitude A, power() is about (A N / 2)^2.
class Goertzel {
  public:
    explicit Goertzel(double frequency = 0, double rate = 8000)
        : coefficient_(static_cast<float>(2 * std::cos(2 * std::numbers::pi * frequency / rate))) {}
    void feed(std::span<const std::int16_t> samples) {
        for (const auto sample : samples) {
            const float s0 = static_cast<float>(sample) + coefficient_ * s1_ - s2_;
            s2_ = s1_;
            s1_ = s0;
        }
    }
    [[nodiscard]] float power() const { return s1_ * s1_ + s2_ * s2_ - coefficient_ * s1_ * s2_; }
    void reset() { s1_ = s2_ = 0; }

  private:
    float coefficient_;
    float s1_ = 0, s2_ = 0;
};

/// Sum of the squares: what a tone's power is to be set against. (A N / 2)^2 * 2 / N is a sine's part of it.
[[nodiscard]] inline float energy_of(std::span<const std::int16_t> samples) {
    float sum = 0;
    for (const auto sample : samples) sum += static_cast<float>(sample) * static_cast<float>(sample);
    return sum;
}

}  // namespace asterism::media
