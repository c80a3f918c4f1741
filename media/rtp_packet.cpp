#include "media/rtp_packet.hpp"

namespace asterism::media {

std::optional<RtpPacket> parse_rtp(std::span<const std::uint8_t> d) {
    if (d.size() < rtp_header_bytes || d[0] >> 6 != 2) return std::nullopt;
    RtpPacket packet;
    std::size_t at = rtp_header_bytes + 4u * (d[0] & 0x0F);
    if (d[0] & 0x10) {
        if (at + 4 > d.size()) return std::nullopt;
        at += 4 + 4u * get16(&d[at + 2]);
    }
    if (at > d.size()) return std::nullopt;
    std::size_t bytes = d.size() - at;
    if (d[0] & 0x20) {
        const std::size_t padding = d.back();
        if (padding == 0 || padding > bytes) return std::nullopt;
        bytes -= padding;
    }
    packet.header = {.payload_type = static_cast<std::uint8_t>(d[1] & 0x7F),
                     .marker = (d[1] & 0x80) != 0,
                     .sequence = get16(&d[2]),
                     .timestamp = get32(&d[4]),
                     .ssrc = get32(&d[8])};
    packet.payload_at = at;
    packet.payload_bytes = bytes;
    return packet;
}

void write_rtp_header(std::uint8_t* at, const RtpHeader& header) {
    at[0] = 0x80;
    at[1] = static_cast<std::uint8_t>((header.marker ? 0x80 : 0) | header.payload_type);
    put16(at + 2, header.sequence);
    put32(at + 4, header.timestamp);
    put32(at + 8, header.ssrc);
}

}  // namespace asterism::media
