// The seam to the network: what the SIP library knows of sockets. core/channels/sip implements it.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asterism::sip {

enum class Protocol : std::uint8_t { udp, tcp, tls, ws, wss };
/// "UDP": as in Via.
[[nodiscard]] std::string_view via_name(Protocol protocol);
[[nodiscard]] constexpr bool reliable(Protocol protocol) { return protocol != Protocol::udp; }

/// An IP address and a port. A value; holds no name.
struct SocketAddress {
    std::array<std::uint8_t, 16> ip{};  ///< the first four bytes for IPv4
    std::uint32_t scope = 0;            ///< of a link-local IPv6 address
    std::uint16_t port = 0;
    bool v6 = false;

    /// A numeric address, IPv6 with or without brackets; IPv4-mapped IPv6 becomes IPv4.
    [[nodiscard]] static std::optional<SocketAddress> parse(std::string_view host, std::uint16_t port);
    [[nodiscard]] std::string ip_text() const;
    /// "1.2.3.4:5060", "[::1]:5060".
    [[nodiscard]] std::string text() const;
    void append_ip(std::string& out, bool brackets) const;
    bool operator==(const SocketAddress&) const = default;
};

/// A bound UDP socket, or one connection. Implemented by the driver; lives as long as anybody keeps a flow over it.
class Transport {
  public:
    virtual ~Transport() = default;
    [[nodiscard]] virtual Protocol protocol() const = 0;
    [[nodiscard]] virtual const SocketAddress& local() const = 0;
    /// "host:port" for Via and Contact towards `remote`: the local address, or the external one behind a NAT. The view
    /// lives until the next call.
    [[nodiscard]] virtual std::string_view advertised(const SocketAddress& remote) = 0;
    /// Sends one message; a stream that is still connecting keeps it. False: the transport is dead, nothing was sent.
    /// Later failures are told to Stack::transport_failed.
    virtual bool send(const SocketAddress& remote, std::string_view bytes) = 0;
    /// The [transport] section, for logs and for AMI.
    [[nodiscard]] virtual std::string_view name() const = 0;
};

/// How to reach one peer: a transport and where on it. A value.
struct Flow {
    std::shared_ptr<Transport> transport;
    SocketAddress remote;

    explicit operator bool() const { return transport != nullptr; }
    [[nodiscard]] Protocol protocol() const { return transport->protocol(); }
    [[nodiscard]] bool reliable() const { return sip::reliable(transport->protocol()); }
};

/// What the sender of a request wants of its way.
struct RouteHint {
    std::string transport{};  ///< name of the [transport] to use; empty: any that fits
    Flow flow{};              ///< where the peer was last heard (its connection, the dialog's flow), if anywhere
    /// Where it was tried in vain: another server of the same name is wanted (RFC 3263 4.3).
    struct Tried {
        Protocol protocol;
        SocketAddress address;
        bool operator==(const Tried&) const = default;
    };
    std::vector<Tried> tried{};
};

/// Finds the way to a URI: numeric address, name look-up (RFC 3263), existing or new connection. Implemented by the
/// driver.
class Router {
  public:
    using Done = std::move_only_function<void(std::expected<Flow, std::string>)>;
    virtual ~Router() = default;
    /// Calls `done` once, at once or later on the loop. Error: no way, or none that was not tried yet. `uri` is the
    /// next hop: the first Route or the request URI.
    virtual void route(std::string_view uri, const RouteHint& hint, Done done) = 0;
};

/// Sees every message that goes in or out ("pjsip set logger", history, metrics).
class Tap {
  public:
    virtual ~Tap() = default;
    virtual void received(const Flow& flow, std::string_view bytes) = 0;
    virtual void sent(const Flow& flow, std::string_view bytes) = 0;
};

}  // namespace asterism::sip
