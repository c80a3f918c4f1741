// Digits of signalling that is older than DTMF: MF (two tones of six) and SF (pulses of one tone).
#pragma once

#include "media/listener.hpp"
#include "media/tone_blocks.hpp"

namespace asterism::media {

/// Blocks of 15 ms; a digit lasts at least two of them, and is told when it is over.
class MfWatcher final : public Watcher {
  public:
    explicit MfWatcher(const MfWatch& watch);
    void hear(std::span<const std::int16_t> samples, Tell& tell) override;
    [[nodiscard]] bool swallows() const override { return swallow_ && candidate_ != 0; }

  private:
    static constexpr std::size_t block = 120;
    [[nodiscard]] char classify() const;
    ToneBlocks<6, block> tones_;
    bool swallow_;
    char candidate_ = 0;
    unsigned blocks_ = 0, misses_ = 0;
};

/// Blocks of 10 ms. Ten pulses a second; 200 ms without one end the digit; ten pulses are a 0.
class SfWatcher final : public Watcher {
  public:
    explicit SfWatcher(const SfWatch& watch) : tone_({watch.frequency}) {}
    void hear(std::span<const std::int16_t> samples, Tell& tell) override;

  private:
    static constexpr std::size_t block = 80;
    void finish(Tell& tell);
    ToneBlocks<1, block> tone_;
    unsigned on_ = 0, off_ = 0, pulses_ = 0;
};

}  // namespace asterism::media
