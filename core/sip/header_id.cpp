#include "asterism/sip/header_id.hpp"

#include <array>

#include "asterism/sip/text.hpp"

namespace asterism::sip {

namespace {

constexpr std::size_t known = static_cast<std::size_t>(HeaderId::count_);
constexpr std::array<std::string_view, known> names = {"",
                                                       "Accept",
                                                       "Accept-Encoding",
                                                       "Accept-Language",
                                                       "Alert-Info",
                                                       "Allow",
                                                       "Allow-Events",
                                                       "Authentication-Info",
                                                       "Authorization",
                                                       "Call-ID",
                                                       "Call-Info",
                                                       "Contact",
                                                       "Content-Disposition",
                                                       "Content-Encoding",
                                                       "Content-Length",
                                                       "Content-Type",
                                                       "CSeq",
                                                       "Date",
                                                       "Diversion",
                                                       "Error-Info",
                                                       "Event",
                                                       "Expires",
                                                       "From",
                                                       "Geolocation",
                                                       "History-Info",
                                                       "In-Reply-To",
                                                       "Max-Forwards",
                                                       "MIME-Version",
                                                       "Min-Expires",
                                                       "Min-SE",
                                                       "Organization",
                                                       "P-Asserted-Identity",
                                                       "P-Preferred-Identity",
                                                       "Path",
                                                       "Priority",
                                                       "Privacy",
                                                       "Proxy-Authenticate",
                                                       "Proxy-Authorization",
                                                       "Proxy-Require",
                                                       "RAck",
                                                       "Reason",
                                                       "Record-Route",
                                                       "Refer-Sub",
                                                       "Refer-To",
                                                       "Referred-By",
                                                       "Remote-Party-ID",
                                                       "Replaces",
                                                       "Reply-To",
                                                       "Request-Disposition",
                                                       "Require",
                                                       "Retry-After",
                                                       "Route",
                                                       "RSeq",
                                                       "Server",
                                                       "Service-Route",
                                                       "Session-Expires",
                                                       "SIP-ETag",
                                                       "SIP-If-Match",
                                                       "Subject",
                                                       "Subscription-State",
                                                       "Supported",
                                                       "Timestamp",
                                                       "To",
                                                       "Unsupported",
                                                       "User-Agent",
                                                       "Via",
                                                       "Warning",
                                                       "WWW-Authenticate"};

constexpr HeaderId compact(char c) {
    switch (lower(c)) {
        case 'a': return HeaderId::other;  // Accept-Contact
        case 'b': return HeaderId::referred_by;
        case 'c': return HeaderId::content_type;
        case 'd': return HeaderId::request_disposition;
        case 'e': return HeaderId::content_encoding;
        case 'f': return HeaderId::from;
        case 'i': return HeaderId::call_id;
        case 'k': return HeaderId::supported;
        case 'l': return HeaderId::content_length;
        case 'm': return HeaderId::contact;
        case 'o': return HeaderId::event;
        case 'r': return HeaderId::refer_to;
        case 's': return HeaderId::subject;
        case 't': return HeaderId::to;
        case 'u': return HeaderId::allow_events;
        case 'v': return HeaderId::via;
        case 'x': return HeaderId::session_expires;
        default: return HeaderId::other;
    }
}

// Length and first and last letter tell almost all names apart.
constexpr std::size_t slots = 256;
constexpr std::size_t slot_of(std::string_view text) {
    const auto first = static_cast<unsigned char>(lower(text.front()));
    const auto last = static_cast<unsigned char>(lower(text.back()));
    return (text.size() * 31u + first * 7u + last * 3u) % slots;
}
constexpr std::array<std::uint8_t, slots> make_table() {
    std::array<std::uint8_t, slots> table{};
    for (std::size_t i = 1; i < known; ++i) {
        std::size_t at = slot_of(names[i]);
        while (table[at] != 0) at = (at + 1) % slots;
        table[at] = static_cast<std::uint8_t>(i);
    }
    return table;
}
constexpr auto table = make_table();

}  // namespace

HeaderId header_id(std::string_view text) {
    if (text.empty()) return HeaderId::other;
    if (text.size() == 1) return compact(text[0]);
    for (std::size_t at = slot_of(text); table[at] != 0; at = (at + 1) % slots)
        if (iequals(names[table[at]], text)) return static_cast<HeaderId>(table[at]);
    return HeaderId::other;
}

std::string_view header_name(HeaderId id) { return id < HeaderId::count_ ? names[static_cast<std::size_t>(id)] : ""; }

}  // namespace asterism::sip
