// The two directions of one RTP stream: numbering what we send, and counting what we receive.
#pragma once

#include <cstdint>

#include "asterism/runtime/time.hpp"
#include "media/rtp_packet.hpp"

namespace asterism::media {

/// Gives outgoing packets sequence numbers and timestamps that never jump, whatever is sent: packets of a peer passed
/// on (its losses and reordering stay visible), or frames made here. Each run of packets with a common origin has a
/// stream number; a change of it begins where the clock says that the last one would be now.
class RtpNumbering {
  public:
    RtpNumbering(std::uint32_t ssrc, std::uint16_t sequence, std::uint32_t timestamp)
        : ssrc_(ssrc), sequence_(sequence), timestamp_(timestamp) {}

    [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
    [[nodiscard]] std::uint32_t timestamp() const { return timestamp_; }  ///< of the last packet
    [[nodiscard]] TimePoint sent_at() const { return sent_at_; }          ///< audio, last
    [[nodiscard]] bool sent_any() const { return sent_any_; }

    /// A packet that came from elsewhere with its own numbers. `clock`: its timestamps a second.
    RtpHeader relay(std::uint64_t stream, const RtpHeader& in, unsigned clock, TimePoint now);
    /// A packet of a relayed stream that is not passed on: what follows closes up, so that nobody counts a loss.
    void leave_out(std::uint64_t stream);
    /// A packet made here, `samples` (of `clock`) long; `skipped` samples of silence were left out before it.
    RtpHeader next(std::uint64_t stream, std::uint32_t samples, std::uint32_t skipped, unsigned clock, TimePoint now);
    /// Whether packets of this stream are being relayed: its events then keep their place among its audio.
    [[nodiscard]] bool relays(std::uint64_t stream) const { return relaying_ && stream == stream_; }
    /// A packet of an event (RFC 4733) that is not part of a relayed stream: made here, or its audio is transcoded. All
    /// packets of one event get one timestamp, audio in between goes on with its own. `scale`: units of our clock for
    /// one of the event's.
    RtpHeader event(std::uint64_t stream, const RtpHeader& in, double scale, unsigned clock, TimePoint now);

  private:
    void switch_to(std::uint64_t stream, unsigned clock, TimePoint now);
    [[nodiscard]] std::uint32_t units_since(unsigned clock, TimePoint now) const;

    std::uint32_t ssrc_;
    std::uint16_t sequence_;
    std::uint32_t timestamp_;
    std::uint64_t stream_ = 0;
    std::uint32_t timestamp_offset_ = 0;
    std::uint16_t sequence_offset_ = 0;
    std::uint32_t samples_ = 0;  // of the last packet
    bool sent_any_ = false;
    bool relaying_ = false;
    TimePoint sent_at_{};
    std::uint64_t event_stream_ = 0;
    std::uint32_t event_in_ = 0, event_out_ = 0;
};

/// Counts one received SSRC (RFC 3550, A.1, A.3, A.8).
class RtpCounting {
  public:
    /// Takes a packet into account. A new SSRC, or a sequence that jumped for good, starts over; returns true then.
    bool received(const RtpHeader& header, std::size_t payload_bytes, unsigned clock, TimePoint now);

    [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
    [[nodiscard]] bool any() const { return packets_total_ != 0; }
    [[nodiscard]] std::uint32_t highest() const { return cycles_ + max_; }  ///< extended sequence number
    [[nodiscard]] std::uint64_t packets() const { return packets_total_; }
    [[nodiscard]] std::uint64_t octets() const { return octets_; }
    /// Since the SSRC began; below zero when there were duplicates.
    [[nodiscard]] std::int64_t lost() const;
    [[nodiscard]] std::uint64_t lost_total() const;
    [[nodiscard]] std::uint32_t jitter() const { return jitter_ >> 4; }  ///< timestamp units
    [[nodiscard]] double jitter_seconds() const { return clock_ ? static_cast<double>(jitter()) / clock_ : 0; }
    /// Loss since the last call, as a report block's fraction of 256.
    std::uint8_t take_fraction();

  private:
    void start(const RtpHeader& header);

    std::uint32_t ssrc_ = 0;
    std::uint16_t max_ = 0;
    std::uint16_t bad_next_ = 0;
    bool bad_ = false;
    std::uint32_t cycles_ = 0, base_ = 0;
    std::uint64_t packets_ = 0, packets_total_ = 0, octets_ = 0, lost_before_ = 0;
    std::uint64_t expected_prior_ = 0, received_prior_ = 0;
    std::uint32_t transit_ = 0, jitter_ = 0;
    bool transit_known_ = false;
    unsigned clock_ = 0;
};

}  // namespace asterism::media
