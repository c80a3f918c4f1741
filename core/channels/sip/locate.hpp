// Where the servers of a SIP domain are (RFC 3263): NAPTR, SRV, A and AAAA.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "asterism/config/file.hpp"
#include "asterism/runtime/dns.hpp"
#include "asterism/sip/transport.hpp"

namespace asterism::pjsip {

/// resolver_unbound.conf's nameserver lines, "192.0.2.1" or "192.0.2.1@5353", as "192.0.2.1:5353". Empty: whom the
/// system asks.
using NameServers = std::vector<std::string>;
[[nodiscard]] NameServers read_name_servers(const config::File& file, config::Report& report);

/// Who is asked; both block. `addresses` have no ports.
struct Dns {
    DnsQuery records;
    std::function<std::vector<sip::SocketAddress>(const std::string& name)> addresses;
};
/// With servers of its own the system's names (/etc/hosts) come after theirs.
[[nodiscard]] Dns system_dns(const NameServers& servers);

struct Question {
    std::string host;
    std::uint16_t port = 0;  ///< 0: the URI names none
    std::vector<std::string>
        protocols;              ///< that may be used: "udp", "tcp", the preferred first; one if the URI names it
    std::string usual = "udp";  ///< of those, where DNS says nothing
    std::uint32_t seed = 1;     ///< for the choice by weight
};
struct Place {
    std::string protocol;
    sip::SocketAddress address;
    bool operator==(const Place&) const = default;
};
/// In the order in which they are to be tried, at most 32. Blocks as `dns` does: for the blocking pool.
[[nodiscard]] std::vector<Place> locate(const Dns& dns, const Question& question);

}  // namespace asterism::pjsip
