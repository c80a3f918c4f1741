// The calling side: INVITE, its responses, ACK, CANCEL, forks (RFC 3261 13.2).
#include <utility>

#include "core/sip/dialog_help.hpp"
#include "core/sip/session_parts.hpp"
#include "core/sip/writer.hpp"

namespace asterism::sip {

InviteSessionPtr InviteSession::call(Stack& stack, Call call, SessionEvents& events) {
    auto session = std::make_shared<InviteSession>(stack, call.settings, events);
    session->keep_until_done();
    const SessionSettings& settings = *session->settings_;
    if (call.to.empty()) call.to = make_address({}, call.uri);
    session->dialog_ = std::make_unique<Dialog>(stack, static_cast<DialogUser&>(*session), std::move(call.from),
                                                std::move(call.to), std::move(call.uri), settings.routes);
    session->dialog_->set_hint(settings.transport);
    if (settings.rewrite_contact) session->dialog_->rewrite_contact();
    auto out = std::make_shared<Outgoing>();
    out->initial = true;
    out->offered = !call.offer.empty();
    out->request = session->dialog_->make_request("INVITE");
    if (!call.hint.transport.empty()) out->request.hint.transport = std::move(call.hint.transport);
    out->request.hint.flow = std::move(call.hint.flow);
    out->request.headers = session->offer_headers(true);
    out->request.headers.insert(out->request.headers.end(), call.headers.begin(), call.headers.end());
    if (out->offered) {
        session->local_sdp_ = call.offer;
        out->request.content_type = "application/sdp";
        out->request.body = std::move(call.offer);
    }
    out->plain_headers = out->request.headers.size();
    session->outgoing_ = std::move(out);
    // Later, so that the caller has its pointer when the first event comes.
    stack.loop().defer([session] { session->send_invite(); });
    return session;
}

void InviteSession::send_invite() {
    const OutgoingPtr out = outgoing_;
    if (!out) return;
    stack_.router().route(
        std::string(next_hop(out->request)), out->request.hint,
        [self = shared_from_this(), out](std::expected<Flow, std::string> flow) {
            if (self->outgoing_ != out) return;
            if (flow) {
                self->transmit_invite(out, std::move(*flow));
                return;
            }
            log_unroutable("INVITE", out->request.uri, flow.error());
            self->stack_.loop().defer([self, out] { self->on_invite_response(out, {503, nullptr, {}, "no route"}); });
        });
}

void InviteSession::transmit_invite(const OutgoingPtr& out, Flow flow) {
    if (out->initial) {
        dialog_->set_flow(flow);
        contact_ = contact_for(flow, settings_->contact_user);
    }
    out->request.contact = contact_;
    out->cseq = out->request.cseq;
    const std::string branch = stack_.make_branch();
    std::string bytes;
    bytes.reserve(900 + out->request.body.size());
    write_request(bytes, out->request, flow, branch, stack_.settings());
    out->transaction = std::make_shared<ClientTransaction>(stack_, "INVITE", branch, std::move(flow), std::move(bytes),
                                                           [weak = weak_from_this(), out](const RequestResult& result) {
                                                               if (const auto self = weak.lock())
                                                                   self->on_invite_response(out, result);
                                                           });
    out->transaction->start();
    if (out->initial)
        if (auto* events = listener()) events->on_sent(*this);
}

void InviteSession::on_invite_response(const OutgoingPtr& out, const RequestResult& result) {
    const auto keep = shared_from_this();
    if (out->done || (outgoing_ != out && !out->cancelled)) {
        // Another 2xx after the first: a repetition is acknowledged again, another fork is ended (13.2.2.4).
        if (!result.message || result.code < 200 || result.code >= 300) return;
        if (result.message->to_tag() == dialog_->remote_tag()) {
            if (!out->ack.empty()) {
                stack_.count_retransmission();
                stack_.transmit(out->ack_flow, out->ack);
            }
        } else {
            end_stray_fork(*result.message, result.flow);
        }
        return;
    }
    if (result.code < 200) {
        on_invite_provisional(out, result.message, result.flow);
    } else {
        // A challenge is followed by the same INVITE once more.
        if (result.code >= 300 && !out->cancelled && state_ != State::ended &&
            (try_again(out, result) || fail_over(out, result)))
            return;
        out->done = true;
        if (outgoing_ == out) outgoing_.reset();
        if (!out->initial) {
            on_reinvite_response(out, result);
            if (out->bye) bye(*std::exchange(out->bye, std::nullopt));
        } else if (result.code < 300) {
            on_invite_success(out, result.message, result.flow);
        } else {
            on_invite_failure(out, result);
        }
    }
}

void InviteSession::on_invite_provisional(const OutgoingPtr& out, const MessagePtr& response, const Flow& flow) {
    out->provisional = true;
    if (out->cancelled) {
        if (!std::exchange(out->cancel_sent, true)) out->transaction->cancel(out->cancel_headers);
        return;
    }
    if (!out->initial || state_ == State::ended) return;
    message_ = response;
    const int code = response->status();
    if (code == 100) {
        if (auto* events = listener()) events->on_progress(*this, code, response);
        return;
    }
    learn(*response);
    bool other_fork = false;
    if (!response->to_tag().empty() && response->to_tag() != dialog_->remote_tag()) {
        other_fork = !dialog_->remote_tag().empty();
        if (!other_fork || settings_->follow_early_media_fork) {
            dialog_->establish(*response, flow);
            remote_sdp_hash_ = 0;
            last_rseq_ = 0;
        }
    }
    state_ = State::early;
    const std::string_view sdp = response->sdp();
    const bool reliable = response->lists(HeaderId::require, "100rel") && response->has(HeaderId::rseq) &&
                          settings_->rel100 != SessionSettings::Reliable::no && dialog_->in_table();
    if (reliable) {
        // RFC 3262 4: the first sets the number, others must follow one by one; repetitions are acknowledged already.
        const auto rseq = number(response->header(HeaderId::rseq).value_or(std::string_view{}));
        if (!rseq || (last_rseq_ != 0 && *rseq != last_rseq_ + 1)) return;
        last_rseq_ = *rseq;
        if (!out->offered && !sdp.empty()) {
            open_offer_ =
                std::make_unique<OpenOffer>(OpenOffer{OpenOffer::In::provisional, nullptr, nullptr, response});
            if (auto* events = listener()) events->on_remote_offer(*this, sdp, response);
            if (auto* events = listener()) events->on_progress(*this, code, response);
            return;
        }
        send_prack(*response, {});
    }
    if (out->offered && !sdp.empty()) tell_remote_answer(sdp, response);
    if (auto* events = listener()) events->on_progress(*this, code, response);
}

void InviteSession::on_invite_success(const OutgoingPtr& out, const MessagePtr& response, const Flow& flow) {
    dialog_->establish(*response, flow);
    if (out->cancelled || state_ == State::ended) {  // it answered while CANCEL was on its way
        send_ack(out, {});
        bye(out->cancel_headers);
        return;
    }
    message_ = response;
    learn(*response);
    take_timer_response(*response);
    const std::string_view sdp = response->sdp();
    if (out->offered || sdp.empty() || answer_sent_) {
        state_ = State::confirmed;
        send_ack(out, {});
        if (out->offered && !sdp.empty()) tell_remote_answer(sdp, response);
        if (auto* events = listener()) events->on_answered(*this, response);
        next_offer();
        return;
    }
    state_ = State::answered;
    open_offer_ = std::make_unique<OpenOffer>(OpenOffer{OpenOffer::In::success, nullptr, out, nullptr});
    if (auto* events = listener()) events->on_answered(*this, response);
    if (auto* events = listener()) events->on_remote_offer(*this, sdp, response);
}

bool InviteSession::try_again(const OutgoingPtr& out, const RequestResult& result) {
    if (!result.message || ++out->tries > 3) return false;
    Request& request = out->request;
    if (result.code == 401 || result.code == 407) {
        if (!settings_->credentials) return false;
        Headers headers(request.headers.begin(),
                        request.headers.begin() + static_cast<std::ptrdiff_t>(out->plain_headers));
        if (!authorize(*result.message, *settings_->credentials, request.method, request.uri, stack_.random(), headers,
                       out->authorized ? "answered" : ""))
            return false;
        out->authorized = true;
        request.headers = std::move(headers);
    } else if (result.code == 422 && settings_->timers != SessionSettings::Timers::no) {
        // RFC 4028 7.4: with the interval that the peer wants at least.
        const auto least = delta_seconds(result.message->header(HeaderId::min_se).value_or(std::string_view{}));
        if (!least || *least <= min_se_ || *least > 86400) return false;
        min_se_ = *least;
        for (Header& h : request.headers) {
            if (h.name == "Min-SE") h.value = std::to_string(min_se_);
            if (h.name == "Session-Expires")
                h.value = std::to_string(std::max(min_se_, settings_->timers_sess_expires));
        }
    } else {
        return false;
    }
    // The same call, a new transaction (22.2); of several servers, that one again.
    if (out->initial) dialog_->reset();
    if (!request.hint.flow) request.hint.flow = result.flow;
    auto again = once_more(*out);
    out->done = true;
    again->request.cseq = dialog_->next_cseq();
    outgoing_ = std::move(again);
    state_ = outgoing_->initial ? State::calling : state_;
    send_invite();
    return true;
}

InviteSession::OutgoingPtr InviteSession::once_more(Outgoing& out) {
    return std::make_shared<Outgoing>(Outgoing{.request = std::move(out.request),
                                               .plain_headers = out.plain_headers,
                                               .transaction = {},
                                               .cancel_headers = {},
                                               .ack = {},
                                               .ack_flow = {},
                                               .cseq = 0,
                                               .tries = out.tries,
                                               .initial = out.initial,
                                               .offered = out.offered,
                                               .refresh = out.refresh,
                                               .authorized = out.authorized,
                                               .bye = {}});
}

/// RFC 3263 4.3: a server that does not answer, or says 503, has perhaps another beside it.
bool InviteSession::fail_over(const OutgoingPtr& out, const RequestResult& result) {
    const bool dead = result.message ? result.code == 503 : !out->provisional;
    RouteHint& hint = out->request.hint;
    if (!out->initial || !dead || !result.flow || hint.tried.size() >= limits::servers) return false;
    hint.tried.push_back({result.flow.protocol(), result.flow.remote});
    hint.flow = {};
    out->done = true;
    const OutgoingPtr again = once_more(*out);
    outgoing_ = again;
    stack_.router().route(std::string(next_hop(again->request)), again->request.hint,
                          [self = shared_from_this(), again, result](std::expected<Flow, std::string> flow) {
                              if (self->outgoing_ != again) return;
                              if (!flow || was_tried(again->request.hint, *flow)) {
                                  again->done = true;
                                  self->outgoing_.reset();
                                  self->on_invite_failure(again, result);
                                  return;
                              }
                              self->dialog_->reset();
                              again->request.cseq = self->dialog_->next_cseq();
                              self->state_ = State::calling;
                              self->transmit_invite(again, std::move(*flow));
                          });
    return true;
}

void InviteSession::on_invite_failure(const OutgoingPtr& out, const RequestResult& result) {
    SessionEnd end;
    end.code = result.code;
    end.message = result.message;
    end.text = result.error;
    end.by = result.message       ? SessionEnd::By::remote
             : result.code == 408 ? SessionEnd::By::timeout
                                  : SessionEnd::By::transport;
    if (result.message) message_ = result.message;
    (void)out;
    wire_done();
    finish(end);
}

void InviteSession::send_ack(const OutgoingPtr& out, std::string_view sdp) {
    Request request = dialog_->make_request("ACK", out->cseq);
    // 22.1: the credentials of the INVITE, again.
    for (const Header& h : out->request.headers)
        if (h.name == "Authorization" || h.name == "Proxy-Authorization") request.headers.push_back(h);
    if (!sdp.empty()) {
        local_sdp_ = sdp;
        request.content_type = "application/sdp";
        request.body = sdp;
    }
    out->request = {};
    std::string hop(next_hop(request));
    RouteHint hint = request.hint;
    stack_.router().route(
        hop, hint,
        [self = shared_from_this(), out, request = std::move(request)](std::expected<Flow, std::string> flow) {
            if (!flow) {
                log_unroutable("ACK", request.uri, flow.error());
                return;
            }
            Stack& stack = self->stack_;
            out->ack.clear();
            write_request(out->ack, request, *flow, stack.make_branch(), stack.settings());
            out->ack_flow = std::move(*flow);
            stack.transmit(out->ack_flow, out->ack);
        });
}

void InviteSession::end_stray_fork(const Message& response, const Flow& flow) {
    // A dialog of its own, which lives only as long as its ACK and BYE take to be written.
    struct Nobody final : DialogUser {
        void on_dialog_request(ServerTransactionPtr transaction, const MessagePtr&, const Flow&) override {
            if (transaction) transaction->respond(481);
        }
    } nobody;
    Dialog fork(stack_, nobody, dialog_->local(), dialog_->remote(), dialog_->target(), {});
    fork.establish(response, flow);
    Request ack = fork.make_request("ACK", response.cseq());
    ack.call_id = dialog_->call_id();
    ack.from_tag = dialog_->local_tag();
    Request bye = fork.make_request("BYE", response.cseq() + 1);
    bye.call_id = dialog_->call_id();
    bye.from_tag = dialog_->local_tag();
    bye.credentials = settings_->credentials;
    std::string bytes;
    write_request(bytes, ack, flow, stack_.make_branch(), stack_.settings());
    stack_.transmit(flow, bytes);
    fork.send(std::move(bye), {});
}

void InviteSession::send_prack(const Message& response, std::string_view sdp) {
    Request request = dialog_->make_request("PRACK");
    std::string rack(response.header(HeaderId::rseq).value_or(std::string_view{}));
    rack += ' ';
    rack += std::to_string(response.cseq());
    rack += " INVITE";
    request.headers.push_back({"RAck", std::move(rack)});
    request.credentials = settings_->credentials;
    if (!sdp.empty()) {
        local_sdp_ = sdp;
        request.content_type = "application/sdp";
        request.body = sdp;
    }
    dialog_->send(std::move(request), {});
}

}  // namespace asterism::sip
