#include "media/socket_address.hpp"

#include <arpa/inet.h>

namespace asterism::media {

std::optional<SocketAddress> SocketAddress::parse(const Address& address) {
    SocketAddress made;
    if (inet_pton(AF_INET, address.ip.c_str(), &made.u_.v4.sin_addr) == 1) {
        made.u_.v4.sin_family = AF_INET;
    } else if (inet_pton(AF_INET6, address.ip.c_str(), &made.u_.v6.sin6_addr) == 1) {
        made.u_.v6.sin6_family = AF_INET6;
    } else {
        return std::nullopt;
    }
    made.set_port(address.port);
    return made;
}

bool SocketAddress::unspecified() const {
    if (family() == AF_INET) return u_.v4.sin_addr.s_addr == 0;
    return IN6_IS_ADDR_UNSPECIFIED(&u_.v6.sin6_addr);
}

std::optional<SocketAddress> SocketAddress::for_family(sa_family_t family) const {
    if (family == this->family()) return *this;
    if (family != AF_INET6 || this->family() != AF_INET) return std::nullopt;
    SocketAddress mapped;
    mapped.u_.v6.sin6_family = AF_INET6;
    mapped.u_.v6.sin6_addr.s6_addr[10] = mapped.u_.v6.sin6_addr.s6_addr[11] = 0xFF;
    std::memcpy(&mapped.u_.v6.sin6_addr.s6_addr[12], &u_.v4.sin_addr, 4);
    mapped.set_port(port());
    return mapped;
}

Address SocketAddress::text() const {
    char buffer[INET6_ADDRSTRLEN] = "";
    if (family() == AF_INET) {
        inet_ntop(AF_INET, &u_.v4.sin_addr, buffer, sizeof buffer);
    } else if (family() == AF_INET6) {
        if (IN6_IS_ADDR_V4MAPPED(&u_.v6.sin6_addr))
            inet_ntop(AF_INET, &u_.v6.sin6_addr.s6_addr[12], buffer, sizeof buffer);
        else
            inet_ntop(AF_INET6, &u_.v6.sin6_addr, buffer, sizeof buffer);
    } else {
        return {};
    }
    return {buffer, port()};
}

}  // namespace asterism::media
