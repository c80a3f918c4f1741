// Offers within a session: re-INVITE and UPDATE, both ways, glare (RFC 3261 14, RFC 3311).
#include <utility>

#include "core/sip/session_parts.hpp"

namespace asterism::sip {

bool InviteSession::may_offer() const {
    if (outgoing_ || incoming_ || open_offer_ || update_under_way_ || glare_.pending()) return false;
    return state_ == State::confirmed;
}

bool InviteSession::offer(std::string_view sdp, bool by_update, const Headers& headers) {
    if (state_ != State::confirmed && state_ != State::answered) return false;
    Pending pending{std::string(sdp), headers, by_update && peer_allows(Method::update), false, 0};
    if (may_offer())
        start_offer(std::move(pending));
    else
        pending_ = std::make_unique<Pending>(std::move(pending));  // the latest wish counts
    return true;
}

void InviteSession::next_offer() {
    if (!pending_ || !may_offer()) return;
    Pending pending = std::move(*pending_);
    pending_.reset();
    start_offer(std::move(pending));
}

void InviteSession::start_offer(Pending pending) {
    remote_sdp_hash_ = 0;
    if (pending.by_update) {
        Request request = dialog_->make_request("UPDATE");
        request.contact = contact_;
        request.headers = offer_headers(false);
        request.headers.insert(request.headers.end(), pending.headers.begin(), pending.headers.end());
        request.credentials = settings_->credentials;
        if (!pending.sdp.empty()) {
            request.content_type = "application/sdp";
            request.body = pending.sdp;
        }
        update_under_way_ = true;
        dialog_->send(std::move(request),
                      [weak = weak_from_this(), pending = std::move(pending)](const RequestResult& r) mutable {
                          if (const auto self = weak.lock()) self->on_update_response(r, std::move(pending));
                      });
        return;
    }
    auto out = std::make_shared<Outgoing>();
    out->request = dialog_->make_request("INVITE");
    out->request.headers = offer_headers(false);
    out->request.headers.insert(out->request.headers.end(), pending.headers.begin(), pending.headers.end());
    out->plain_headers = out->request.headers.size();
    out->offered = !pending.sdp.empty();
    out->refresh = pending.refresh;
    out->tries = 0;
    if (out->offered) {
        out->request.content_type = "application/sdp";
        out->request.body = pending.sdp;
    }
    outgoing_ = std::move(out);
    pending.headers.clear();
    send_invite();
}

void InviteSession::on_reinvite_response(const OutgoingPtr& out, const RequestResult& result) {
    if (result.code < 300) {
        if (result.message->to_tag() != dialog_->remote_tag()) return;
        dialog_->refresh(*result.message, result.flow);
        learn(*result.message);
        if (out->offered) local_sdp_ = out->request.body;
        const std::string_view sdp = result.message->sdp();
        if (state_ == State::ended) {
            send_ack(out, {});
            return;
        }
        take_timer_response(*result.message);
        if (!out->offered && !sdp.empty()) {
            open_offer_ = std::make_unique<OpenOffer>(OpenOffer{OpenOffer::In::success, nullptr, out, nullptr});
            if (auto* events = listener()) events->on_remote_offer(*this, sdp, result.message);
            return;
        }
        send_ack(out, {});
        if (out->offered && !sdp.empty()) tell_remote_answer(sdp, result.message);
        next_offer();
        return;
    }
    if (state_ == State::ended) return;
    if (result.code == 491) {
        Pending pending{out->request.body, {}, false, out->refresh, 1};
        retry_after_glare(std::move(pending));
        return;
    }
    offer_failed("re-INVITE", result, out->refresh);
}

void InviteSession::on_update_response(const RequestResult& result, Pending pending) {
    const auto keep = shared_from_this();
    update_under_way_ = false;
    if (state_ == State::ended) return;
    if (result.code >= 200 && result.code < 300) {
        dialog_->refresh(*result.message, result.flow);
        learn(*result.message);
        take_timer_response(*result.message);
        if (!pending.sdp.empty()) local_sdp_ = pending.sdp;
        if (const std::string_view sdp = result.message->sdp(); !pending.sdp.empty() && !sdp.empty())
            tell_remote_answer(sdp, result.message);
        next_offer();
        return;
    }
    if (result.code == 491) {
        retry_after_glare(std::move(pending));
        return;
    }
    offer_failed("UPDATE", result, pending.refresh);
}

void InviteSession::offer_failed(std::string_view method, const RequestResult& result, bool refresh) {
    if (result.code == 481 || result.code == 408 || !result.message) {
        // 12.2.1.2: the peer does not know the call any more, or cannot be reached.
        SessionEnd end;
        end.by = result.message ? SessionEnd::By::remote : SessionEnd::By::timeout;
        end.message = result.message;
        end.text = std::string(method) + " failed";
        bye({});
        finish(end);
        return;
    }
    if (auto* events = listener(); events != nullptr && !refresh)
        events->on_offer_refused(*this, result.code, result.message);
    next_offer();
}

void InviteSession::retry_after_glare(Pending pending) {
    // 14.1: the owner of the Call-ID waits 2.1 to 4 s, the other up to 2 s.
    const auto wait = uas_ ? std::chrono::milliseconds(10 * stack_.random().below(201))
                           : std::chrono::milliseconds(2100 + 10 * stack_.random().below(191));
    if (!pending_) pending_ = std::make_unique<Pending>(std::move(pending));
    glare_.start(wait, [this] {
        const auto keep = shared_from_this();
        next_offer();
    });
}

void InviteSession::on_reinvite(const ServerTransactionPtr& transaction, const MessagePtr& request) {
    if (incoming_ || open_offer_) {
        // 14.2: one at a time.
        transaction->respond(
            Response{.code = 500, .headers = {{"Retry-After", std::to_string(stack_.random().below(11))}}});
        return;
    }
    if (outgoing_ || update_under_way_ || (state_ != State::confirmed && state_ != State::answered)) {
        transaction->respond(491);
        return;
    }
    if (interval_too_small(*request)) {
        transaction->respond(Response{.code = 422, .headers = {{"Min-SE", std::to_string(min_se_)}}});
        return;
    }
    learn(*request);
    dialog_->refresh(*request, dialog_->flow());
    take_timer_request(*request);
    incoming_ = std::make_unique<Incoming>(stack_.loop());
    incoming_->transaction = transaction;
    incoming_->request = request;
    incoming_->flow = transaction->flow();
    incoming_->cseq = request->cseq();
    const std::string_view sdp = request->sdp();
    incoming_->we_offer = sdp.empty();
    transaction->on_cancel([weak = weak_from_this()](const MessagePtr& cancel) {
        if (const auto self = weak.lock()) self->on_cancel(cancel);
    });
    open_offer_ = std::make_unique<OpenOffer>(OpenOffer{OpenOffer::In::reinvite, nullptr, nullptr, nullptr});
    if (leaving_) {
        accept_offer(local_sdp_);
        leave();
    } else if (auto* events = listener()) {
        events->on_remote_offer(*this, sdp, request);
    }
}

void InviteSession::on_update(const ServerTransactionPtr& transaction, const MessagePtr& request) {
    if (interval_too_small(*request)) {
        transaction->respond(Response{.code = 422, .headers = {{"Min-SE", std::to_string(min_se_)}}});
        return;
    }
    const std::string_view sdp = request->sdp();
    if (!sdp.empty() && (outgoing_ || update_under_way_)) {
        transaction->respond(491);  // RFC 3311 5.2
        return;
    }
    if (!sdp.empty() && (open_offer_ || incoming_)) {
        transaction->respond(
            Response{.code = 500, .headers = {{"Retry-After", std::to_string(stack_.random().below(11))}}});
        return;
    }
    learn(*request);
    dialog_->refresh(*request, dialog_->flow());
    take_timer_request(*request);
    if (!sdp.empty()) {
        open_offer_ = std::make_unique<OpenOffer>(OpenOffer{OpenOffer::In::update, transaction, nullptr, nullptr});
        if (auto* events = listener()) events->on_remote_offer(*this, sdp, request);
        return;
    }
    transaction->respond(Response{.code = 200, .headers = success_headers({}, true)});
    restart_timer();
}

bool InviteSession::accept_offer(std::string_view sdp) {
    if (!open_offer_ || state_ == State::ended) return false;
    const auto keep = shared_from_this();
    const auto open = std::move(open_offer_);
    switch (open->in) {
        case OpenOffer::In::reinvite:
            if (incoming_ && !incoming_->answered) send_success(sdp, {});
            break;
        case OpenOffer::In::update:
        case OpenOffer::In::prack: {
            Response response{.code = 200, .content_type = "application/sdp", .body = std::string(sdp)};
            if (open->in == OpenOffer::In::update) response.headers = success_headers({}, true);
            local_sdp_ = sdp;
            open->transaction->respond(response);
            restart_timer();
            next_offer();
            break;
        }
        case OpenOffer::In::success:
            state_ = State::confirmed;
            send_ack(open->out, sdp);
            next_offer();
            break;
        case OpenOffer::In::provisional:
            answer_sent_ = true;
            send_prack(*open->response, sdp);
            break;
    }
    return true;
}

bool InviteSession::reject_offer(int code) {
    if (!open_offer_ || state_ == State::ended) return false;
    const auto keep = shared_from_this();
    switch (open_offer_->in) {
        case OpenOffer::In::reinvite:
            if (incoming_ && !incoming_->answered) incoming_->transaction->respond(code);
            incoming_.reset();
            open_offer_.reset();
            next_offer();
            break;
        case OpenOffer::In::update:
        case OpenOffer::In::prack:
            open_offer_->transaction->respond(code);
            open_offer_.reset();
            next_offer();
            break;
        case OpenOffer::In::success:
            // 13.2.2.4: an offer in a 2xx cannot be refused otherwise than by ACK and BYE.
            if (state_ == State::confirmed) state_ = State::answered;
            end();
            break;
        case OpenOffer::In::provisional: end(); break;
    }
    return true;
}

}  // namespace asterism::sip
