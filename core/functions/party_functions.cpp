// CALLERID, CONNECTEDLINE and REDIRECTING: who is who in a call.
#include <array>
#include <charconv>
#include <span>

#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

struct NamedNumber {
    std::string_view name;
    int value;
};

/// Character sets of names, as ISDN numbers them.
constexpr std::array<NamedNumber, 10> char_sets{{{"unknown", 0},
                                                 {"iso8859-1", 1},
                                                 {"withdrawn", 2},
                                                 {"iso8859-2", 3},
                                                 {"iso8859-3", 4},
                                                 {"iso8859-4", 5},
                                                 {"iso8859-5", 6},
                                                 {"iso8859-7", 7},
                                                 {"bmp", 8},
                                                 {"utf8", 9}}};
/// Reasons of redirecting.
constexpr std::array<NamedNumber, 14> reasons{{{"unknown", 0},
                                               {"cfb", 1},
                                               {"cfnr", 2},
                                               {"unavailable", 3},
                                               {"cfu", 15},
                                               {"time_of_day", 5},
                                               {"dnd", 6},
                                               {"deflection", 7},
                                               {"follow_me", 8},
                                               {"out_of_order", 9},
                                               {"away", 10},
                                               {"cf_dte", 11},
                                               {"send_to_vm", 12},
                                               {"cfu", 4}}};

int to_int(std::string_view text, int otherwise = 0) {
    text = trim(text);
    int value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string name_of(std::span<const NamedNumber> table, int value) {
    for (const auto& row : table)
        if (row.value == value) return std::string(row.name);
    return "unknown";
}
std::optional<int> number_of(std::span<const NamedNumber> table, std::string_view name) {
    for (const auto& row : table)
        if (row.name == name) return row.value;
    return std::nullopt;
}

std::string text_of(const PartyName& name) { return name.valid ? name.text : std::string{}; }
std::string text_of(const PartyNumber& number) { return number.valid ? number.text : std::string{}; }

/// How much of the two may be shown: the stricter one.
Presentation combined(const PartyId& id) {
    const auto rank = [](Presentation p) { return p.value & 0x60; };
    if (!id.name.valid) return id.number.presentation;
    if (!id.number.valid) return id.name.presentation;
    return rank(id.name.presentation) > rank(id.number.presentation) ? id.name.presentation : id.number.presentation;
}

/// A field of an identity: "all", "num-pres"... in lower case.
Text read_id(const PartyId& id, std::string_view field) {
    if (field == "all") return format_caller_id(text_of(id.name), text_of(id.number));
    if (field == "name") return text_of(id.name);
    if (field == "name-valid") return truth(id.name.valid);
    if (field == "name-charset") return name_of(char_sets, id.name.char_set);
    if (field == "name-pres") return std::string(id.name.presentation.name());
    if (field == "num" || field == "number") return text_of(id.number);
    if (field == "num-valid") return truth(id.number.valid);
    if (field == "num-plan" || field == "ton") return std::to_string(id.number.plan);
    if (field == "num-pres") return std::string(id.number.presentation.name());
    if (field == "pres") return std::string(combined(id).name());
    if (field == "subaddr") return id.subaddress;
    if (field == "subaddr-valid") return truth(!id.subaddress.empty());
    if (field == "subaddr-type" || field == "subaddr-odd") return "0";
    if (field == "tag") return id.tag;
    return std::nullopt;
}

bool write_presentation(Presentation& to, std::string_view value) {
    const auto parsed = Presentation::parse(trim(value));
    if (parsed) to = *parsed;
    return parsed.has_value();
}

/// False: no such field, or no such value.
bool write_id(PartyId& id, std::string_view field, std::string_view value) {
    if (field == "all") {
        const auto parsed = parse_caller_id(value);
        id.name.text = parsed.name.text;
        id.name.valid = true;
        id.number.text = parsed.number.text;
        id.number.valid = true;
    } else if (field == "name") {
        id.name.text = unquote(value);
        id.name.valid = true;
    } else if (field == "name-valid") {
        id.name.valid = to_int(value) != 0;
    } else if (field == "name-charset") {
        const auto set = number_of(char_sets, trim(value));
        if (!set) return false;
        id.name.char_set = *set;
    } else if (field == "name-pres") {
        return write_presentation(id.name.presentation, value);
    } else if (field == "num" || field == "number") {
        id.number.text = trim(value);
        id.number.valid = true;
    } else if (field == "num-valid") {
        id.number.valid = to_int(value) != 0;
    } else if (field == "num-plan" || field == "ton") {
        id.number.plan = to_int(value);
    } else if (field == "num-pres") {
        return write_presentation(id.number.presentation, value);
    } else if (field == "pres") {
        return write_presentation(id.name.presentation, value) && write_presentation(id.number.presentation, value);
    } else if (field == "subaddr") {
        id.subaddress = trim(value);
    } else if (field == "tag") {
        id.tag = trim(value);
    } else {
        return field.starts_with("subaddr-");  // kept nowhere: nobody reads them
    }
    return true;
}

/// `field` without `prefix` and a dash, if it begins so.
bool take_prefix(std::string_view& field, std::string_view prefix) {
    if (!field.starts_with(prefix) || field.size() <= prefix.size() || field[prefix.size()] != '-') return false;
    field.remove_prefix(prefix.size() + 1);
    return true;
}

Text caller_read(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    auto kind = lower(args[0]);
    std::string_view field = kind;
    if (args.has(1)) {
        const auto given = parse_caller_id(args[1]);
        return read_id(given, field);
    }
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    const auto& caller = channel->caller();
    if (take_prefix(field, "priv")) return read_id(caller.priv, field);
    if (field == "ani") return text_of(caller.ani.number);
    if (field == "ani2") return std::to_string(caller.ani2);
    if (take_prefix(field, "ani")) return read_id(caller.ani, field);
    if (field == "rdnis") return text_of(channel->redirecting().from.number);
    if (field == "dnid") return channel->dialed().number;
    if (field == "dnid-num-plan") return std::to_string(channel->dialed().plan);
    if (field == "dnid-subaddr") return channel->dialed().subaddress;
    if (field == "dnid-subaddr-valid") return truth(!channel->dialed().subaddress.empty());
    if (field == "dnid-subaddr-type" || field == "dnid-subaddr-odd") return "0";
    if (field == "tns") return std::to_string(channel->dialed().transit_network_select);
    auto value = read_id(caller.id, field);
    return value ? std::move(value) : failed(call, "an unknown field of the caller");
}

bool write_dialed(Channel& channel, std::string_view field, std::string_view value) {
    auto dialed = channel.dialed();
    if (field == "dnid")
        dialed.number = trim(value);
    else if (field == "dnid-num-plan")
        dialed.plan = to_int(value);
    else if (field == "dnid-subaddr")
        dialed.subaddress = trim(value);
    else if (field == "tns")
        dialed.transit_network_select = to_int(value);
    else if (!field.starts_with("dnid-subaddr-"))
        return false;
    channel.set_dialed(std::move(dialed));
    return true;
}

bool caller_write(FunctionCall& call, std::string_view value) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    const Arguments args(call.args, ',', 2);
    auto kind = lower(args[0]);
    std::string_view field = kind;
    if (field.starts_with("dnid") || field == "tns")
        return write_dialed(*channel, field, value) || refused(call, "an unknown field of the dialed party");
    if (field == "rdnis") {
        auto redirecting = channel->redirecting();
        redirecting.from.number.text = trim(value);
        redirecting.from.number.valid = true;
        channel->set_redirecting(std::move(redirecting));
        return true;
    }
    auto caller = channel->caller();
    bool good = false;
    if (field == "ani2") {
        caller.ani2 = to_int(value);
        good = true;
    } else if (field == "ani") {
        good = write_id(caller.ani, "num", value);
    } else if (take_prefix(field, "ani")) {
        good = write_id(caller.ani, field, value);
    } else if (take_prefix(field, "priv")) {
        good = write_id(caller.priv, field, value);
    } else {
        good = write_id(caller.id, field, value);
    }
    if (!good) return refused(call, "an unknown field or value of the caller");
    channel->set_caller(std::move(caller));
    return true;
}

Text connected_read(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    const Arguments args(call.args, ',', 2);
    auto kind = lower(args[0]);
    std::string_view field = kind;
    const auto& connected = channel->connected();
    if (field == "source") return std::to_string(connected.source);
    auto value = take_prefix(field, "priv") ? read_id(connected.priv, field) : read_id(connected.id, field);
    return value ? std::move(value) : failed(call, "an unknown field of the connected line");
}

/// Option i: the party is not told yet, as more fields follow.
bool tells(const Arguments& args) { return !args[1].contains('i'); }

bool connected_write(FunctionCall& call, std::string_view value) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    const Arguments args(call.args, ',', 2);
    auto kind = lower(args[0]);
    std::string_view field = kind;
    auto connected = channel->connected();
    bool good = true;
    if (field == "source")
        connected.source = to_int(value);
    else
        good =
            take_prefix(field, "priv") ? write_id(connected.priv, field, value) : write_id(connected.id, field, value);
    if (!good) return refused(call, "an unknown field or value of the connected line");
    channel->set_connected(std::move(connected), tells(args));
    return true;
}

/// The identity that a field of REDIRECTING begins with; null for none.
PartyId* redirecting_id(RedirectingParty& all, std::string_view& field) {
    if (take_prefix(field, "priv")) {
        if (take_prefix(field, "orig")) return &all.priv_orig;
        if (take_prefix(field, "from")) return &all.priv_from;
        if (take_prefix(field, "to")) return &all.priv_to;
        return nullptr;
    }
    if (take_prefix(field, "orig")) return &all.orig;
    if (take_prefix(field, "from")) return &all.from;
    if (take_prefix(field, "to")) return &all.to;
    return nullptr;
}

std::string reason_text(const RedirectingReason& reason) {
    return reason.text.empty() ? name_of(reasons, reason.code) : reason.text;
}
RedirectingReason parse_reason(std::string_view text) {
    text = trim(text);
    const auto code = number_of(reasons, text);
    return {.code = code.value_or(0), .text = code ? std::string{} : std::string(text)};
}

Text redirecting_read(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    const Arguments args(call.args, ',', 2);
    auto kind = lower(args[0]);
    std::string_view field = kind;
    auto all = channel->redirecting();
    if (field == "reason") return reason_text(all.reason);
    if (field == "orig-reason") return reason_text(all.orig_reason);
    if (field == "count") return std::to_string(all.count);
    if (field == "pres") return std::string(combined(all.from).name());
    auto* id = redirecting_id(all, field);
    auto value = id ? read_id(*id, field) : std::nullopt;
    return value ? std::move(value) : failed(call, "an unknown field of the redirection");
}

bool redirecting_write(FunctionCall& call, std::string_view value) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    const Arguments args(call.args, ',', 2);
    auto kind = lower(args[0]);
    std::string_view field = kind;
    auto all = channel->redirecting();
    bool good = true;
    if (field == "reason") {
        all.reason = parse_reason(value);
    } else if (field == "orig-reason") {
        all.orig_reason = parse_reason(value);
    } else if (field == "count") {
        all.count = to_int(value);
    } else if (field == "pres") {
        good = write_id(all.from, "pres", value) && write_id(all.to, "pres", value);
    } else {
        auto* id = redirecting_id(all, field);
        good = id && write_id(*id, field, value);
    }
    if (!good) return refused(call, "an unknown field or value of the redirection");
    channel->set_redirecting(std::move(all), tells(args));
    return true;
}

}  // namespace

void add_party_functions(dialplan::Functions& all) {
    const dialplan::Parameter inhibit{"i", "does not tell the party yet: more fields follow"};
    all.add({.name = "CALLERID",
             .synopsis = "the caller's name and number",
             .syntax = "CALLERID(datatype[,CID])",
             .parameters = {{"datatype",
                             "all, name, num, pres, tag, subaddr, name-pres, num-plan..., ANI, RDNIS, DNID, "
                             "with priv- or ANI- before it"},
                            {"CID", "read from this text instead of the channel"}},
             .read = caller_read,
             .write = caller_write,
             .module = "func_callerid"});
    all.add({.name = "CONNECTEDLINE",
             .synopsis = "name and number of whom the channel talks to",
             .syntax = "CONNECTEDLINE(datatype[,i])",
             .parameters = {{"datatype", "as of CALLERID"}, inhibit},
             .read = connected_read,
             .write = connected_write,
             .module = "func_callerid"});
    all.add({.name = "REDIRECTING",
             .synopsis = "who sent the call on, where to and why",
             .syntax = "REDIRECTING(datatype[,i])",
             .parameters = {{"datatype",
                             "reason, orig-reason, count, or as of CALLERID with orig-, from- or to- before it"},
                            inhibit},
             .read = redirecting_read,
             .write = redirecting_write,
             .module = "func_callerid"});
}

}  // namespace asterism::functions
