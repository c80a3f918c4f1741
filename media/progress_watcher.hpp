// What the network plays while a call is set up: ringing, busy, special information, dial tone, fax, modem, voice.
#pragma once

#include "media/listener.hpp"
#include "media/tone_blocks.hpp"

namespace asterism::media {

/// Blocks of 20 ms, each named by its strongest tones; then the cadence decides (ITU-T E.180, E.182).
class ProgressWatcher final : public Watcher {
  public:
    explicit ProgressWatcher(const ProgressWatch& watch);
    void hear(std::span<const std::int16_t> samples, Tell& tell) override;

  private:
    enum class Sound : std::uint8_t { silence, progress, sit1, sit2, sit3, fax, modem, other };
    static constexpr std::size_t block = 160;
    static constexpr std::size_t tone_count = 13;
    [[nodiscard]] Sound classify() const;
    void step(Sound sound, Tell& tell);
    void changed(Sound to, Tell& tell);
    void say(Tell& tell, const char* what);

    ProgressWatch watch_;
    ToneBlocks<tone_count, block> tones_;
    Sound now_ = Sound::silence, candidate_ = Sound::silence;
    unsigned length_ = 0;     // blocks of `now_`
    unsigned last_tone_ = 0;  // blocks of the progress tone before the present silence
    unsigned beats_ = 0;      // short tones, evenly spaced
    unsigned sit_ = 0;        // parts of a special information tone heard
    unsigned voice_ = 0;
};

}  // namespace asterism::media
