#include "mailboxes.hpp"

#include <algorithm>
#include <utility>

#include "asterism/config/options.hpp"
#include "asterism/sip/method.hpp"
#include "asterism/sip/uri.hpp"
#include "technology.hpp"

namespace asterism::pjsip {

MailboxLamps::MailboxLamps(Pjsip& technology, Notifier& notifier) : technology_(technology), notifier_(notifier) {
    notifier_.on_mailbox([this](const std::string& mailbox) { mailbox_changed(mailbox); });
    // What a subscription took over comes back.
    notifier_.on_mailboxes_left([this](const std::string& name) {
        const auto endpoint = technology_.config().endpoint(name);
        if (endpoint && endpoint->mwi_subscribe_replaces_unsolicited) tell_all(*endpoint);
    });
}

void MailboxLamps::apply(const Configuration& before, bool started) {
    const Configuration& now = technology_.config();
    endpoints_of_.clear();
    for (const auto& [name, endpoint] : now.endpoints) {
        for (const auto& mailbox : endpoint->mailboxes) endpoints_of_[mailbox].push_back(name);
    }
    notifier_.want_mailboxes(!endpoints_of_.empty());
    if (!started) return;
    for (const auto& [name, endpoint] : now.endpoints)
        if (before.endpoint(name) != endpoint) tell_all(*endpoint);
}

void MailboxLamps::start() {
    if (technology_.config().global->mwi_disable_initial_unsolicited) return;
    for (const auto& [name, endpoint] : technology_.config().endpoints) tell_all(*endpoint);
}

void MailboxLamps::mailbox_changed(const std::string& mailbox) {
    const auto found = endpoints_of_.find(mailbox);
    if (found == endpoints_of_.end()) return;
    for (const auto& name : found->second) {
        const auto endpoint = technology_.config().endpoint(name);
        if (!endpoint) continue;
        const Names mailboxes = unasked(*endpoint, endpoint->aggregate_mwi ? endpoint->mailboxes : Names{mailbox});
        if (mailboxes.empty()) continue;
        for (const auto& aor : endpoint->aors)
            for (const Contact* contact : technology_.book().of(aor)) send(*endpoint, *contact, mailboxes);
    }
}

void MailboxLamps::tell_all(const EndpointConfig& endpoint) {
    if (endpoint.mailboxes.empty()) return;
    for (const auto& aor : endpoint.aors)
        for (const Contact* contact : technology_.book().of(aor)) tell(endpoint, *contact);
}

void MailboxLamps::tell(const EndpointConfig& endpoint, const Contact& contact) {
    const Names mailboxes = unasked(endpoint, endpoint.mailboxes);
    if (mailboxes.empty()) return;
    if (endpoint.aggregate_mwi) return send(endpoint, contact, mailboxes);
    for (const auto& mailbox : mailboxes) send(endpoint, contact, {mailbox});
}

Names MailboxLamps::unasked(const EndpointConfig& endpoint, Names mailboxes) const {
    if (!endpoint.mwi_subscribe_replaces_unsolicited) return mailboxes;
    const auto subscribed = [&](const auto& mailbox) { return notifier_.subscribed(endpoint.name, mailbox); };
    // One lamp for all of them is told in one way or the other.
    if (endpoint.aggregate_mwi && std::ranges::any_of(mailboxes, subscribed)) return {};
    std::erase_if(mailboxes, subscribed);
    return mailboxes;
}

void MailboxLamps::send(const EndpointConfig& endpoint, const Contact& contact, const Names& mailboxes) {
    std::string key = contact.id();
    for (const auto& mailbox : mailboxes) key.append(" ").append(mailbox);
    if (const auto [one, fresh] = on_the_way_.try_emplace(key, false); !fresh) {
        one->second = true;
        return;
    }
    auto request = Pjsip::notify_request(contact.binding.uri, &endpoint, contact.binding.flow);
    if (!request) {
        on_the_way_.erase(key);
        return;
    }
    if (auto path = config::parse_list(contact.binding.path); !path.empty()) request->routes = std::move(path);
    request->headers = {{"Subscription-State", "terminated"},
                        {"Event", "message-summary"},
                        {"Allow-Events", std::string(sip::allowed_events)}};
    request->content_type = mwi_type;
    const auto done = [this, alive = alive_, key, name = endpoint.name, id = contact.id(), mailboxes] {
        if (*alive) answered(key, name, id, mailboxes);
    };
    std::string account = endpoint.voicemail_extension.empty()
                              ? technology_.config().global->default_voicemail_extension
                              : endpoint.voicemail_extension;
    // Message-Account names us: our address towards the contact is known when its way is.
    const std::string hop = request->routes.empty() ? request->uri : request->routes.front();
    const sip::RouteHint hint = request->hint;
    technology_.ways().route(
        hop, hint,
        [this, alive = alive_, done, mailboxes, account = std::move(account), domain = endpoint.from_domain,
         request = std::move(*request)](std::expected<sip::Flow, std::string> flow) mutable {
            if (!*alive) return;
            if (!flow) {
                technology_.pbx().loop->defer(done);  // not from within send()
                return;
            }
            if (!account.empty()) {
                account = "sip:" + sip::escape_user(account) + "@" +
                          (domain.empty() ? std::string(flow->transport->advertised(flow->remote)) : domain);
            }
            const auto messages = notifier_.messages_of(mailboxes);
            request.body = mwi_body(messages.fresh, messages.old, account);
            request.hint.flow = std::move(*flow);
            technology_.stack().send(std::move(request), [done](const sip::RequestResult&) { done(); });
        });
}

void MailboxLamps::answered(const std::string& key, const std::string& name, const std::string& id,
                            const Names& mailboxes) {
    const auto found = on_the_way_.find(key);
    if (found == on_the_way_.end()) return;
    const bool news = found->second;
    on_the_way_.erase(found);
    if (!news) return;
    const auto endpoint = technology_.config().endpoint(name);
    const Contact* contact = technology_.book().find(id);
    if (endpoint && contact) send(*endpoint, *contact, mailboxes);
}

}  // namespace asterism::pjsip
