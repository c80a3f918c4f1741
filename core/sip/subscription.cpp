#include "asterism/sip/subscription.hpp"

#include <algorithm>
#include <utility>

#include "core/sip/writer.hpp"

namespace asterism::sip {

Subscription::Subscription(Stack& stack, const Settings& settings, SubscriptionEvents& events)
    : stack_(stack), settings_(settings), events_(events), timer_(stack.loop()) {}

Subscription::~Subscription() = default;

std::expected<SubscriptionPtr, int> Subscription::accept(Stack& stack, const ServerTransactionPtr& transaction,
                                                         const Settings& settings, SubscriptionEvents& events) {
    const MessagePtr request = transaction->request();
    auto self = std::make_shared<Subscription>(stack, settings, events);
    self->request_ = request;
    self->event_ = request->header(HeaderId::event).value_or(std::string_view{});
    self->contact_ = contact_for(transaction->flow(), {});
    self->dialog_ = std::make_unique<Dialog>(stack, static_cast<DialogUser&>(*self), *request, transaction->flow());
    self->dialog_->set_hint(settings.transport);
    if (settings.rewrite_contact) self->dialog_->rewrite_contact();
    if (!self->answer(transaction, *request)) return std::unexpected(423);
    return self;
}

bool Subscription::answer(const ServerTransactionPtr& transaction, const Message& request) {
    const auto value = request.header(HeaderId::expires);
    std::uint32_t seconds = std::max(settings_.default_expiration, settings_.minimum_expiration);
    if (value) seconds = delta_seconds(*value).value_or(seconds);
    // RFC 6665 4.2.1.1: too short a time is refused, too long a one is shortened.
    if (seconds != 0 && seconds < settings_.minimum_expiration) {
        transaction->respond(
            Response{.code = 423, .headers = {{"Min-Expires", std::to_string(settings_.minimum_expiration)}}});
        return false;
    }
    seconds = std::min(seconds, std::max(settings_.maximum_expiration, settings_.minimum_expiration));
    transaction->respond(Response{.code = 200,
                                  .to_tag = dialog_->local_tag(),
                                  .headers = {{"Expires", std::to_string(seconds)},
                                              {"Contact", contact_},
                                              {"Allow", std::string(allow_methods)},
                                              {"Supported", std::string(supported_extensions)}},
                                  .record_route = true});
    expires_at_ = stack_.loop().now() + std::chrono::seconds(seconds);
    timer_.cancel();
    if (seconds > 0) timer_.start_at(expires_at_, [this] { end("timeout"); });
    return true;
}

void Subscription::on_dialog_request(ServerTransactionPtr transaction, const MessagePtr& request, const Flow& flow) {
    if (!transaction) return;
    const auto keep = shared_from_this();
    if (request->method() != Method::subscribe || !active_) {
        transaction->respond(request->method() == Method::subscribe ? 481 : 501);
        return;
    }
    dialog_->heard_from(flow);
    dialog_->refresh(*request, flow);
    if (!answer(transaction, *request)) return;
    if (expires_at_ > stack_.loop().now())
        events_.on_refreshed(*this, request);
    else
        end("timeout");
}

void Subscription::end(std::string_view reason) {
    if (!active_) return;
    const auto keep = shared_from_this();
    timer_.cancel();
    events_.on_ended(*this, reason);
}

void Subscription::notify(std::string_view content_type, std::string_view body, bool pending) {
    if (!active_) return;
    // Asterisk counts one second for the way.
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(expires_at_ - stack_.loop().now()).count() - 1;
    send((pending ? "pending;expires=" : "active;expires=") + std::to_string(std::max<std::int64_t>(left, 0)),
         content_type, body);
}

void Subscription::terminate(std::string_view reason, std::string_view content_type, std::string_view body) {
    if (!active_) return;
    timer_.cancel();
    std::string state = "terminated";
    if (!reason.empty()) {
        state += ";reason=";
        state += reason;
    }
    send(std::move(state), content_type, body);
    active_ = false;
    dialog_->leave();
}

void Subscription::send(std::string state, std::string_view content_type, std::string_view body) {
    Request request = dialog_->make_request("NOTIFY");
    request.contact = contact_;
    request.headers = {
        {"Event", event_}, {"Subscription-State", std::move(state)}, {"Allow-Events", std::string(allowed_events)}};
    request.content_type = content_type;
    request.body = body;
    request.credentials = settings_.credentials;
    ++unanswered_;
    dialog_->send(std::move(request), [weak = weak_from_this()](const RequestResult& result) {
        if (const auto self = weak.lock()) self->on_notified(result);
    });
}

void Subscription::on_notified(const RequestResult& result) {
    --unanswered_;
    if (!active_) return;
    // RFC 6665 4.2.2: who cannot be reached, or does not know the subscription, has none. So has, as in Asterisk, who
    // answers with any other error, unless it says when to try again.
    if (result.code < 300 || (result.message && result.message->has(HeaderId::retry_after))) {
        if (unanswered_ == 0) events_.on_answered(*this);
        return;
    }
    timer_.cancel();
    dialog_->leave();
    active_ = false;
    events_.on_ended(*this, "noresource");
}

}  // namespace asterism::sip
