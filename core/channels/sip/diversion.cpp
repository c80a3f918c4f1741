#include "diversion.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "identity.hpp"

namespace asterism::pjsip {
namespace {

/// A reason in Diversion (RFC 5806 4) and the cause that stands for it in History-Info (RFC 7544, after RFC 4458).
struct Reason {
    int code;  ///< RedirectingReason::code; the first of those with one text is what is read
    std::string_view text;
    int cause;
};
constexpr Reason reasons[] = {
    {0, "unknown", 404},        {1, "user-busy", 486},     {2, "no-answer", 408},      {3, "unavailable", 503},
    {15, "unconditional", 302}, {4, "unconditional", 302}, {5, "time-of-day", 404},    {6, "do-not-disturb", 404},
    {7, "deflection", 480},     {8, "follow-me", 404},     {9, "out-of-service", 404}, {10, "away", 404},
    {11, "cf_dte", 404},        {12, "send_to_vm", 404},
};
constexpr std::uint32_t deflection_in_alerting = 487;

RedirectingReason reason_of(std::string_view text) {
    for (const auto& reason : reasons)
        if (sip::iequals(text, reason.text)) return {.code = reason.code, .text = {}};
    return {.code = 0, .text = std::string(text)};
}

RedirectingReason reason_of_cause(std::uint32_t cause) {
    if (cause == deflection_in_alerting) cause = 480;
    for (const auto& reason : reasons)
        if (reason.cause == static_cast<int>(cause)) return {.code = reason.code, .text = {}};
    return {};
}

const Reason& known(const RedirectingReason& reason) {
    const auto* found = std::find_if(std::begin(reasons), std::end(reasons),
                                     [&](const Reason& one) { return one.code == reason.code; });
    return found == std::end(reasons) || !reason.text.empty() ? reasons[0] : *found;
}

std::string diversion_text(const RedirectingReason& reason) {
    if (reason.text.empty()) return std::string(known(reason).text);
    const bool token = std::ranges::all_of(reason.text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    return token ? reason.text : sip::quote(reason.text);
}

std::optional<RedirectingParty> diversion_in(const sip::Message& message) {
    std::optional<RedirectingParty> found;
    message.each(sip::HeaderId::diversion, [&](std::string_view value) {
        const auto address = sip::Address::parse(value);
        if (!address || address->star) return;
        const auto reason = reason_of(sip::unquote(address->params.get("reason").value_or(std::string_view{})));
        if (!found) {
            found.emplace();
            found->from = party_of(*address);
            found->reason = reason;
        } else {
            found->orig = party_of(*address);  // the last of several is the first who redirected
            found->orig_reason = reason;
        }
        ++found->count;
    });
    return found;
}

std::optional<RedirectingParty> history_in(const sip::Message& message) {
    struct Entry {
        PartyId party;
        std::optional<std::uint32_t> cause;
    };
    std::vector<Entry> entries;
    message.each(sip::HeaderId::history_info, [&](std::string_view value) {
        const auto address = sip::Address::parse(value);
        if (!address || address->star) return;
        const auto cause = address->uri.params.get("cause");
        entries.push_back({party_of(*address), cause ? sip::number(*cause, 699) : std::nullopt});
    });
    const auto sent_on = [](const Entry& entry) { return entry.cause.has_value(); };
    const auto last = std::find_if(entries.rbegin(), entries.rend(), sent_on);
    if (last == entries.rend()) return std::nullopt;
    const auto at = static_cast<std::size_t>(entries.rend() - last - 1);
    RedirectingParty found;
    found.to = entries[at].party;
    found.reason = reason_of_cause(*entries[at].cause);
    found.count = static_cast<int>(std::ranges::count_if(entries, sent_on));
    if (at > 0) found.from = entries[at - 1].party;
    if (at > 1) found.orig = entries.front().party;
    return found;
}

}  // namespace

PartyId contact_party(const sip::Message& response) {
    PartyId party;
    response.each(sip::HeaderId::contact, [&](std::string_view value) {
        const auto contact = sip::Address::parse(value);
        if (contact && !contact->star && contact->uri.is_sip() && !party.number.valid) party = party_of(*contact);
    });
    return party;
}

std::optional<RedirectingParty> redirecting_in(const sip::Message& message) {
    auto found = diversion_in(message);
    if (found) {
        if (message.is_request())
            found->to = party_of(message.to());
        else if (message.status() < 200)
            found->to = std::exchange(found->from, {});
    } else {
        found = history_in(message);
    }
    if (found && message.status() >= 300) found->to = contact_party(message);
    return found;
}

void add_redirecting(sip::Headers& headers, const RedirectingParty& redirecting, const EndpointConfig& endpoint,
                     std::string_view host, std::string_view uri, bool response) {
    const PartyId& party = response ? redirecting.to : redirecting.from;
    const bool sent_on = party.number.valid && !party.number.text.empty();
    const std::string name = party.name.valid ? party.name.text : std::string();
    const std::string its_uri = sent_on ? party_uri(party.number.text, host, endpoint) : std::string();
    if (endpoint.send_diversion && sent_on) {
        headers.push_back(
            {"Diversion", sip::make_address(name, its_uri) + ";reason=" + diversion_text(redirecting.reason)});
    }
    if (!endpoint.send_history_info) return;
    // RFC 7044: whom the call was for, then where it was sent to, and why.
    const std::string cause = ";cause=" + std::to_string(known(redirecting.reason).cause);
    if (sent_on && !response) {
        headers.push_back({"History-Info", sip::make_address(name, its_uri) + ";index=1"});
        headers.push_back({"History-Info", "<" + std::string(uri) + cause + ">;index=1.1"});
        return;
    }
    headers.push_back({"History-Info", "<" + std::string(uri) + ">;index=1"});
    if (sent_on) headers.push_back({"History-Info", sip::make_address(name, its_uri + cause) + ";index=1.1"});
}

}  // namespace asterism::pjsip
