#include "net.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace asterism::pjsip {

config::IpAddress to_ip(const sip::SocketAddress& address) {
    return config::IpAddress::parse(address.ip_text()).value_or(config::IpAddress());
}

sip::SocketAddress to_socket(const config::SocketAddress& address) {
    sip::SocketAddress made;
    made.v6 = address.address.is_v6();
    std::memcpy(made.ip.data(), address.address.data(), address.address.size());
    made.port = address.port;
    return made;
}

std::optional<sip::SocketAddress> source_towards(const sip::SocketAddress& remote) {
    // Connecting a UDP socket sends nothing: it only asks the routing table.
    const int family = remote.v6 ? AF_INET6 : AF_INET;
    const int fd = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return std::nullopt;
    sockaddr_storage to{}, from{};
    socklen_t size = 0;
    if (remote.v6) {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(to);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(remote.port != 0 ? remote.port : 5060);
        v6.sin6_scope_id = remote.scope;
        std::memcpy(&v6.sin6_addr, remote.ip.data(), 16);
        size = sizeof v6;
    } else {
        auto& v4 = reinterpret_cast<sockaddr_in&>(to);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(remote.port != 0 ? remote.port : 5060);
        std::memcpy(&v4.sin_addr, remote.ip.data(), 4);
        size = sizeof v4;
    }
    socklen_t got = sizeof from;
    std::optional<sip::SocketAddress> found;
    if (::connect(fd, reinterpret_cast<sockaddr*>(&to), size) == 0 &&
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&from), &got) == 0) {
        sip::SocketAddress local;
        local.v6 = remote.v6;
        if (remote.v6)
            std::memcpy(local.ip.data(), &reinterpret_cast<sockaddr_in6&>(from).sin6_addr, 16);
        else
            std::memcpy(local.ip.data(), &reinterpret_cast<sockaddr_in&>(from).sin_addr, 4);
        found = local;
    }
    ::close(fd);
    return found;
}

std::string_view Advertised::towards(const sip::SocketAddress& remote) {
    if (known_ && remote.ip == last_remote_.ip && remote.v6 == last_remote_.v6) return text_;
    known_ = true;
    last_remote_ = remote;
    text_.clear();
    const TransportConfig& config = *config_;
    if (!config.external_signaling_address.empty() && config.outside(to_ip(remote))) {
        const bool v6 = config.external_signaling_address.find(':') != std::string::npos &&
                        !config.external_signaling_address.starts_with('[');
        text_ = v6 ? "[" + config.external_signaling_address + "]" : config.external_signaling_address;
        text_ += ':';
        text_ += std::to_string(config.external_signaling_port != 0 ? config.external_signaling_port : local_.port);
        return text_;
    }
    sip::SocketAddress from = local_;
    bool any = true;
    for (const auto byte : local_.ip) any = any && byte == 0;
    if (any) {
        if (const auto source = source_towards(remote)) {
            from = *source;
            from.port = local_.port;
        }
    }
    text_ = from.text();
    return text_;
}

}  // namespace asterism::pjsip
