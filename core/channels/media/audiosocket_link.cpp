#include "core/channels/media/audiosocket_link.hpp"

#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::media_channels {

namespace {
constexpr auto code(AudioSocketKind kind) { return static_cast<std::uint8_t>(kind); }
constexpr media::Millis digit_length{100};
}  // namespace

AudioSocketLink::AudioSocketLink(Pbx& pbx, std::unique_ptr<TcpStream> stream, media::LegId leg, media::CodecId codec,
                                 const Uuid& uuid, std::function<void()> on_end)
    : pbx_(pbx),
      stream_(std::move(stream)),
      leg_(leg),
      codec_(codec),
      kind_(audiosocket_kind(codec).value_or(code(AudioSocketKind::audio))),
      on_end_(std::move(on_end)) {
    send(code(AudioSocketKind::uuid), {reinterpret_cast<const char*>(uuid.data()), uuid.size()});
    pbx_.media->stream(leg_, {.kind = media::StreamCommand::Kind::start});
    stream_->attach([this] { read(); });
    // Something may have come before we listened.
    pbx_.loop->defer([this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) read();
    });
}

AudioSocketLink::~AudioSocketLink() {
    if (!stream_->closed()) send(code(AudioSocketKind::terminate), {});
}

void AudioSocketLink::send(std::uint8_t kind, std::string_view payload) {
    out_.clear();
    append_audiosocket(out_, kind, payload);
    stream_->write(out_);
}

void AudioSocketLink::send_digit(char digit) { send(code(AudioSocketKind::digit), {&digit, 1}); }

void AudioSocketLink::stream_event(const media::StreamEvent& event) {
    using Kind = media::StreamEvent::Kind;
    if (ended_) return;
    switch (event.kind) {
        case Kind::media: {
            const TimePoint now = pbx_.loop->now();
            if (slow_.may_send(stream_->queued(), event.bytes->size(), now)) return send(kind_, *event.bytes);
            if (slow_.given_up(now)) end("it does not read");
            break;
        }
        // The program is not read from while more than enough waits; it stops by itself when its own buffer is full.
        case Kind::xoff: full_ = true; break;
        case Kind::xon:
            full_ = false;
            read();
            break;
        default: break;
    }
}

void AudioSocketLink::read() {
    if (ended_) return;
    const std::weak_ptr alive(alive_);
    while (!full_) {
        arrived_.clear();
        if (!stream_->take(arrived_)) break;
        reader_.feed(arrived_);
        while (const auto message = reader_.next()) {
            if (!take(*message) || alive.expired()) return;
        }
    }
    if (stream_->closed() && !full_) end("the connection was closed");
}

bool AudioSocketLink::take(const AudioSocketReader::Message& message) {
    if (message.kind == code(AudioSocketKind::terminate)) {
        end("the program hung up");
        return false;
    }
    if (message.kind == code(AudioSocketKind::error)) {
        log::warning("AudioSocket: the program reports error {}",
                     message.payload.empty() ? 0 : static_cast<unsigned char>(message.payload.front()));
        end("the program reported an error");
        return false;
    }
    if (message.kind == code(AudioSocketKind::digit)) {
        if (!message.payload.empty()) pbx_.media->digit_received(leg_, message.payload.front(), digit_length);
        return true;
    }
    if (message.kind == kind_) {
        pbx_.media->stream(leg_, {.kind = media::StreamCommand::Kind::media, .data = std::string(message.payload)});
    } else if (!std::exchange(warned_, true)) {
        if (const auto other = audiosocket_codec(message.kind); other != media::CodecId::none) {
            log::warning("AudioSocket: the program sends {}, this call is {}: its audio is dropped",
                         media::codec_info(other).name, media::codec_info(codec_).name);
        } else {
            log::notice("AudioSocket: a message of kind 0x{:02x} is ignored", message.kind);
        }
    }
    return true;
}

void AudioSocketLink::end(std::string_view why) {
    if (std::exchange(ended_, true)) return;
    log::debug(1, "AudioSocket: {}", why);
    pbx_.loop->defer([this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired() && on_end_) std::exchange(on_end_, nullptr)();
    });
}

}  // namespace asterism::media_channels
