// Hears digits in audio, by Goertzel's algorithm over blocks of 102 samples at 8 kHz (12.75 ms).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace asterism::media {

/// One leg's listener. A digit must last 2 blocks and be followed by 2 blocks without it to count as released: within
/// what ITU-T Q.24 asks (40 ms shall be heard, under 20 ms shall not, a gap of 10 ms doesn't end one).
class DtmfDetector {
  public:
    struct Change {
        bool begin = false;
        char digit = 0;
        std::chrono::milliseconds duration{0};
    };
    /// 8 kHz samples; the changes that they brought, at most one for each two blocks.
    template <class F>
    void feed(std::span<const std::int16_t> samples, F changed) {
        while (!samples.empty()) {
            samples = samples.subspan(take(samples));
            if (filled_ == block)
                if (const auto change = finish()) changed(*change);
        }
    }
    /// Whether a digit is sounding now (its audio should not go on).
    [[nodiscard]] bool sounding() const { return pressed_ != 0 || candidate_ != 0; }

  private:
    static constexpr std::size_t block = 102;
    std::size_t take(std::span<const std::int16_t> samples);
    std::optional<Change> finish();
    [[nodiscard]] char classify() const;

    std::array<float, 8> s1_{}, s2_{};
    float energy_ = 0;
    std::size_t filled_ = 0;
    char candidate_ = 0;
    char pressed_ = 0;
    unsigned misses_ = 0;
    unsigned blocks_ = 0;
};

}  // namespace asterism::media
