// The slow half of an RTP leg: reports, timeouts, statistics.
#include <sys/socket.h>

#include <algorithm>
#include <cmath>

#include "media/rtp_leg.hpp"

namespace asterism::media {

namespace {

using Seconds = std::chrono::duration<double>;

void sample(Spread& s, double value) {
    // Welford's running deviation; `stdev` holds the square sum's root as it goes.
    const double n = ++s.count;
    if (n == 1) s.min = s.max = value;
    s.min = std::min(s.min, value);
    s.max = std::max(s.max, value);
    const double squares = s.stdev * s.stdev * (n - 1);
    const double before = value - s.mean;
    s.mean += before / n;
    s.stdev = std::sqrt(std::max(0.0, (squares + before * (value - s.mean)) / n));
    s.last = value;
}

/// 32.32 fixed seconds since 1900 (RFC 3550, 4).
std::uint64_t ntp_time(WallTime wall) {
    const auto since = wall.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds).count();
    const auto fraction = (static_cast<std::uint64_t>(nanos) << 32) / 1'000'000'000;
    return (static_cast<std::uint64_t>(seconds.count()) + 2'208'988'800ULL) << 32 | fraction;
}

}  // namespace

void RtpLeg::rtcp_received(std::span<const std::uint8_t> datagram, const SocketAddress& from) {
    if (!configured_) return;
    const SocketAddress& believed = learner_.source() ? learner_.source() : remote_;
    if (config_.strict != StrictRtp::no && believed && !from.same_host(believed)) {
        ++dropped_;
        return;
    }
    const auto packet = parse_rtcp(datagram);
    if (!packet) {
        ++dropped_;
        return;
    }
    if (config_.symmetric) rtcp_destination_ = from;
    if (!report_) report_ = std::make_unique<Remote>();
    const TimePoint now = worker().now();
    if (packet->info) {
        report_->last_sr = static_cast<std::uint32_t>(packet->info->ntp >> 16);
        report_->last_sr_at = now;
    }
    for (std::size_t i = 0; i < packet->block_count; ++i) {
        const ReportBlock& block = packet->blocks[i];
        if (block.ssrc != numbering_.ssrc()) continue;
        report_->lost = static_cast<std::uint64_t>(std::max(0, block.lost));
        report_->last_jitter = static_cast<double>(block.jitter) / codec_info(config_.send.codec).clock;
        sample(report_->jitter, report_->last_jitter);
        sample(report_->loss, static_cast<double>(report_->lost));
        if (block.last_sr != 0) {
            // 6.4.1: round trip = now - LSR - DLSR, in 1/65536 s.
            const auto middle = static_cast<std::uint32_t>(ntp_time(worker().wall()) >> 16);
            const auto units = static_cast<std::int32_t>(middle - block.last_sr - block.delay_sr);
            if (units >= 0 && units < 60 * 65536) sample(report_->rtt, units / 65536.0);
        }
    }
}

void RtpLeg::send_rtcp(bool bye) {
    const int fd = config_.rtcp_mux ? sockets_->rtp() : sockets_->rtcp();
    if (fd < 0 || !rtcp_destination_ || (sent_packets_ == 0 && !counting_.any())) return;
    const TimePoint now = worker().now();
    ReportBlock block;
    std::size_t blocks = 0;
    if (counting_.any()) {
        blocks = 1;
        block.ssrc = counting_.ssrc();
        block.fraction_lost = counting_.take_fraction();
        block.lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(counting_.lost(), -0x800000, 0x7FFFFF));
        block.highest_sequence = counting_.highest();
        block.jitter = counting_.jitter();
        if (report_ && report_->last_sr != 0) {
            block.last_sr = report_->last_sr;
            block.delay_sr = static_cast<std::uint32_t>(Seconds(now - report_->last_sr_at).count() * 65536);
        }
        if (!report_) report_ = std::make_unique<Remote>();
        sample(report_->local_jitter, counting_.jitter_seconds());
        sample(report_->local_loss, static_cast<double>(counting_.lost_total()));
    }
    // A sender report only if something was sent since the last (6.4).
    const bool sender = static_cast<std::uint32_t>(sent_packets_) != rtcp_sent_packets_;
    SenderInfo info;
    if (sender) {
        const auto ahead = Seconds(now - numbering_.sent_at()).count() * codec_info(config_.send.codec).clock;
        info = {.ntp = ntp_time(worker().wall()),
                .rtp_timestamp = numbering_.timestamp() + static_cast<std::uint32_t>(std::max(0.0, ahead)),
                .packets = static_cast<std::uint32_t>(sent_packets_),
                .octets = static_cast<std::uint32_t>(sent_octets_)};
    }
    rtcp_sent_packets_ = static_cast<std::uint32_t>(sent_packets_);
    std::uint8_t room[512];
    const std::size_t bytes = write_rtcp(room, numbering_.ssrc(), sender ? &info : nullptr, std::span(&block, blocks),
                                         config_.cname.empty() ? cname_ : std::string_view(config_.cname), bye);
    if (bytes == 0) return;
    sendto(fd, room, bytes, MSG_DONTWAIT | MSG_NOSIGNAL, rtcp_destination_.raw(), rtcp_destination_.size());
    rtcp_sent_ = true;
}

void RtpLeg::slow_tick() {
    if (closed() || !configured_) return;
    const TimePoint now = worker().now();
    if (config_.timeout.count() > 0 && !timed_out_ && now - last_heard_ >= config_.timeout) {
        timed_out_ = true;
        tell({.kind = LegEvent::Kind::rtp_timeout,
              .digit = 0,
              .duration = std::chrono::duration_cast<Millis>(now - last_heard_),
              .source = {}});
    }
    if (config_.keepalive.count() > 0 && can_send() && now - numbering_.sent_at() >= config_.keepalive) {
        // RFC 6263, 4.6: comfort noise, which any receiver takes and none plays loudly.
        std::uint8_t room[rtp_header_bytes + 1];
        room[rtp_header_bytes] = 127;
        const RtpHeader header =
            numbering_.next(worker().new_stream(), 0, 0, codec_info(config_.send.codec).clock, now);
        const int type = config_.comfort_noise_payload_type >= 0 ? config_.comfort_noise_payload_type : 13;
        send_payload(std::span(room).subspan(rtp_header_bytes), header, static_cast<std::uint8_t>(type));
    }
    if (config_.rtcp_interval.count() > 0 && now >= next_rtcp_) {
        // Spread by the SSRC, so that legs opened together do not report together (6.2).
        const auto interval = config_.rtcp_interval;
        next_rtcp_ = now + interval * (90 + (numbering_.ssrc() + sent_packets_) % 21) / 100;
        send_rtcp(false);
    }
}

RtpStats RtpLeg::stats() const {
    RtpStats s;
    s.local_ssrc = numbering_.ssrc();
    s.remote_ssrc = counting_.ssrc();
    s.rx_packets = counting_.packets();
    s.rx_octets = counting_.octets();
    s.tx_packets = sent_packets_;
    s.tx_octets = sent_octets_;
    s.rx_lost = counting_.lost_total();
    s.rx_jitter = counting_.jitter_seconds();
    s.dropped = dropped_;
    if (report_) {
        s.tx_lost = report_->lost;
        s.tx_jitter = report_->last_jitter;
        s.local_jitter = report_->local_jitter;
        s.local_loss = report_->local_loss;
        s.remote_jitter = report_->jitter;
        s.remote_loss = report_->loss;
        s.rtt = report_->rtt;
    }
    if (learner_.source()) s.source = learner_.source().text();
    return s;
}

}  // namespace asterism::media
