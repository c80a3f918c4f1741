// Host names to addresses by the system's resolver.
#pragma once

#include <expected>
#include <string>
#include <vector>

namespace asterism {

/// IPv4 and IPv6 addresses of a host name, or of an address itself, in the system's order. It blocks: on the pool only.
/// The error is a sentence without the name.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> resolve_host(const std::string& host);

/// Whether it is an address already, with nothing to look up.
[[nodiscard]] bool is_ip_address(const std::string& text);

}  // namespace asterism
