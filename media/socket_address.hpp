// An IPv4 or IPv6 address with its port, as the kernel takes it, small and comparable.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <optional>

#include "asterism/media/rtp.hpp"

namespace asterism::media {

class SocketAddress {
  public:
    SocketAddress() { std::memset(&u_, 0, sizeof u_); }
    /// Numeric only; nothing if the text is no address.
    static std::optional<SocketAddress> parse(const Address& address);

    [[nodiscard]] explicit operator bool() const { return u_.any.sa_family != 0; }
    [[nodiscard]] sa_family_t family() const { return u_.any.sa_family; }
    [[nodiscard]] sockaddr* raw() { return &u_.any; }
    [[nodiscard]] const sockaddr* raw() const { return &u_.any; }
    [[nodiscard]] socklen_t size() const {
        return u_.any.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    }
    static constexpr socklen_t capacity = sizeof(sockaddr_in6);
    [[nodiscard]] std::uint16_t port() const { return ntohs(u_.v4.sin_port); }  // the same place in both
    void set_port(std::uint16_t port) { u_.v4.sin_port = htons(port); }
    [[nodiscard]] bool same_host(const SocketAddress& o) const {
        if (family() != o.family()) return false;
        return family() == AF_INET6 ? std::memcmp(&u_.v6.sin6_addr, &o.u_.v6.sin6_addr, 16) == 0
                                    : u_.v4.sin_addr.s_addr == o.u_.v4.sin_addr.s_addr;
    }
    bool operator==(const SocketAddress& o) const { return same_host(o) && u_.v4.sin_port == o.u_.v4.sin_port; }
    /// 0.0.0.0 or ::, which SDP once used for hold.
    [[nodiscard]] bool unspecified() const;
    /// For a socket of this family: v4 becomes v4-mapped for a v6 socket. Nothing if that cannot be.
    [[nodiscard]] std::optional<SocketAddress> for_family(sa_family_t family) const;
    /// v4-mapped addresses are written as v4.
    [[nodiscard]] Address text() const;

  private:
    union {
        sockaddr any;
        sockaddr_in v4;
        sockaddr_in6 v6;
    } u_;
};

}  // namespace asterism::media
