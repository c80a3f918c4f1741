// Evens out packets that come when they like for a reader that comes every 20 ms (a mixer, a tap, a recording of both
// sides). Only where audio is decoded; relayed packets are never held.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <cstddef>

namespace asterism::media {

/// Samples of one rate. Holds back `depth` before it gives, deepens when it runs dry, and gives up a block when it
/// has been deeper than needed for a while; so it also absorbs a sender whose clock is fast or slow.
class JitterFifo {
  public:
    explicit JitterFifo(unsigned rate) : rate_(rate) {}
    void push(std::span<const std::int16_t> samples);
    /// Fills `out` (20 ms) and returns true, or returns false with `out` zeroed: nothing to hear.
    bool pull(std::span<std::int16_t> out);
    [[nodiscard]] std::size_t depth() const { return size_; }
    [[nodiscard]] unsigned rate() const { return rate_; }

  private:
    void drop(std::size_t count);
    [[nodiscard]] std::size_t ms(unsigned n) const { return rate_ * n / 1000; }

    unsigned rate_;
    std::vector<std::int16_t> ring_;
    std::size_t head_ = 0, size_ = 0;
    unsigned target_ms_ = 20;
    bool flowing_ = false;
    std::size_t shallowest_ = SIZE_MAX;  // since the last look
    unsigned pulls_ = 0;
    unsigned calm_ = 0;  // looks without running dry
};

}  // namespace asterism::media
