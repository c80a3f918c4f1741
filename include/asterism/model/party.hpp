// Who is who in a call: names and numbers with their presentation (Q.931, Q.951), as CALLERID() and friends show them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace asterism {

/// Whether a name or number may be shown, with its screening: Q.931 4.5.10 octet 3a as Asterisk packs it.
struct Presentation {
    int value = 0;  ///< 0 allowed, 32 restricted, 67 unavailable; low bits say how it was screened

    [[nodiscard]] bool allowed() const { return (value & 0x60) == 0; }
    /// "allowed_not_screened"...
    [[nodiscard]] std::string_view name() const;
    /// "Presentation Allowed, Not Screened"...
    [[nodiscard]] std::string_view description() const;
    [[nodiscard]] static std::optional<Presentation> parse(std::string_view name_or_number);
    bool operator==(const Presentation&) const = default;
};

struct PartyName {
    std::string text;
    bool valid = false;
    int char_set = 1;  ///< ISO 8859-1
    Presentation presentation;
    bool operator==(const PartyName&) const = default;
};
struct PartyNumber {
    std::string text;
    bool valid = false;
    int plan = 0;
    Presentation presentation;
    bool operator==(const PartyNumber&) const = default;
};
struct PartyId {
    PartyName name;
    PartyNumber number;
    std::string subaddress;
    std::string tag;

    [[nodiscard]] static PartyId of(std::string_view name, std::string_view number);
    bool operator==(const PartyId&) const = default;
};

struct CallerParty {
    PartyId id;
    PartyId ani;
    PartyId priv;
    int ani2 = 0;
    bool operator==(const CallerParty&) const = default;
};
struct ConnectedParty {
    PartyId id;
    PartyId ani;
    PartyId priv;
    int source = 0;  ///< 0 unknown, 1 answer, 2 diversion, 3 transfer, 4 transfer while alerting
    bool operator==(const ConnectedParty&) const = default;
};
struct DialedParty {
    std::string number;  ///< DNID
    int plan = 0;
    std::string subaddress;
    int transit_network_select = 0;
    bool operator==(const DialedParty&) const = default;
};
struct RedirectingReason {
    int code = 0;      ///< 0 unknown, 1 cfb, 2 cfnr, 15 cfu...
    std::string text;  ///< as received, if not of the table
    bool operator==(const RedirectingReason&) const = default;
};
struct RedirectingParty {
    PartyId orig, from, to;
    PartyId priv_orig, priv_from, priv_to;
    RedirectingReason reason, orig_reason;
    int count = 0;
    bool operator==(const RedirectingParty&) const = default;
};

/// Splits `"Name" <number>`, `Name <number>`, `<number>` or a bare number or name, as CallerID: does.
[[nodiscard]] PartyId parse_caller_id(std::string_view text);
/// `"Name" <number>`, `"Name" <>`, `<number>`: CALLERID(all) and CDR's clid.
[[nodiscard]] std::string format_caller_id(std::string_view name, std::string_view number);

}  // namespace asterism
