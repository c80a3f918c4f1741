#include "media/progress_watcher.hpp"

#include <algorithm>
#include <utility>

namespace asterism::media {

namespace {

// Those of dial, ringing and busy tones first, then 950, 1400, 1800 (special information), 1100 (CNG), 2100 (ANS).
constexpr std::array<unsigned, 13> frequencies{350, 400, 425, 440, 450, 480, 620, 950, 1400, 1800, 1100, 2100, 2225};
constexpr std::size_t progress_tones = 7;
constexpr unsigned blocks(unsigned ms) { return ms / 20; }

}  // namespace

ProgressWatcher::ProgressWatcher(const ProgressWatch& watch) : watch_(watch), tones_(frequencies) {}

void ProgressWatcher::hear(std::span<const std::int16_t> samples, Tell& tell) {
    tones_.feed(samples, [&] { step(classify(), tell); });
}

ProgressWatcher::Sound ProgressWatcher::classify() const {
    if (tones_.energy() < 100.0F * 100 * block) return Sound::silence;
    std::array<float, tone_count> part{};
    for (std::size_t i = 0; i < tone_count; ++i) part[i] = tones_.part(i) / tones_.energy();
    static constexpr std::pair<std::size_t, Sound> pure[] = {{7, Sound::sit1}, {8, Sound::sit2},   {9, Sound::sit3},
                                                             {10, Sound::fax}, {11, Sound::modem}, {12, Sound::modem}};
    for (const auto& [index, sound] : pure)
        if (part[index] > 0.7F) return sound;
    // Neighbours within the 50 Hz of a block share a tone's power, so it is not summed but the best two taken.
    std::array<float, progress_tones> low{};
    std::copy_n(part.begin(), progress_tones, low.begin());
    std::ranges::sort(low, std::greater<>());
    return low[0] + low[1] > 0.7F ? Sound::progress : Sound::other;
}

void ProgressWatcher::say(Tell& tell, const char* what) {
    tell({.kind = Heard::Kind::progress, .duration = Millis(length_ * 20), .text = what});
}

/// A block that stands alone (where one tone becomes another) changes nothing.
void ProgressWatcher::step(Sound sound, Tell& tell) {
    if (sound == now_) {
        candidate_ = now_;
        ++length_;
    } else if (sound == candidate_) {
        changed(sound, tell);
        now_ = sound;
        length_ = 2;
    } else {
        candidate_ = sound;
        return;
    }
    if (now_ == Sound::progress && length_ == blocks(3000)) say(tell, "DIALTONE");
    if (now_ == Sound::fax && watch_.fax && length_ == blocks(400)) say(tell, "FAX");
    if (now_ == Sound::modem && length_ == blocks(400)) say(tell, "MODEM");
    if (now_ == Sound::sit3 && sit_ == 2 && length_ == blocks(160)) say(tell, "SIT");
    if (now_ == Sound::other && watch_.voice && ++voice_ == blocks(500)) {
        voice_ = 0;
        say(tell, "VOICE");
    }
}

void ProgressWatcher::changed(Sound to, Tell& tell) {
    if (now_ == Sound::sit1 && length_ >= blocks(160))
        sit_ = 1;
    else if (now_ == Sound::sit2 && sit_ == 1 && length_ >= blocks(160))
        sit_ = 2;
    else if (now_ != Sound::silence)
        sit_ = 0;
    if (now_ == Sound::progress) {
        // Ringing: 0.7 to 2.4 s; busy and congestion: 0.2 to 0.6 s, again and again.
        if (length_ >= blocks(680) && length_ <= blocks(2400)) {
            beats_ = 0;
            say(tell, "RINGING");
        } else if (length_ >= blocks(160) && length_ <= blocks(620)) {
            const auto difference = length_ > last_tone_ ? length_ - last_tone_ : last_tone_ - length_;
            beats_ = last_tone_ == 0 || difference <= 2 ? beats_ + 1 : 1;
            if (beats_ == 3) {
                beats_ = 0;
                say(tell, "BUSY");
            }
        }
        last_tone_ = length_;
    }
    if (now_ == Sound::silence && to == Sound::progress && length_ > blocks(700)) beats_ = last_tone_ = 0;
}

}  // namespace asterism::media
