// TLS over TCP, with the handshake's arithmetic on the blocking pool.
#pragma once

#include <openssl/ssl.h>

#include <expected>
#include <string>

#include "asterism/http/client.hpp"
#include "asterism/http/server.hpp"
#include "asterism/runtime/loop.hpp"
#include "tcp_stream.hpp"

namespace asterism::http {

using TlsContext = std::shared_ptr<SSL_CTX>;
/// Loads certificate and key. The error names the file.
[[nodiscard]] std::expected<TlsContext, std::string> make_tls_context(const ServerConfig& config);

/// For connections that we open: whom we believe and who we are.
[[nodiscard]] std::expected<TlsContext, std::string> make_client_context(const WebSocketTarget& target);

/// Whom a connection that we open goes to.
struct TlsPeer {
    std::string host;          ///< for the server to choose its certificate by
    bool verify_host = false;  ///< the certificate must name it
};

/// OpenSSL between two memory buffers; the socket carries what it puts into one and fills the other.
class TlsStream final : public AnyStream {
  public:
    TlsStream(Loop& loop, Socket socket, const TlsContext& context);
    /// The client's side.
    TlsStream(Loop& loop, Socket socket, const TlsContext& context, const TlsPeer& peer);
    ~TlsStream() override;
    void read(std::span<char> into, std::shared_ptr<StreamUser> user) override;
    std::ptrdiff_t write(std::span<const Slice> slices) override;
    void wait_writable(std::shared_ptr<StreamUser> user) override;
    void shutdown() override;
    void close() override;
    [[nodiscard]] bool secure() const override { return true; }

  private:
    class Engine;
    std::shared_ptr<Engine> engine_;  // shared with the operations under way
};

}  // namespace asterism::http
