// RTCP (RFC 3550, 6): reports to send, reports received.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "media/rtp_packet.hpp"

namespace asterism::media {

struct ReportBlock {
    std::uint32_t ssrc = 0;  ///< whom it is about
    std::uint8_t fraction_lost = 0;
    std::int32_t lost = 0;  ///< 24 bits, signed
    std::uint32_t highest_sequence = 0;
    std::uint32_t jitter = 0;    ///< timestamp units
    std::uint32_t last_sr = 0;   ///< middle 32 bits of the NTP time of the last SR
    std::uint32_t delay_sr = 0;  ///< since then, in 1/65536 s
};

struct SenderInfo {
    std::uint64_t ntp = 0;  ///< 32.32 seconds since 1900
    std::uint32_t rtp_timestamp = 0;
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;
};

/// What a compound packet said. Fixed size: 31 blocks a report is RFC 3550's limit; of several reports the last counts.
struct RtcpCompound {
    std::uint32_t sender = 0;
    std::optional<SenderInfo> info;
    std::array<ReportBlock, 31> blocks{};
    std::size_t block_count = 0;
    std::string_view cname;  ///< into the datagram
    bool report = false;
    bool bye = false;
    bool picture_loss = false;  ///< PSFB PLI or FIR (RFC 4585)
};

/// Nothing if it is not a sequence of well-formed RTCP packets of version 2 (A.2), beginning with any type.
[[nodiscard]] std::optional<RtcpCompound> parse_rtcp(std::span<const std::uint8_t> datagram);

/// Writes SR (with `info`) or RR, SDES with CNAME (at most 255 bytes), and BYE if `bye`. Returns bytes written, 0 if
/// `out` is too small.
std::size_t write_rtcp(std::span<std::uint8_t> out, std::uint32_t ssrc, const SenderInfo* info,
                       std::span<const ReportBlock> blocks, std::string_view cname, bool bye);

}  // namespace asterism::media
