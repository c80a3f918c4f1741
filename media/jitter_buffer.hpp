// Packets of one RTP stream, held until it is their time: reordering is undone, an uneven network evened out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "asterism/media/jitter.hpp"
#include "asterism/runtime/time.hpp"
#include "media/rtp_packet.hpp"

namespace asterism::media {

/// Owned by a leg that was asked for one. The payloads' room is kept and used again.
class JitterBuffer {
  public:
    explicit JitterBuffer(const JitterSpec& spec) : spec_(spec) {}

    struct Packet {
        RtpHeader header;
        unsigned clock = 8000;
        std::uint8_t what = 0;  ///< the owner's
        std::uint64_t stream = 0;
        std::vector<std::uint8_t> bytes{};
        std::int64_t at = 0;  ///< header.timestamp as time since the base, in microseconds
    };
    /// `bytes` are copied. One that comes too late, or twice, is dropped.
    void put(const RtpHeader& header, unsigned clock, std::uint8_t what, std::uint64_t stream,
             std::span<const std::uint8_t> bytes, TimePoint now);
    /// The next one whose time has come; null if none. It stays valid until the next call.
    const Packet* take(TimePoint now);
    /// The next one in order, whether its time has come or not: for the end of the buffer.
    const Packet* take_any();
    [[nodiscard]] bool empty() const { return held_.empty(); }
    /// How long packets are held at present.
    [[nodiscard]] Duration delay() const { return delay_; }

  private:
    using Micros = std::int64_t;
    void begin(const RtpHeader& header, TimePoint now);
    void adapt(Micros late);
    [[nodiscard]] const Packet* pop();

    JitterSpec spec_;
    std::vector<Packet> held_;  ///< the next one last
    std::vector<std::vector<std::uint8_t>> spare_;
    Packet out_;
    bool begun_ = false;
    std::uint32_t base_timestamp_ = 0;
    std::uint64_t stream_ = 0;
    TimePoint base_time_{};
    Micros extended_ = 0;  ///< latest packet's place, to follow the timestamp past its end
    std::uint32_t latest_timestamp_ = 0;
    std::optional<Micros> given_;  ///< place of the last one handed on
    Duration delay_{};
    Micros worst_ = 0;  ///< of the packets since the last look
    unsigned looked_at_ = 0;
};

}  // namespace asterism::media
