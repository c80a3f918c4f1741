#include "identity.hpp"

#include <algorithm>
#include <charconv>

namespace asterism::pjsip {
PartyId party_of(const sip::Address& address) {
    const std::string name = address.display_text();
    std::string number = address.uri.user_text();
    if (const auto semicolon = number.find(';'); semicolon != std::string::npos) number.resize(semicolon);
    PartyId id = PartyId::of(name, number);
    // A display name that is there but empty is still none; a user that is there is a number.
    id.name.valid = !name.empty();
    id.number.valid = !number.empty();
    return id;
}

namespace {

constexpr int restricted = 0x23;  // prohibited, network number

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || c == '+' || c == '*' || c == '#' || c == '-' || c == '.';
    });
}

}  // namespace

std::string party_uri(std::string_view user, std::string_view host, const EndpointConfig& endpoint) {
    std::string uri = "sip:" + sip::escape_user(user) + "@";
    uri += host;
    if (endpoint.user_eq_phone && is_number(user)) uri += ";user=phone";
    return uri;
}

void add_user_phone(std::string& uri) {
    const auto parsed = sip::Uri::parse(uri);
    if (parsed && parsed->is_sip() && is_number(parsed->user_text()) && !parsed->params.has("user") &&
        parsed->headers.empty())
        uri += ";user=phone";
}

std::optional<PartyId> asserted_in(const sip::Message& message) {
    std::optional<PartyId> found;
    message.each(sip::HeaderId::p_asserted_identity, [&](std::string_view value) {
        if (found) return;
        if (const auto address = sip::Address::parse(value)) found = party_of(*address);
    });
    if (found) {
        if (message.lists(sip::HeaderId::privacy, "id") || message.lists(sip::HeaderId::privacy, "full")) {
            found->name.presentation.value = restricted;
            found->number.presentation.value = restricted;
        }
        return found;
    }
    if (const auto value = message.header(sip::HeaderId::remote_party_id)) {
        if (const auto address = sip::Address::parse(*value)) {
            found = party_of(*address);
            const auto privacy = address->params.get("privacy").value_or(std::string_view{});
            const auto screen = address->params.get("screen").value_or(std::string_view{});
            int presentation = privacy == "full" || privacy == "name" || privacy == "uri" ? 0x20 : 0;
            if (screen == "yes") presentation |= 1;
            found->name.presentation.value = presentation;
            found->number.presentation.value = presentation;
        }
    }
    return found;
}

PartyId caller_of(const sip::Message& request, const EndpointConfig& endpoint) {
    if (endpoint.trust_id_inbound) {
        if (auto asserted = asserted_in(request)) {
            asserted->tag = endpoint.caller_id.tag;
            return *asserted;
        }
    }
    if (endpoint.caller_id.number.valid) return endpoint.caller_id;
    PartyId id = party_of(request.from());
    id.name.presentation = endpoint.privacy;
    id.number.presentation = endpoint.privacy;
    if (endpoint.caller_id.name.valid) id.name = endpoint.caller_id.name;
    id.tag = endpoint.caller_id.tag;
    return id;
}

int originating_line_in(const sip::Message& request) {
    const auto from = request.from();
    for (const sip::Params& params : {from.params, from.uri.params}) {
        for (const auto name : {"isup-oli", "ss7-oli", "oli"}) {
            const auto value = params.get(name);
            int number = 0;
            if (!value || value->empty()) continue;
            const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
            if (error == std::errc() && end == value->data() + value->size() && number >= 0 && number <= 255)
                return number;
        }
    }
    return 0;
}

bool may_show(const PartyId& party) {
    if (!party.number.valid && !party.name.valid) return false;
    return (!party.number.valid || party.number.presentation.allowed()) &&
           (!party.name.valid || party.name.presentation.allowed());
}

std::string from_address(const PartyId& party, const EndpointConfig& endpoint, std::string_view host,
                         std::string_view default_user) {
    const std::string_view domain = endpoint.from_domain.empty() ? host : std::string_view(endpoint.from_domain);
    if (!may_show(party) && !endpoint.trust_id_outbound) {
        return "\"Anonymous\" <sip:" +
               (endpoint.from_user.empty() ? std::string("anonymous") : sip::escape_user(endpoint.from_user)) + "@" +
               (endpoint.from_domain.empty() ? std::string("anonymous.invalid") : endpoint.from_domain) + ">";
    }
    std::string_view user = default_user;
    if (party.number.valid && !party.number.text.empty()) user = party.number.text;
    if (!endpoint.from_user.empty()) user = endpoint.from_user;
    return sip::make_address(party.name.valid ? party.name.text : std::string(), party_uri(user, domain, endpoint));
}

void add_identity(sip::Headers& headers, const PartyId& party, const EndpointConfig& endpoint, std::string_view host,
                  bool calling) {
    if (!endpoint.send_pai && !endpoint.send_rpid) return;
    if (!party.number.valid || party.number.text.empty()) return;
    const bool shown = may_show(party);
    if (!shown && !endpoint.trust_id_outbound) return;
    const std::string_view domain = endpoint.from_domain.empty() ? host : std::string_view(endpoint.from_domain);
    const std::string address = sip::make_address(party.name.valid ? party.name.text : std::string(),
                                                  party_uri(party.number.text, domain, endpoint));
    if (endpoint.send_pai) {
        headers.push_back({"P-Asserted-Identity", address});
        if (!shown) headers.push_back({"Privacy", "id"});
    }
    if (endpoint.send_rpid) {
        const bool screened = (party.number.presentation.value & 3) == 1;
        headers.push_back({"Remote-Party-ID", address + (calling ? ";party=calling" : ";party=called") +
                                                  (shown ? ";privacy=off" : ";privacy=full") +
                                                  (screened ? ";screen=yes" : ";screen=no")});
    }
}

}  // namespace asterism::pjsip
