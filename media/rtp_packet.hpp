// RTP's header (RFC 3550, 5.1): reading what came, writing what goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace asterism::media {

inline constexpr std::size_t rtp_header_bytes = 12;
/// Largest datagram taken: more than any LAN carries.
inline constexpr std::size_t max_packet_bytes = 2048;

inline std::uint16_t get16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] << 8 | p[1]); }
inline std::uint32_t get32(const std::uint8_t* p) {
    return static_cast<std::uint32_t>(p[0]) << 24 | static_cast<std::uint32_t>(p[1]) << 16 |
           static_cast<std::uint32_t>(p[2]) << 8 | p[3];
}
inline void put16(std::uint8_t* p, std::uint16_t v) {
    p[0] = static_cast<std::uint8_t>(v >> 8);
    p[1] = static_cast<std::uint8_t>(v);
}
inline void put32(std::uint8_t* p, std::uint32_t v) {
    put16(p, static_cast<std::uint16_t>(v >> 16));
    put16(p + 2, static_cast<std::uint16_t>(v));
}

struct RtpHeader {
    std::uint8_t payload_type = 0;
    bool marker = false;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
};

struct RtpPacket {
    RtpHeader header;
    std::size_t payload_at = 0;  ///< at least rtp_header_bytes
    std::size_t payload_bytes = 0;
};

/// Nothing if it isn't RTP version 2, or its lengths (CSRC, extension, padding) go beyond its end.
[[nodiscard]] std::optional<RtpPacket> parse_rtp(std::span<const std::uint8_t> datagram);
/// Writes the 12 bytes of a header without CSRC and extension.
void write_rtp_header(std::uint8_t* at, const RtpHeader& header);
/// Whether a datagram on a port that carries both is RTCP (RFC 5761, 4).
[[nodiscard]] inline bool looks_like_rtcp(std::span<const std::uint8_t> datagram) {
    return datagram.size() >= 2 && datagram[1] >= 192 && datagram[1] <= 223;
}

}  // namespace asterism::media
