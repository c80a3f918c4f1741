// RTP as it comes from the network: the header, telephone events, and every decoder.
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "asterism/media/codec.hpp"
#include "media/rtp_packet.hpp"
#include "media/rtp_stream.hpp"
#include "media/telephone_event.hpp"

using namespace asterism;
using namespace asterism::media;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A copy of exactly this size: reading beyond it is found.
    const std::vector<std::uint8_t> datagram(data, data + size);
    const auto packet = parse_rtp(datagram);
    if (!packet) return 0;
    if (packet->payload_at + packet->payload_bytes > size) __builtin_trap();
    const auto payload = std::span(datagram).subspan(packet->payload_at, packet->payload_bytes);

    static RtpCounting counting;
    static RtpNumbering numbering(1, 2, 3);
    static TimePoint now{std::chrono::seconds(1000)};
    now += std::chrono::milliseconds(20);
    counting.received(packet->header, payload.size(), 8000, now);
    counting.take_fraction();
    numbering.relay(packet->header.ssrc % 3, packet->header, 8000, now);
    if (const auto event = parse_telephone_event(payload)) {
        static EventReceiver events;
        events.received(*event, packet->header.timestamp, 8000, now);
    }
    // Decoders keep state between packets, as in a call.
    static std::vector<std::unique_ptr<Decoder>> decoders = [] {
        std::vector<std::unique_ptr<Decoder>> all;
        for (const auto& info : all_codecs())
            if (info.transcodes) all.push_back(make_decoder(info.id));
        return all;
    }();
    std::array<std::int16_t, 5760> room;
    auto& decoder = decoders[packet->header.payload_type % decoders.size()];
    if (decoder->decode(payload, room) > room.size()) __builtin_trap();
    return 0;
}
