#include "asterism/runtime/resolve.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <memory>

namespace asterism {

std::expected<std::vector<std::string>, std::string> resolve_host(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (error == EAI_BADFLAGS || error == EAI_NONAME || error == EAI_ADDRFAMILY) {
        hints.ai_flags = 0;  // loopback addresses do not count as configured
        error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    }
    if (error) return std::unexpected(gai_strerror(error));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
    std::vector<std::string> addresses;
    for (const auto* each = found; each; each = each->ai_next) {
        char text[INET6_ADDRSTRLEN];
        const void* bytes = nullptr;
        if (each->ai_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in*>(each->ai_addr)->sin_addr;
        if (each->ai_family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6*>(each->ai_addr)->sin6_addr;
        if (bytes && inet_ntop(each->ai_family, bytes, text, sizeof text)) addresses.emplace_back(text);
    }
    if (addresses.empty()) return std::unexpected("it has no address");
    return addresses;
}

bool is_ip_address(const std::string& text) {
    in6_addr room{};
    return inet_pton(AF_INET, text.c_str(), &room) == 1 || inet_pton(AF_INET6, text.c_str(), &room) == 1;
}

}  // namespace asterism
