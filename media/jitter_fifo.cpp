#include "media/jitter_fifo.hpp"

#include <algorithm>

namespace asterism::media {

namespace {
constexpr unsigned max_target_ms = 120, room_ms = 400, look_pulls = 50;
}

void JitterFifo::push(std::span<const std::int16_t> samples) {
    if (ring_.empty()) ring_.resize(ms(room_ms));
    if (samples.size() > ring_.size()) samples = samples.last(ring_.size());
    if (size_ + samples.size() > ring_.size()) drop(size_ + samples.size() - ring_.size());  // the oldest is too late
    std::size_t at = (head_ + size_) % ring_.size();
    for (const auto sample : samples) {
        ring_[at] = sample;
        if (++at == ring_.size()) at = 0;
    }
    size_ += samples.size();
}

void JitterFifo::drop(std::size_t count) {
    count = std::min(count, size_);
    head_ = (head_ + count) % ring_.size();
    size_ -= count;
}

bool JitterFifo::pull(std::span<std::int16_t> out) {
    const auto nothing = [&] {
        std::fill(out.begin(), out.end(), std::int16_t{0});
        return false;
    };
    if (!flowing_) {
        if (size_ < out.size() || size_ < ms(target_ms_)) return nothing();
        flowing_ = true;
        shallowest_ = SIZE_MAX;
        pulls_ = 0;
    }
    if (size_ < out.size()) {
        // Ran dry: the sender paused, or its packets come less evenly than thought.
        flowing_ = false;
        calm_ = 0;
        target_ms_ = std::min(max_target_ms, target_ms_ + 10);
        if (size_ == 0) return nothing();
    }
    const std::size_t n = std::min(out.size(), size_);
    for (std::size_t i = 0; i < n; ++i) out[i] = ring_[(head_ + i) % ring_.size()];
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(n), out.end(), std::int16_t{0});
    drop(n);
    shallowest_ = std::min(shallowest_, size_);
    if (++pulls_ == look_pulls) {
        pulls_ = 0;
        if (++calm_ > 10 && target_ms_ > 20) {
            target_ms_ -= 10;
            calm_ = 0;
        }
        if (shallowest_ != SIZE_MAX && shallowest_ > ms(target_ms_)) drop(out.size());
        shallowest_ = SIZE_MAX;
    }
    return true;
}

}  // namespace asterism::media
