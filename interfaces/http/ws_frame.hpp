// WebSocket frames (RFC 6455, 5): bytes in, messages out. Knows no socket.
//
// Ours and not Beast's, because Beast writes a handshake answer of its own shape, and because here all sockets send the
// same shared bytes behind a header of two to ten bytes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace asterism::http {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct FrameHeader {
    std::array<char, 14> bytes;
    std::uint8_t size;
};
/// The header of an unmasked, unfragmented frame.
[[nodiscard]] FrameHeader frame_header(Opcode opcode, std::size_t payload_bytes);
/// What a client sends instead (RFC 6455, 5.3): adds a key to the header and gives the payload masked with it.
[[nodiscard]] std::string mask_frame(FrameHeader& header, std::string_view payload, std::array<char, 4> key);

[[nodiscard]] std::string encode_base64(std::string_view bytes);

/// `key` with the GUID of RFC 6455, 4.2.2, hashed and in base64.
[[nodiscard]] std::string accept_key(std::string_view key);
[[nodiscard]] bool valid_utf8(std::string_view text);
/// Whether a peer may send this close code (RFC 6455, 7.4).
[[nodiscard]] bool valid_close_code(std::uint16_t code);

/// Reads what the peer sends, fragments put together, control frames in between. A client must mask, a server must
/// not (RFC 6455, 5.1).
class FrameParser {
  public:
    class Sink {
      public:
        virtual ~Sink() = default;
        /// A whole text or binary message, or a control frame (payload up to 125 bytes). False stops the parser.
        virtual bool on_message(Opcode opcode, std::string_view payload) = 0;
    };

    enum class Peer : std::uint8_t { client, server };
    explicit FrameParser(std::size_t message_bytes, Peer peer = Peer::client)
        : limit_(message_bytes), masked_(peer == Peer::client) {}
    /// Reads all of `bytes`, which are unmasked in place. Returns 0, or the code to close with: 1002, 1007 or 1009.
    std::uint16_t put(std::span<char> bytes, Sink& sink);

  private:
    std::uint16_t size_header();
    std::uint16_t start_frame();
    std::uint16_t end_frame(std::string_view payload, Sink& sink);

    std::size_t limit_;
    bool masked_;
    bool sized_ = false;  // header_need_ is that of this frame
    std::array<unsigned char, 14> header_{};
    std::size_t header_have_ = 0;
    std::size_t header_need_ = 2;
    bool in_payload_ = false;
    bool final_ = false;
    Opcode opcode_ = Opcode::text;
    std::uint64_t left_ = 0;  // of this frame's payload
    std::uint64_t at_ = 0;    // how much of it came
    std::array<unsigned char, 4> mask_{};
    bool fragmented_ = false;  // a message waits for its continuation
    Opcode message_opcode_ = Opcode::text;
    std::string message_;
    std::string control_;
    bool stopped_ = false;
};

}  // namespace asterism::http
