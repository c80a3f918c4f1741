// Cuts a byte stream (TCP, TLS) into messages (RFC 3261 18.3) and keepalives (RFC 5626 3.5.1).
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "asterism/sip/limits.hpp"

namespace asterism::sip {

/// Owned by a connection; holds at most one incomplete message (limits::message_bytes). After an error the stream
/// cannot be read further: close it.
class StreamFramer {
  public:
    enum class Kind : unsigned char { need_more, message, ping, pong };
    struct Item {
        Kind kind = Kind::need_more;
        std::string_view bytes;  ///< the message; valid until the next call of feed or next
    };
    /// Adds received bytes.
    void feed(std::string_view bytes);
    /// The next complete thing. `ping` is CRLFCRLF and is to be answered with CRLF.
    [[nodiscard]] std::expected<Item, ParseError> next();
    /// Bytes held.
    [[nodiscard]] std::size_t buffered() const { return buffer_.size() - start_; }

  private:
    std::string buffer_;
    std::size_t start_ = 0;    // of the unread part
    std::size_t scanned_ = 0;  // how far the end of the header has been looked for, from start_
};

}  // namespace asterism::sip
