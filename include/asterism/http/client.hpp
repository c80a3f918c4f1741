// WebSockets that we open ourselves (RFC 6455, the client's side): outbound ARI, media servers.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "asterism/http/websocket.hpp"

namespace asterism::http {

/// Where to, and who we are there.
struct WebSocketTarget {
    std::string uri;                     ///< "ws://host:port/path?query"; "wss://..." over TLS
    std::vector<std::string> protocols;  ///< sub-protocols offered; the server chooses one of them or none
    std::string username, password;      ///< Basic authentication; empty: none
    std::chrono::milliseconds timeout{500};
    // ---- TLS ----
    bool tls = false;              ///< TLS even for a ws: URI
    std::string ca_file, ca_path;  ///< whom we believe; empty: those that the system believes
    std::string certificate, key;  ///< ours, PEM; empty: none
    bool verify = true, verify_host = true;
    bool operator==(const WebSocketTarget&) const = default;
};

/// Once, on the loop, never from inside connect(): the socket, or why there is none.
using WebSocketOpened = std::function<void(std::expected<std::shared_ptr<WebSocket>, std::string>)>;

class WebSocketDialer {
  public:
    virtual ~WebSocketDialer() = default;
    /// The handler must outlive the socket or detach from it. It is not used before `opened` has given the socket.
    virtual void connect(WebSocketTarget target, const WebSocketLimits& limits, WebSocketHandler& handler,
                         WebSocketOpened opened) = 0;
};

}  // namespace asterism::http
