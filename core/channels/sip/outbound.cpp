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

}  // namespace asterism::pjsip
