// AudioSocket: messages of a kind, a length and a payload over TCP.
// https://docs.asterisk.org/Configuration/Channel-Drivers/AudioSocket/
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "asterism/media/codec.hpp"

namespace asterism::media_channels {

/// The first byte of a message.
enum class AudioSocketKind : std::uint8_t {
    terminate = 0x00,
    uuid = 0x01,   ///< 16 bytes
    digit = 0x03,  ///< one ASCII character
    audio = 0x10,  ///< 0x10 to 0x18: little-endian samples of 8, 12, 16, 24, 32, 44.1, 48, 96, 192 kHz
    error = 0xFF,  ///< payload: a code of the program's own, or none
};

/// The kind that carries a codec; nothing for one that AudioSocket can't carry.
[[nodiscard]] std::optional<std::uint8_t> audiosocket_kind(media::CodecId codec);
/// The codec of an audio kind; none for another.
[[nodiscard]] media::CodecId audiosocket_codec(std::uint8_t kind);

using Uuid = std::array<std::uint8_t, 16>;
/// "40325ec2-5efd-4bd3-805f-53576e581d13", hexadecimal of either case.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

/// Appends a message; `payload` is cut at 65535 bytes.
void append_audiosocket(std::string& to, std::uint8_t kind, std::string_view payload);

/// Takes the messages out of a stream of bytes. Holds less than one message: 65538 bytes at most.
class AudioSocketReader {
  public:
    struct Message {
        std::uint8_t kind = 0;
        std::string_view payload;  ///< until the next call
    };
    void feed(std::string_view bytes);
    /// The next whole message, or nothing.
    std::optional<Message> next();
    [[nodiscard]] std::size_t held() const { return buffer_.size() - at_; }

  private:
    std::string buffer_;
    std::size_t at_ = 0;
};

}  // namespace asterism::media_channels
