// The one HTTP server: listens, reads requests, and hands them to the router.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "asterism/http/client.hpp"
#include "asterism/http/router.hpp"

namespace boost::asio {
class io_context;
}

namespace asterism {
class Loop;
}
namespace asterism::config {
class Acl;
class File;
class NamedAcls;
class Report;
}  // namespace asterism::config

namespace asterism::http {

/// http.conf, [general] and the mappings.
struct ServerConfig {
    bool enabled = false;
    std::string bindaddr;  ///< empty: no plain listener
    std::uint16_t bindport = 8088;
    std::string prefix;  ///< with its leading slash, or empty
    std::string server_name = "Asterisk";
    std::size_t session_limit = 100;
    std::chrono::milliseconds session_inactivity{30'000};  ///< for a whole request to arrive, and between writes
    std::chrono::milliseconds session_keep_alive{15'000};  ///< 0: every answer closes
    bool enable_static = false;
    std::string static_folder;  ///< what /static serves; set by whoever knows the data directory
    bool enable_status = false;
    std::vector<std::pair<std::string, std::string>> redirects;

    bool tls_enabled = false;
    std::string tls_bindaddr;  ///< address or address:port; the port is 8089 when none is said
    std::string tls_certificate_file;
    std::string tls_private_key_file;  ///< empty: in the certificate's file
    std::string tls_cipher;
    bool tls_disable_v1 = true;
    bool tls_disable_v11 = true;
    bool tls_disable_v12 = false;
    bool tls_server_cipher_order = false;

    /// Who may use a path and what lies below it ([/path] type=restriction); the longest path that fits decides.
    std::vector<std::pair<std::string, std::shared_ptr<const config::Acl>>> restrictions;
    std::shared_ptr<const config::NamedAcls> named_acls;

    std::size_t header_bytes = 16 << 10;  ///< one request's line and headers
    std::size_t body_bytes = 1 << 20;     ///< one request's body
};

/// Reads http.conf; `report` says what is wrong with it.
[[nodiscard]] ServerConfig read_config(const config::File& file, config::Report& report);

struct ServerCounters {
    std::uint64_t accepted = 0;
    std::uint64_t refused_limit = 0;  ///< over sessionlimit
    std::uint64_t requests = 0;
    std::uint64_t bad_requests = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t websockets = 0;
    std::uint64_t websockets_dropped = 0;  ///< their client was too slow
};

/// Owned by main. Destroying it, or stop(), ends every connection.
class Server final : public WebSocketDialer {
  public:
    /// All given live longer than the server.
    Server(Loop& loop, boost::asio::io_context& context, Router& router);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() override;

    /// Applies a configuration: opens, keeps or closes listeners. A listener that can't be opened leaves everything as
    /// it was, and says why. Connections that are open go on.
    std::expected<void, std::string> apply(const ServerConfig& config);
    void stop();
    void connect(WebSocketTarget target, const WebSocketLimits& limits, WebSocketHandler& handler,
                 WebSocketOpened opened) override;

    [[nodiscard]] const ServerConfig& config() const;
    [[nodiscard]] const ServerCounters& counters() const;
    /// Where it listens; port 0 when it doesn't.
    [[nodiscard]] Address address() const;
    [[nodiscard]] Address tls_address() const;
    [[nodiscard]] std::size_t sessions() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace asterism::http
