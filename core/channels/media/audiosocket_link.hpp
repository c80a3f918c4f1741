// One AudioSocket connection and the stream leg whose audio it carries: behind the application and the channel.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "asterism/media/engine.hpp"
#include "asterism/runtime/tcp.hpp"
#include "core/channels/media/audiosocket.hpp"
#include "core/channels/media/slow_reader.hpp"

namespace asterism {
struct Pbx;
}

namespace asterism::media_channels {

/// Its program is slowed down instead of losing audio: what comes before that takes effect has much room.
inline constexpr std::size_t audiosocket_xoff = 400, audiosocket_xon = 300, audiosocket_limit = 2000;
[[nodiscard]] inline media::StreamOptions audiosocket_stream(media::CodecId codec) {
    return {.codec = codec,
            .passthrough = false,
            .xoff = audiosocket_xoff,
            .xon = audiosocket_xon,
            .limit = audiosocket_limit};
}

/// Made when the connection is open: says who calls, and starts the leg. Its owner passes on the leg's events and is
/// told once of the end, by `on_end`, in which it may be destroyed; destroying it earlier says goodbye.
class AudioSocketLink {
  public:
    /// `leg` is a stream leg of `codec`, which audiosocket_kind() knows.
    AudioSocketLink(Pbx& pbx, std::unique_ptr<TcpStream> stream, media::LegId leg, media::CodecId codec,
                    const Uuid& uuid, std::function<void()> on_end);
    ~AudioSocketLink();
    AudioSocketLink(const AudioSocketLink&) = delete;
    AudioSocketLink& operator=(const AudioSocketLink&) = delete;

    void stream_event(const media::StreamEvent& event);
    void send_digit(char digit);

  private:
    void send(std::uint8_t kind, std::string_view payload);
    void read();
    bool take(const AudioSocketReader::Message& message);
    void end(std::string_view why);

    Pbx& pbx_;
    std::unique_ptr<TcpStream> stream_;
    media::LegId leg_;
    media::CodecId codec_;
    std::uint8_t kind_;
    std::function<void()> on_end_;
    AudioSocketReader reader_;
    SlowReader slow_;
    std::string arrived_, out_;
    bool full_ = false, ended_ = false, warned_ = false;
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace asterism::media_channels
