#include "objects.hpp"

#include <bit>

#include "asterism/config/options.hpp"

namespace asterism::pjsip {

bool Network::holds(const config::IpAddress& other) const {
    return other.is_v6() == address.is_v6() && other.masked(bits) == address;
}

std::optional<Network> Network::parse(std::string_view text) {
    text = config::trim(text);
    const auto slash = text.find('/');
    std::string_view host = text.substr(0, slash);
    std::uint16_t port = 0;
    const auto colon = host.rfind(':');
    if (colon != std::string_view::npos && (host.starts_with('[') ? host[colon - 1] == ']' : host.find(':') == colon)) {
        const auto number = config::parse_int(host.substr(colon + 1));
        if (!number || *number < 1 || *number > 65535) return std::nullopt;
        port = static_cast<std::uint16_t>(*number);
        host = host.substr(0, colon);
    }
    const auto address = config::IpAddress::parse(host);
    if (!address) return std::nullopt;
    Network made{*address, address->is_v6() ? 128 : 32, port};
    if (slash != std::string_view::npos) {
        const auto rest = text.substr(slash + 1);
        if (const auto bits = config::parse_int(rest); bits) {
            if (*bits < 0 || *bits > made.bits) return std::nullopt;
            made.bits = static_cast<int>(*bits);
        } else if (const auto mask = config::IpAddress::parse(rest); mask && !mask->is_v6() && !address->is_v6()) {
            std::uint32_t value = 0;
            for (std::size_t i = 0; i < 4; ++i) value = value << 8 | mask->data()[i];
            if (value != 0 && std::popcount(~value + 1U) != 1) return std::nullopt;
            made.bits = std::popcount(value);
        } else {
            return std::nullopt;
        }
    }
    made.address = made.address.masked(made.bits);
    return made;
}

std::string Network::text() const {
    std::string out = address.text();
    if (port != 0) out = (address.is_v6() ? "[" + out + "]:" : out + ":") + std::to_string(port);
    return out + "/" + std::to_string(bits);
}

std::string Network::masked_text() const {
    const auto ones =
        config::IpAddress::parse(address.is_v6() ? "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" : "255.255.255.255");
    const std::string whole = text();
    return whole.substr(0, whole.rfind('/') + 1) + ones->masked(bits).text();
}

bool TransportConfig::outside(const config::IpAddress& remote) const {
    for (const Network& net : local_nets)
        if (net.holds(remote)) return false;
    return true;
}

sip::Credential AuthConfig::credential() const {
    sip::Credential made{.realm = realm,
                         .username = username,
                         .password = password,
                         .ha1_md5 = md5_cred,
                         .ha1_sha256 = {},
                         .ha1_sha512_256 = {}};
    for (const auto& digest : digests) {
        const auto colon = digest.find(':');
        const auto algorithm = sip::digest_algorithm(std::string_view(digest).substr(0, colon));
        if (!algorithm) continue;
        std::string hash = digest.substr(colon + 1);
        switch (*algorithm) {
            case sip::DigestAlgorithm::md5: made.ha1_md5 = std::move(hash); break;
            case sip::DigestAlgorithm::sha256: made.ha1_sha256 = std::move(hash); break;
            case sip::DigestAlgorithm::sha512_256: made.ha1_sha512_256 = std::move(hash); break;
        }
    }
    return made;
}

}  // namespace asterism::pjsip
