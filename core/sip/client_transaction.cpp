#include "core/sip/client_transaction.hpp"

#include <algorithm>
#include <utility>

#include "core/sip/tables.hpp"
#include "core/sip/writer.hpp"

namespace asterism::sip {

ClientTransaction::ClientTransaction(Stack& stack, std::string_view method, std::string branch, Flow flow,
                                     std::string bytes, OnResult on_result)
    : stack_(stack),
      key_(client_key(branch, method)),
      branch_(std::move(branch)),
      flow_(std::move(flow)),
      bytes_(std::move(bytes)),
      on_result_(std::move(on_result)),
      retransmit_(stack.loop()),
      timeout_(stack.loop()),
      invite_(method == "INVITE") {}

ClientTransaction::~ClientTransaction() = default;

void ClientTransaction::start(Duration timeout) {
    stack_.tables_->clients.insert_or_assign(key_, shared_from_this());
    const StackSettings& s = stack_.settings();
    if (!stack_.transmit(flow_, bytes_)) {
        stack_.loop().defer([self = shared_from_this()] { self->transport_failed(); });
        return;
    }
    if (!flow_.reliable()) {
        interval_ = s.t1;  // timers A and E
        retransmit_.start(interval_, [this] { retransmit(); });
    }
    timeout_.start(timeout > Duration::zero() ? timeout : s.timer_b, [this] {
        const auto self = shared_from_this();
        ++stack_.counters_.timeouts;
        fail(408, "no response in time");
    });
}

void ClientTransaction::retransmit() {
    const StackSettings& s = stack_.settings();
    stack_.count_retransmission();
    if (!stack_.transmit(flow_, bytes_)) {
        const auto self = shared_from_this();
        transport_failed();
        return;
    }
    interval_ *= 2;
    // INVITE doubles without end, others stay at T2; once a provisional came they repeat every T2 (17.1.2.2).
    if (!invite_) interval_ = state_ == State::proceeding ? s.t2 : std::min(interval_, s.t2);
    retransmit_.start(interval_, [this] { retransmit(); });
}

void ClientTransaction::receive(const MessagePtr& response) {
    const auto self = shared_from_this();
    const int code = response->status();
    switch (state_) {
        case State::calling:
        case State::proceeding:
            if (code < 200) {
                state_ = State::proceeding;
                if (invite_) {
                    retransmit_.cancel();
                    if (!given_up_) timeout_.cancel();  // a ringing phone may ring as long as it likes
                }
                tell({code, response, flow_, {}});
                return;
            }
            retransmit_.cancel();
            timeout_.cancel();
            if (!invite_) {
                state_ = State::completed;
                bytes_ = {};
                const Duration timer_k = flow_.reliable() ? Duration::zero() : stack_.settings().t4;
                tell({code, response, flow_, {}});
                on_result_ = nullptr;
                linger(timer_k);
            } else if (code < 300) {
                state_ = State::accepted;
                linger(64 * stack_.settings().t1);  // timer M
                tell({code, response, flow_, {}});
            } else {
                state_ = State::completed;
                acknowledge(response);
                tell({code, response, flow_, {}});
                on_result_ = nullptr;
                linger(flow_.reliable() ? Duration::zero() : 64 * stack_.settings().t1);  // timer D
            }
            return;
        case State::accepted:
            // Another 2xx: a repetition, or another fork. The dialog layer tells which.
            if (code >= 200 && code < 300) tell({code, response, flow_, {}});
            return;
        case State::completed:
            ++stack_.counters_.retransmissions_received;
            if (invite_ && code >= 300 && !ack_.empty()) {
                stack_.count_retransmission();
                stack_.transmit(flow_, ack_);
            }
            return;
        case State::terminated: return;
    }
}

void ClientTransaction::acknowledge(const MessagePtr& response) {
    const auto invite = Message::parse(bytes_);
    bytes_ = {};
    if (!invite) return;
    ack_ = write_failure_ack(**invite, *response, stack_.settings());
    stack_.transmit(flow_, ack_);
}

void ClientTransaction::cancel(const Headers& headers) {
    if (state_ != State::proceeding && state_ != State::calling) return;
    const auto invite = Message::parse(bytes_);
    if (!invite) return;
    auto cancel = std::make_shared<ClientTransaction>(stack_, "CANCEL", branch_, flow_,
                                                      write_cancel(**invite, headers, stack_.settings()), nullptr);
    cancel->start();
    given_up_ = true;
    // 9.1: without a final response within 64*T1 the INVITE counts as cancelled.
    timeout_.start(64 * stack_.settings().t1, [this] {
        const auto self = shared_from_this();
        fail(408, "no final response after CANCEL");
    });
}

void ClientTransaction::abandon() {
    silence();
    given_up_ = true;
    if (state_ == State::calling || state_ == State::proceeding)
        timeout_.start(64 * stack_.settings().t1, [this] { end(); });
}

void ClientTransaction::transport_failed() {
    if (state_ == State::calling || state_ == State::proceeding)
        fail(503, "transport failed");
    else if (state_ != State::terminated && flow_.reliable())
        end();
}

void ClientTransaction::fail(int code, std::string_view why) {
    const auto self = shared_from_this();
    OnResult last = std::exchange(on_result_, nullptr);
    end();
    if (last) last({code, nullptr, flow_, why});
}

void ClientTransaction::tell(const RequestResult& result) {
    if (!on_result_) return;
    // Out of its place while it runs: it may end or silence this transaction.
    OnResult running = std::exchange(on_result_, nullptr);
    running(result);
    if (state_ != State::terminated && !silent_) on_result_ = std::move(running);
}

void ClientTransaction::linger(Duration time) {
    if (time <= Duration::zero()) {
        end();
        return;
    }
    stack_.tables_->linger(time, [self = shared_from_this()] { self->end(); });
}

void ClientTransaction::end() {
    if (state_ == State::terminated) return;
    const auto self = shared_from_this();
    state_ = State::terminated;
    on_result_ = nullptr;  // it may hold its maker, who holds us
    retransmit_.cancel();
    timeout_.cancel();
    const auto found = stack_.tables_->clients.find(key_);
    if (found != stack_.tables_->clients.end() && found->second == self) stack_.tables_->clients.erase(found);
}

}  // namespace asterism::sip
