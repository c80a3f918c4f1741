#include "notifier.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "asterism/events/events.hpp"
#include "asterism/features/extension_states.hpp"
#include "asterism/features/mailboxes.hpp"
#include "asterism/model/party.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/sip/method.hpp"
#include "asterism/sip/text.hpp"
#include "asterism/sip/uri.hpp"

namespace asterism::pjsip {
namespace {

/// What an event package can be told in; the first where a SUBSCRIBE has no Accept.
std::span<const std::string_view> types_of(std::string_view package) {
    static constexpr std::string_view presence[] = {pidf_type, xpidf_type, cpim_pidf_type};
    static constexpr std::string_view dialog[] = {dialog_info_type};
    static constexpr std::string_view mailboxes[] = {mwi_type};
    if (sip::iequals(package, "presence")) return presence;
    if (sip::iequals(package, "dialog")) return dialog;
    if (sip::iequals(package, "message-summary")) return mailboxes;
    return {};
}

/// The first of Accept that is among `types`; empty: none is.
std::string_view accepted(const sip::Message& request, std::span<const std::string_view> types) {
    if (types.empty()) return {};
    std::string_view found;
    bool any = false;
    request.each(sip::HeaderId::accept, [&](std::string_view element) {
        any = true;
        const std::string_view wanted = sip::trim(element.substr(0, element.find(';')));
        for (const auto type : types)
            if (found.empty() && sip::iequals(type, wanted)) found = type;
    });
    return any ? found : types.front();
}

std::string caller_text(const PartyId& party) {
    const std::string number = party.number.valid ? party.number.text : std::string();
    if (!party.name.valid || party.name.text.empty()) return number.empty() ? "Unknown" : number;
    return sip::quote(party.name.text) + " <" + number + ">";
}

}  // namespace

Notifier::Notifier(Pbx& pbx, sip::Stack& stack) : pbx_(pbx), stack_(stack) {
    events_ = pbx.bus->subscribe([this](const Event& event) { on_event(event); });
    events_.want_all(false);
}

Notifier::~Notifier() { *alive_ = false; }

// ---- subscribing ----

void Notifier::on_subscribe(const sip::ServerTransactionPtr& transaction, const EndpointPtr& endpoint,
                            const std::string& exten, const Configuration& config) {
    const sip::MessagePtr request = transaction->request();
    auto subject = subject_of(*request, endpoint, exten, config);
    if (!subject) {
        sip::Response refusal{.code = subject.error()};
        if (refusal.code == 489) refusal.headers.push_back({"Allow-Events", std::string(sip::allowed_events)});
        transaction->respond(refusal);
        return;
    }
    const auto uri = sip::Uri::parse(request->request_uri());
    // RFC 6665 4.1.2.1 demands a Contact; the names stand in every body.
    if (!uri || !uri->is_sip() || !request->has(sip::HeaderId::contact) || request->from().uri.text.size() > 512 ||
        uri->host.size() > 253) {
        transaction->respond(400);
        return;
    }
    const auto held = of_endpoint_.find(endpoint->name);
    if (watchers_.size() >= max_subscriptions || (held != of_endpoint_.end() && held->second >= max_of_endpoint)) {
        log::warning("A subscription of endpoint '{}' was refused: there are {} already", endpoint->name,
                     watchers_.size() >= max_subscriptions ? watchers_.size() : held->second);
        transaction->respond(503);
        return;
    }
    sip::Subscription::Settings settings;
    settings.minimum_expiration = endpoint->sub_min_expiry;
    settings.maximum_expiration = 86'400;
    settings.rewrite_contact = endpoint->rewrite_contact;
    settings.credentials = endpoint->credentials;
    settings.transport = endpoint->transport;
    auto watcher = std::make_shared<Watcher>(static_cast<WatcherHost&>(*this), ++last_id_, std::move(*subject));
    auto made = sip::Subscription::accept(stack_, transaction, settings, *watcher);
    if (!made) return;  // 423 was sent
    keep(watcher);
    watcher->begin(std::move(*made), *uri);
}

std::expected<Watcher::Subject, int> Notifier::subject_of(const sip::Message& request, const EndpointPtr& endpoint,
                                                          const std::string& exten, const Configuration& config) const {
    if (!endpoint->allow_subscribe) {
        log::warning("Endpoint '{}' may not subscribe (allow_subscribe=no)", endpoint->name);
        return std::unexpected(603);
    }
    const std::string_view event = request.header(sip::HeaderId::event).value_or("");
    Watcher::Subject subject{.endpoint = endpoint,
                             .type = accepted(request, types_of(sip::trim(event.substr(0, event.find(';'))))),
                             .context = {},
                             .exten = exten,
                             .mailboxes = {},
                             .account = {}};
    if (subject.type.empty()) {
        log::notice("Endpoint '{}': there is no event '{}', or nothing of its Accept fits it", endpoint->name, event);
        return std::unexpected(489);
    }
    if (subject.type == mwi_type) {
        const auto uri = sip::Uri::parse(request.request_uri());
        if (!uri || uri->user.empty()) subject.exten.clear();
        const auto found = find_mailboxes(subject, config);
        if (!found) return std::unexpected(found.error());
        return subject;
    }
    subject.context = endpoint->subscribe_context.empty() ? endpoint->context : endpoint->subscribe_context;
    if (pbx_.extension_states == nullptr || exten.size() > max_resource ||
        !pbx_.extension_states->find(subject.context, exten)) {
        log::notice("Endpoint '{}': extension '{}' has no hint in context '{}'", endpoint->name,
                    exten.substr(0, max_resource), subject.context);
        return std::unexpected(404);
    }
    return subject;
}

std::expected<void, int> Notifier::find_mailboxes(Watcher::Subject& subject, const Configuration& config) const {
    const EndpointConfig& endpoint = *subject.endpoint;
    Names aors;
    if (config.aors.contains(subject.exten)) {
        aors = {subject.exten};
    } else {
        // Who names nobody, or the extension to call for messages, means the mailboxes of all its own AORs.
        bool all = subject.exten.empty() || subject.exten == config.global->default_voicemail_extension;
        for (const auto& name : endpoint.aors)
            if (const auto aor = config.aor(name)) all = all || aor->voicemail_extension == subject.exten;
        if (all) aors = endpoint.aors;
    }
    subject.mailboxes.clear();
    subject.account.clear();
    for (const auto& name : aors) {
        const auto aor = config.aor(name);
        if (!aor) continue;
        for (const auto& mailbox : aor->mailboxes) {
            if (std::ranges::find(subject.mailboxes, mailbox) == subject.mailboxes.end())
                subject.mailboxes.push_back(mailbox);
        }
        if (subject.account.empty()) subject.account = aor->voicemail_extension;
    }
    if (subject.account.empty()) subject.account = config.global->default_voicemail_extension;
    if (subject.mailboxes.empty()) {
        log::notice("Endpoint '{}': '{}' names no AOR with mailboxes", endpoint.name, subject.exten);
        return std::unexpected(404);
    }
    if (endpoint.mwi_subscribe_replaces_unsolicited) return {};
    for (const auto& unasked : endpoint.mailboxes) {
        if (std::ranges::find(subject.mailboxes, unasked) == subject.mailboxes.end()) continue;
        log::notice("Endpoint '{}' is told about mailbox '{}' unasked: it may not subscribe to it besides",
                    endpoint.name, unasked);
        return std::unexpected(500);
    }
    return {};
}

// ---- keeping ----

void Notifier::keep(const std::shared_ptr<Watcher>& watcher) {
    const Watcher::Subject& subject = watcher->subject();
    if (watcher->watches_mailboxes()) {
        ++mailboxes_;
    } else {
        ++hints_;
        (void)pbx_.extension_states->follow(subject.context, subject.exten);
    }
    ++of_endpoint_[subject.endpoint->name];
    Kept kept{watcher, watcher->topics()};
    for (const auto& topic : kept.topics) by_topic_[topic].push_back(watcher.get());
    watchers_.emplace(watcher->id(), std::move(kept));
    want();
}

void Notifier::drop(Watcher& watcher) {
    const auto found = watchers_.find(watcher.id());
    if (found == watchers_.end()) return;
    Kept kept = std::move(found->second);
    watchers_.erase(found);
    for (const auto& topic : kept.topics) {
        const auto list = by_topic_.find(topic);
        std::erase(list->second, &watcher);
        if (list->second.empty()) by_topic_.erase(list);
    }
    const Watcher::Subject& subject = watcher.subject();
    if (const auto count = of_endpoint_.find(subject.endpoint->name); --count->second == 0) of_endpoint_.erase(count);
    if (watcher.watches_mailboxes()) {
        --mailboxes_;
        if (left_) {
            pbx_.loop->defer([this, alive = alive_, endpoint = subject.endpoint->name] {
                if (*alive && left_) left_(endpoint);
            });
        }
    } else {
        --hints_;
        if (pbx_.extension_states) pbx_.extension_states->unfollow(subject.context, subject.exten);
    }
    want();
    pbx_.loop->reap(std::move(kept.watcher));  // it may be in the middle of something
}

void Notifier::apply(const Configuration& config) {
    std::vector<std::shared_ptr<Watcher>> all;
    all.reserve(watchers_.size());
    for (const auto& [id, kept] : watchers_) all.push_back(kept.watcher);
    for (const auto& watcher : all) {
        auto endpoint = config.endpoint(watcher->subject().endpoint->name);
        // A hint is the dialplan's business: with the same endpoint there is nothing new.
        if (endpoint == watcher->subject().endpoint && !watcher->watches_mailboxes()) continue;
        Watcher::Subject subject = watcher->subject();
        subject.endpoint = std::move(endpoint);
        if (!subject.endpoint) {
            watcher->end("noresource");
            continue;
        }
        if (!subject.endpoint->allow_subscribe) {
            watcher->end("rejected");
            continue;
        }
        if (watcher->watches_mailboxes()) {
            const Names before = subject.mailboxes;
            if (!find_mailboxes(subject, config)) {
                watcher->end("noresource");
                continue;
            }
            if (subject.mailboxes != before) {
                Kept& kept = watchers_.at(watcher->id());
                for (const auto& topic : kept.topics) std::erase(by_topic_[topic], watcher.get());
                watcher->set_subject(std::move(subject));
                kept.topics = watcher->topics();
                for (const auto& topic : kept.topics) by_topic_[topic].push_back(watcher.get());
                std::erase_if(by_topic_, [](const auto& topic) { return topic.second.empty(); });
                continue;
            }
        }
        watcher->set_subject(std::move(subject));
    }
}

// ---- what happens ----

void Notifier::want_mailboxes(bool on) {
    mailboxes_wanted_ = on;
    want();
}

void Notifier::want() {
    events_.want(EventKind::generic, mailboxes_wanted_ || mailboxes_ > 0);
    events_.want(EventKind::extension_state, hints_ > 0);
    events_.want(EventKind::presence_state, hints_ > 0);
}

void Notifier::on_event(const Event& event) {
    if (event.kind == EventKind::extension_state) {
        const auto& e = as<ExtensionStateChanged>(event);
        const std::string topic = Watcher::topic("hint", e.exten + "@" + e.context);
        if (e.status != static_cast<int>(ExtensionState::removed)) return look_again(topic);
        const auto found = by_topic_.find(topic);
        if (found == by_topic_.end()) return;
        for (Watcher* watcher : std::vector<Watcher*>(found->second)) watcher->end("noresource");
    } else if (event.kind == EventKind::presence_state) {
        look_again(Watcher::topic("presence", as<PresenceStateChanged>(event).provider));
    } else if (event.kind == EventKind::generic) {
        const auto& e = as<GenericEvent>(event);
        if (e.name != "MessageWaiting" || e.headers.empty()) return;
        const std::string mailbox = e.headers.front().second;
        look_again(Watcher::topic("mailbox", mailbox));
        if (mailbox_action_) mailbox_action_(mailbox);
    }
}

void Notifier::look_again(const std::string& topic) {
    const auto found = by_topic_.find(topic);
    if (found == by_topic_.end()) return;
    // A copy: one that cannot be reached takes itself out. It lives until the end of the turn.
    for (Watcher* watcher : std::vector<Watcher*>(found->second)) watcher->look_again();
}

void Notifier::tell_test(std::string_view state, const Watcher& watcher, std::string_view text) {
    if (!pbx_.bus->wanted(EventKind::test)) return;
    TestEvent event;
    event.state = state;
    event.app_file = "res_pjsip_pubsub.c";
    if (!text.empty()) event.headers.emplace_back("StateText", text);
    event.headers.emplace_back("Endpoint", watcher.subject().endpoint->name);
    event.headers.emplace_back("Resource", watcher.subject().exten);
    pbx_.bus->publish(std::move(event));
}

// ---- questions ----

Notifier::Messages Notifier::messages_of(const Names& mailboxes) const {
    Messages sum;
    for (const auto& name : mailboxes) {
        const auto counts = features::mailbox(pbx_, name);
        if (!counts) continue;
        sum.fresh += counts->new_messages;
        sum.old += counts->old_messages;
    }
    return sum;
}

bool Notifier::subscribed(std::string_view endpoint, std::string_view mailbox) const {
    const auto found = by_topic_.find(Watcher::topic("mailbox", mailbox));
    return found != by_topic_.end() && std::ranges::any_of(found->second, [&](const Watcher* watcher) {
               return watcher->subject().endpoint->name == endpoint;
           });
}

std::vector<SubscriptionInfo> Notifier::all() const {
    std::vector<SubscriptionInfo> list;
    list.reserve(watchers_.size());
    for (const auto& [id, kept] : watchers_) {
        const Watcher& watcher = *kept.watcher;
        const Watcher::Subject& subject = watcher.subject();
        const sip::Subscription& subscription = watcher.subscription();
        SubscriptionInfo info;
        info.endpoint = subject.endpoint->name;
        info.caller = caller_text(subject.endpoint->caller_id);
        info.call_id = subscription.dialog().call_id();
        info.event = subscription.event().substr(0, subscription.event().find(';'));
        info.resource = subject.exten;
        info.mailboxes = subject.mailboxes;
        if (!watcher.watches_mailboxes()) {
            const auto state = pbx_.extension_states->find(subject.context, subject.exten);
            info.state = to_string(state ? state->state : ExtensionState::removed);
        }
        info.expires_in =
            std::chrono::duration_cast<std::chrono::seconds>(subscription.expires_at() - pbx_.loop->now()).count();
        list.push_back(std::move(info));
    }
    return list;
}

}  // namespace asterism::pjsip
