// TLS over TCP, with the handshake's arithmetic on the blocking pool.
#pragma once

#include <openssl/ssl.h>

#include <deque>
#include <expected>
#include <functional>
#include <memory>
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

/// How many handshakes are on the blocking pool at once; the others wait for their turn, so that a crowd at the door
/// leaves the pool's other threads to files and name look-ups. Control loop only; shared by the streams.
class Handshakes {
  public:
    explicit Handshakes(std::size_t at_once = 2) : at_once_(at_once) {}
    /// Runs `begin` now, or when it is its turn. It returns false when there is nothing to do any more.
    void enter(std::function<bool()> begin);
    /// One that began has ended: the next begins.
    void leave();
    [[nodiscard]] std::size_t running() const { return running_; }
    [[nodiscard]] std::size_t most() const { return most_; }

  private:
    void fill();
    std::size_t at_once_;
    std::size_t running_ = 0;
    std::size_t most_ = 0;
    std::deque<std::function<bool()>> waiting_;
};

/// OpenSSL between two memory buffers; the socket carries what it puts into one and fills the other.
class TlsStream final : public AnyStream {
  public:
    TlsStream(Loop& loop, Socket socket, const TlsContext& context, std::shared_ptr<Handshakes> handshakes = nullptr);
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
