// Network addresses as configuration writes them. Values only: nobody resolves names here.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace asterism::config {

/// An IPv4 or IPv6 address. An IPv4 address mapped into IPv6 (::ffff:a.b.c.d) is IPv4.
class IpAddress {
  public:
    /// "192.0.2.1", "2001:db8::1" or "[2001:db8::1]"; a zone (%eth0) is not accepted.
    [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
    [[nodiscard]] static IpAddress v4(std::uint32_t host_order);

    [[nodiscard]] bool is_v6() const { return v6_; }
    /// 4 or 16 bytes in network order.
    [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }
    [[nodiscard]] std::size_t size() const { return v6_ ? 16 : 4; }
    [[nodiscard]] bool is_any() const;
    /// Without brackets.
    [[nodiscard]] std::string text() const;
    /// Keeps the first `bits` bits.
    [[nodiscard]] IpAddress masked(int bits) const;

    auto operator<=>(const IpAddress&) const = default;

  private:
    bool v6_ = false;
    std::array<std::uint8_t, 16> bytes_{};
};

/// "0.0.0.0:5060", "[::]:5060", "0.0.0.0", "::". Port 0: not given.
struct SocketAddress {
    IpAddress address;
    std::uint16_t port = 0;

    [[nodiscard]] static std::optional<SocketAddress> parse(std::string_view text);
    [[nodiscard]] std::string text() const;
    auto operator<=>(const SocketAddress&) const = default;
};

}  // namespace asterism::config
