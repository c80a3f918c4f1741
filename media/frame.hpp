// One packet's worth of audio, or one telephone-event packet, on its way through a worker. Lives on the stack of
// whoever made it and is handed on by reference: no copy, no allocation.
#pragma once

#include <cstdint>
#include <span>

#include "asterism/media/codec.hpp"
#include "media/rtp_packet.hpp"

namespace asterism::media {

/// Longest frame: 120 ms at 48 kHz.
inline constexpr std::size_t max_frame_samples = 5760;
inline constexpr std::size_t frame_headroom = 64;  // for the RTP header, and its fewer needs
inline constexpr std::size_t frame_tailroom = 64;  // for SRTP's tag

struct Frame;

/// Whoever made a frame can turn its payload into samples; at most once a frame, only if somebody asks.
class FrameDecoder {
  public:
    virtual ~FrameDecoder() = default;
    /// Samples written to `out`, and their rate.
    virtual std::size_t decode_frame(const Frame& frame, std::span<std::int16_t> out, unsigned& rate) = 0;
};

struct Frame {
    Frame() = default;
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

    bool event = false;  ///< payload is a telephone-event (RFC 4733), codec is none
    CodecId codec = CodecId::none;
    /// Encoded audio; frame_headroom bytes before it and frame_tailroom after it may be overwritten. Empty: only
    /// samples.
    std::span<std::uint8_t> payload;
    /// Sequence number and timestamp are its source's, and mean something: it came as a packet.
    bool timed = false;
    RtpHeader header;
    unsigned clock = 8000;     ///< of header.timestamp
    std::uint64_t stream = 0;  ///< frames of one origin share it (see RtpNumbering)
    FrameDecoder* decoder = nullptr;

    /// The audio as samples of rate(); decodes on the first call. Empty if that cannot be.
    std::span<std::int16_t> samples() {
        if (!decoded_) {
            decoded_ = true;
            if (decoder && !payload.empty()) pcm_ = {pcm_room_, decoder->decode_frame(*this, pcm_room_, rate_)};
        }
        return pcm_;
    }
    [[nodiscard]] unsigned rate() const { return rate_; }
    /// Room to write samples into; then set_samples.
    std::span<std::int16_t> sample_room() { return pcm_room_; }
    void set_samples(std::size_t count, unsigned rate) {
        pcm_ = {pcm_room_, count};
        rate_ = rate;
        decoded_ = true;
    }
    /// The samples were changed: the payload no longer says the same.
    void samples_changed() {
        payload = {};
        codec = CodecId::none;
    }
    /// Room of its own for a payload made here.
    std::span<std::uint8_t> payload_room() { return std::span(byte_room_).subspan(frame_headroom, max_packet_bytes); }

  private:
    bool decoded_ = false;
    unsigned rate_ = 8000;
    std::span<std::int16_t> pcm_;
    std::int16_t pcm_room_[max_frame_samples];  // NOLINT: not initialized, it costs more than the rest
    std::uint8_t byte_room_[frame_headroom + max_packet_bytes + frame_tailroom];
};

}  // namespace asterism::media
