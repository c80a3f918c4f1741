#include "watcher.hpp"

#include <utility>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/features/extension_states.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/sip/uri.hpp"

namespace asterism::pjsip {
namespace {

/// A presence message goes into a datagram.
constexpr std::size_t max_presence_text = 256;

std::string uri_at(std::string_view user, std::string_view host_port) {
    std::string out = "sip:";
    if (!user.empty()) out.append(user).append("@");
    return out.append(host_port);
}

}  // namespace

Watcher::Watcher(WatcherHost& host, std::uint64_t id, Subject subject)
    : host_(host), id_(id), subject_(std::move(subject)) {
    // Known before the first event can ask for its topics.
    if (!watches_mailboxes()) (void)look();
}

void Watcher::begin(sip::SubscriptionPtr subscription, const sip::Uri& resource) {
    subscription_ = std::move(subscription);
    const sip::MessagePtr& request = subscription_->request();
    digium_ = request->header(sip::HeaderId::user_agent).value_or("").starts_with("Digium");
    parties_.exten = subject_.exten;
    parties_.local = uri_at(resource.user, resource.host_port());
    if (const auto remote = sip::Address::parse(subscription_->dialog().remote()))
        parties_.remote = std::string(remote->uri.text);
    if (!subject_.account.empty()) account_uri_ = uri_at(sip::escape_user(subject_.account), resource.host_port());
    host_.tell_test("SUBSCRIPTION_ESTABLISHED", *this);
    if (subscription_->expires_at() <= host_.pbx().loop->now()) return end("timeout");  // it only asked
    send();
}

std::string Watcher::topic(std::string_view kind, std::string_view name) {
    std::string out(kind);
    return out.append(" ").append(name);
}

std::vector<std::string> Watcher::topics() const {
    std::vector<std::string> out;
    if (watches_mailboxes()) {
        for (const auto& mailbox : subject_.mailboxes) out.push_back(topic("mailbox", mailbox));
        return out;
    }
    out.push_back(topic("hint", subject_.exten + "@" + subject_.context));
    if (!provider_.empty()) out.push_back(topic("presence", provider_));
    return out;
}

void Watcher::look_again() {
    if (!subscription_->active()) return;
    if (subscription_->busy()) {
        if (due_ == Due::nothing) due_ = Due::look;
        return;
    }
    if (!changed()) return;
    host_.tell_test("SUBSCRIPTION_STATE_CHANGED", *this);
    send();
}

bool Watcher::changed() {
    return watches_mailboxes() ? host_.messages_of(subject_.mailboxes) != shown_messages_ : look() != shown_;
}

void Watcher::end(std::string_view reason) {
    if (!subscription_->active()) return;
    host_.tell_test("SUBSCRIPTION_TERMINATED", *this);
    subscription_->terminate(reason, subject_.type, next_body());
    host_.drop(*this);
}

void Watcher::set_subject(Subject subject) {
    subject_ = std::move(subject);
    look_again();
}

void Watcher::on_refreshed(sip::Subscription&, const sip::MessagePtr&) {
    host_.tell_test("SUBSCRIPTION_REFRESHED", *this);
    send();
}

void Watcher::on_answered(sip::Subscription&) {
    switch (std::exchange(due_, Due::nothing)) {
        case Due::nothing: return;
        case Due::look: return look_again();
        case Due::whole_state: return send();
    }
}

void Watcher::on_ended(sip::Subscription& subscription, std::string_view reason) {
    if (subscription.active()) return end(reason);
    host_.tell_test("SUBSCRIPTION_TERMINATED", *this);
    host_.drop(*this);
}

void Watcher::send() {
    if (subscription_->busy()) {
        due_ = Due::whole_state;
        return;
    }
    subscription_->notify(subject_.type, next_body());
    host_.tell_test("SUBSCRIPTION_STATE_SET", *this, "ACTIVE");
}

std::string Watcher::next_body() {
    if (watches_mailboxes()) {
        shown_messages_ = host_.messages_of(subject_.mailboxes);
        return mwi_body(shown_messages_.fresh, shown_messages_.old, account_uri_);
    }
    shown_ = look();
    parties_.early_in_use_ringing = subject_.endpoint->notify_early_inuse_ringing;
    return extension_body(subject_.type, parties_, shown_, version_++);
}

ExtensionLook Watcher::look() {
    Pbx& pbx = host_.pbx();
    ExtensionLook out;
    const auto info =
        pbx.extension_states ? pbx.extension_states->find(subject_.context, subject_.exten) : std::nullopt;
    out.state = info ? info->state : ExtensionState::removed;
    if (info) provider_ = info->presence;
    out.shows_presence = digium_ && !provider_.empty();
    if (out.shows_presence) {
        const auto field = [&](const char* name) {
            auto text = dialplan::get_variable(pbx, nullptr, "PRESENCE_STATE(" + provider_ + "," + name + ")");
            return text ? text->substr(0, max_presence_text) : std::string();
        };
        out.presence = field("value");
        out.presence_subtype = field("subtype");
        out.presence_message = field("message");
    }
    return out;
}

}  // namespace asterism::pjsip
