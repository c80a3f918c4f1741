#include "asterism/sip/transaction.hpp"

#include <algorithm>
#include <utility>

#include "core/sip/tables.hpp"
#include "core/sip/writer.hpp"

namespace asterism::sip {

ServerTransaction::ServerTransaction(Stack& stack, MessagePtr request, Flow flow, std::string key)
    : stack_(stack),
      request_(std::move(request)),
      flow_(std::move(flow)),
      key_(std::move(key)),
      retransmit_(stack.loop()),
      ending_(stack.loop()),
      method_(request_->method()),
      force_rport_(stack.settings().force_rport) {}

ServerTransaction::~ServerTransaction() = default;

std::string ServerTransaction::write(const Response& response) const {
    std::string out;
    out.reserve(600 + response.body.size());
    std::string_view tag = response.to_tag;
    if (tag.empty()) tag = to_tag_;
    if (tag.empty()) tag = request_->top_via().branch;
    write_response(out, *request_, flow_, response, tag, force_rport_, stack_.settings());
    return out;
}

bool ServerTransaction::respond(const Response& response) {
    if (answered() || !request_) return false;
    if (response.code > 100 && !response.to_tag.empty()) to_tag_ = response.to_tag;
    return send_raw(response.code, write(response));
}

bool ServerTransaction::send_raw(int code, std::string bytes) {
    if (answered() || !request_) return false;
    const auto self = shared_from_this();
    flow_.remote = response_address(*request_, flow_, force_rport_);
    last_ = std::move(bytes);
    const bool sent = stack_.transmit(flow_, last_);
    if (code < 200) {
        state_ = State::proceeding;
        if (!sent) stack_.loop().defer([self] { self->transport_failed(); });
        return true;
    }
    request_.reset();
    on_cancel_ = nullptr;
    const StackSettings& s = stack_.settings();
    const Duration absorb = 64 * s.t1;
    if (method_ != Method::invite) {
        end(State::completed, flow_.reliable() ? Duration::zero() : absorb);  // timer J
    } else if (code < 300) {
        last_ = {};                                                          // the session repeats it until the ACK
        end(State::accepted, flow_.reliable() ? Duration::zero() : absorb);  // timer L, RFC 6026
    } else {
        state_ = State::completed;
        if (!flow_.reliable()) start_retransmit(s.t1);  // timer G
        ending_.start(s.timer_b, [this] {               // timer H
            const auto keep = shared_from_this();
            auto failure = std::exchange(on_failure_, nullptr);
            ++stack_.counters_.timeouts;
            end(State::terminated, Duration::zero());
            if (failure) failure();
        });
    }
    if (!sent) stack_.loop().defer([self] { self->transport_failed(); });
    return true;
}

void ServerTransaction::start_retransmit(Duration interval) {
    interval_ = interval;
    retransmit_.start(interval, [this] {
        stack_.count_retransmission();
        transmit();
        start_retransmit(std::min(interval_ * 2, stack_.settings().t2));
    });
}

void ServerTransaction::transmit() {
    if (!last_.empty()) stack_.transmit(flow_, last_);
}

void ServerTransaction::receive(const MessagePtr& request) {
    const auto self = shared_from_this();
    if (request->method() == Method::ack) {
        if (state_ != State::completed) return;
        retransmit_.cancel();
        ending_.cancel();
        on_failure_ = nullptr;
        last_ = {};
        end(State::confirmed, flow_.reliable() ? Duration::zero() : stack_.settings().t4);  // timer I
        return;
    }
    ++stack_.counters_.retransmissions_received;
    if (state_ == State::trying && method_ == Method::invite) {
        respond(100);  // whoever is to answer takes long (17.2.1 would have it after 200 ms)
        return;
    }
    if (state_ == State::proceeding || state_ == State::completed) {
        stack_.count_retransmission();
        transmit();
    }
}

void ServerTransaction::respond_stateless(const Response& response) {
    if (answered() || !request_) return;
    flow_.remote = response_address(*request_, flow_, force_rport_);
    stack_.transmit(flow_, write(response));
    end(State::terminated, Duration::zero());
}

void ServerTransaction::end(State state, Duration linger) {
    const auto self = shared_from_this();
    state_ = state;
    if (linger > Duration::zero()) {
        stack_.tables_->linger(linger, [self] { self->end(State::terminated, Duration::zero()); });
        return;
    }
    state_ = State::terminated;
    retransmit_.cancel();
    ending_.cancel();
    on_cancel_ = nullptr;
    on_failure_ = nullptr;
    const auto found = stack_.tables_->servers.find(key_);
    if (found != stack_.tables_->servers.end() && found->second == self) stack_.tables_->servers.erase(found);
}

void ServerTransaction::transport_failed() {
    if (state_ == State::terminated) return;
    const auto self = shared_from_this();
    auto failure = std::exchange(on_failure_, nullptr);
    // Whoever has not answered yet may try; the rest has nowhere to go.
    if (answered()) end(State::terminated, Duration::zero());
    if (failure) failure();
}

}  // namespace asterism::sip
