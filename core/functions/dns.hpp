// DNS records that dialplan functions ask for: SRV, NAPTR and TXT.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace asterism::functions {

enum class DnsType : int { txt = 16, srv = 33, naptr = 35 };

struct DnsRecord {
    // SRV (RFC 2782): first = priority, second = weight. NAPTR (RFC 3403): first = order, second = preference.
    std::uint16_t first = 0, second = 0, port = 0;
    std::string target{};                       ///< of SRV; replacement of NAPTR
    std::string flags{}, service{}, pattern{};  ///< of NAPTR
    std::string text{};                         ///< of TXT, its strings joined
};
using DnsRecords = std::vector<DnsRecord>;

/// The answer's records of the type, in the order of the message. The error says what is wrong with the message.
[[nodiscard]] std::expected<DnsRecords, std::string> parse_dns_answer(std::span<const unsigned char> message,
                                                                      DnsType type);

/// Asks; called on the blocking pool. A name that has no such record gives none.
using DnsQuery = std::function<std::expected<DnsRecords, std::string>(const std::string& name, DnsType type)>;
/// By the C library's resolver and /etc/resolv.conf; `server` ("127.0.0.1:5353") instead of its servers.
[[nodiscard]] DnsQuery system_resolver(std::string server = {});

}  // namespace asterism::functions
