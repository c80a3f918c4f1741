// Changes the sample rate of one mono stream, by speexdsp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct SpeexResamplerState_;

namespace asterism::media {

/// Owned by whoever decodes one stream. A 20 ms block gives a 20 ms block; the filter's delay is some samples.
class Resampler {
  public:
    Resampler(unsigned from, unsigned to);
    ~Resampler();
    Resampler(const Resampler&) = delete;
    Resampler& operator=(const Resampler&) = delete;

    [[nodiscard]] unsigned from() const { return from_; }
    [[nodiscard]] unsigned to() const { return to_; }
    /// Writes at most out.size() samples; returns how many.
    std::size_t process(std::span<const std::int16_t> in, std::span<std::int16_t> out);

  private:
    unsigned from_, to_;
    SpeexResamplerState_* state_;
};

}  // namespace asterism::media
