#include "media/rtcp.hpp"

#include <algorithm>
#include <cstring>

namespace asterism::media {

namespace {

enum : std::uint8_t { sr = 200, rr = 201, sdes = 202, bye_type = 203, psfb = 206 };

void read_blocks(std::span<const std::uint8_t> body, std::size_t count, RtcpCompound& into) {
    into.block_count = 0;
    into.report = true;
    for (; count > 0 && body.size() >= 24 && into.block_count < into.blocks.size(); --count, body = body.subspan(24)) {
        ReportBlock& block = into.blocks[into.block_count++];
        block.ssrc = get32(&body[0]);
        block.fraction_lost = body[4];
        // 24 bits: shifted up and down again to carry the sign.
        block.lost = static_cast<std::int32_t>(get32(&body[4]) << 8) >> 8;
        block.highest_sequence = get32(&body[8]);
        block.jitter = get32(&body[12]);
        block.last_sr = get32(&body[16]);
        block.delay_sr = get32(&body[20]);
    }
}

void read_sdes(std::span<const std::uint8_t> body, RtcpCompound& into) {
    if (body.size() < 4) return;
    std::size_t at = 4;
    while (at + 2 <= body.size() && body[at] != 0) {
        const std::size_t length = body[at + 1];
        if (at + 2 + length > body.size()) return;
        if (body[at] == 1) {
            into.cname = {reinterpret_cast<const char*>(body.data() + at + 2), length};  // NOLINT
            return;
        }
        at += 2 + length;
    }
}

}  // namespace

std::optional<RtcpCompound> parse_rtcp(std::span<const std::uint8_t> d) {
    RtcpCompound result;
    if (d.size() < 8) return std::nullopt;
    while (!d.empty()) {
        if (d.size() < 4 || d[0] >> 6 != 2) return std::nullopt;
        const std::size_t bytes = 4u * (get16(&d[2]) + 1u);
        if (bytes > d.size()) return std::nullopt;
        auto body = d.subspan(4, bytes - 4);
        const std::size_t count = d[0] & 0x1F;
        if (d[0] & 0x20) {  // padding, only on the last
            if (body.empty() || body.back() == 0 || body.back() > body.size()) return std::nullopt;
            body = body.first(body.size() - body.back());
        }
        switch (d[1]) {
            case sr:
                if (body.size() < 24) return std::nullopt;
                result.sender = get32(&body[0]);
                result.info = SenderInfo{.ntp = static_cast<std::uint64_t>(get32(&body[4])) << 32 | get32(&body[8]),
                                         .rtp_timestamp = get32(&body[12]),
                                         .packets = get32(&body[16]),
                                         .octets = get32(&body[20])};
                read_blocks(body.subspan(24), count, result);
                break;
            case rr:
                if (body.size() < 4) return std::nullopt;
                result.sender = get32(&body[0]);
                read_blocks(body.subspan(4), count, result);
                break;
            case sdes: read_sdes(body, result); break;
            case bye_type: result.bye = true; break;
            case psfb: result.picture_loss = result.picture_loss || count == 1 || count == 4; break;
            default: break;  // APP, XR, feedback: none of ours
        }
        d = d.subspan(bytes);
    }
    return result;
}

std::size_t write_rtcp(std::span<std::uint8_t> out, std::uint32_t ssrc, const SenderInfo* info,
                       std::span<const ReportBlock> blocks, std::string_view cname, bool bye) {
    blocks = blocks.first(std::min<std::size_t>(blocks.size(), 31));
    cname = cname.substr(0, 255);
    const std::size_t report = 8 + (info ? 20u : 0u) + 24 * blocks.size();
    const std::size_t items = (2 + cname.size() + 1 + 3) / 4 * 4;  // item, end mark, padded to a word
    const std::size_t total = report + 8 + items + (bye ? 8u : 0u);
    if (total > out.size()) return 0;
    std::uint8_t* p = out.data();
    p[0] = static_cast<std::uint8_t>(0x80 | blocks.size());
    p[1] = info ? sr : rr;
    put16(p + 2, static_cast<std::uint16_t>(report / 4 - 1));
    put32(p + 4, ssrc);
    p += 8;
    if (info) {
        put32(p, static_cast<std::uint32_t>(info->ntp >> 32));
        put32(p + 4, static_cast<std::uint32_t>(info->ntp));
        put32(p + 8, info->rtp_timestamp);
        put32(p + 12, info->packets);
        put32(p + 16, info->octets);
        p += 20;
    }
    for (const auto& block : blocks) {
        put32(p, block.ssrc);
        put32(p + 4, static_cast<std::uint32_t>(block.lost) & 0x00FFFFFF);
        p[4] = block.fraction_lost;
        put32(p + 8, block.highest_sequence);
        put32(p + 12, block.jitter);
        put32(p + 16, block.last_sr);
        put32(p + 20, block.delay_sr);
        p += 24;
    }
    p[0] = 0x81;
    p[1] = sdes;
    put16(p + 2, static_cast<std::uint16_t>((8 + items) / 4 - 1));
    put32(p + 4, ssrc);
    std::memset(p + 8, 0, items);
    p[8] = 1;
    p[9] = static_cast<std::uint8_t>(cname.size());
    std::copy(cname.begin(), cname.end(), p + 10);
    p += 8 + items;
    if (bye) {
        p[0] = 0x81;
        p[1] = bye_type;
        put16(p + 2, 1);
        put32(p + 4, ssrc);
    }
    return total;
}

}  // namespace asterism::media
