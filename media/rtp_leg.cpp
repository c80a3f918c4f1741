#include "media/rtp_leg.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "media/g711.hpp"

namespace asterism::media {

RtpLeg::RtpLeg(Worker& worker, LegId id, std::shared_ptr<RtpSockets> sockets, const Identity& identity,
               std::string_view cname)
    : Leg(worker, id),
      sockets_(std::move(sockets)),
      numbering_(identity.ssrc, identity.sequence, identity.timestamp),
      stream_(worker.new_stream()),
      cname_(cname) {
    receive_.fill(unknown_pt);
    sockets_->set_leg(this);
}

RtpLeg::~RtpLeg() { RtpLeg::close(); }

void RtpLeg::close() {
    if (closed()) return;
    if (rtcp_sent_) send_rtcp(true);
    Leg::close();
    sockets_->set_leg(nullptr);
    worker().drop(std::move(sockets_));  // events of this turn may still be to come
}

void RtpLeg::configure(const RtpConfig& config) {
    const TimePoint now = worker().now();
    const bool same_remote = configured_ && config.remote == config_.remote &&
                             config.remote_rtcp == config_.remote_rtcp && config.rtcp_mux == config_.rtcp_mux;
    const bool codec_changed =
        !configured_ || config.send.codec != config_.send.codec || config.ptime_ms != config_.ptime_ms;
    if (!configured_ || config.direction != config_.direction || !same_remote) {
        last_heard_ = now;
        timed_out_ = false;
    }
    if (!configured_ || config.rtcp_interval != config_.rtcp_interval) next_rtcp_ = now + config.rtcp_interval;
    config_ = config;
    receive_.fill(unknown_pt);
    const auto set = [&](int number, std::uint8_t what) {
        if (number >= 0 && number < 128) receive_[static_cast<std::size_t>(number)] = what;
    };
    set(13, ignored_pt);
    set(config.comfort_noise_payload_type, ignored_pt);
    for (const auto& type : config.receive)
        if (type.codec != CodecId::none) set(type.number, static_cast<std::uint8_t>(type.codec));
    for (const auto& event : config.receive_event) set(event.number, event_pt);
    if (config.send_event) set(config.send_event->number, event_pt);

    sends_ = config.direction == Direction::sendrecv || config.direction == Direction::sendonly;
    takes_ = config.direction == Direction::sendrecv || config.direction == Direction::recvonly;
    inband_ = config.dtmf == DtmfMode::inband || (config.dtmf == DtmfMode::automatic && !config.send_event);
    if (codec_changed) packer_.reset();

    if (!same_remote) {
        const auto family = sockets_->family();
        const auto usable = [&](const Address& address) {
            auto parsed = SocketAddress::parse(address);
            if (!parsed || address.port == 0 || parsed->unspecified()) return SocketAddress();
            return parsed->for_family(family).value_or(SocketAddress());
        };
        remote_ = destination_ = usable(config.remote);
        rtcp_destination_ = usable(config.remote_rtcp);
        if (!rtcp_destination_ && remote_) {
            rtcp_destination_ = remote_;
            if (!config.rtcp_mux) rtcp_destination_.set_port(static_cast<std::uint16_t>(remote_.port() + 1));
        }
        learned_told_ = false;
    }
    learner_.configure(config.strict, config.probation, remote_);
    configured_ = true;
}

DigitWay RtpLeg::digit_way() const {
    const bool events = config_.send_event.has_value();
    switch (config_.dtmf) {
        case DtmfMode::rfc4733: return events ? DigitWay::events : DigitWay::never;
        case DtmfMode::inband: return DigitWay::tones;
        case DtmfMode::info: return DigitWay::signal;
        case DtmfMode::automatic: return events ? DigitWay::events : DigitWay::tones;
        case DtmfMode::auto_info: return events ? DigitWay::events : DigitWay::signal;
        case DtmfMode::none: return DigitWay::never;
    }
    return DigitWay::never;
}

CodecId RtpLeg::preferred() const { return config_.ptime_ms == tick_ms ? config_.send.codec : CodecId::none; }

void RtpLeg::received(std::span<std::uint8_t> datagram, const SocketAddress& from, bool on_rtcp_port) {
    if (on_rtcp_port || (config_.rtcp_mux && looks_like_rtcp(datagram)))
        rtcp_received(datagram, from);
    else
        rtp_received(datagram, from);
}

void RtpLeg::heard_source(const SocketAddress& from) {
    if (config_.symmetric && !(destination_ == from)) {
        destination_ = from;
        if (!rtcp_destination_.same_host(from)) {
            rtcp_destination_ = from;
            if (!config_.rtcp_mux) rtcp_destination_.set_port(static_cast<std::uint16_t>(from.port() + 1));
        }
    }
    if (!learned_told_ && !(from == remote_)) {
        learned_told_ = true;
        tell({.kind = LegEvent::Kind::source_learned, .digit = 0, .duration = {}, .source = from.text()});
    }
}

void RtpLeg::rtp_received(std::span<std::uint8_t> datagram, const SocketAddress& from) {
    const auto packet = parse_rtp(datagram);
    if (!packet || !configured_) {
        ++dropped_;
        return;
    }
    const RtpHeader& header = packet->header;
    const std::uint8_t what = receive_[header.payload_type];
    const TimePoint now = worker().now();
    if (what == unknown_pt || !learner_.take(from, header.sequence, now)) {
        ++dropped_;
        return;
    }
    heard_source(from);
    last_heard_ = now;
    timed_out_ = false;
    const auto codec = what < ignored_pt ? static_cast<CodecId>(what) : CodecId::none;
    const unsigned clock = what < ignored_pt ? codec_info(codec).clock : event_clock(header.payload_type);
    if (counting_.received(header, packet->payload_bytes, clock, now)) stream_ = worker().new_stream();
    if (!takes_ || packet->payload_bytes == 0) return;
    if (!first_told_) {
        first_told_ = true;
        tell({.kind = LegEvent::Kind::first_media, .digit = 0, .duration = {}, .source = {}});
    }
    if (what == ignored_pt) {
        if (peer()) peer()->leave_out(stream_);
        return;
    }
    if (jitter_ && what != event_pt) {
        const bool idle = jitter_->empty();
        jitter_->put(header, clock, what, stream_, datagram.subspan(packet->payload_at, packet->payload_bytes), now);
        if (idle) worker().wants_ticks(*this);
        return;
    }
    Frame frame;
    frame.event = what == event_pt;
    frame.codec = codec;
    frame.payload = datagram.subspan(packet->payload_at, packet->payload_bytes);
    frame.timed = true;
    frame.header = header;
    frame.clock = clock;
    frame.stream = stream_;
    if (!frame.event) frame.decoder = this;
    heard(frame);
}

void RtpLeg::jitter_buffer(const JitterSpec& spec) {
    while (const auto* packet = jitter_ ? jitter_->take_any() : nullptr) hand_on(*packet);
    jitter_.reset();
    if (spec.kind != JitterSpec::Kind::off) jitter_ = std::make_unique<JitterBuffer>(spec);
}

void RtpLeg::tick_more() {
    if (!jitter_) return;
    const TimePoint now = worker().now();
    while (const auto* packet = jitter_->take(now)) {
        hand_on(*packet);
        if (closed() || !jitter_) return;
    }
}

void RtpLeg::hand_on(const JitterBuffer::Packet& packet) {
    Frame frame;
    const auto room = frame.payload_room().first(std::min(packet.bytes.size(), max_packet_bytes));
    std::copy_n(packet.bytes.begin(), room.size(), room.begin());
    frame.codec = static_cast<CodecId>(packet.what);
    frame.payload = room;
    frame.timed = true;
    frame.header = packet.header;
    frame.clock = packet.clock;
    frame.stream = packet.stream;
    frame.decoder = this;
    heard(frame);
}

std::size_t RtpLeg::decode_frame(const Frame& frame, std::span<std::int16_t> out, unsigned& rate) {
    if (frame.codec != decodes_) {
        decoder_ = make_decoder(frame.codec);
        decodes_ = frame.codec;
    }
    rate = codec_info(frame.codec).rate;
    return decoder_ ? decoder_->decode(frame.payload, out) : 0;
}

void RtpLeg::deliver(Frame& frame) {
    if (!can_send()) return;
    const TimePoint now = worker().now();
    const CodecId codec = config_.send.codec;
    const auto& info = codec_info(codec);
    if (frame.event) return send_event(frame);
    const auto pass = [&](std::span<std::uint8_t> payload) {
        RtpHeader header;
        if (frame.timed) {
            header = numbering_.relay(frame.stream, frame.header, frame.clock, now);
            header.marker = header.marker || frame.header.marker;
        } else {
            header = numbering_.next(frame.stream, info.clock * tick_ms / 1000, 0, info.clock, now);
        }
        send_payload(payload, header, config_.send.number);
    };
    if (!frame.payload.empty() && (frame.timed || config_.ptime_ms == tick_ms)) {
        if (frame.codec == codec) return pass(frame.payload);
        // One law to the other: by a table, packet by packet, without a state.
        const bool to_a = frame.codec == CodecId::ulaw && codec == CodecId::alaw;
        if (to_a || (frame.codec == CodecId::alaw && codec == CodecId::ulaw)) {
            const auto* table = to_a ? g711::tables.ulaw_to_alaw : g711::tables.alaw_to_ulaw;
            const auto room = frame.payload_room().first(std::min(frame.payload.size(), max_packet_bytes));
            for (std::size_t i = 0; i < room.size(); ++i) room[i] = table[frame.payload[i]];
            return pass(room);
        }
    }
    send_packed(frame);
}

unsigned RtpLeg::event_clock(std::uint8_t number) const {
    if (config_.send_event && config_.send_event->number == number) return config_.send_event->clock;
    for (const auto& event : config_.receive_event)
        if (event.number == number) return event.clock;
    return EventPayload{}.clock;
}

void RtpLeg::send_event(Frame& frame) {
    if (!config_.send_event) return;
    const TimePoint now = worker().now();
    const unsigned clock = config_.send_event->clock;
    RtpHeader header;
    if (frame.clock == clock && numbering_.relays(frame.stream)) {
        header = numbering_.relay(frame.stream, frame.header, clock, now);
    } else {
        const double scale = static_cast<double>(clock) / frame.clock;
        header = numbering_.event(frame.stream, frame.header, scale, clock, now);
        if (frame.clock != clock) {
            auto event = parse_telephone_event(frame.payload);
            if (!event) return;
            event->duration = static_cast<std::uint16_t>(std::min(65535.0, event->duration * scale));
            write_telephone_event(frame.payload.data(), *event);
        }
    }
    send_payload(frame.payload, header, config_.send_event->number);
}

void RtpLeg::send_packed(Frame& frame) {
    const auto samples = frame.samples();
    if (samples.empty()) return;
    const CodecId codec = config_.send.codec;
    const auto& info = codec_info(codec);
    if (!info.transcodes) return;
    if (!packer_ || packer_->codec() != codec) packer_ = std::make_unique<PcmPacker>(codec, config_.ptime_ms);
    std::uint32_t skipped = 0;
    if (packed_stream_ != frame.stream) {
        packer_->flush();
        packed_stream_ = frame.stream;
    } else if (frame.timed && packed_timed_) {
        // The party was silent for a while (DTX) or packets were lost: time goes on.
        const std::uint32_t gap = frame.header.timestamp - packed_next_;
        if (gap > 0 && gap < frame.clock * 10) {
            skipped = static_cast<std::uint32_t>(static_cast<std::uint64_t>(gap) * info.clock / frame.clock);
            packer_->flush();
        }
    }
    packed_timed_ = frame.timed;
    packed_next_ = frame.header.timestamp + static_cast<std::uint32_t>(samples.size() * frame.clock / frame.rate());
    std::array<std::uint8_t, frame_headroom + max_packet_bytes + frame_tailroom> bytes;
    const auto room = std::span(bytes).subspan(frame_headroom, max_packet_bytes);
    packer_->pack(samples, frame.rate(), room, [&](std::span<std::uint8_t> payload, std::uint32_t length) {
        const RtpHeader header =
            numbering_.next(frame.stream, length, std::exchange(skipped, 0), info.clock, worker().now());
        send_payload(payload, header, config_.send.number);
    });
}

void RtpLeg::send_payload(std::span<std::uint8_t> payload, RtpHeader header, std::uint8_t payload_type) {
    header.payload_type = payload_type;
    std::uint8_t* packet = payload.data() - rtp_header_bytes;
    write_rtp_header(packet, header);
    // A full socket buffer loses the packet, as a full link would.
    if (sendto(sockets_->rtp(), packet, rtp_header_bytes + payload.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
               destination_.raw(), destination_.size()) < 0)
        return;
    sockets_->note_traffic(worker());
    ++sent_packets_;
    sent_octets_ += payload.size();
}

}  // namespace asterism::media
