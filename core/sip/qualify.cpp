#include "asterism/sip/qualify.hpp"

#include <utility>

namespace asterism::sip {

ContactQualifier::ContactQualifier(Stack& stack, QualifySettings settings, Changed changed)
    : stack_(stack), settings_(std::move(settings)), changed_(std::move(changed)), timer_(stack.loop()) {}

ContactQualifier::~ContactQualifier() {
    if (request_) request_->forget();
}

void ContactQualifier::start(Duration initial_delay) {
    timer_.start(initial_delay, [this] { ask(false); });
}

void ContactQualifier::ask(bool by_hand) {
    if (request_) return;  // one is under way
    if (settings_.frequency > Duration::zero()) timer_.start(settings_.frequency, [this] { ask(false); });
    Request request;
    request.method = "OPTIONS";
    request.uri = settings_.contact_uri;
    request.to = make_address({}, settings_.contact_uri);
    request.from = settings_.from.empty() ? request.to : settings_.from;
    request.with_contact = true;
    request.contact_user = settings_.contact_user;
    if (request.contact_user.empty())
        if (const auto uri = Uri::parse(settings_.contact_uri)) request.contact_user = uri->user;
    request.routes = settings_.routes;
    request.hint = settings_.hint;
    if (by_hand || settings_.authenticate) request.credentials = settings_.credentials;
    request.timeout = settings_.timeout;
    sent_ = stack_.loop().now();
    request_ = stack_.send(std::move(request), [this](const RequestResult& result) { on_done(result); });
}

void ContactQualifier::on_done(const RequestResult& result) {
    request_.reset();
    // Any answer shows that somebody is there, unless only 2xx counts.
    const bool there = result.message && (!settings_.two_hundred_only || result.code < 300);
    const Status before = std::exchange(status_, there ? Status::available : Status::unavailable);
    round_trip_ = there ? stack_.loop().now() - sent_ : Duration::zero();
    if (changed_) changed_(status_, before, round_trip_);
}

}  // namespace asterism::sip
