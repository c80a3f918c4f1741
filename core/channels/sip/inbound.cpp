// Requests outside a dialog: who sends them, whether they prove it, and what becomes of them.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "asterism/config/settings.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/events/events.hpp"
#include "asterism/features/messages.hpp"
#include "asterism/model/call_limit.hpp"
#include "asterism/model/endpoint.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/log.hpp"
#include "diversion.hpp"
#include "identity.hpp"
#include "technology.hpp"

namespace asterism::pjsip {

sip::Headers Pjsip::abilities() {
    return {{"Accept", std::string(sip::accepted_types)},
            {"Allow", std::string(sip::allow_methods)},
            {"Supported", std::string(sip::supported_extensions)},
            {"Accept-Encoding", "identity"},
            {"Accept-Language", "en"}};
}

void Pjsip::on_request(sip::ServerTransactionPtr transaction) {
    const sip::MessagePtr request = transaction->request();
    if (!contacts_allowed(*request, config_->contact_acl)) {
        log::warning("Request '{}' from {} is refused: its Contact is on the access list", request->method_text(),
                     transaction->flow().remote.text());
        transaction->respond_stateless({.code = 403});
        return;
    }
    auto endpoint = by_line(*request);
    if (!endpoint) endpoint = identifier_->find(*request, transaction->flow());
    if (!endpoint) {
        // Nobody can tell a stranger from a wrong password.
        log::notice("Request '{}' from '{}' failed for '{}' (callid: {}) - No matching endpoint found",
                    request->method_text(), request->header(sip::HeaderId::from).value_or(""),
                    transaction->flow().remote.text(), request->call_id());
        security_event("InvalidAccountID", *request, transaction->flow(), "<unknown>", {}, true);
        if (request->has(sip::HeaderId::authorization)) {
            const sip::Credential nobody{.username = "nobody", .password = pbx_.random->hex(16)};
            (void)digest_.check(*request, nobody, config_->global->default_realm);
        }
        challenge(transaction, nullptr, false);
        return;
    }
    transaction->force_rport(endpoint->force_rport);
    if (!endpoint->acl.empty() && !endpoint->acl.allows(to_ip(transaction->flow().remote), &config_->named_acls)) {
        log::warning("Request '{}' of endpoint '{}' from {} is refused by its access list", request->method_text(),
                     endpoint->name, transaction->flow().remote.text());
        security_event("FailedACL", *request, transaction->flow(), endpoint->name, {{"ACLName", "endpoint"}}, true);
        transaction->respond(403);
        return;
    }
    if (!(endpoint->allow_unauthenticated_options && transaction->method() == sip::Method::options) &&
        !authenticate(transaction, endpoint.get()))
        return;
    switch (transaction->method()) {
        case sip::Method::invite: return on_invite(transaction, endpoint);
        case sip::Method::options: return on_options(transaction, *endpoint);
        case sip::Method::register_: return on_register(transaction, *endpoint);
        case sip::Method::message: return on_message(transaction, *endpoint);
        case sip::Method::subscribe: return notifier_.on_subscribe(transaction, endpoint, exten_of(*request), *config_);
        case sip::Method::publish: transaction->respond(489); return;
        default: transaction->respond(501);
    }
}

// ---- authentication ----

bool Pjsip::authenticate(const sip::ServerTransactionPtr& transaction, const EndpointConfig* endpoint) {
    if (endpoint->auths.empty()) return true;
    const sip::MessagePtr request = transaction->request();
    using Result = sip::DigestServer::Result;
    bool stale = false, tried = false;
    for (const auto& name : endpoint->auths) {
        const auto auth = Configuration::find(config_->auths, name);
        if (!auth) continue;
        const std::string& realm = auth->realm.empty() ? config_->global->default_realm : auth->realm;
        const auto result = digest_.check(*request, auth->credential(), realm);
        if (result == Result::ok) {
            security_event("SuccessfulAuth", *request, transaction->flow(), endpoint->name, {{"UsingPassword", "1"}});
            return true;
        }
        stale = stale || result == Result::stale;
        tried = tried || result == Result::wrong;
    }
    if (tried) {
        log::notice("Request '{}' from '{}' failed for '{}' (callid: {}) - Failed to authenticate",
                    request->method_text(), request->header(sip::HeaderId::from).value_or(""),
                    transaction->flow().remote.text(), request->call_id());
        if (pbx_.bus->wanted(EventKind::security)) {
            std::string nonce, response;
            if (const auto value = request->header(sip::HeaderId::authorization)) {
                if (const auto digest = sip::DigestHeader::parse(*value)) {
                    nonce = digest->nonce;
                    response = digest->response;
                }
            }
            security_event("ChallengeResponseFailed", *request, transaction->flow(), endpoint->name,
                           {{"Challenge", nonce}, {"Response", response}, {"ExpectedResponse", ""}}, true);
        }
    } else {
        security_event("ChallengeSent", *request, transaction->flow(), endpoint->name, {{"Challenge", ""}});
    }
    challenge(transaction, endpoint, stale);
    return false;
}

void Pjsip::challenge(const sip::ServerTransactionPtr& transaction, const EndpointConfig* endpoint, bool stale) {
    sip::Response response{.code = 401};
    const auto add = [&](const std::string& realm, const std::vector<sip::DigestAlgorithm>& algorithms) {
        for (const auto algorithm : algorithms)
            response.headers.push_back({"WWW-Authenticate", digest_.challenge(realm, algorithm, stale)});
    };
    const GlobalConfig& global = *config_->global;
    static const std::vector<sip::DigestAlgorithm> md5{sip::DigestAlgorithm::md5};
    const auto& usual = global.uas.empty() ? md5 : global.uas;
    if (endpoint) {
        for (const auto& name : endpoint->auths) {
            if (const auto auth = Configuration::find(config_->auths, name))
                add(auth->realm.empty() ? global.default_realm : auth->realm, auth->uas.empty() ? usual : auth->uas);
        }
    }
    if (response.headers.empty()) add(global.default_realm, usual);
    transaction->respond_stateless(response);
}

void Pjsip::security_event(std::string_view name, const sip::Message& request, const sip::Flow& flow,
                           std::string_view account, const Fields& more, bool error) const {
    if (!pbx_.bus->wanted(EventKind::security)) return;
    const auto address = [&](const sip::SocketAddress& a) {
        return fmt::format("IPV{}/{}/{}/{}", a.v6 ? 6 : 4, sip::via_name(flow.protocol()), a.ip_text(), a.port);
    };
    const auto now = pbx_.loop->clock().wall();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count();
    SecurityEvent event;
    event.name = name;
    event.headers = {{"EventTV", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}+0000",
                                             fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), ms)},
                     {"Severity", error ? "Error" : "Informational"},
                     {"Service", "PJSIP"},
                     {"EventVersion", "1"},
                     {"AccountID", std::string(account)},
                     {"SessionID", std::string(request.call_id())},
                     {"LocalAddress", address(flow.transport->local())},
                     {"RemoteAddress", address(flow.remote)}};
    for (const auto& header : more) event.headers.push_back(header);
    pbx_.bus->publish(std::move(event));
}

// ---- INVITE ----

std::string Pjsip::exten_of(const sip::Message& request) const {
    const auto uri = sip::Uri::parse(request.request_uri());
    if (!uri || uri->user.empty()) return "s";
    std::string exten = uri->user_text();
    if (config_->global->ignore_uri_user_options) exten = without_options(exten);
    return exten.empty() ? "s" : exten;
}

Pjsip::Dialable Pjsip::dialable(const std::string& context, const std::string& exten, std::string_view caller) const {
    if (!pbx_.dialplan) return Dialable::yes;
    const auto& plan = *pbx_.dialplan->plan();
    const dialplan::Plan::Query query{
        .context = context, .exten = exten, .caller = caller, .now = pbx_.loop->clock().wall()};
    if (plan.exists(query)) return Dialable::yes;
    return plan.more_match(query) ? Dialable::more : Dialable::no;
}

void Pjsip::on_invite(const sip::ServerTransactionPtr& transaction, const EndpointPtr& endpoint) {
    const sip::MessagePtr request = transaction->request();
    if (maintenance_.contains(endpoint->name)) {
        log::notice("A call of endpoint '{}' was refused: it is in maintenance", endpoint->name);
        transaction->respond(503);
        return;
    }
    const std::string exten = exten_of(*request);
    PartyId caller = caller_of(*request, *endpoint);
    if (config_->global->ignore_uri_user_options) caller.number.text = without_options(caller.number.text);
    const Dialable found = dialable(endpoint->context, exten, caller.number.text);
    if (found != Dialable::yes) {
        log::notice("Call ({}:{}) to extension '{}' rejected because extension not found in context '{}'.",
                    sip::via_name(transaction->flow().protocol()), transaction->flow().remote.text(), exten,
                    endpoint->context);
        const Dialable wider =
            endpoint->overlap_context.empty() ? found : dialable(endpoint->overlap_context, exten, caller.number.text);
        const bool may_go_on = endpoint->allow_overlap && wider != Dialable::no;
        transaction->respond({.code = may_go_on ? 484 : 404, .to_tag = stack_.make_tag()});
        return;
    }
    if (const auto why = call_limit(pbx_)) {
        log::warning("A call of endpoint '{}' was refused: {}", endpoint->name, *why);
        transaction->respond(503);
        return;
    }
    if (pbx_.process && pbx_.process->stopping()) {
        log::notice("A call of endpoint '{}' was refused: the PBX is stopping", endpoint->name);
        transaction->respond(503);
        return;
    }
    auto made = std::make_unique<Call>(*this, endpoint);
    Call& call = *made;
    auto session = sip::InviteSession::accept(stack_, transaction, endpoint->session, call);
    if (!session) return;  // 420, 421 or 422 was sent
    call.take(*session);
    (*session)->trying();
    if (const int refusal = call.refusal(); refusal != 0) {
        log::notice("'{}' of endpoint '{}': {}", request->call_id(), endpoint->name,
                    refusal == 400   ? "its SDP cannot be read"
                    : refusal == 415 ? "it demands that a body is understood which is not"
                                     : "it offers no codec that is allowed");
        // RFC 3261 21.4.13
        sip::Headers headers;
        if (refusal == 415) headers.push_back({"Accept", "application/sdp, multipart/mixed"});
        (*session)->end(refusal, headers);
        return;
    }
    ChannelSetup setup;
    setup.name = "PJSIP/" + endpoint->name;
    setup.state = ChannelState::ring;
    setup.caller.ani = caller;
    setup.caller.id = std::move(caller);
    setup.caller.ani2 = originating_line_in(*request);
    setup.dialed.number = exten;
    setup.language = !endpoint->language.empty() ? endpoint->language
                     : pbx_.settings             ? pbx_.settings->default_language
                                                 : "en";
    setup.account_code = endpoint->accountcode;
    setup.tenant_id = endpoint->tenantid;
    setup.location = {endpoint->context, exten, 1};
    Channel& channel = pbx_.channels->create(std::move(setup), std::move(made));
    call.bind(channel);
    const log::CallScope scope(channel.call());
    if (auto redirecting = redirecting_in(*request)) channel.set_redirecting(std::move(*redirecting));
    for (const auto& [name, value] : endpoint->variables) set_endpoint_variable(channel, name, value);
    if (const auto uri = sip::Uri::parse(request->request_uri())) channel.set_variable("SIPDOMAIN", uri->host);
    if (pbx_.start_dialplan) pbx_.start_dialplan(channel);
}

// ---- the others ----

void Pjsip::on_options(const sip::ServerTransactionPtr& transaction, const EndpointConfig& endpoint) {
    const std::string exten = exten_of(*transaction->request());
    const bool exists = dialable(endpoint.context, exten, {}) == Dialable::yes;
    transaction->respond({.code = exists ? 200 : 404, .headers = abilities()});
}

EndpointPtr Pjsip::by_line(const sip::Message& request) const {
    const auto find = [this](const sip::Uri& uri) -> EndpointPtr {
        const auto line = uri.params.get("line");
        if (!line || line->empty()) return nullptr;
        for (const auto& [name, registration] : registrations_)
            if (registration.client && registration.client->line() == *line)
                return config_->endpoint(registration.config->endpoint);
        return nullptr;
    };
    EndpointPtr found;
    if (const auto uri = sip::Uri::parse(request.request_uri())) found = find(*uri);
    return found ? found : find(request.to().uri);
}

bool Pjsip::contacts_allowed(const sip::Message& request, const config::Acl& acl) const {
    if (acl.empty()) return true;
    bool allowed = true;
    request.each(sip::HeaderId::contact, [&](std::string_view value) {
        const auto contact = sip::Address::parse(value);
        const auto ip = contact && !contact->star ? config::IpAddress::parse(contact->uri.host) : std::nullopt;
        if (ip) allowed = allowed && acl.allows(*ip, &config_->named_acls);
    });
    return allowed;
}

void Pjsip::on_register(const sip::ServerTransactionPtr& transaction, const EndpointConfig& endpoint) {
    const sip::MessagePtr request = transaction->request();
    const auto to = request->to();
    const std::string user =
        config_->global->ignore_uri_user_options ? without_options(to.uri.user_text()) : to.uri.user_text();
    const std::string full = user + "@" + std::string(to.uri.host);
    std::string name;
    for (const auto& aor : endpoint.aors)
        if (aor == full || (aor == user && name.empty())) name = aor;
    const auto aor = config_->aor(name);
    if (name.empty() || !aor) {
        log::warning("AOR '{}' not found for endpoint '{}' ({})", user, endpoint.name,
                     transaction->flow().remote.text());
        transaction->respond(404);
        return;
    }
    if (!contacts_allowed(*request, endpoint.contact_acl)) {
        transaction->respond(403);
        return;
    }
    sip::AorSettings settings = aor->registrar;
    settings.rewrite_contact = endpoint.rewrite_contact;
    const auto response = registrar_.handle(*request, transaction->flow(), name, settings, endpoint.name);
    transaction->respond(response);
    if (response.code != 200 || endpoint.mailboxes.empty()) return;
    for (const Contact* contact : contacts_.of(name))
        if (!contact->permanent && contact->binding.call_id == request->call_id()) lamps_.tell(endpoint, *contact);
}

void Pjsip::on_message(const sip::ServerTransactionPtr& transaction, const EndpointConfig& endpoint) {
    const sip::MessagePtr request = transaction->request();
    const auto type = request->header(sip::HeaderId::content_type).value_or("");
    if (!type.starts_with("text/") && !type.starts_with("application/x-myphone")) {
        transaction->respond(415);
        return;
    }
    // An application that watches the endpoint takes it, whatever the dialplan says.
    TextMessage message;
    const auto plain = [](const sip::Address& address) {
        std::string uri = "sip:" + std::string(address.uri.user) + "@";
        uri += address.uri.ipv6 ? "[" + std::string(address.uri.host) + "]" : std::string(address.uri.host);
        return uri;
    };
    message.to = "pjsip:" + plain(request->to()).substr(4);
    message.from = sip::make_address(request->from().display_text(), plain(request->from()));
    message.body = request->body();
    message.technology = "PJSIP";
    message.resource = endpoint.name;
    if (pbx_.endpoints && pbx_.endpoints->receive(message)) {
        transaction->respond(202);
        return;
    }
    const std::string& context = endpoint.message_context.empty() ? endpoint.context : endpoint.message_context;
    const auto exten = exten_of(*request);
    if (dialable(context, exten, {}) != Dialable::yes) {
        transaction->respond(404);
        return;
    }
    features::TextMessage waiting;
    waiting.body = message.body;
    const auto uri = sip::Uri::parse(request->request_uri());
    waiting.to = uri && uri->is_sip() ? "pjsip:" + uri->user_text() + "@" + uri->host_port() : message.to;
    const auto display = request->from().display_text();
    waiting.from = (display.empty() ? "" : display + " ") + "<" + plain(request->from()) + ">";
    for (std::size_t i = 0; i < request->lines(); ++i)
        waiting.data.push_back({std::string(request->line(i).name), std::string(request->line(i).value)});
    const bool taken = messages_.add(std::move(waiting), {context, exten, 1});
    transaction->respond(taken ? 202 : 503);
}

}  // namespace asterism::pjsip
