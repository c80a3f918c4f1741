// Actions on PJSIP's endpoints, AORs, auths, contacts and registrations.
#include <algorithm>

#include "asterism/channels/pjsip.hpp"
#include "core.hpp"
#include "find.hpp"
#include "variable_list.hpp"

namespace asterism::ami {

namespace {

pjsip::Directory* directory(Exchange& x) { return x.core().hooks().pjsip; }

void fields(Block& block, const pjsip::Fields& options, std::string_view contact_name = "Contacts") {
    for (const auto& [name, value] : options) {
        block.header(name == "contact" ? std::string(contact_name) : pjsip::ami_name(name), value);
    }
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts) text.append(text.empty() ? "" : ",").append(part);
    return text;
}

/// "aor/uri,aor/uri," as lists show contacts: each with a comma behind it.
std::string contacts_text(const pjsip::Directory& all, const std::vector<std::string>& aors) {
    std::string text;
    for (const auto& aor : aors) {
        for (const auto& contact : all.contacts(aor)) text += fmt::format("{}/{},", aor, contact.uri);
    }
    return text;
}

std::string round_trip(const pjsip::ContactInfo& contact) {
    return contact.round_trip ? std::to_string(contact.round_trip->count()) : "N/A";
}

void show_endpoints(Exchange& x) {
    auto* all = directory(x);
    auto endpoints = all ? all->endpoints() : std::vector<pjsip::EndpointInfo>();
    if (endpoints.empty()) return x.error_lf("No endpoints found");
    x.list("A listing of Endpoints follows, presented as EndpointList events");
    for (const auto& endpoint : endpoints) {
        auto item = x.item("EndpointList");
        item.header("ObjectType", "endpoint").header("ObjectName", endpoint.name);
        item.header("Transport", endpoint.transport).header("Aor", joined(endpoint.aors));
        item.header("Auths", joined(endpoint.auths)).header("OutboundAuths", joined(endpoint.outbound_auths));
        item.header("Contacts", contacts_text(*all, endpoint.aors)).header("DeviceState", endpoint.device_state);
        item.header("ActiveChannels", endpoint.active_channels).end();
    }
    x.complete("EndpointListComplete", endpoints.size()).end();
}

void contact_status(Exchange& x, const pjsip::ContactInfo& contact) {
    auto item = x.item("ContactStatusDetail");
    item.header("AOR", contact.aor).header("URI", contact.uri).header("UserAgent", contact.user_agent);
    item.header("RegExpire", contact.expiration);
    if (!contact.via_address.empty()) item.format("ViaAddress", "{}:{}", contact.via_address, contact.via_port);
    if (!contact.call_id.empty()) item.header("CallID", contact.call_id);
    item.header("Status", pjsip::ami_status(contact.status)).header("RoundtripUsec", round_trip(contact));
    item.header("EndpointName", contact.endpoint).header("ID", contact.id);
    item.header("AuthenticateQualify", contact.authenticate_qualify ? "1" : "0");
    item.header("OutboundProxy", contact.outbound_proxy).header("Path", contact.path);
    item.header("QualifyFrequency", contact.qualify_frequency);
    item.format("QualifyTimeout", "{:.3f}", contact.qualify_timeout);
    item.header("Qualify2xxOnly", contact.qualify_2xx_only ? "1" : "0").end();
}

void show_endpoint(Exchange& x) {
    auto name = x.get("Endpoint");
    if (name.empty()) return x.error_lf("PJSIPShowEndpoint requires an endpoint name");
    auto* all = directory(x);
    auto endpoint = all ? all->endpoint(name) : std::nullopt;
    if (!endpoint) return x.error_lf(fmt::format("Unable to retrieve endpoint {}", name));
    std::size_t count = 1;
    x.list("Following are Events for each object associated with the Endpoint");
    auto detail = x.item("EndpointDetail");
    detail.header("ObjectType", "endpoint").header("ObjectName", endpoint->name);
    fields(detail, endpoint->options);
    detail.header("DeviceState", endpoint->device_state).header("ActiveChannels", endpoint->active_channels).end();
    for (const auto* names : {&endpoint->auths, &endpoint->outbound_auths}) {
        for (const auto& auth_name : *names) {
            auto auth = all->auth(auth_name);
            if (!auth) continue;
            ++count;
            auto item = x.item("AuthDetail");
            item.header("ObjectType", "auth").header("ObjectName", auth->name);
            fields(item, auth->options);
            item.header("EndpointName", endpoint->name).end();
        }
    }
    for (const auto& aor_name : endpoint->aors) {
        auto aor = all->aor(aor_name);
        if (!aor) continue;
        ++count;
        auto item = x.item("AorDetail");
        item.header("ObjectType", "aor").header("ObjectName", aor->name);
        fields(item, aor->options);
        item.header("TotalContacts", aor->contacts.size()).header("ContactsRegistered", aor->registered);
        item.header("EndpointName", endpoint->name).end();
        for (const auto& contact : all->contacts(aor_name)) {
            ++count;
            contact_status(x, contact);
        }
    }
    for (const auto& transport : all->transports()) {
        if (endpoint->transport.empty() || transport.name != endpoint->transport) continue;
        ++count;
        auto item = x.item("TransportDetail");
        item.header("ObjectType", "transport").header("ObjectName", transport.name);
        fields(item, transport.options);
        item.header("EndpointName", endpoint->name).end();
    }
    for (const auto& identify : all->identifies()) {
        if (identify.endpoint != endpoint->name) continue;
        ++count;
        auto item = x.item("IdentifyDetail");
        item.header("ObjectType", "identify").header("ObjectName", identify.name);
        fields(item, identify.options);
        item.header("EndpointName", endpoint->name).end();
    }
    x.complete("EndpointDetailComplete", count).end();
}

void show_aors(Exchange& x) {
    auto aors = directory(x) ? directory(x)->aors() : std::vector<pjsip::AorInfo>();
    if (aors.empty()) return x.error_lf("No AORs found");
    x.list("A listing of AORs follows, presented as AorList events");
    for (const auto& aor : aors) {
        auto item = x.item("AorList");
        item.header("ObjectType", "aor").header("ObjectName", aor.name);
        fields(item, aor.options);
        item.end();
    }
    x.complete("AorListComplete", aors.size()).end();
}

void show_auths(Exchange& x) {
    auto auths = directory(x) ? directory(x)->auths() : std::vector<pjsip::AuthInfo>();
    if (auths.empty()) return x.error_lf("No Auths found");
    x.list("A listing of Auths follows, presented as AuthList events");
    for (const auto& auth : auths) {
        auto item = x.item("AuthList");
        item.header("ObjectType", "auth").header("ObjectName", auth.name);
        fields(item, auth.options);
        item.end();
    }
    x.complete("AuthListComplete", auths.size()).end();
}

/// Registered contacts; those of pjsip.conf are not listed, as in Asterisk.
std::vector<pjsip::ContactInfo> registered(Exchange& x) {
    auto contacts = directory(x) ? directory(x)->contacts() : std::vector<pjsip::ContactInfo>();
    std::erase_if(contacts, [](const auto& contact) { return contact.permanent; });
    return contacts;
}

void show_contacts(Exchange& x) {
    auto contacts = registered(x);
    if (contacts.empty()) return x.error_lf("No Contacts found");
    x.list("A listing of Contacts follows, presented as ContactList events");
    for (const auto& contact : contacts) {
        auto item = x.item("ContactList");
        item.header("ObjectType", "contact").header("ObjectName", contact.id);
        item.header("ViaAddr", contact.via_address).format("QualifyTimeout", "{:.6f}", contact.qualify_timeout);
        item.header("Qualify2xxOnly", contact.qualify_2xx_only ? "true" : "false").header("CallId", contact.call_id);
        item.header("RegServer", contact.reg_server).header("PruneOnBoot", contact.prune_on_boot ? "yes" : "no");
        item.header("Path", contact.path).header("Endpoint", contact.endpoint).header("ViaPort", contact.via_port);
        item.header("AuthenticateQualify", contact.authenticate_qualify ? "yes" : "no").header("Uri", contact.uri);
        item.header("QualifyFrequency", contact.qualify_frequency).header("UserAgent", contact.user_agent);
        item.header("ExpirationTime", contact.expiration).header("OutboundProxy", contact.outbound_proxy);
        item.header("Status", pjsip::ami_status(contact.status)).header("RoundtripUsec", round_trip(contact)).end();
    }
    x.complete("ContactListComplete", contacts.size()).end();
}

void show_inbound(Exchange& x) {
    auto aors = directory(x) ? directory(x)->aors() : std::vector<pjsip::AorInfo>();
    x.list("Following are Events for each Inbound registration");
    for (const auto& aor : aors) {
        auto item = x.item("InboundRegistrationDetail");
        item.header("ObjectType", "aor").header("ObjectName", aor.name);
        fields(item, aor.options, "Contact");
        item.header("Contacts", contacts_text(*directory(x), {aor.name})).end();
    }
    x.complete("InboundRegistrationDetailComplete", aors.size()).end();
}

void show_inbound_statuses(Exchange& x) {
    auto contacts = registered(x);
    x.list("Following are ContactStatusEvents for each Inbound registration");
    for (const auto& contact : contacts) contact_status(x, contact);
    x.complete("ContactStatusDetailComplete", contacts.size()).end();
}

void show_outbound(Exchange& x) {
    auto all = directory(x) ? directory(x)->registrations() : std::vector<pjsip::RegistrationInfo>();
    std::size_t good = 0;
    x.list("Following are Events for each Outbound registration");
    for (const auto& registration : all) {
        if (registration.status == "Registered") ++good;
        auto item = x.item("OutboundRegistrationDetail");
        item.header("ObjectType", "registration").header("ObjectName", registration.name);
        fields(item, registration.options);
        const auto next = registration.status == "Registered" ? registration.next_attempt : 0;
        item.header("Status", registration.status).header("NextReg", next).end();
        for (const auto& [name, value] : registration.options) {
            const auto auth = name == "outbound_auth" ? directory(x)->auth(value) : std::nullopt;
            if (!auth) continue;
            auto detail = x.item("AuthDetail");
            detail.header("ObjectType", "auth").header("ObjectName", auth->name);
            fields(detail, auth->options);
            detail.end();
        }
    }
    auto end = x.complete("OutboundRegistrationDetailComplete", all.size());
    end.header("Registered", good).header("NotRegistered", all.size() - good).end();
}

void qualify(Exchange& x) {
    auto name = x.get("Endpoint");
    if (name.empty()) return x.error("Endpoint parameter missing.");
    if (!directory(x) || !directory(x)->qualify(name)) return x.error_lf("Unable to retrieve endpoint");
    x.success("Endpoint found, will qualify");
}

void send_register(Exchange& x) {
    auto name = x.get("Registration");
    if (name.empty()) return x.error("Registration parameter missing.");
    if (!directory(x) || !directory(x)->send_register(name)) {
        return x.error_lf("Unable to retrieve registration entry");
    }
    x.success("Reregistration sent");
}

void send_unregister(Exchange& x) {
    auto name = x.get("Registration");
    if (name.empty()) return x.error("Registration parameter missing.");
    if (!directory(x) || !directory(x)->send_unregister(name)) {
        return x.error_lf("Unable to retrieve registration entry");
    }
    x.success("Unregistration sent");
}

Task<void> notify(Exchange& x) {
    const std::string endpoint(x.get("Endpoint")), uri(x.get("URI")), channel(x.get("Channel"));
    const std::string option(x.get("Option"));
    auto variables = x.request().all("Variable");
    if (variables.empty() == option.empty()) {
        x.error("PJSIPNotify requires either an Option or Variable(s).You must use only one of them.");
        co_return;
    }
    if (!endpoint.empty() + !uri.empty() + !channel.empty() != 1) {
        x.error("PJSIPNotify requires either an endpoint name, a SIP URI, or a channel.");
        co_return;
    }
    pjsip::Fields headers;
    for (auto list : variables) {
        for (auto& one : variable_list(list)) headers.push_back(std::move(one));
    }
    if (!option.empty()) {
        auto read = co_await pjsip::read_notify_option(x.pbx(), option);
        if (!read) {
            x.error(fmt::format("Unable to find notify type '{}'", option));
            co_return;
        }
        headers = std::move(*read);
    }
    auto* all = directory(x);
    if (!endpoint.empty()) {
        if (!all || !all->notify_endpoint(endpoint, headers)) {
            x.error(fmt::format("Unable to retrieve endpoint {}", endpoint));
            co_return;
        }
    } else if (!channel.empty()) {
        if (!all || !all->notify_channel(channel, headers)) {
            x.error(fmt::format("Unable to send NOTIFY to channel {}", channel));
            co_return;
        }
    } else if (!all || !all->notify_uri(uri, headers)) {
        x.error("Unable to send NOTIFY");
        co_return;
    }
    x.success("NOTIFY sent");
}

void set_maintenance(Exchange& x) {
    const auto endpoint = x.get("Endpoint"), state = x.get("State");
    if (endpoint.empty()) return x.error("Endpoint parameter missing");
    if (state.empty()) return x.error("State parameter missing");
    if (state != "on" && state != "off") return x.error("State must be 'on' or 'off'");
    if (!directory(x) || !directory(x)->set_maintenance(endpoint, state == "on"))
        return x.error(fmt::format("Unable to retrieve endpoint {}", endpoint));
    x.success(state == "on" ? "Maintenance mode enabled" : "Maintenance mode disabled");
}

void show_maintenance(Exchange& x) {
    const auto wanted = x.get("Endpoint");
    const auto all = directory(x) ? directory(x)->in_maintenance() : std::vector<std::string>();
    if (!wanted.empty() && (!directory(x) || !directory(x)->endpoint(wanted)))
        return x.error(fmt::format("Unable to retrieve endpoint {}", wanted));
    x.list("Maintenance status events follow");
    std::size_t shown = 0;
    const auto show = [&](std::string_view name, bool on) {
        x.item("PJSIPMaintenanceStatus").header("Endpoint", name).header("Status", on ? "enabled" : "disabled").end();
        ++shown;
    };
    if (!wanted.empty()) {
        show(wanted, std::ranges::find(all, wanted) != all.end());
    } else {
        for (const auto& name : all) show(name, true);
    }
    x.complete("PJSIPMaintenanceStatusComplete", shown).end();
}

void pjsip_hangup(Exchange& x) {
    auto name = x.get("Channel"), cause = x.get("Cause");
    if (name.empty()) return x.error("No channel specified");
    if (!find_channel(x.pbx(), name)) return x.error("No such channel");
    int code = 0;
    for (char c : cause) {
        if (c < '0' || c > '9' || code > 699) return x.error("Invalid Cause");
        code = code * 10 + (c - '0');
    }
    if (code < 400 || code > 699) return x.error("Invalid Cause");
    if (!directory(x) || !directory(x)->hang_up(name, code)) return x.error("No such channel");
    x.success("Channel Hungup");
}

}  // namespace

Actions pjsip_actions() {
    constexpr auto look = cls::system | cls::reporting;
    return {
        {"PJSIPShowEndpoints", cls::system, "", "List PJSIP endpoints.", show_endpoints},
        {"PJSIPShowEndpoint", cls::system, "Endpoint*", "Show a PJSIP endpoint and what belongs to it.", show_endpoint},
        {"PJSIPShowAors", cls::system, "", "List PJSIP address-of-record objects.", show_aors},
        {"PJSIPShowAuths", cls::system, "", "List PJSIP auth objects.", show_auths},
        {"PJSIPShowContacts", cls::system, "", "List registered PJSIP contacts.", show_contacts},
        {"PJSIPShowRegistrationsInbound", cls::system, "", "List AORs that phones register with.", show_inbound},
        {"PJSIPShowRegistrationInboundContactStatuses", cls::system, "", "List the state of registered contacts.",
         show_inbound_statuses},
        {"PJSIPShowRegistrationsOutbound", look, "", "List registrations with other servers.", show_outbound},
        {"PJSIPQualify", look, "Endpoint*", "Ask an endpoint's contacts whether they are there.", qualify},
        {"PJSIPRegister", look, "Registration*", "Register with another server now.", send_register},
        {"PJSIPUnregister", look, "Registration*", "Unregister from another server.", send_unregister},
        {"PJSIPNotify",
         cls::system,
         "Endpoint,URI,Channel,Option,Variable",
         "Send a NOTIFY to a phone, or within a call.",
         {},
         notify},
        {"PJSIPSetMaintenance", cls::system, "Endpoint*,State*", "Put an endpoint into maintenance, or out of it.",
         set_maintenance},
        {"PJSIPShowMaintenance", look, "Endpoint", "List endpoints in maintenance.", show_maintenance},
        {"PJSIPHangup", cls::system | cls::call, "Channel*,Cause*", "Hang up a PJSIP channel with a SIP response.",
         pjsip_hangup},
    };
}

}  // namespace asterism::ami
