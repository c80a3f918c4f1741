// A WebSocket (RFC 6455, server's side) as the parts that speak over it see it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "asterism/http/message.hpp"

namespace asterism::http {

/// What many sockets together may have waiting to be sent. When it is used up, whoever has more waiting than the fair
/// share is dropped as if its own limit were reached.
struct QueueBudget {
    std::size_t limit_bytes = 64 << 20;
    std::size_t used_bytes = 0;
    std::size_t sockets = 0;
    [[nodiscard]] std::size_t fair_share() const { return sockets == 0 ? limit_bytes : limit_bytes / sockets; }
};

/// What a client that stops reading, or sends too much, can cost.
struct WebSocketLimits {
    std::size_t queue_bytes = 4 << 20;      ///< waiting to be sent
    std::size_t queue_count = 20'000;       ///< messages waiting to be sent
    std::size_t message_bytes = 64 << 10;   ///< one message received; a longer one closes with 1009
    std::shared_ptr<QueueBudget> budget{};  ///< shared with others; null: queue_bytes alone counts
};

/// Why a socket ended, for the log and the counters.
enum class WebSocketEnd : std::uint8_t { client_closed, we_closed, lost, protocol_error, too_slow, shutdown };
[[nodiscard]] std::string_view describe(WebSocketEnd end);

class WebSocket;

/// Implemented by whoever accepted the socket. Calls come on the loop, never from inside one of the socket's methods.
class WebSocketHandler {
  public:
    virtual ~WebSocketHandler() = default;
    virtual void on_text(WebSocket& socket, std::string_view text) = 0;
    virtual void on_binary(WebSocket&, std::string_view) {}
    /// Exactly once, last. `code` is the close code received, or the one we sent (RFC 6455, 7.4).
    virtual void on_end(WebSocket& socket, WebSocketEnd end, std::uint16_t code) = 0;
};

/// Shared by the server, which keeps it until its connection ends, and by its handler's owner. `close` ends it; so do
/// the client, a lost connection and a full queue. One write is outstanding at a time; messages that wait are sent
/// together.
class WebSocket {
  public:
    WebSocket() = default;
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;
    virtual ~WebSocket() = default;

    /// Queues a text message; the bytes are shared between all sockets that send them. A full queue drops the client:
    /// on_end(too_slow) follows at the end of the turn. Returns false when the socket has ended.
    virtual bool send(std::shared_ptr<const std::string> text) = 0;
    virtual bool send_binary(std::shared_ptr<const std::string> bytes) = 0;
    virtual void ping(std::string_view payload = {}) = 0;
    /// Sends a close frame after what is queued, then ends the connection. Idempotent.
    virtual void close(std::uint16_t code = 1000, std::string_view reason = {}) = 0;
    /// No more calls to the handler; the socket closes with 1001.
    virtual void detach() = 0;

    [[nodiscard]] virtual bool open() const = 0;
    [[nodiscard]] virtual const Address& remote() const = 0;
    [[nodiscard]] virtual const Address& local() const = 0;
    [[nodiscard]] virtual std::string_view protocol() const = 0;
    [[nodiscard]] virtual bool secure() const = 0;
    [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
    [[nodiscard]] virtual std::size_t queued_count() const = 0;
};

}  // namespace asterism::http
