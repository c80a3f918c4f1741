#include "media/digit_watchers.hpp"

#include <algorithm>

#include "asterism/media/mf.hpp"

namespace asterism::media {

namespace {

constexpr std::array<unsigned, 6> mf_tones{700, 900, 1100, 1300, 1500, 1700};
struct MfDigit {
    char digit;
    std::uint8_t low, high;  // indexes of mf_tones
};
constexpr MfDigit mf_digits[] = {{'1', 0, 1}, {'2', 0, 2}, {'3', 1, 2}, {'4', 0, 3}, {'5', 1, 3},
                                 {'6', 2, 3}, {'7', 0, 4}, {'8', 1, 4}, {'9', 2, 4}, {'0', 3, 4},
                                 {'*', 2, 5}, {'#', 4, 5}, {'A', 1, 5}, {'B', 3, 5}, {'C', 0, 5}};

}  // namespace

std::array<unsigned, 2> mf_frequencies(char digit) {
    for (const auto& one : mf_digits)
        if (one.digit == digit) return {mf_tones[one.low], mf_tones[one.high]};
    return {0, 0};
}

MfWatcher::MfWatcher(const MfWatch& watch) : tones_(mf_tones), swallow_(watch.swallow) {}

char MfWatcher::classify() const {
    constexpr float n = block;
    constexpr float least = (150 * n / 2) * (150 * n / 2);
    std::array<std::size_t, 6> order{0, 1, 2, 3, 4, 5};
    std::array<float, 6> power{};
    for (std::size_t i = 0; i < 6; ++i) power[i] = tones_.power(i);
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return power[a] > power[b]; });
    const float first = power[order[0]], second = power[order[1]], third = power[order[2]];
    // Both there, within 6 dB of each other, 8 dB above any other, and most of what sounds.
    if (second < least || first > second * 4 || third * 6.3F > second) return 0;
    if ((first + second) * 2 / n < 0.6F * tones_.energy()) return 0;
    const auto low = std::min(order[0], order[1]), high = std::max(order[0], order[1]);
    for (const auto& one : mf_digits)
        if (one.low == low && one.high == high) return one.digit;
    return 0;
}

void MfWatcher::hear(std::span<const std::int16_t> samples, Tell& tell) {
    tones_.feed(samples, [&] {
        const char heard = classify();
        if (heard != 0 && heard == candidate_) {
            ++blocks_;
            misses_ = 0;
        } else if (candidate_ != 0 && blocks_ >= 2 && heard == 0 && misses_ == 0) {
            ++misses_;  // a block in which it ends, or a disturbance
        } else {
            if (candidate_ != 0 && blocks_ >= 2)
                tell({.kind = Heard::Kind::digit, .duration = Millis(blocks_ * 15), .digit = candidate_});
            candidate_ = heard;
            blocks_ = heard != 0 ? 1 : 0;
            misses_ = 0;
        }
    });
}

void SfWatcher::hear(std::span<const std::int16_t> samples, Tell& tell) {
    tone_.feed(samples, [&] { finish(tell); });
}

void SfWatcher::finish(Tell& tell) {
    const float mine = tone_.part(0);
    if (mine > 100.0F * 100 * block / 2 && mine > 0.6F * tone_.energy()) {
        ++on_;
        off_ = 0;
        return;
    }
    if (on_ >= 2) ++pulses_;  // 20 ms at least
    on_ = 0;
    if (++off_ < 20 || pulses_ == 0) return;
    if (pulses_ <= 10) tell({.kind = Heard::Kind::digit, .digit = static_cast<char>('0' + pulses_ % 10)});
    pulses_ = 0;
}

}  // namespace asterism::media
