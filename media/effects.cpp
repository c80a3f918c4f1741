#include "media/effects.hpp"

#include <soundtouch/SoundTouch.h>
#include <speex/speex_preprocess.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace asterism::media {

/// Works in blocks of 20 ms; a frame that is no whole number of them passes as it is.
struct Effects::Cleaner {
    Cleaner(unsigned r, bool denoise, double level)
        : rate(r), block(r / 50), state(speex_preprocess_state_init(static_cast<int>(block), static_cast<int>(r))) {
        int on = denoise ? 1 : 0;
        speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_DENOISE, &on);
        on = level > 0 ? 1 : 0;
        speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_AGC, &on);
        auto wanted = static_cast<float>(level);
        if (level > 0) speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_AGC_LEVEL, &wanted);
    }
    ~Cleaner() { speex_preprocess_state_destroy(state); }
    Cleaner(const Cleaner&) = delete;
    Cleaner& operator=(const Cleaner&) = delete;
    void run(std::span<std::int16_t> samples) const {
        if (samples.size() % block != 0) return;
        for (std::size_t at = 0; at < samples.size(); at += block) speex_preprocess_run(state, samples.data() + at);
    }
    unsigned rate;
    std::size_t block;
    SpeexPreprocessState* state;
};

/// SoundTouch gives its samples later and in portions of its own; the first tenth of a second is silence.
struct Effects::Shifter {
    Shifter(unsigned r, double pitch) : rate(r) {
        touch.setSampleRate(r);
        touch.setChannels(1);
        touch.setSetting(SETTING_USE_QUICKSEEK, 1);
        touch.setPitch(pitch);
    }
    void run(std::span<std::int16_t> samples) {
        std::array<float, max_frame_samples> room;
        const auto n = static_cast<unsigned>(samples.size());
        for (unsigned i = 0; i < n; ++i) room[i] = static_cast<float>(samples[i]) / 32768.0F;
        touch.putSamples(room.data(), n);
        const unsigned got = touch.numSamples() >= n ? touch.receiveSamples(room.data(), n) : 0;
        for (unsigned i = 0; i < n; ++i)
            samples[i] =
                i < got ? static_cast<std::int16_t>(std::lround(std::clamp(room[i], -1.0F, 0.9999F) * 32768.0F)) : 0;
    }
    unsigned rate;
    soundtouch::SoundTouch touch;
};

Effects::Effects() = default;
Effects::~Effects() = default;

void Effects::set(const EffectSpec& effect) {
    using Kind = EffectSpec::Kind;
    switch (effect.kind) {
        case Kind::gain_control: level_ = effect.on ? std::clamp(effect.value, 1.0, 32767.0) : 0; break;
        case Kind::denoise: denoise_ = effect.on; break;
        case Kind::pitch: pitch_ = effect.on ? std::clamp(effect.value, 0.1, 4.0) : 1; break;
        case Kind::scramble: scramble_ = effect.on; break;
        case Kind::drop: drop_ = effect.on; break;
        case Kind::drop_digits: drop_digits_ = effect.on; break;
    }
    if (effect.kind == Kind::pitch) shifter_.reset();
    if (effect.kind == Kind::gain_control || effect.kind == Kind::denoise) cleaner_.reset();
}

bool Effects::none() const { return !drop_ && !drop_digits_ && !scramble_ && !denoise_ && level_ == 0 && pitch_ == 1; }

bool Effects::apply(Frame& frame) {
    if (drop_) return false;
    if (!scramble_ && !denoise_ && level_ == 0 && pitch_ == 1) return true;
    const auto samples = frame.samples();
    if (samples.empty()) return true;
    if (denoise_ || level_ > 0) {
        if (!cleaner_ || cleaner_->rate != frame.rate())
            cleaner_ = std::make_unique<Cleaner>(frame.rate(), denoise_, level_);
        cleaner_->run(samples);
    }
    if (pitch_ != 1) {
        if (!shifter_ || shifter_->rate != frame.rate()) shifter_ = std::make_unique<Shifter>(frame.rate(), pitch_);
        shifter_->run(samples);
    }
    if (scramble_) {
        // Every other sample's sign changed: what was at f is then at half the rate less f.
        for (auto& sample : samples) {
            if (odd_) sample = static_cast<std::int16_t>(sample == -32768 ? 32767 : -sample);
            odd_ = !odd_;
        }
    }
    frame.samples_changed();
    return true;
}

}  // namespace asterism::media
