#include "media/pcm_packer.hpp"

#include <algorithm>

#include "media/frame.hpp"

namespace asterism::media {

PcmPacker::PcmPacker(CodecId codec, unsigned ptime_ms) : codec_(codec), encoder_(make_encoder(codec)) {
    const auto& info = codec_info(codec);
    // A packet must fit a datagram, and be one that the codec can make (Opus: 10, 20, 40, 60 ms).
    const unsigned step = std::max(1u, info.min_ms);
    ptime_ms = std::clamp(ptime_ms == 0 ? info.ptime_ms : ptime_ms, step, std::max(step, info.max_ms)) / step * step;
    if (codec == CodecId::opus && (ptime_ms == 30 || ptime_ms == 50)) ptime_ms -= 10;
    while (ptime_ms > step && info.frame_bytes * (ptime_ms / step) > max_packet_bytes) ptime_ms -= step;
    ptime_ms_ = ptime_ms;
    rate_ = info.rate;
    block_ = rate_ * ptime_ms / 1000;
    clock_per_packet_ = info.clock * ptime_ms / 1000;
}

std::span<const std::int16_t> PcmPacker::to_rate(std::span<const std::int16_t> samples, unsigned rate) {
    if (!encoder_) return {};
    if (rate == rate_) return samples;
    if (!resampler_ || resampler_->from() != rate) resampler_ = std::make_unique<Resampler>(rate, rate_);
    resampled_.resize(samples.size() * rate_ / rate + 64);
    return std::span(resampled_).first(resampler_->process(samples, resampled_));
}

std::span<const std::int16_t> PcmPacker::next_block(std::span<const std::int16_t>& samples) {
    from_pending_ = !pending_.empty();
    if (!from_pending_ && samples.size() >= block_) {
        const auto block = samples.first(block_);
        samples = samples.subspan(block_);
        return block;
    }
    from_pending_ = true;
    const std::size_t n = std::min(samples.size(), block_ - pending_.size());
    pending_.insert(pending_.end(), samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(n));
    samples = samples.subspan(n);
    if (pending_.size() < block_) return {};
    return pending_;
}

void PcmPacker::used_block() {
    if (from_pending_) pending_.clear();
}

}  // namespace asterism::media
