// One listen() operation: hears one direction of a leg and tells what its watch is about.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "asterism/media/listening.hpp"
#include "media/frame.hpp"
#include "media/resampler.hpp"

namespace asterism::media {

/// What a kind of watch makes of the audio, in pieces as they come.
class Watcher {
  public:
    using Tell = std::move_only_function<void(Heard)>;
    virtual ~Watcher() = default;
    /// Samples at 8 kHz.
    virtual void hear(std::span<const std::int16_t> samples, Tell& tell) = 0;
    /// What sounds now should go no further.
    [[nodiscard]] virtual bool swallows() const { return false; }
};
[[nodiscard]] std::unique_ptr<Watcher> make_watcher(const ListenSpec& spec);

/// Owned by its leg.
class Listener {
  public:
    Listener(OpId op, const ListenSpec& spec, Watcher::Tell tell)
        : op_(op), side_(spec.side), watcher_(make_watcher(spec)), tell_(std::move(tell)) {}

    [[nodiscard]] OpId op() const { return op_; }
    [[nodiscard]] Side side() const { return side_; }
    /// Audio of its direction. False: it goes no further.
    bool hear(Frame& frame);
    /// Every 20 ms: where nothing comes there is silence.
    void tick();

  private:
    OpId op_;
    Side side_;
    std::unique_ptr<Watcher> watcher_;
    Watcher::Tell tell_;
    std::unique_ptr<Resampler> to_8k_;
    std::vector<std::int16_t> at_8k_;
    unsigned idle_ = 0;
};

}  // namespace asterism::media
