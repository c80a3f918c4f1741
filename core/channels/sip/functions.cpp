#include "functions.hpp"

#include <fmt/format.h>

#include "asterism/config/options.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/runtime/log.hpp"
#include "object_tables.hpp"
#include "technology.hpp"

namespace asterism::pjsip {
namespace {

using dialplan::Arguments;
using dialplan::FunctionCall;

Call* call_of(const FunctionCall& f) {
    Call* call = f.channel ? pjsip::call_of(*f.channel) : nullptr;
    if (!call) log::warning("{} needs a PJSIP channel", f.name);
    return call;
}

std::optional<std::string> field_of(const Fields& fields, std::string_view name) {
    for (const auto& [n, value] : fields)
        if (n == name) return value;
    return std::nullopt;
}

/// One part of a URI, as PJSIP_PARSE_URI names them.
std::optional<std::string> uri_part(std::string_view text, std::string_view part) {
    const auto address = sip::Address::parse(text);
    if (!address) {
        log::warning("'{}' is no URI", text);
        return std::nullopt;
    }
    const sip::Uri& uri = address->uri;
    const auto param = [&](std::string_view name) { return std::string(uri.params.get(name).value_or("")); };
    if (part == "display") return address->display_text();
    if (part == "scheme") return std::string(uri.text.substr(0, uri.text.find(':')));
    if (part == "user") return uri.user_text();
    if (part == "passwd") return std::string(uri.password);
    if (part == "host") return std::string(uri.host);
    if (part == "port") return std::to_string(uri.port);
    if (part == "user_param") return param("user");
    if (part == "method_param") return param("method");
    if (part == "transport_param") return param("transport");
    if (part == "ttl_param") return uri.params.has("ttl") ? param("ttl") : "0";
    if (part == "lr_param") return uri.params.has("lr") ? "1" : "0";
    if (part == "maddr_param") return param("maddr");
    log::warning("'{}' is no part of a URI", part);
    return std::nullopt;
}

std::string_view mode_name(media::DtmfMode mode) {
    switch (mode) {
        case media::DtmfMode::rfc4733: return "rfc4733";
        case media::DtmfMode::inband: return "inband";
        case media::DtmfMode::info: return "info";
        case media::DtmfMode::automatic: return "auto";
        case media::DtmfMode::auto_info: return "auto_info";
        case media::DtmfMode::none: break;
    }
    return "none";
}

bool offered_media(const FunctionCall& f) {
    if (f.args == "audio" || f.args == "video") return true;
    log::warning("{}: '{}' is not audio or video", f.name, f.args);
    return false;
}

}  // namespace

namespace {

/// AST_SORCERY: several values of one field are put together, or one of them is taken.
std::optional<std::string> sorcery_field(Pjsip& t, FunctionCall& f) {
    const Arguments args(f.args, ',', 6);
    const auto wrong = [](std::string_view why) -> std::optional<std::string> {
        log::warning("AST_SORCERY: {}", why);
        return std::nullopt;
    };
    if (!args.has(3)) return wrong("needs a module, a type, an id and a field");
    if (args[0] != "res_pjsip") return wrong("only res_pjsip has objects");
    std::optional<Fields> fields;
    if (args[1] == "endpoint") {
        if (const auto found = t.endpoint(args[2])) fields = found->options;
    } else if (args[1] == "aor") {
        if (const auto found = t.aor(args[2])) fields = found->options;
    } else if (args[1] == "auth") {
        if (const auto found = t.auth(args[2])) fields = found->options;
    } else {
        return wrong("the types are endpoint, aor and auth");
    }
    if (!fields) return wrong("there is no such object");
    std::vector<std::string> values;
    for (const auto& [name, value] : *fields)
        if (config::equal_nocase(name, args[3])) values.push_back(value);
    if (values.empty()) return wrong("it has no such field");
    if (args[4].empty() || args[4] == "concat") {
        std::string out = values[0];
        for (std::size_t i = 1; i < values.size(); ++i) out += (args.has(5) ? args[5] : ",") + values[i];
        return out;
    }
    if (args[4] != "single") return wrong("the values are taken concat or single");
    auto which = args.has(5) ? config::parse_int(args[5]).value_or(0) : 1;
    if (which < 0) which += static_cast<std::int64_t>(values.size()) + 1;
    if (which < 1 || which > static_cast<std::int64_t>(values.size())) return wrong("it has no value of that number");
    return values[static_cast<std::size_t>(which) - 1];
}

}  // namespace

void add_functions(Pjsip& t, dialplan::Functions& functions) {
    add_header_functions(functions);
    functions.add({.name = "PJSIP_ENDPOINT",
                   .synopsis = "an option of an endpoint",
                   .syntax = "PJSIP_ENDPOINT(name,field)",
                   .read = [&t](FunctionCall& f) -> std::optional<std::string> {
                       const Arguments args(f.args);
                       const auto found = t.endpoint(args[0]);
                       if (found) {
                           if (auto value = field_of(found->options, args[1])) return value;
                           log::warning("Endpoint '{}' has no option '{}'", args[0], args[1]);
                       } else {
                           log::warning("There is no endpoint '{}'", args[0]);
                       }
                       return std::nullopt;
                   },
                   .module = "func_pjsip_endpoint"});
    functions.add({.name = "PJSIP_AOR",
                   .synopsis = "an option of an AOR, or its contacts",
                   .syntax = "PJSIP_AOR(name,field)",
                   .read = [&t](FunctionCall& f) -> std::optional<std::string> {
                       const Arguments args(f.args);
                       const auto found = t.aor(args[0]);
                       if (!found) {
                           log::warning("There is no AOR '{}'", args[0]);
                           return std::nullopt;
                       }
                       if (args[1] != "contact") return field_of(found->options, args[1]);
                       std::string out;
                       for (const auto& id : found->contacts) out += (out.empty() ? "" : ",") + id;
                       return out;
                   },
                   .module = "func_pjsip_aor"});
    functions.add({.name = "PJSIP_CONTACT",
                   .synopsis = "a field of a contact",
                   .syntax = "PJSIP_CONTACT(name,field)",
                   .read = [&t](FunctionCall& f) -> std::optional<std::string> {
                       const Arguments args(f.args);
                       const auto c = t.contact(args[0]);
                       if (!c) {
                           log::warning("There is no contact '{}'", args[0]);
                           return std::nullopt;
                       }
                       const std::string& field = args[1];
                       const auto yes = [](bool on) { return std::string(on ? "yes" : "no"); };
                       if (field == "rtt") return c->round_trip ? std::to_string(c->round_trip->count()) : "0";
                       if (field == "status") return std::string(ami_status(c->status));
                       if (field == "uri") return c->uri;
                       if (field == "expiration_time") return std::to_string(c->expiration);
                       if (field == "qualify_frequency") return std::to_string(c->qualify_frequency);
                       if (field == "qualify_timeout") return fmt::format("{:f}", c->qualify_timeout);
                       if (field == "qualify_2xx_only") return yes(c->qualify_2xx_only);
                       if (field == "authenticate_qualify") return yes(c->authenticate_qualify);
                       if (field == "outbound_proxy") return c->outbound_proxy;
                       if (field == "path") return c->path;
                       if (field == "user_agent") return c->user_agent;
                       if (field == "endpoint") return c->endpoint;
                       if (field == "reg_server") return c->reg_server;
                       if (field == "via_addr") return c->via_address;
                       if (field == "via_port") return std::to_string(c->via_port);
                       if (field == "call_id") return c->call_id;
                       if (field == "prune_on_boot") return yes(c->prune_on_boot);
                       return std::nullopt;
                   },
                   .module = "func_pjsip_contact"});
    functions.add({.name = "PJSIP_DIAL_CONTACTS",
                   .synopsis = "dial string of all contacts of an AOR",
                   .syntax = "PJSIP_DIAL_CONTACTS(endpoint,[aor],[request_user])",
                   .read = [&t](FunctionCall& f) -> std::optional<std::string> {
                       const Arguments args(f.args);
                       return t.dial_contacts(args[0], args[1], args[2]);
                   },
                   .module = "chan_pjsip"});
    functions.add({.name = "PJSIP_DTMF_MODE",
                   .synopsis = "how the call's digits are sent",
                   .syntax = "PJSIP_DTMF_MODE()",
                   .read = [](FunctionCall& f) -> std::optional<std::string> {
                       const Call* call = call_of(f);
                       return call ? std::optional(std::string(mode_name(call->dtmf_mode()))) : std::nullopt;
                   },
                   .write =
                       [](FunctionCall& f, std::string_view value) {
                           Call* call = call_of(f);
                           if (!call) return false;
                           for (const auto mode :
                                {media::DtmfMode::rfc4733, media::DtmfMode::inband, media::DtmfMode::info,
                                 media::DtmfMode::automatic, media::DtmfMode::auto_info, media::DtmfMode::none}) {
                               if (value != mode_name(mode)) continue;
                               call->set_dtmf_mode(mode);
                               return true;
                           }
                           log::warning("'{}' is no DTMF mode", value);
                           return false;
                       },
                   .module = "chan_pjsip"});
    functions.add({.name = "PJSIP_MOH_PASSTHROUGH",
                   .synopsis = "whether the call's holds are passed on to its party instead of music",
                   .syntax = "PJSIP_MOH_PASSTHROUGH()",
                   .read = [](FunctionCall& f) -> std::optional<std::string> {
                       const Call* call = call_of(f);
                       return call ? std::optional<std::string>(call->music_passthrough() ? "yes" : "no")
                                   : std::nullopt;
                   },
                   .write =
                       [](FunctionCall& f, std::string_view value) {
                           Call* call = call_of(f);
                           const auto on = config::parse_bool(config::trim(value));
                           if (call && on) call->set_music_passthrough(*on);
                           if (call && !on) log::warning("'{}' is neither yes nor no", value);
                           return call && on;
                       },
                   .module = "chan_pjsip"});
    functions.add({.name = "AST_SORCERY",
                   .synopsis = "a field of an object of res_pjsip",
                   .syntax = "AST_SORCERY(module_name,object_type,object_id,field_name[,retrieval_method[,details]])",
                   .parameters = {{"module_name", "res_pjsip"},
                                  {"object_type", "endpoint, aor or auth"},
                                  {"retrieval_method", "concat (all values) or single"},
                                  {"details", "concat: what stands between them; single: which, -1 the last"}},
                   .read = [&t](FunctionCall& f) { return sorcery_field(t, f); },
                   .module = "func_sorcery",
                   .dangerous_read = true});
    functions.add({.name = "PJSIP_TRANSFER_HANDLING",
                   .synopsis = "who carries out transfers that the party asks for",
                   .syntax = "PJSIP_TRANSFER_HANDLING([mode])",
                   .read = [](FunctionCall& f) -> std::optional<std::string> {
                       const Call* call = call_of(f);
                       return call ? std::optional(std::string(call->ari_transfers() ? "ari-only" : "core"))
                                   : std::nullopt;
                   },
                   .write =
                       [](FunctionCall& f, std::string_view value) {
                           Call* call = call_of(f);
                           if (!call) return false;
                           if (value != "core" && value != "ari-only") {
                               log::warning("'{}' is neither core nor ari-only", value);
                               return false;
                           }
                           call->set_ari_transfers(value == "ari-only");
                           return true;
                       },
                   .module = "chan_pjsip"});
    functions.add({.name = "PJSIP_SEND_SESSION_REFRESH",
                   .synopsis = "send a re-INVITE or UPDATE",
                   .syntax = "PJSIP_SEND_SESSION_REFRESH([update_type])",
                   .write =
                       [](FunctionCall& f, std::string_view value) {
                           Call* call = call_of(f);
                           return call && call->refresh(value == "update");
                       },
                   .module = "chan_pjsip"});
    functions.add({.name = "PJSIP_MEDIA_OFFER",
                   .synopsis = "codecs that are offered next",
                   .syntax = "PJSIP_MEDIA_OFFER(media)",
                   .parameters = {{"media", "audio or video"}},
                   .read = [](FunctionCall& f) -> std::optional<std::string> {
                       const Call* call = call_of(f);
                       if (!call || !offered_media(f)) return std::nullopt;
                       std::string names;
                       if (f.args == "audio")
                           for (const auto& codec : call->offered_codecs())
                               names += (names.empty() ? "" : ",") + codec.name;
                       return names;
                   },
                   .write =
                       [](FunctionCall& f, std::string_view value) {
                           Call* call = call_of(f);
                           if (!call || !offered_media(f)) return false;
                           if (f.args == "video") return true;  // none is ever offered
                           auto codecs = call->offered_codecs();
                           if (const auto set = change_codecs(codecs, value, true); !set) {
                               log::warning("{}: {}", f.name, set.error());
                               return false;
                           }
                           call->offer_codecs(std::move(codecs));
                           return true;
                       },
                   .module = "chan_pjsip"});
    functions.add({.name = "PJSIP_PARSE_URI",
                   .synopsis = "a part of a URI",
                   .syntax = "PJSIP_PARSE_URI(uri,type)",
                   .read =
                       [](FunctionCall& f) {
                           const Arguments args(f.args);
                           return uri_part(args[0], args[1]);
                       },
                   .module = "chan_pjsip"});
    functions.add({.name = "PJSIP_PARSE_URI_FROM",
                   .synopsis = "a part of the URI in a variable",
                   .syntax = "PJSIP_PARSE_URI_FROM(uri,type)",
                   .read = [](FunctionCall& f) -> std::optional<std::string> {
                       const Arguments args(f.args);
                       const std::string* value = f.channel ? f.channel->variable(args[0]) : nullptr;
                       return value ? uri_part(*value, args[1]) : std::nullopt;
                   },
                   .module = "chan_pjsip"});
}

}  // namespace asterism::pjsip
