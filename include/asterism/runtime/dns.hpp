// DNS records: SRV, NAPTR and TXT for dialplan functions and SIP domains, addresses for the latter.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace asterism {

enum class DnsType : int { a = 1, txt = 16, aaaa = 28, srv = 33, naptr = 35 };

struct DnsRecord {
    // SRV (RFC 2782): first = priority, second = weight. NAPTR (RFC 3403): first = order, second = preference.
    std::uint16_t first = 0, second = 0, port = 0;
    std::string target{};                       ///< of SRV; replacement of NAPTR
    std::string flags{}, service{}, pattern{};  ///< of NAPTR
    std::string text{};                         ///< of TXT, its strings joined; of A and AAAA the address
};
using DnsRecords = std::vector<DnsRecord>;

/// The answer's records of the type, in the order of the message. The error says what is wrong with the message.
[[nodiscard]] std::expected<DnsRecords, std::string> parse_dns_answer(std::span<const unsigned char> message,
                                                                      DnsType type);

/// Asks; called on the blocking pool. A name that has no such record gives none.
using DnsQuery = std::function<std::expected<DnsRecords, std::string>(const std::string& name, DnsType type)>;
/// By the C library's resolver and /etc/resolv.conf; `servers` ("127.0.0.1:5353", IPv4, at most three count) instead of
/// its servers. Each is asked twice, 3 s each time.
[[nodiscard]] DnsQuery system_resolver(std::vector<std::string> servers = {});

}  // namespace asterism
