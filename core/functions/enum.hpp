// ENUM (RFC 6116): telephone numbers as names, and what their NAPTR records make of them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "asterism/runtime/dns.hpp"

namespace asterism::functions {

/// "+49 89 1" as "1.9.8.9.4.e164.arpa": the digits turned round. `direct`: the number as it stands, before the zone.
[[nodiscard]] std::string enum_name(std::string_view number, std::string_view zone, bool direct = false);
/// An ISN "1234*256" as "4.3.2.1.256.freenum.org".
[[nodiscard]] std::string isn_name(std::string_view number, std::string_view zone);

struct EnumResult {
    std::string service;  ///< lower case, without "e2u": "sip", "tel", "voice:tel"
    std::string uri;
};
/// What the records of a number give, best first: by order, then preference. Records that cannot be used are left out.
[[nodiscard]] std::vector<EnumResult> enum_results(std::string_view number, DnsRecords records);
/// Those of one service; "all" (in any case) keeps every one.
[[nodiscard]] std::vector<EnumResult> of_service(const std::vector<EnumResult>& all, std::string_view service);
/// The URI without its scheme, as ENUMLOOKUP gives it unless option u asks for the whole.
[[nodiscard]] std::string without_scheme(std::string_view uri);
/// "!pattern!replacement!flags" done to a text; empty if it does not fit or is malformed.
[[nodiscard]] std::string rewrite(std::string_view expression, const std::string& text);

}  // namespace asterism::functions
