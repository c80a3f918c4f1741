#include "asterism/config/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "asterism/runtime/whole.hpp"

namespace asterism::config {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
    char buffer[INET6_ADDRSTRLEN + 1];
    if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos) return std::nullopt;
    std::memcpy(buffer, text.data(), text.size());
    buffer[text.size()] = '\0';
    IpAddress out;
    if (::inet_pton(AF_INET, buffer, out.bytes_.data()) == 1) return out;
    if (::inet_pton(AF_INET6, buffer, out.bytes_.data()) != 1) return std::nullopt;
    if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), out.bytes_.begin())) {
        IpAddress v4;
        std::copy(out.bytes_.begin() + 12, out.bytes_.end(), v4.bytes_.begin());
        return v4;
    }
    out.v6_ = true;
    return out;
}

IpAddress IpAddress::v4(std::uint32_t host_order) {
    IpAddress out;
    for (std::size_t i = 0; i < 4; ++i) out.bytes_[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
    return out;
}

bool IpAddress::is_any() const {
    return std::all_of(bytes_.begin(), bytes_.end(), [](auto b) { return b == 0; });
}

std::string IpAddress::text() const {
    char buffer[INET6_ADDRSTRLEN];
    return ::inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), buffer, sizeof buffer);
}

IpAddress IpAddress::masked(int bits) const {
    IpAddress out = *this;
    for (std::size_t i = 0; i < size(); ++i) {
        const int left = std::clamp(bits - static_cast<int>(8 * i), 0, 8);
        out.bytes_[i] = static_cast<std::uint8_t>(out.bytes_[i] & (0xff00 >> left));
    }
    return out;
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
    if (auto whole = IpAddress::parse(text)) return SocketAddress{*whole, 0};
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view host = text.substr(0, colon);
    if (host.find(':') != std::string_view::npos && !host.starts_with('[')) return std::nullopt;
    auto address = IpAddress::parse(host);
    auto port = parse_whole<std::uint16_t>(text.substr(colon + 1));
    if (!address || !port) return std::nullopt;
    return SocketAddress{*address, *port};
}

std::string SocketAddress::text() const {
    std::string out = address.is_v6() ? "[" + address.text() + "]" : address.text();
    return port == 0 ? (address.is_v6() ? address.text() : out) : out + ":" + std::to_string(port);
}

}  // namespace asterism::config
