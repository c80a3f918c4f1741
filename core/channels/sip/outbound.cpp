// Calls and messages that the PBX makes: what a dial string means, and the channel for it.
#include <algorithm>

#include "asterism/config/settings.hpp"
#include "asterism/runtime/log.hpp"
#include "technology.hpp"

namespace asterism::pjsip {
namespace {

std::string with_user(std::string_view uri_text, std::string_view user) {
    const auto uri = sip::Uri::parse(uri_text);
    if (!uri || user.empty()) return std::string(uri_text);
    std::string out = uri->scheme == sip::Uri::Scheme::sips ? "sips:" : "sip:";
    out += sip::escape_user(user);
    out += '@';
    out += uri->host_port();
    out += uri->params.raw().empty() || uri->params.raw().starts_with(';') ? "" : ";";
    out += uri->params.raw();
    return out;
}

CallTarget target_of(const Contact& contact, std::string_view user) {
    CallTarget target;
    target.uri = with_user(contact.binding.uri, user);
    target.aor = contact.aor;
    target.contact_id = contact.id();
    target.flow = contact.binding.flow;
    for (auto& path : config::parse_list(contact.binding.path)) target.routes.push_back(std::move(path));
    return target;
}

}  // namespace

std::expected<std::pair<EndpointPtr, CallTarget>, std::string> Pjsip::find_target(std::string_view data) const {
    std::string_view endpoint_name = data, user, rest;
    if (const auto slash = data.find('/'); slash != std::string_view::npos) {
        endpoint_name = data.substr(0, slash);
        rest = data.substr(slash + 1);
    }
    auto endpoint = config_->endpoint(endpoint_name);
    if (!endpoint) {
        if (const auto at = endpoint_name.find('@'); at != std::string_view::npos) {
            user = endpoint_name.substr(0, at);
            endpoint_name = endpoint_name.substr(at + 1);
            endpoint = config_->endpoint(endpoint_name);
        }
    }
    if (!endpoint) return std::unexpected("endpoint '" + std::string(endpoint_name) + "' was not found");
    if (rest.starts_with("sip:") || rest.starts_with("sips:") || rest.starts_with('<')) {
        if (rest.starts_with('<') && rest.ends_with('>')) rest = rest.substr(1, rest.size() - 2);
        const auto uri = sip::Uri::parse(rest);
        if (!uri || uri->host.empty()) return std::unexpected("'" + std::string(rest) + "' is no SIP URI");
        CallTarget target;
        // One of its contacts, named by PJSIP_DIAL_CONTACTS: the way that it registered over is known.
        for (const auto& aor : endpoint->aors)
            for (const Contact* contact : contacts_.of(aor))
                if (contact->binding.uri == rest) target = target_of(*contact, {});
        target.uri = rest;
        return std::pair(endpoint, std::move(target));
    }
    const Contact* contact = nullptr;
    if (!rest.empty()) {
        contact = contacts_.usable(rest);
        if (!contact) return std::unexpected("AOR '" + std::string(rest) + "' has no contact");
    } else {
        for (const auto& aor : endpoint->aors)
            if (!contact) contact = contacts_.usable(aor);
    }
    if (!contact) return std::unexpected("endpoint '" + endpoint->name + "' has no contact");
    return std::pair(endpoint, target_of(*contact, user));
}

std::string Pjsip::dial_contacts(std::string_view name, std::string_view aor, std::string_view user) const {
    const auto endpoint = config_->endpoint(name);
    if (!endpoint) return {};
    std::string out;
    const auto add = [&](const std::string& one) {
        for (const Contact* contact : contacts_.of(one)) {
            if (!contact->usable()) continue;
            if (!out.empty()) out += '&';
            out += "PJSIP/" + endpoint->name + "/" + with_user(contact->binding.uri, user);
        }
    };
    if (!aor.empty()) {
        add(std::string(aor));
    } else {
        for (const auto& one : endpoint->aors) add(one);
    }
    return out;
}

std::expected<Channel*, Cause> Pjsip::request(const ChannelRequest& request) {
    auto found = find_target(request.data);
    if (!found) {
        log::error("Unable to create PJSIP channel - {}", found.error());
        return std::unexpected(Cause::no_route_destination);
    }
    auto& [endpoint, target] = *found;
    if (maintenance_.contains(endpoint->name)) {
        log::notice("Unable to create PJSIP channel - endpoint '{}' is in maintenance", endpoint->name);
        return std::unexpected(Cause::normal_circuit_congestion);
    }
    const Channel* requestor = pbx_.channels->find(request.requestor);
    ChannelSetup setup;
    setup.name = "PJSIP/" + endpoint->name;
    setup.state = ChannelState::down;
    setup.uniqueid = request.uniqueid;
    setup.linkedid = !request.linkedid.empty() ? request.linkedid : requestor ? requestor->linkedid() : std::string();
    if (requestor) setup.call = requestor->call();
    setup.caller.id = endpoint->caller_id;
    setup.caller.ani = endpoint->caller_id;
    setup.language = !endpoint->language.empty() ? endpoint->language
                     : !request.language.empty() ? request.language
                     : pbx_.settings             ? pbx_.settings->default_language
                                                 : "en";
    setup.account_code = !endpoint->accountcode.empty() ? endpoint->accountcode : request.account_code;
    setup.tenant_id = endpoint->tenantid;
    setup.location = {endpoint->context, "s", 1};
    auto made = std::make_unique<Call>(*this, endpoint);
    Call& call = *made;
    call.aim(std::move(target), request.formats);
    Channel& channel = pbx_.channels->create(std::move(setup), std::move(made));
    call.bind(channel);
    for (const auto& [name, value] : endpoint->variables) set_endpoint_variable(channel, name, value);
    return &channel;
}

namespace {

/// A header that a message may carry: a token as name, one line as value, and none of those that the stack writes.
bool may_carry(std::string_view name, std::string_view value) {
    static constexpr std::string_view ours[] = {
        "via",          "from",  "to",           "contact",      "call-id",        "cseq",
        "max-forwards", "route", "record-route", "content-type", "content-length", "authorization"};
    if (name.empty() || name.size() > 128 || value.size() > 1024) return false;
    for (const auto own : ours)
        if (sip::iequals(own, name)) return false;
    const bool token = std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    });
    return token && value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

/// A From out of what somebody wrote there: an address, a URI, or only a name.
std::string Pjsip::sender_of(std::string_view from) const {
    if (from.find('<') != std::string_view::npos) {
        if (const auto address = sip::Address::parse(from); address && address->uri.is_sip()) return std::string(from);
    }
    if (const auto uri = sip::Uri::parse(from); uri && uri->is_sip()) return "<" + std::string(from) + ">";
    const std::string user = from.empty() || from.find('<') != std::string_view::npos
                                 ? config_->global->default_from_user
                                 : std::string(from);
    return "<sip:" + sip::escape_user(user) + "@localhost>";
}

/// Fills in where a request out of any call goes: "pjsip:alice", "alice/sip:...", "sip:...".
bool Pjsip::aim(sip::Request& request, std::string_view to) const {
    if (to.starts_with("pjsip:")) to.remove_prefix(6);
    EndpointPtr endpoint;
    if (to.starts_with("sip:") || to.starts_with("sips:") || to.find('<') != std::string_view::npos) {
        const auto address = sip::Address::parse(to);
        if (!address || !address->uri.is_sip()) return false;
        request.uri = address->uri.text;
        endpoint = config_->endpoint(config_->global->default_outbound_endpoint);
    } else {
        auto found = find_target(to);
        // ENDPOINT@DOMAIN, as MESSAGE(to) says it.
        if (const auto at = to.find('@'); !found && at != std::string_view::npos && config_->endpoint(to.substr(0, at)))
            found = find_target(to.substr(0, at));
        if (!found) {
            log::warning("Cannot send a {}: {}", request.method, found.error());
            return false;
        }
        endpoint = found->first;
        request.uri = found->second.uri;
        request.hint.flow = found->second.flow;
        request.routes = found->second.routes;
    }
    if (endpoint) {
        request.hint.transport = endpoint->transport;
        request.credentials = endpoint->credentials;
        if (request.routes.empty()) request.routes = endpoint->session->routes;
    }
    request.to = "<" + request.uri + ">";
    return true;
}

bool Pjsip::send_message(std::string_view to, std::string_view from, std::string_view body, const Named& variables) {
    sip::Request request{.method = "MESSAGE"};
    if (!aim(request, to)) return false;
    request.from = sender_of(from);
    request.content_type = "text/plain";
    request.body = body;
    for (const auto& [name, value] : variables) {
        if (may_carry(name, value)) {
            request.headers.push_back({name, value});
        } else {
            log::warning("'{}' cannot be a header of a MESSAGE", name);
        }
    }
    stack_.send(std::move(request), [](const sip::RequestResult& result) {
        if (result.code >= 300) log::notice("A MESSAGE was answered with {}", result.code);
    });
    return true;
}

bool Pjsip::refer(std::string_view to, std::string_view from, std::string_view refer_to, bool to_self,
                  const Named& variables) {
    sip::Request request{.method = "REFER"};
    if (!aim(request, to)) return false;
    std::string destination(refer_to);
    if (destination.starts_with("pjsip:")) destination.erase(0, 6);
    if (!destination.starts_with("sip:") && !destination.starts_with("sips:") &&
        destination.find('<') == std::string::npos) {
        // An endpoint's contact, else an extension here.
        const auto found = find_target(destination);
        destination = found ? found->second.uri : "sip:" + sip::escape_user(destination) + "@localhost";
    }
    if (destination.find('<') == std::string::npos) destination = "<" + destination + ">";
    if (const auto address = sip::Address::parse(destination); !address || !address->uri.is_sip()) return false;
    request.from = to_self ? request.to : sender_of(from);
    request.with_contact = true;
    request.headers.push_back({"Refer-To", destination});
    request.headers.push_back({"Referred-By", sender_of(from)});
    for (const auto& [name, value] : variables) {
        if (may_carry(name, value)) request.headers.push_back({name, value});
    }
    stack_.send(std::move(request), [](const sip::RequestResult& result) {
        if (result.code >= 300) log::notice("A REFER was answered with {}", result.code);
    });
    return true;
}

}  // namespace asterism::pjsip
