// What is done to one direction of a leg's audio: gain control, noise suppression, pitch, scrambling, dropping.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "asterism/media/listening.hpp"
#include "media/frame.hpp"

namespace asterism::media {

/// Owned by its leg. Makes what it needs when the first frame comes or the rate changes; nothing for each packet.
class Effects {
  public:
    Effects();
    ~Effects();
    Effects(const Effects&) = delete;
    Effects& operator=(const Effects&) = delete;

    void set(const EffectSpec& effect);
    [[nodiscard]] bool none() const;
    [[nodiscard]] bool drops_digits() const { return drop_digits_; }
    /// False: the frame goes no further.
    bool apply(Frame& frame);

  private:
    struct Cleaner;  // speexdsp's preprocessor
    struct Shifter;  // SoundTouch
    bool drop_ = false, drop_digits_ = false, scramble_ = false, denoise_ = false;
    double level_ = 0, pitch_ = 1;
    bool odd_ = false;  // scrambling: every other sample
    std::unique_ptr<Cleaner> cleaner_;
    std::unique_ptr<Shifter> shifter_;
};

}  // namespace asterism::media
