#include "media/stream_leg.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "media/worker.hpp"

namespace asterism::media {

namespace {

constexpr unsigned hold_back_ticks = 1000 / tick_ms;
/// A program that only listens: from then on the other side hears silence, so that nobody takes the stream for dead.
constexpr unsigned silence_after_ticks = 2000 / tick_ms;

bool is_linear(CodecId codec) { return codec >= CodecId::slin && codec <= CodecId::slin192; }

std::uint8_t silence_of(CodecId codec) {
    switch (codec) {
        case CodecId::ulaw: return 0xFF;
        case CodecId::alaw: return 0xD5;
        case CodecId::g722: return 0xFA;
        default: return 0;
    }
}

}  // namespace

std::size_t stream_frame_bytes(CodecId codec) {
    const auto& info = codec_info(codec);
    // Packets of these have a header, or differ in size, or may be shorter than others (G.729 annex B).
    if (codec == CodecId::opus || codec == CodecId::g729 || info.frame_bytes == 0 || info.min_ms == 0) return 0;
    if (is_linear(codec)) return static_cast<std::size_t>(info.rate) * 2 * tick_ms / 1000;
    return static_cast<std::size_t>(info.frame_bytes) * std::max(1u, tick_ms / info.min_ms);
}

StreamLeg::StreamLeg(Worker& worker, LegId id, const StreamOptions& options)
    : Leg(worker, id),
      options_(options),
      linear_(is_linear(options.codec)),
      rate_(codec_info(options.codec).rate),
      queue_(std::max<std::size_t>(1, stream_frame_bytes(options.codec)), silence_of(options.codec), options),
      frame_(queue_.frame_bytes()),
      stream_(worker.new_stream()) {
    if (stream_frame_bytes(options.codec) == 0) options_.passthrough = true;
}

void StreamLeg::command(const StreamCommand& command) {
    using Kind = StreamCommand::Kind;
    if (closed()) return;
    switch (command.kind) {
        case Kind::start:
            started_ = true;
            worker().wants_ticks(*this);
            break;
        case Kind::media:
            if (!takes_ || !started_) break;
            if (options_.passthrough)
                say_frame({reinterpret_cast<const std::uint8_t*>(command.data.data()), command.data.size()});
            else
                queue_.put(command.data);
            break;
        case Kind::begin_bulk: queue_.begin_bulk(); break;
        case Kind::end_bulk: queue_.end_bulk(command.data); break;
        case Kind::flush:
            queue_.flush();
            paused_ = false;
            break;
        case Kind::pause: paused_ = true; break;
        case Kind::go_on: paused_ = false; break;
        case Kind::mark: queue_.mark(command.data); break;
        case Kind::report_drained: queue_.report_drained(); break;
        case Kind::direction:
            takes_ = command.takes;
            gives_ = command.gives;
            if (!takes_) queue_.flush();
            break;
        case Kind::status: {
            StreamEvent event;
            event.kind = StreamEvent::Kind::status;
            event.queued = queue_.frames();
            event.full = queue_.full();
            event.bulk = queue_.bulk();
            event.paused = paused_;
            tell_events();
            worker().notify(StreamNotice{id(), std::move(event)});
            break;
        }
    }
    tell_events();
}

void StreamLeg::tell_events() {
    for (auto& event : queue_.events()) worker().notify(StreamNotice{id(), std::move(event)});
    queue_.events().clear();
}

// ---- from the program ----

bool StreamLeg::held_back() {
    if (heard_any_ || queue_.frames() == 0 || peer() || mixer() || echoes()) return false;
    return ++held_ticks_ < hold_back_ticks;
}

void StreamLeg::tick_more() {
    if (!started_ || options_.passthrough) return;
    ++ticks_;
    if (!held_back()) {
        if (!paused_ && takes_ && queue_.pull(frame_)) {
            heard_any_ = true;
            say_frame(frame_);
        } else if (paused_ || (!queue_.in_bulk() && (heard_any_ || ticks_ > silence_after_ticks))) {
            say_silence();
        }
    }
    if (!closed()) tell_events();
}

void StreamLeg::say_frame(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) return;
    Frame frame;
    frame.stream = stream_;
    if (linear_) {
        // RTP's L16 has the other byte order: as samples it is nobody's.
        const auto room = frame.sample_room();
        const std::size_t count = std::min(bytes.size() / 2, room.size());
        for (std::size_t i = 0; i < count; ++i)
            room[i] = static_cast<std::int16_t>(static_cast<std::uint16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8));
        frame.set_samples(count, rate_);
    } else {
        const auto room = frame.payload_room();
        if (bytes.size() > room.size()) return;
        std::ranges::copy(bytes, room.begin());
        frame.codec = options_.codec;
        frame.payload = room.first(bytes.size());
        frame.decoder = this;
    }
    heard(frame);
}

void StreamLeg::say_silence() {
    if (!peer() && !mixer()) return;  // echo: nobody wants its own silence back
    Frame frame;
    const auto room = frame.sample_room().first(rate_ * tick_ms / 1000);
    std::ranges::fill(room, std::int16_t{0});
    frame.set_samples(room.size(), rate_);
    frame.stream = stream_;
    heard(frame);
}

std::size_t StreamLeg::decode_frame(const Frame& frame, std::span<std::int16_t> out, unsigned& rate) {
    if (!decoder_) decoder_ = make_decoder(options_.codec);
    rate = rate_;
    return decoder_ ? decoder_->decode(frame.payload, out) : 0;
}

// ---- to the program ----

void StreamLeg::send(std::string bytes) {
    StreamEvent event;
    event.bytes = std::make_shared<const std::string>(std::move(bytes));
    worker().notify(StreamNotice{id(), std::move(event)});
}

void StreamLeg::deliver(Frame& frame) {
    if (!started_ || !gives_ || frame.event) return;
    if (linear_) return send_linear(frame);
    const auto text = [](std::span<const std::uint8_t> bytes) {
        return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    if (frame.codec == options_.codec && !frame.payload.empty()) return send(text(frame.payload));
    const auto samples = frame.samples();
    if (samples.empty() || !codec_info(options_.codec).transcodes) return;
    if (!packer_) packer_ = std::make_unique<PcmPacker>(options_.codec, tick_ms);
    if (std::exchange(packed_stream_, frame.stream) != frame.stream) packer_->flush();
    std::array<std::uint8_t, frame_headroom + max_packet_bytes + frame_tailroom> bytes;
    const auto room = std::span(bytes).subspan(frame_headroom, max_packet_bytes);
    packer_->pack(samples, frame.rate(), room,
                  [&](std::span<std::uint8_t> payload, std::uint32_t) { send(text(payload)); });
}

void StreamLeg::send_linear(Frame& frame) {
    std::span<const std::int16_t> samples = frame.samples();
    if (samples.empty()) return;
    if (std::exchange(packed_stream_, frame.stream) != frame.stream) pending_.clear();
    if (frame.rate() != rate_) {
        if (!resampler_ || resampler_->from() != frame.rate())
            resampler_ = std::make_unique<Resampler>(frame.rate(), rate_);
        resampled_.resize(samples.size() * rate_ / frame.rate() + 64);
        samples = std::span(resampled_).first(resampler_->process(samples, resampled_));
    }
    const std::size_t whole = queue_.frame_bytes();
    for (const std::int16_t sample : samples) {
        const auto value = static_cast<std::uint16_t>(sample);
        pending_ += static_cast<char>(value & 0xFF);
        pending_ += static_cast<char>(value >> 8);
        if (pending_.size() < whole) continue;
        send(std::exchange(pending_, {}));
        pending_.reserve(whole);
    }
}

}  // namespace asterism::media
