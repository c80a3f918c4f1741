#include "asterism/sip/transport.hpp"

#include <arpa/inet.h>

#include <cstring>

namespace asterism::sip {

std::string_view via_name(Protocol protocol) {
    switch (protocol) {
        case Protocol::udp: return "UDP";
        case Protocol::tcp: return "TCP";
        case Protocol::tls: return "TLS";
        case Protocol::ws: return "WS";
        case Protocol::wss: return "WSS";
    }
    return "UDP";
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view host, std::uint16_t port) {
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    SocketAddress out;
    out.port = port;
    char text[64];
    std::string_view zone;
    if (const std::size_t percent = host.find('%'); percent != std::string_view::npos) {
        zone = host.substr(percent + 1);
        host = host.substr(0, percent);
    }
    if (host.empty() || host.size() >= sizeof text) return std::nullopt;
    std::memcpy(text, host.data(), host.size());
    text[host.size()] = 0;
    if (zone.empty() && inet_pton(AF_INET, text, out.ip.data()) == 1) return out;
    if (inet_pton(AF_INET6, text, out.ip.data()) != 1) return std::nullopt;
    static constexpr std::uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::memcmp(out.ip.data(), mapped, 12) == 0) {
        std::memmove(out.ip.data(), out.ip.data() + 12, 4);
        std::memset(out.ip.data() + 4, 0, 12);
        return out;
    }
    out.v6 = true;
    for (char c : zone) {
        if (c < '0' || c > '9') return std::nullopt;  // interface names are the driver's business
        out.scope = out.scope * 10 + static_cast<unsigned>(c - '0');
    }
    return out;
}

void SocketAddress::append_ip(std::string& out, bool brackets) const {
    if (!v6) {
        for (int i = 0; i < 4; ++i) {
            if (i > 0) out += '.';
            const unsigned byte = ip[static_cast<std::size_t>(i)];
            if (byte >= 100) out += static_cast<char>('0' + byte / 100);
            if (byte >= 10) out += static_cast<char>('0' + byte / 10 % 10);
            out += static_cast<char>('0' + byte % 10);
        }
        return;
    }
    char text[INET6_ADDRSTRLEN];
    if (brackets) out += '[';
    out += inet_ntop(AF_INET6, ip.data(), text, sizeof text) != nullptr ? text : "::";
    if (brackets) out += ']';
}

std::string SocketAddress::ip_text() const {
    std::string out;
    append_ip(out, false);
    return out;
}

std::string SocketAddress::text() const {
    std::string out;
    append_ip(out, true);
    out += ':';
    out += std::to_string(port);
    return out;
}

}  // namespace asterism::sip
