// The seam to sockets, so that the whole technology runs in a test in virtual time without any. AsioNet is the real
// one; tests/support/sip_peer.hpp has another.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "asterism/sip/transport.hpp"
#include "locate.hpp"
#include "objects.hpp"

namespace asterism::pjsip {

using TransportPtr = std::shared_ptr<sip::Transport>;
using TransportConfigPtr = std::shared_ptr<const TransportConfig>;

/// Who is told what the sockets see. Control loop only; never called from within a method of Net.
class NetUser {
  public:
    virtual ~NetUser() = default;
    /// A datagram, or one message of a stream. The bytes live until the call returns.
    virtual void on_bytes(const sip::Flow& flow, std::string_view bytes) = 0;
    /// A connection came in, and is alive until on_closed.
    virtual void on_accepted(const sip::Flow& flow) = 0;
    /// A connection ended or could not be made. It is told once, and the last that is heard of it.
    virtual void on_closed(const sip::Flow& flow, std::string_view why) = 0;
};

/// A socket that listens for connections; destroying it closes it.
class Listener {
  public:
    virtual ~Listener() = default;
};

class Net {
  public:
    virtual ~Net() = default;
    virtual void set_user(NetUser* user) = 0;
    /// Binds and receives. Destroying the last pointer closes it, close() at once.
    virtual std::expected<TransportPtr, std::string> open_udp(TransportConfigPtr config) = 0;
    virtual std::expected<std::unique_ptr<Listener>, std::string> listen(TransportConfigPtr config) = 0;
    /// A connection to `remote`; what is sent before it is there is kept (up to a bound).
    virtual sip::Flow connect(TransportConfigPtr config, const sip::SocketAddress& remote) = 0;
    virtual void close(const TransportPtr& transport) = 0;
    /// Whom look-ups ask from now on; empty: whom the system asks.
    virtual void set_name_servers(NameServers servers) = 0;
    /// The servers behind a name, off the loop. Empty: none. Numeric hosts never come here.
    using Located = std::move_only_function<void(std::vector<Place>)>;
    virtual void locate(Question question, Located done) = 0;
    /// A and AAAA records, off the loop. Empty: none. Numeric hosts never come here.
    using Resolved = std::move_only_function<void(std::vector<sip::SocketAddress>)>;
    virtual void resolve(std::string host, std::uint16_t port, Resolved done) = 0;
};

/// What a transport says of itself towards a remote address: its own, the one that routing would use if it is bound to
/// all, or the external one behind a NAT. One for each transport.
class Advertised {
  public:
    Advertised(TransportConfigPtr config, const sip::SocketAddress& local)
        : config_(std::move(config)), local_(local) {}
    /// "host:port".
    [[nodiscard]] std::string_view towards(const sip::SocketAddress& remote);
    [[nodiscard]] const TransportConfig& config() const { return *config_; }

  private:
    TransportConfigPtr config_;
    sip::SocketAddress local_, last_remote_;
    std::string text_;
    bool known_ = false;
};

/// The local address from which packets to `remote` would leave; nothing if there is no way.
[[nodiscard]] std::optional<sip::SocketAddress> source_towards(const sip::SocketAddress& remote);
[[nodiscard]] config::IpAddress to_ip(const sip::SocketAddress& address);
[[nodiscard]] sip::SocketAddress to_socket(const config::SocketAddress& address);

}  // namespace asterism::pjsip
