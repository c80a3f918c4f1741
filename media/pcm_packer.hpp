// Samples of any rate and length into packets of one codec and packet time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "asterism/media/codec.hpp"
#include "media/resampler.hpp"

namespace asterism::media {

/// One outgoing stream's encoder. `send` gets each payload (with frame_headroom before it) and its length in units of
/// the codec's RTP clock.
class PcmPacker {
  public:
    PcmPacker(CodecId codec, unsigned ptime_ms);
    [[nodiscard]] CodecId codec() const { return codec_; }
    [[nodiscard]] unsigned ptime_ms() const { return ptime_ms_; }

    template <class F>
    void pack(std::span<const std::int16_t> samples, unsigned rate, std::span<std::uint8_t> room, F send) {
        samples = to_rate(samples, rate);
        while (!samples.empty()) {
            const auto block = next_block(samples);
            if (block.empty()) return;
            const std::size_t bytes = encoder_->encode(block, room);
            if (bytes) send(room.first(bytes), clock_per_packet_);
            used_block();
        }
    }
    /// Forgets samples that wait for more (the source changed).
    void flush() { pending_.clear(); }
    [[nodiscard]] std::size_t pending() const { return pending_.size(); }

  private:
    std::span<const std::int16_t> to_rate(std::span<const std::int16_t> samples, unsigned rate);
    std::span<const std::int16_t> next_block(std::span<const std::int16_t>& samples);
    void used_block();

    CodecId codec_;
    unsigned ptime_ms_;
    unsigned rate_;
    std::size_t block_;  // samples a packet
    std::uint32_t clock_per_packet_;
    std::unique_ptr<Encoder> encoder_;
    std::unique_ptr<Resampler> resampler_;
    std::vector<std::int16_t> resampled_;
    std::vector<std::int16_t> pending_;
    bool from_pending_ = false;
};

}  // namespace asterism::media
