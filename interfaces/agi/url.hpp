// The first argument of AGI(): where the script is.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace asterism::agi {

inline constexpr std::uint16_t default_port = 4573;

/// What AGI(script,...) names.
struct Target {
    enum class Kind { file, fast, async };
    Kind kind = Kind::file;
    std::string host;  ///< fast: name or address, an IPv6 address without its brackets
    std::uint16_t port = default_port;
    std::string script;       ///< fast: path and query without the leading slash; file: as written
    std::string request;      ///< as written, for agi_request
    bool by_service = false;  ///< hagi://: the host is looked up as an SRV record first (RFC 2782)
};

/// Reads `agi://host[:port][/path[?query]]`, `hagi://domain[/path]`, `agi:async` or a file name. The error is a text
/// for the log.
std::expected<Target, std::string> parse_target(std::string_view text);

/// Reads `host[:port]` into a server without a script; `port`: where none is named.
std::expected<Target, std::string> parse_server(std::string_view authority, std::uint16_t port);

}  // namespace asterism::agi
