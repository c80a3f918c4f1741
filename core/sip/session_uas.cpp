// The called side: INVITE received, responses, ACK, CANCEL, BYE (RFC 3261 13.3, 15).
#include <algorithm>
#include <utility>

#include "core/sip/session_parts.hpp"
#include "core/sip/tables.hpp"
#include "core/sip/writer.hpp"

namespace asterism::sip {

std::expected<InviteSessionPtr, int> InviteSession::accept(Stack& stack, ServerTransactionPtr transaction,
                                                           SessionSettingsPtr settings, SessionEvents& events) {
    const MessagePtr request = transaction->request();
    auto session = std::make_shared<InviteSession>(stack, std::move(settings), events);
    const SessionSettings& s = *session->settings_;
    session->uas_ = true;
    session->state_ = State::incoming;

    // 8.2.2.3: every option that the peer requires must be one that we have.
    std::string unsupported;
    const std::string ours = session->supported();
    request->each(HeaderId::require, [&](std::string_view option) {
        if (list_contains(ours, option)) return;
        if (!unsupported.empty()) unsupported += ", ";
        unsupported += option;
    });
    if (!unsupported.empty()) {
        transaction->respond(Response{.code = 420, .headers = {{"Unsupported", unsupported}, {"Supported", ours}}});
        return std::unexpected(420);
    }
    session->learn(*request);
    session->peer_requires_100rel_ = request->lists(HeaderId::require, "100rel");
    const bool no_100rel = s.rel100 == SessionSettings::Reliable::required && !session->peer_supports_100rel_;
    const bool no_timer = s.timers == SessionSettings::Timers::required && !session->peer_supports_timer_;
    if (no_100rel || no_timer) {
        transaction->respond(
            Response{.code = 421, .headers = {{"Require", no_100rel ? "100rel" : "timer"}, {"Supported", ours}}});
        return std::unexpected(421);
    }
    if (session->interval_too_small(*request)) {
        transaction->respond(Response{
            .code = 422, .to_tag = stack.make_tag(), .headers = {{"Min-SE", std::to_string(session->min_se_)}}});
        return std::unexpected(422);
    }
    session->take_timer_request(*request);
    session->keep_until_done();
    session->message_ = request;
    session->dialog_ =
        std::make_unique<Dialog>(stack, static_cast<DialogUser&>(*session), *request, transaction->flow());
    session->dialog_->set_hint(s.transport);
    if (s.rewrite_contact) session->dialog_->rewrite_contact();
    session->contact_ = contact_for(transaction->flow(), {});
    auto incoming = std::make_unique<Incoming>(stack.loop());
    incoming->initial = true;
    incoming->request = request;
    incoming->flow = transaction->flow();
    incoming->cseq = request->cseq();
    incoming->we_offer = request->sdp().empty();
    transaction->on_cancel([weak = std::weak_ptr(session)](const MessagePtr& cancel) {
        if (const auto self = weak.lock()) self->on_cancel(cancel);
    });
    incoming->transaction = std::move(transaction);
    session->incoming_ = std::move(incoming);
    return session;
}

void InviteSession::trying() {
    if (!uas_ || !incoming_ || incoming_->answered) return;
    incoming_->tried = true;
    incoming_->transaction->respond(100);
}

bool InviteSession::progress(int code, std::string_view sdp, const Headers& headers) {
    if (!uas_ || (state_ != State::incoming && state_ != State::early) || code < 101 || code > 199) return false;
    state_ = State::early;
    if (send_reliably()) {
        if (reliable_)
            reliable_->waiting.push_back({code, std::string(sdp), headers});
        else
            send_provisional(code, sdp, headers, true);
    } else {
        send_provisional(code, sdp, headers, false);
    }
    return true;
}

void InviteSession::send_provisional(int code, std::string_view sdp, const Headers& headers, bool reliably) {
    incoming_->rang = true;
    Response response{.code = code, .to_tag = dialog_->local_tag(), .server_first = incoming_->tried};
    response.headers.reserve(4 + headers.size());
    response.headers.push_back({"Contact", contact_});
    response.headers.push_back({"Allow", settings_->allow});
    if (reliably) {
        // RFC 3262 3: the first number is random, the next ones count up.
        last_rseq_ = last_rseq_ == 0 ? stack_.make_cseq() : last_rseq_ + 1;
        response.headers.push_back({"Require", "100rel"});
        response.headers.push_back({"RSeq", std::to_string(last_rseq_)});
    }
    response.headers.insert(response.headers.end(), headers.begin(), headers.end());
    if (!sdp.empty()) {
        local_sdp_ = sdp;
        response.content_type = "application/sdp";
        response.body = sdp;
    }
    if (!reliably) {
        incoming_->transaction->respond(response);
        return;
    }
    std::string bytes = incoming_->transaction->write(response);
    reliable_ = std::make_unique<Reliable>(stack_.loop());
    reliable_->bytes = bytes;
    reliable_->rseq = last_rseq_;
    reliable_->offer = incoming_->we_offer && !sdp.empty();
    if (!sdp.empty()) answer_sent_ = true;
    reliable_->interval = stack_.settings().t1;
    reliable_->give_up = stack_.loop().now() + 64 * stack_.settings().t1;
    incoming_->transaction->send_raw(code, std::move(bytes));
    reliable_->flow = incoming_->transaction->flow();
    reliable_->repeat.start(reliable_->interval, [this] { repeat_reliable(); });
}

bool InviteSession::answer(std::string_view sdp, const Headers& headers) {
    if (!uas_ || (state_ != State::incoming && state_ != State::early)) return false;
    if (reliable_) {  // RFC 3262 3: the 2xx waits for the PRACK
        reliable_->waiting.push_back({200, std::string(sdp), headers});
        return true;
    }
    state_ = State::answered;
    send_success(answer_sent_ ? std::string_view{} : sdp, headers);
    return true;
}

void InviteSession::send_success(std::string_view sdp, const Headers& headers) {
    Incoming& in = *incoming_;
    Response response{.code = 200,
                      .to_tag = dialog_->local_tag(),
                      .headers = success_headers(headers, in.initial),
                      .server_first = in.initial && in.tried,
                      .record_route = true};
    if (!sdp.empty()) {
        local_sdp_ = sdp;
        response.content_type = "application/sdp";
        response.body = sdp;
    }
    in.success = in.transaction->write(response);
    in.answered = true;
    in.request.reset();
    in.transaction->send_raw(200, in.success);
    in.flow = in.transaction->flow();
    // 13.3.1.4: repeated over every transport until the ACK.
    in.interval = stack_.settings().t1;
    in.give_up = stack_.loop().now() + 64 * stack_.settings().t1;
    in.repeat.start(in.interval, [this] { repeat_success(); });
    restart_timer();
}

void InviteSession::repeat_success() {
    const auto keep = shared_from_this();
    Incoming& in = *incoming_;
    if (stack_.loop().now() >= in.give_up) {
        const Headers headers = in.bye.value_or(Headers{});
        incoming_.reset();
        SessionEnd end;
        end.by = SessionEnd::By::timeout;
        end.text = "no ACK";
        bye(headers);
        finish(end);
        return;
    }
    stack_.count_retransmission();
    stack_.transmit(in.flow, in.success);
    in.interval = std::min(in.interval * 2, stack_.settings().t2);
    const TimePoint next = std::min(stack_.loop().now() + in.interval, in.give_up);
    in.repeat.start_at(next, [this] { repeat_success(); });
}

void InviteSession::on_ack(const MessagePtr& ack) {
    if (!incoming_ || !incoming_->answered || ack->cseq() != incoming_->cseq) return;
    const auto in = std::move(incoming_);
    if (state_ == State::ended) {
        if (in->bye) bye(*in->bye);
        return;
    }
    if (in->initial) state_ = State::confirmed;
    if (in->we_offer && !answer_sent_) {
        const std::string_view sdp = ack->sdp();
        // An ACK without the answer that it owes is told as an empty one; a session that runs already goes on.
        if (!sdp.empty() || in->initial) {
            remote_sdp_hash_ = 0;
            tell_remote_answer(sdp, ack);
        }
    }
    if (in->initial) answer_sent_ = false;
    if (in->initial)
        if (auto* events = listener()) events->on_confirmed(*this);
    if (state_ != State::ended) next_offer();
}

void InviteSession::on_cancel(const MessagePtr& cancel) {
    const auto keep = shared_from_this();
    if (!incoming_ || incoming_->answered) return;
    const bool initial = incoming_->initial;
    Response response{.code = 487, .to_tag = dialog_->local_tag(), .server_first = incoming_->tried};
    if (incoming_->rang) response.headers.push_back({"Allow", settings_->allow});
    response.headers.push_back({"Reason", "Q.850;cause=0"});
    incoming_->transaction->respond(response);
    incoming_.reset();
    if (!initial) {  // a re-INVITE: the session goes on as it was
        open_offer_.reset();
        next_offer();
        return;
    }
    SessionEnd end;
    end.by = SessionEnd::By::remote;
    end.code = 487;
    end.message = cancel;
    wire_done();
    finish(end);
}

void InviteSession::on_bye(const ServerTransactionPtr& transaction, const MessagePtr& request) {
    transaction->respond(200);
    // For as long as the BYE lingers, another one finds that the call did exist.
    auto& farewells = stack_.tables_->farewells;
    std::string key = dialog_key(dialog_->call_id(), dialog_->local_tag(), dialog_->remote_tag());
    if (farewells.insert(key).second)
        stack_.tables_->linger(64 * stack_.settings().t1,
                               [tables = stack_.tables_.get(), key = std::move(key)] { tables->farewells.erase(key); });
    if (incoming_ && !incoming_->answered) incoming_->transaction->respond(487);
    if (open_offer_ && open_offer_->transaction) open_offer_->transaction->respond(487);
    wire_done();
    if (state_ == State::ended) return;
    SessionEnd end;
    end.by = SessionEnd::By::remote;
    end.message = request;
    finish(end);
}

}  // namespace asterism::sip
