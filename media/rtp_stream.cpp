#include "media/rtp_stream.hpp"

#include <algorithm>

namespace asterism::media {

std::uint32_t RtpNumbering::units_since(unsigned clock, TimePoint now) const {
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - sent_at_).count();
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(std::max<std::int64_t>(0, elapsed)) * clock /
                                      1'000'000);
}

void RtpNumbering::switch_to(std::uint64_t stream, unsigned clock, TimePoint now) {
    stream_ = stream;
    if (sent_any_) timestamp_ += std::max(samples_, units_since(clock, now));
}

RtpHeader RtpNumbering::relay(std::uint64_t stream, const RtpHeader& in, unsigned clock, TimePoint now) {
    RtpHeader out = in;
    out.ssrc = ssrc_;
    if (!relays(stream)) {
        switch_to(stream, clock, now);
        relaying_ = true;
        timestamp_offset_ = timestamp_ - in.timestamp;
        sequence_offset_ = static_cast<std::uint16_t>(sequence_ + 1 - in.sequence);
        out.marker = true;  // a talk spurt begins (RFC 3551, 4.1)
    }
    out.sequence = static_cast<std::uint16_t>(in.sequence + sequence_offset_);
    out.timestamp = in.timestamp + timestamp_offset_;
    // A late packet must not set the numbers back.
    if (static_cast<std::int16_t>(out.sequence - sequence_) > 0 || !sent_any_) {
        samples_ = std::min<std::uint32_t>(out.timestamp - timestamp_, clock / 5);
        sequence_ = out.sequence;
        timestamp_ = out.timestamp;
    }
    sent_any_ = true;
    sent_at_ = now;
    return out;
}

void RtpNumbering::leave_out(std::uint64_t stream) {
    if (relays(stream)) --sequence_offset_;
}

RtpHeader RtpNumbering::next(std::uint64_t stream, std::uint32_t samples, std::uint32_t skipped, unsigned clock,
                             TimePoint now) {
    RtpHeader out{.payload_type = 0, .marker = false, .sequence = 0, .timestamp = 0, .ssrc = ssrc_};
    if (stream != stream_ || relaying_) {
        switch_to(stream, clock, now);
        relaying_ = false;
        out.marker = true;
    } else {
        timestamp_ += samples_ + skipped;
        out.marker = skipped != 0;
    }
    out.sequence = ++sequence_;
    out.timestamp = timestamp_;
    samples_ = samples;
    sent_any_ = true;
    sent_at_ = now;
    return out;
}

RtpHeader RtpNumbering::event(std::uint64_t stream, const RtpHeader& in, double scale, unsigned clock, TimePoint now) {
    if (!sent_any_) {
        sent_any_ = true;
        sent_at_ = now;
    }
    if (stream != event_stream_ || in.timestamp != event_in_) {
        const auto on = static_cast<std::int32_t>(in.timestamp - event_in_);
        // The next piece of a long event follows the one before it exactly (2.5.1.3).
        const bool follows = stream == event_stream_ && on > 0 && on <= 0xFFFF && !in.marker;
        event_out_ = follows ? event_out_ + static_cast<std::uint32_t>(on * scale)
                             : timestamp_ + std::max(samples_, units_since(clock, now));
        event_stream_ = stream;
        event_in_ = in.timestamp;
    }
    // The numbers that a relayed stream would go on with are used up: it has to begin anew after this.
    if (relaying_) relaying_ = false, stream_ = 0;
    return {.payload_type = 0, .marker = in.marker, .sequence = ++sequence_, .timestamp = event_out_, .ssrc = ssrc_};
}

void RtpCounting::start(const RtpHeader& header) {
    lost_before_ = lost_total();
    ssrc_ = header.ssrc;
    base_ = max_ = header.sequence;
    cycles_ = 0;
    packets_ = expected_prior_ = received_prior_ = 0;
    transit_known_ = bad_ = false;
    jitter_ = 0;
}

bool RtpCounting::received(const RtpHeader& header, std::size_t payload_bytes, unsigned clock, TimePoint now) {
    constexpr std::uint16_t max_dropout = 3000, max_misorder = 100;
    bool started = false;
    if (packets_total_ == 0 || header.ssrc != ssrc_) {
        start(header);
        started = true;
    } else {
        const auto ahead = static_cast<std::uint16_t>(header.sequence - max_);
        if (ahead < max_dropout) {
            if (header.sequence < max_) cycles_ += 1u << 16;
            max_ = header.sequence;
            bad_ = false;
        } else if (ahead <= 65535 - max_misorder) {
            // Two in a row far away: the sender started over.
            if (bad_ && header.sequence == bad_next_) {
                start(header);
                started = true;
            } else {
                bad_ = true;
                bad_next_ = static_cast<std::uint16_t>(header.sequence + 1);
            }
        }
    }
    ++packets_;
    ++packets_total_;
    octets_ += payload_bytes;

    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
    const auto arrival = static_cast<std::uint32_t>(static_cast<std::uint64_t>(micros) * clock / 1'000'000);
    const std::uint32_t transit = arrival - header.timestamp;
    if (transit_known_ && clock == clock_) {
        const auto signed_d = static_cast<std::int32_t>(transit - transit_);
        const auto d = static_cast<std::uint32_t>(signed_d < 0 ? -static_cast<std::int64_t>(signed_d) : signed_d);
        // Ten seconds are no jitter but a sender that changed its clock.
        if (d < clock * 10) jitter_ += d - ((jitter_ + 8) >> 4);
    }
    transit_ = transit;
    transit_known_ = true;
    clock_ = clock;
    return started;
}

std::int64_t RtpCounting::lost() const {
    if (packets_ == 0) return 0;
    return static_cast<std::int64_t>(highest() - base_ + 1) - static_cast<std::int64_t>(packets_);
}

std::uint64_t RtpCounting::lost_total() const {
    return lost_before_ + static_cast<std::uint64_t>(std::max<std::int64_t>(0, lost()));
}

std::uint8_t RtpCounting::take_fraction() {
    if (packets_ == 0) return 0;
    const std::uint64_t expected = highest() - base_ + 1;
    const auto expected_now = static_cast<std::int64_t>(expected - expected_prior_);
    const auto received_now = static_cast<std::int64_t>(packets_ - received_prior_);
    expected_prior_ = expected;
    received_prior_ = packets_;
    const std::int64_t lost_now = expected_now - received_now;
    if (expected_now <= 0 || lost_now <= 0) return 0;
    return static_cast<std::uint8_t>(std::min<std::int64_t>(255, lost_now * 256 / expected_now));
}

}  // namespace asterism::media
