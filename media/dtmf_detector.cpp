#include "media/dtmf_detector.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace asterism::media {

namespace {

constexpr float frequencies[8] = {697, 770, 852, 941, 1209, 1336, 1477, 1633};

struct Coefficients {
    float value[8];
    Coefficients() {
        for (int i = 0; i < 8; ++i)
            value[i] = 2.0F * std::cos(2.0F * std::numbers::pi_v<float> * frequencies[i] / 8000);
    }
};
const Coefficients coefficient;

// Energies of a sine of amplitude A over N samples: Goertzel gives (A N / 2)^2, the block's sum of squares A^2 N / 2.
constexpr float least_amplitude = 150;  // about -47 dBm0 a tone
constexpr float normal_twist = 6.3F;    // 8 dB: the high group may be weaker by so much...
constexpr float reverse_twist = 2.5F;   // ...the low group by 4 dB (Q.24 has 8 and 4)
constexpr float next_best = 6.3F;       // 8 dB above the others of its group
constexpr float purity = 0.63F;         // part of the block's energy that is in the two tones

}  // namespace

std::size_t DtmfDetector::take(std::span<const std::int16_t> samples) {
    const std::size_t n = std::min(samples.size(), block - filled_);
    for (std::size_t k = 0; k < 8; ++k) {
        float s1 = s1_[k], s2 = s2_[k];
        const float c = coefficient.value[k];
        for (std::size_t i = 0; i < n; ++i) {
            const float s0 = static_cast<float>(samples[i]) + c * s1 - s2;
            s2 = s1;
            s1 = s0;
        }
        s1_[k] = s1;
        s2_[k] = s2;
    }
    for (std::size_t i = 0; i < n; ++i) energy_ += static_cast<float>(samples[i]) * static_cast<float>(samples[i]);
    filled_ += n;
    return n;
}

char DtmfDetector::classify() const {
    float power[8];
    for (std::size_t k = 0; k < 8; ++k)
        power[k] = s1_[k] * s1_[k] + s2_[k] * s2_[k] - coefficient.value[k] * s1_[k] * s2_[k];
    const auto best = [&](std::size_t from) {
        return static_cast<std::size_t>(std::max_element(power + from, power + from + 4) - power);
    };
    const std::size_t low = best(0), high = best(4);
    constexpr float n = block;
    constexpr float least = (least_amplitude * n / 2) * (least_amplitude * n / 2);
    if (power[low] < least || power[high] < least) return 0;
    if (power[low] > power[high] * normal_twist || power[high] > power[low] * reverse_twist) return 0;
    for (std::size_t k = 0; k < 8; ++k) {
        if (k == low || k == high) continue;
        if (power[k] * next_best > power[k < 4 ? low : high]) return 0;
    }
    // (A N / 2)^2 * 2 / N = A^2 N / 2: the tone's share of the energy.
    if ((power[low] + power[high]) * 2 / n < purity * energy_) return 0;
    static constexpr char keys[] = "123A456B789C*0#D";
    return keys[low * 4 + (high - 4)];
}

std::optional<DtmfDetector::Change> DtmfDetector::finish() {
    const char heard = classify();
    s1_.fill(0);
    s2_.fill(0);
    energy_ = 0;
    filled_ = 0;
    constexpr double block_ms = block / 8.0;
    std::optional<Change> change;
    if (pressed_ != 0) {
        ++blocks_;
        if (heard == pressed_) {
            misses_ = 0;
        } else if (++misses_ == 2) {
            const auto ms = static_cast<int>((blocks_ - misses_) * block_ms);
            change = Change{.begin = false, .digit = pressed_, .duration = std::chrono::milliseconds(ms)};
            pressed_ = 0;
        }
    } else if (heard != 0 && heard == candidate_) {
        change = Change{.begin = true, .digit = heard, .duration = {}};
        pressed_ = heard;
        blocks_ = 2;
        misses_ = 0;
    }
    candidate_ = heard;
    return change;
}

}  // namespace asterism::media
