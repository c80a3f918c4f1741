// The answers to AMI, ARI and the console.
#include <algorithm>

#include "asterism/model/device_state.hpp"
#include "technology.hpp"

namespace asterism::pjsip {
namespace {

/// As lists show a device's state.
std::string state_text(std::string_view state) {
    static constexpr std::pair<std::string_view, std::string_view> texts[] = {{"NOT_INUSE", "Not in use"},
                                                                              {"INUSE", "In use"},
                                                                              {"BUSY", "Busy"},
                                                                              {"INVALID", "Invalid"},
                                                                              {"UNAVAILABLE", "Unavailable"},
                                                                              {"RINGING", "Ringing"},
                                                                              {"RINGINUSE", "Ring+Inuse"},
                                                                              {"ONHOLD", "On Hold"}};
    for (const auto& [from, to] : texts)
        if (from == state) return std::string(to);
    return "Unknown";
}

template <class T>
std::vector<std::string> names_of(const Objects<T>& objects) {
    std::vector<std::string> out;
    for (const auto& [name, object] : objects) out.push_back(name);
    return out;
}

void set_field(Fields& fields, std::string_view name, std::string value) {
    for (auto& [n, v] : fields)
        if (n == name) v = std::move(value);
}

}  // namespace

EndpointInfo Pjsip::describe(const EndpointConfig& endpoint) const {
    EndpointInfo info;
    info.name = endpoint.name;
    info.options = endpoint.shown.all(Kind::endpoint);
    info.aors = endpoint.aors;
    info.auths = endpoint.auths;
    info.outbound_auths = endpoint.outbound_auths;
    info.transport = endpoint.transport;
    info.device_state = state_text(device_state(endpoint.name));
    info.active_channels = calls_of(endpoint.name).size();
    if (endpoint.caller_id.number.valid) info.caller_number = endpoint.caller_id.number.text;
    info.device_state_busy_at = endpoint.device_state_busy_at;
    return info;
}

std::vector<std::string> Pjsip::endpoint_names() const { return names_of(config_->endpoints); }

std::vector<EndpointInfo> Pjsip::endpoints() const {
    std::vector<EndpointInfo> out;
    for (const auto& [name, endpoint] : config_->endpoints) out.push_back(describe(*endpoint));
    return out;
}

std::optional<EndpointInfo> Pjsip::endpoint(std::string_view name) const {
    const auto found = config_->endpoint(name);
    return found ? std::optional(describe(*found)) : std::nullopt;
}

AorInfo Pjsip::describe(const AorConfig& aor) const {
    AorInfo info;
    info.name = aor.name;
    info.options = aor.shown.all(Kind::aor);
    info.max_contacts = aor.registrar.max_contacts;
    std::string permanent;
    for (const Contact* contact : contacts_.of(aor.name)) {
        info.contacts.push_back(contact->id());
        if (!contact->permanent) {
            ++info.registered;
            continue;
        }
        if (!permanent.empty()) permanent += ',';
        permanent += aor.name + "/" + contact->binding.uri;
    }
    set_field(info.options, "contact", std::move(permanent));
    return info;
}

std::vector<AorInfo> Pjsip::aors() const {
    std::vector<AorInfo> out;
    for (const auto& [name, aor] : config_->aors) out.push_back(describe(*aor));
    return out;
}

std::optional<AorInfo> Pjsip::aor(std::string_view name) const {
    const auto found = config_->aor(name);
    return found ? std::optional(describe(*found)) : std::nullopt;
}

std::vector<AuthInfo> Pjsip::auths() const {
    std::vector<AuthInfo> out;
    for (const auto& [name, auth] : config_->auths)
        out.push_back({.name = name, .username = auth->username, .options = auth->shown.all(Kind::auth)});
    return out;
}

std::optional<AuthInfo> Pjsip::auth(std::string_view name) const {
    const auto found = Configuration::find(config_->auths, name);
    if (!found) return std::nullopt;
    return AuthInfo{.name = found->name, .username = found->username, .options = found->shown.all(Kind::auth)};
}

std::vector<ContactInfo> Pjsip::contacts(std::string_view aor) const {
    std::vector<ContactInfo> out;
    const auto add = [&](std::string_view name) {
        for (const Contact* contact : contacts_.of(name)) out.push_back(contacts_.info(*contact));
    };
    if (!aor.empty()) {
        add(aor);
    } else {
        for (const auto& name : contacts_.aor_names()) add(name);
        std::ranges::sort(out, [](const auto& a, const auto& b) { return a.id < b.id; });
    }
    return out;
}

std::optional<ContactInfo> Pjsip::contact(std::string_view id) const {
    const Contact* found = contacts_.find(id);
    return found ? std::optional(contacts_.info(*found)) : std::nullopt;
}

std::vector<IdentifyInfo> Pjsip::identifies() const {
    std::vector<IdentifyInfo> out;
    for (const auto& [name, identify] : config_->identifies) {
        IdentifyInfo info;
        info.name = name;
        info.endpoint = identify->endpoint;
        std::string matches;  // what the option's list came to, not how it was written
        for (const auto& network : identify->networks) {
            info.matches.push_back(network.text());
            matches += (matches.empty() ? "" : ",") + network.masked_text();
        }
        for (const auto& host : identify->hosts) {
            info.matches.push_back(host);
            matches += (matches.empty() ? "" : ",") + host;
        }
        info.headers = identify->headers;
        info.options = identify->shown.all(Kind::identify);
        for (auto& [option, value] : info.options)
            if (option == "match") value = matches;
        out.push_back(std::move(info));
    }
    return out;
}

std::vector<TransportInfo> Pjsip::transports() const {
    std::vector<TransportInfo> out;
    for (const auto& [name, transport] : config_->transports) {
        out.push_back({.name = name,
                       .protocol = transport->protocol,
                       .bind = transport->bind.text(),
                       .cos = transport->cos,
                       .tos = transport->tos,
                       .listening = transports_.listening(name),
                       .options = transport->shown.all(Kind::transport)});
    }
    return out;
}

std::vector<RegistrationInfo> Pjsip::registrations() const {
    std::vector<RegistrationInfo> out;
    using State = sip::RegistrationClient::State;
    const TimePoint now = pbx_.loop->now();
    const auto seconds = [](Duration d) { return std::chrono::duration_cast<std::chrono::seconds>(d).count(); };
    for (const auto& [name, config] : config_->registrations) {
        RegistrationInfo info;
        info.name = name;
        info.server_uri = config->settings.server_uri;
        info.client_uri = config->settings.client_uri;
        info.auths = config->auths;
        info.options = config->shown.all(Kind::registration);
        info.status = "Unregistered";
        if (const auto found = registrations_.find(name); found != registrations_.end() && found->second.client) {
            const auto& client = *found->second.client;
            switch (client.state()) {
                case State::registered: info.status = "Registered"; break;
                case State::rejected: info.status = "Rejected"; break;
                case State::stopped: info.status = "Stopped"; break;
                default: break;
            }
            if (client.expires_at() != TimePoint{}) info.expires_in = seconds(client.expires_at() - now);
            if (const auto next = client.next_attempt())
                info.next_attempt = std::max<std::int64_t>(0, seconds(*next - now));
        }
        out.push_back(std::move(info));
    }
    return out;
}

// ---- orders ----

bool Pjsip::qualify(std::string_view name) {
    const auto endpoint = config_->endpoint(name);
    if (!endpoint) return false;
    for (const auto& aor : endpoint->aors) contacts_.qualify(aor);
    return true;
}

bool Pjsip::send_register(std::string_view name) {
    const auto found = registrations_.find(name);
    if (found == registrations_.end()) return false;
    found->second.client->stop(true);
    return true;
}

bool Pjsip::send_unregister(std::string_view name) {
    const auto found = registrations_.find(name);
    if (found == registrations_.end()) return false;
    found->second.client->stop();
    return true;
}

std::optional<sip::Request> Pjsip::notify_request(const std::string& uri, const EndpointConfig* endpoint,
                                                  const sip::Flow& flow) {
    const auto parsed = sip::Uri::parse(uri);
    if (!parsed || !parsed->is_sip()) return std::nullopt;
    sip::Request request{.method = "NOTIFY"};
    request.uri = uri;
    request.hint.flow = flow;
    std::string user = parsed->user_text();
    if (endpoint) {
        request.hint.transport = endpoint->transport;
        request.credentials = endpoint->credentials;
        request.routes = endpoint->session->routes;
        if (!endpoint->mwi_from_user.empty()) user = endpoint->mwi_from_user;
    }
    request.from = "<sip:" + (user.empty() ? std::string() : sip::escape_user(user) + "@") + parsed->host_port() + ">";
    request.to = "<" + uri + ">";
    request.with_contact = true;
    request.contact_user = user;
    return request;
}

namespace {

/// What the fields of PJSIPNotify are in a NOTIFY.
struct NotifyContent {
    sip::Headers headers;
    std::string content_type, body;
};

NotifyContent notify_content(const Fields& fields) {
    NotifyContent out;
    bool state = false, body = false;
    for (const auto& [name, value] : fields) state = state || sip::iequals(name, "Subscription-State");
    if (!state) out.headers.push_back({"Subscription-State", "terminated"});
    for (const auto& [name, value] : fields) {
        if (sip::iequals(name, "Content")) {
            if (body) out.body += "\r\n";
            out.body += value;
            body = true;
        } else if (sip::iequals(name, "Content-Type")) {
            out.content_type = value;
        } else if (!sip::iequals(name, "Content-Length")) {
            out.headers.push_back({name, value});
        }
    }
    if (!out.body.empty() && out.content_type.empty()) out.content_type = "text/plain";
    return out;
}

}  // namespace

bool Pjsip::notify(const std::string& uri, const EndpointConfig* endpoint, const sip::Flow& flow,
                   const Fields& headers) {
    auto request = notify_request(uri, endpoint, flow);
    if (!request) return false;
    NotifyContent content = notify_content(headers);
    for (auto& header : content.headers) request->headers.push_back(std::move(header));
    request->content_type = std::move(content.content_type);
    request->body = std::move(content.body);
    stack_.send(std::move(*request), [](const sip::RequestResult&) {});
    return true;
}

bool Pjsip::notify_channel(std::string_view name, const Fields& headers) {
    Channel* channel = pbx_.channels->find(name);
    Call* call = channel ? call_of(*channel) : nullptr;
    const NotifyContent content = notify_content(headers);
    return call && call->send_notify(content.headers, content.content_type, content.body);
}

bool Pjsip::notify_endpoint(std::string_view name, const Fields& headers) {
    const auto endpoint = config_->endpoint(name);
    if (!endpoint) return false;
    for (const auto& aor : endpoint->aors)
        for (const Contact* contact : contacts_.of(aor))
            notify(contact->binding.uri, endpoint.get(), contact->binding.flow, headers);
    return true;
}

bool Pjsip::notify_uri(std::string_view text, const Fields& headers) {
    const auto address = sip::Address::parse(text);
    if (!address || address->star) return false;
    return notify(std::string(address->uri.text), config_->endpoint(config_->global->default_outbound_endpoint).get(),
                  {}, headers);
}

bool Pjsip::hang_up(std::string_view name, int sip_code) {
    Channel* channel = pbx_.channels->find(name);
    Call* call = channel ? call_of(*channel) : nullptr;
    if (!call) return false;
    call->hang_up_with(sip_code);
    return true;
}

}  // namespace asterism::pjsip
