// URIs (RFC 3261 19.1, RFC 3966) and addresses with a display name, as views over the text they were read from.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "asterism/sip/limits.hpp"
#include "asterism/sip/text.hpp"

namespace asterism::sip {

/// Where a URI stands decides which of its parts are allowed there (RFC 3261 19.1.1, table 1).
enum class UriContext : std::uint8_t { request, from_to, contact, other };

struct Uri {
    enum class Scheme : std::uint8_t { sip, sips, tel, other };

    Scheme scheme = Scheme::sip;
    bool ipv6 = false;       ///< the host is an IPv6 reference
    std::uint16_t port = 0;  ///< 0: none given
    std::string_view text;   ///< the whole URI
    std::string_view user;   ///< still escaped; the number of a tel URI; everything after the colon of other schemes
    std::string_view password;
    std::string_view host;  ///< without brackets
    Params params;
    std::string_view headers;  ///< what follows `?`

    [[nodiscard]] static std::expected<Uri, ParseError> parse(std::string_view text);

    [[nodiscard]] bool is_sip() const { return scheme == Scheme::sip || scheme == Scheme::sips; }
    [[nodiscard]] std::string user_text() const { return unescape(user); }
    /// "host", "host:port" or "[v6]:port".
    [[nodiscard]] std::string host_port() const;
    /// The port given, or 5060, or 5061 for sips.
    [[nodiscard]] std::uint16_t port_or_default() const;
    /// Writes the URI with the parts that its place allows. From and To lose port, transport, maddr, ttl, method, lr.
    void print(std::string& out, UriContext context) const;
};

/// Equality of RFC 3261 19.1.4.
[[nodiscard]] bool equivalent(const Uri& a, const Uri& b);

/// name-addr or addr-spec with header parameters: From, To, Contact, Route, Refer-To, P-Asserted-Identity...
struct Address {
    std::string_view display;  ///< without quotes, escapes still in it
    Uri uri;
    Params params;      ///< of the header, not of the URI
    bool star = false;  ///< `Contact: *`

    /// In an addr-spec without brackets, parameters belong to the header (RFC 3261 20.10).
    [[nodiscard]] static std::expected<Address, ParseError> parse(std::string_view text);

    [[nodiscard]] std::string display_text() const;
    [[nodiscard]] std::string_view tag() const { return params.get("tag").value_or(std::string_view{}); }
    /// `"display" <uri>` without header parameters.
    void print(std::string& out, UriContext context) const;
};

/// `"display" <uri>`; no display: `<uri>`.
[[nodiscard]] std::string make_address(std::string_view display, std::string_view uri);

}  // namespace asterism::sip
