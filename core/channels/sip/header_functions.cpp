// PJSIP_HEADER and its family: headers of the INVITE, of the last response, and of calls to come.
#include <algorithm>

#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/runtime/log.hpp"
#include "functions.hpp"
#include "technology.hpp"

namespace asterism::pjsip {
namespace {

using dialplan::Arguments;
using dialplan::FunctionCall;
using Text = std::optional<std::string>;

/// Variables that carry headers to the channels that a channel calls: this, a number, a tilde and the header's name.
constexpr std::string_view inherited_prefix = "~PJSIP_HEADER~";

/// The headers that an incoming call came with, as the dialplan has changed them since.
struct IncomingHeaders : ChannelExtra {
    sip::Headers all;
    bool known = false;
};

Call* call_of(const FunctionCall& f) {
    Call* call = f.channel ? pjsip::call_of(*f.channel) : nullptr;
    if (!call) log::warning("{} needs a PJSIP channel", f.name);
    return call;
}

std::size_t number_of(const Arguments& args, std::size_t index) {
    if (!args.has(index)) return 1;
    const auto n = config::parse_int(args[index]);
    return n && *n > 0 ? static_cast<std::size_t>(*n) : 1;
}

/// Whether a header's name is the one that was asked for; a final * fits any rest.
bool fits(std::string_view name, std::string_view wanted) {
    if (wanted.ends_with('*')) {
        wanted.remove_suffix(1);
        return sip::iequals(name.substr(0, wanted.size()), wanted);
    }
    const auto id = sip::header_id(wanted);
    return id != sip::HeaderId::other ? sip::header_id(name) == id : sip::iequals(name, wanted);
}

const sip::Message* received(const Call& call, bool response) {
    if (!call.session()) return nullptr;
    const auto& message = call.session()->last_message();
    return message && message->is_request() != response ? message.get() : nullptr;
}

sip::Headers headers_of(const sip::Message* message) {
    sip::Headers headers;
    for (std::size_t i = 0; message && i < message->lines(); ++i)
        headers.push_back({std::string(message->line(i).name), std::string(message->line(i).value)});
    return headers;
}

/// What PJSIP_HEADER works on: of an incoming call what came, of an outgoing one what was added.
sip::Headers& headers_of(Channel& channel, Call& call) {
    if (!call.incoming()) return call.extra_headers();
    auto& kept = channel.extra<IncomingHeaders>();
    if (const auto* message = received(call, false); message && !kept.known) {
        kept.all = headers_of(message);
        kept.known = true;
    }
    return kept.all;
}

sip::Header* find(sip::Headers& headers, std::string_view name, std::size_t number) {
    for (auto& header : headers)
        if (fits(header.name, name) && --number == 0) return &header;
    return nullptr;
}

/// Removes the `number`th of a name; all of them without a number. How many went.
std::size_t remove(sip::Headers& headers, const Arguments& args) {
    if (!args.has(2)) return std::erase_if(headers, [&](const sip::Header& h) { return fits(h.name, args[1]); });
    const auto* header = find(headers, args[1], number_of(args, 2));
    if (header) headers.erase(headers.begin() + (header - headers.data()));
    return header ? 1 : 0;
}

std::string names_of(const sip::Headers& headers, std::string_view prefix) {
    std::string out;
    for (const auto& header : headers) {
        if (!sip::iequals(std::string_view(header.name).substr(0, prefix.size()), prefix)) continue;
        if (!out.empty()) out += ',';
        out += header.name;
    }
    return out;
}

Text read_header(FunctionCall& f) {
    const Arguments args(f.args);
    Call* call = call_of(f);
    if (!call) return std::nullopt;
    if (!args.has(1)) {
        log::warning("{} needs the name of a header", f.name);
        return std::nullopt;
    }
    auto& headers = headers_of(*f.channel, *call);
    if (args[0] == "read") {
        const auto* header = find(headers, args[1], number_of(args, 2));
        return header ? Text(header->value) : std::nullopt;
    }
    if (args[0] == "remove") {
        if (call->incoming()) (void)remove(call->extra_headers(), args);
        return std::to_string(remove(headers, args));
    }
    log::warning("{}: '{}' is not read or remove", f.name, args[0]);
    return std::nullopt;
}

bool write_header(FunctionCall& f, std::string_view value) {
    const Arguments args(f.args);
    Call* call = call_of(f);
    if (!call) return false;
    if (!args.has(1) || value.find_first_of("\r\n") != std::string_view::npos) {
        log::warning("{} needs the name of a header, and a value without ends of lines", f.name);
        return false;
    }
    auto& headers = headers_of(*f.channel, *call);
    auto& sent = call->extra_headers();
    if (args[0] == "add") {
        headers.push_back({args[1], std::string(value)});
        if (&headers != &sent) sent.push_back(headers.back());
        return true;
    }
    if (args[0] == "update") {
        auto* header = find(headers, args[1], number_of(args, 2));
        if (header) {
            if (auto* own = &headers != &sent ? find(sent, args[1], number_of(args, 2)) : nullptr) own->value = value;
            header->value = value;
            return true;
        }
        log::warning("No header '{}' was added that could be updated", args[1]);
        return false;
    }
    if (args[0] == "remove") return read_header(f).has_value();
    log::warning("{}: '{}' is not add, update or remove", f.name, args[0]);
    return false;
}

/// What of an inheriting variable's name is the header's.
std::string_view inherited_name(std::string_view variable) {
    variable.remove_prefix(inherited_prefix.size());
    return variable.substr(variable.find('~') + 1);
}

bool write_inheritable(FunctionCall& f, std::string_view value) {
    const Arguments args(f.args);
    if (!f.channel || !args.has(1) || value.find_first_of("\r\n") != std::string_view::npos) {
        log::warning("{} needs a channel, the name of a header, and a value without ends of lines", f.name);
        return false;
    }
    auto& variables = f.channel->variables();
    if (args[0] == "add") {
        std::size_t number = 0;
        for (const auto& entry : variables.all()) {
            if (!entry.name.starts_with(inherited_prefix)) continue;
            const auto digits = std::string_view(entry.name).substr(inherited_prefix.size());
            number = std::max(
                number, static_cast<std::size_t>(config::parse_int(digits.substr(0, digits.find('~'))).value_or(0)));
        }
        variables.set("__" + std::string(inherited_prefix) + std::to_string(number + 1) + "~" + args[1], value);
        return true;
    }
    std::vector<std::string> found;
    std::size_t number = number_of(args, 2);
    for (const auto& entry : variables.all()) {
        if (!entry.name.starts_with(inherited_prefix) || !fits(inherited_name(entry.name), args[1])) continue;
        if (args[0] == "remove" && !args.has(2))
            found.push_back(entry.name);
        else if (--number == 0)
            found.push_back(entry.name);
    }
    if (args[0] == "remove") {
        for (const auto& name : found) (void)variables.unset(name);
        return true;
    }
    if (args[0] == "update" && !found.empty()) {
        variables.set("__" + found.front(), value);
        return true;
    }
    log::warning("{}: there is no '{}' that could be updated, or '{}' is not add, update or remove", f.name, args[1],
                 args[0]);
    return false;
}

/// Whether the arguments of PJSIP_HEADER_PARAM are there and of what they speak.
std::optional<bool> parameter_of_uri(const FunctionCall& f, const Arguments& args) {
    if (args.has(0) && args.has(2) && (args[1] == "uri" || args[1] == "header")) return args[1] == "uri";
    log::warning("{} needs a header, 'uri' or 'header', and the name of a parameter", f.name);
    return std::nullopt;
}

Text read_parameter(FunctionCall& f) {
    const Arguments args(f.args, ',', 3);
    Call* call = call_of(f);
    const auto of_uri = parameter_of_uri(f, args);
    if (!call || !of_uri) return std::nullopt;
    if (!call->incoming()) {
        for (const auto& parameter : call->from_parameters())
            if (fits("From", args[0]) && parameter.of_uri == *of_uri && sip::iequals(parameter.name, args[2]))
                return parameter.value;
    }
    const auto* header = find(headers_of(*f.channel, *call), args[0], 1);
    if (!header) return std::nullopt;
    const auto address = sip::Address::parse(header->value);
    if (!address) return std::nullopt;
    const auto value = (*of_uri ? address->uri.params : address->params).get(args[2]);
    return value ? Text(std::string(*value)) : std::nullopt;
}

bool write_parameter(FunctionCall& f, std::string_view value) {
    const Arguments args(f.args, ',', 3);
    Call* call = call_of(f);
    const auto of_uri = parameter_of_uri(f, args);
    if (!call || !of_uri) return false;
    const auto good = [](std::string_view text) { return text.find_first_of("\r\n\"<>;, ") == std::string_view::npos; };
    if (call->incoming() || call->session() || !fits("From", args[0]) || !good(args[2]) || !good(value)) {
        log::warning("{}({}): only From of a call that is about to be made gets parameters", f.name, f.args);
        return false;
    }
    auto& all = call->from_parameters();
    std::erase_if(all, [&](const auto& p) { return p.of_uri == *of_uri && sip::iequals(p.name, args[2]); });
    all.push_back({*of_uri, args[2], std::string(value)});
    return true;
}

}  // namespace

void add_header(Channel& channel, std::string_view name, std::string_view value) {
    if (Call* call = call_of(channel)) headers_of(channel, *call).push_back({std::string(name), std::string(value)});
}

sip::Headers inherited_headers(Channel& channel) {
    sip::Headers headers;
    for (const auto& entry : channel.variables().all())
        if (entry.name.starts_with(inherited_prefix))
            headers.push_back({std::string(inherited_name(entry.name)), entry.value});
    return headers;
}

void add_header_functions(dialplan::Functions& functions) {
    const dialplan::Parameter name{"name", "of the header; a final * stands for any rest"};
    const dialplan::Parameter number{"number", "which of several of the name, from 1"};
    functions.add({.name = "PJSIP_HEADER",
                   .synopsis = "read, add, update or remove a SIP header",
                   .syntax = "PJSIP_HEADER(action,name,[number])",
                   .parameters = {{"action", "read, add, update or remove"}, name, number},
                   .read = read_header,
                   .write = write_header,
                   .module = "res_pjsip_header_funcs"});
    functions.add({.name = "PJSIP_HEADERS",
                   .synopsis = "names of the headers of the INVITE",
                   .syntax = "PJSIP_HEADERS([prefix])",
                   .read = [](FunctionCall& f) -> Text {
                       Call* call = call_of(f);
                       return call ? Text(names_of(headers_of(*f.channel, *call), f.args)) : std::nullopt;
                   },
                   .module = "res_pjsip_header_funcs"});
    functions.add({.name = "PJSIP_RESPONSE_HEADER",
                   .synopsis = "read a header of the last response",
                   .syntax = "PJSIP_RESPONSE_HEADER(action,name,[number])",
                   .read = [](FunctionCall& f) -> Text {
                       const Arguments args(f.args);
                       const Call* call = call_of(f);
                       auto headers = headers_of(call ? received(*call, true) : nullptr);
                       const auto* header = find(headers, args[1], number_of(args, 2));
                       return header ? Text(header->value) : std::nullopt;
                   },
                   .module = "res_pjsip_header_funcs"});
    functions.add({.name = "PJSIP_RESPONSE_HEADERS",
                   .synopsis = "names of the headers of the last response",
                   .syntax = "PJSIP_RESPONSE_HEADERS([prefix])",
                   .read = [](FunctionCall& f) -> Text {
                       const Call* call = call_of(f);
                       const auto* message = call ? received(*call, true) : nullptr;
                       return message ? Text(names_of(headers_of(message), f.args)) : std::nullopt;
                   },
                   .module = "res_pjsip_header_funcs"});
    functions.add({.name = "PJSIP_HEADER_PARAM",
                   .synopsis = "a parameter of a SIP header",
                   .syntax = "PJSIP_HEADER_PARAM(header_name,parameter_type,parameter_name)",
                   .parameters = {{"header_name", "setting: only From, before the call is made"},
                                  {"parameter_type", "uri: within the URI; header: behind it"},
                                  {"parameter_name", "the parameter"}},
                   .read = read_parameter,
                   .write = write_parameter,
                   .module = "res_pjsip_header_funcs"});
    functions.add({.name = "PJSIP_INHERITABLE_HEADER",
                   .synopsis = "a header of the calls that this channel makes",
                   .syntax = "PJSIP_INHERITABLE_HEADER(action,name,[number])",
                   .parameters = {{"action", "add, update or remove"}, name, number},
                   .write = write_inheritable,
                   .module = "res_pjsip_header_funcs"});
}

}  // namespace asterism::pjsip
