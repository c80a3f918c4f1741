// Opening a WebSocket: look-up, connection, TLS, handshake.
#pragma once

#include <boost/asio/io_context.hpp>
#include <expected>
#include <string>
#include <string_view>

#include "asterism/http/client.hpp"
#include "hub.hpp"

namespace asterism::http {

/// "ws://user:secret@host:port/path?query" in parts. The port is 80 or 443 unless given.
struct WebSocketUri {
    bool secure = false;
    std::string host, port, path;  ///< path with its query, at least "/"
    std::string username, password;
    /// As the Host header says it.
    [[nodiscard]] std::string authority() const;
};
[[nodiscard]] std::expected<WebSocketUri, std::string> parse_websocket_uri(std::string_view uri);

/// What the server answered to the handshake. Error: why it is none; empty sub-protocol where none was offered.
[[nodiscard]] std::expected<std::string, std::string> check_handshake(std::string_view head, std::string_view key,
                                                                      const std::vector<std::string>& offered);

/// One attempt; keeps itself alive until it has ended.
void dial_websocket(const std::shared_ptr<Hub>& hub, boost::asio::io_context& context, WebSocketTarget target,
                    const WebSocketLimits& limits, WebSocketHandler& handler, WebSocketOpened opened);

}  // namespace asterism::http
