// Reliable provisional responses, called side (RFC 3262).
#include <algorithm>
#include <utility>

#include "core/sip/session_parts.hpp"

namespace asterism::sip {

bool InviteSession::send_reliably() const {
    if (peer_requires_100rel_) return true;
    return peer_supports_100rel_ && (settings_->rel100 == SessionSettings::Reliable::required ||
                                     settings_->rel100 == SessionSettings::Reliable::peer_supported);
}

void InviteSession::repeat_reliable() {
    const auto keep = shared_from_this();
    Reliable& r = *reliable_;
    if (stack_.loop().now() >= r.give_up) {
        // RFC 3262 3: without a PRACK the INVITE is refused with a 5xx.
        reliable_.reset();
        if (incoming_) incoming_->transaction->respond(Response{.code = 500, .to_tag = dialog_->local_tag()});
        SessionEnd end;
        end.by = SessionEnd::By::timeout;
        end.code = 500;
        end.text = "no PRACK";
        wire_done();
        finish(end);
        return;
    }
    stack_.count_retransmission();
    stack_.transmit(r.flow, r.bytes);
    r.interval *= 2;
    r.repeat.start_at(std::min(stack_.loop().now() + r.interval, r.give_up), [this] { repeat_reliable(); });
}

void InviteSession::on_prack(const ServerTransactionPtr& transaction, const MessagePtr& request) {
    const auto rack = RAck::parse(request->header(HeaderId::rack).value_or(std::string_view{}));
    if (!reliable_ || !rack || rack->rseq != reliable_->rseq || !incoming_ || rack->cseq != incoming_->cseq) {
        const bool known = rack && incoming_ && rack->cseq == incoming_->cseq && rack->rseq <= last_rseq_;
        if (known)
            transaction->respond(200);  // acknowledged before
        else
            transaction->respond(
                Response{.code = 400, .reason = "Unexpected PRACK", .headers = {{"Reason", "Q.850;cause=0"}}});
        return;
    }
    auto done = std::move(reliable_);
    done->repeat.cancel();
    const std::string_view sdp = request->sdp();
    if (done->bye) {
        transaction->respond(200);
        send_success(answer_sent_ ? std::string_view{} : done->waiting.back().sdp, done->waiting.back().headers);
        incoming_->bye = std::move(done->bye);
        return;
    }
    if (!sdp.empty() && !done->offer) {
        // A new offer in the PRACK (RFC 3262 5): its 200 is the answer.
        open_offer_ = std::make_unique<OpenOffer>(OpenOffer{OpenOffer::In::prack, transaction, nullptr, nullptr});
        if (auto* events = listener()) events->on_remote_offer(*this, sdp, request);
    } else {
        transaction->respond(200);
        if (!sdp.empty()) tell_remote_answer(sdp, request);
    }
    // What had to wait for the PRACK goes out now, up to the next that must wait in its turn.
    while (!done->waiting.empty() && !reliable_ && uas_ && (state_ == State::incoming || state_ == State::early)) {
        Reliable::Waiting next = std::move(done->waiting.front());
        done->waiting.pop_front();
        if (next.code >= 200)
            answer(next.sdp, next.headers);
        else
            send_provisional(next.code, next.sdp, next.headers, true);
    }
    if (reliable_) std::move(done->waiting.begin(), done->waiting.end(), std::back_inserter(reliable_->waiting));
}

}  // namespace asterism::sip
