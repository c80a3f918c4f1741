#include "media/tone_generator.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

namespace asterism::media {

namespace {

/// One turn of a sine in 1024 steps, 2^15 high. With the phase in 32 bits the error is below G.711's own noise.
struct SineTable {
    std::int16_t value[1024];
    SineTable() {
        for (int i = 0; i < 1024; ++i)
            value[i] = static_cast<std::int16_t>(std::lround(32767.0 * std::sin(2 * std::numbers::pi * i / 1024)));
    }
};
const SineTable sine;

}  // namespace

DualTone::DualTone(unsigned freq1, unsigned freq2, bool modulated, int level, unsigned rate)
    : level_(level), modulated_(modulated && freq2 != 0) {
    const auto step = [rate](unsigned hz) {
        return static_cast<std::uint32_t>((static_cast<std::uint64_t>(hz) << 32) / rate);
    };
    osc_[0].step = step(freq1);
    osc_[1].step = step(freq2);
    if (freq1 == 0 && freq2 == 0) level_ = 0;
}

void DualTone::generate(std::span<std::int16_t> out) {
    if (level_ == 0) {
        std::fill(out.begin(), out.end(), std::int16_t{0});
        return;
    }
    const auto value = [](Oscillator& o) {
        const int v = sine.value[o.phase >> 22];
        o.phase += o.step;
        return v;
    };
    for (auto& sample : out) {
        const int a = value(osc_[0]);
        const int b = value(osc_[1]);
        int sum = a + b;
        if (modulated_) sum = a * (32768 + b * 9 / 10) / 32768;  // 90 % depth
        sample = static_cast<std::int16_t>(std::clamp(sum * level_ / 32768, -32768, 32767));
    }
}

std::optional<std::array<unsigned, 2>> dtmf_frequencies(char digit) {
    static constexpr std::string_view keys = "123A456B789C*0#D";
    static constexpr unsigned rows[] = {697, 770, 852, 941}, columns[] = {1209, 1336, 1477, 1633};
    if (digit >= 'a' && digit <= 'd') digit = static_cast<char>(digit - 'a' + 'A');
    const auto at = keys.find(digit);
    if (at == std::string_view::npos) return std::nullopt;
    return std::array{rows[at / 4], columns[at % 4]};
}

ToneGenerator::ToneGenerator(ToneSpec spec, unsigned rate) : spec_(std::move(spec)), rate_(rate) {
    if (spec_.segments.empty())
        over_ = true;
    else
        enter(0);
}

void ToneGenerator::enter(std::size_t segment) {
    if (segment >= spec_.segments.size()) {
        // Around again, without what is played once.
        segment = 0;
        while (segment < spec_.segments.size() && spec_.segments[segment].once) ++segment;
        if (segment >= spec_.segments.size()) {
            over_ = true;
            return;
        }
    }
    segment_ = segment;
    const auto& s = spec_.segments[segment];
    endless_ = s.ms == 0;
    left_ = static_cast<std::uint64_t>(s.ms) * rate_ / 1000;
    tone_ = DualTone(s.freq1, s.freq2, s.modulated, spec_.level, rate_);
}

bool ToneGenerator::generate(std::span<std::int16_t> out) {
    while (!out.empty() && !over_) {
        std::size_t n = out.size();
        if (!endless_) n = static_cast<std::size_t>(std::min<std::uint64_t>(n, left_));
        tone_.generate(out.first(n));
        out = out.subspan(n);
        if (endless_) continue;
        left_ -= n;
        if (left_ == 0) enter(segment_ + 1);
    }
    std::fill(out.begin(), out.end(), std::int16_t{0});
    return !over_;
}

}  // namespace asterism::media
