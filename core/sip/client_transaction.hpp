// Client transactions (RFC 3261 17.1, RFC 6026).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "asterism/sip/stack.hpp"

namespace asterism::sip {

/// In the stack's table from start() until it ends. Whoever made it may keep it to cancel or silence it.
class ClientTransaction final : public std::enable_shared_from_this<ClientTransaction> {
  public:
    enum class State : std::uint8_t { calling, proceeding, completed, accepted, terminated };
    /// A response (each provisional; each 2xx to INVITE; the final one), or how it failed (408, 503; no message).
    using OnResult = std::move_only_function<void(const RequestResult&)>;

    ClientTransaction(Stack& stack, std::string_view method, std::string branch, Flow flow, std::string bytes,
                      OnResult on_result);
    ~ClientTransaction();
    ClientTransaction(const ClientTransaction&) = delete;
    ClientTransaction& operator=(const ClientTransaction&) = delete;

    /// Sends the request. `timeout` 0: timer B or F. A transport error is told later, from the loop.
    void start(Duration timeout = {});
    /// No result is told any more.
    void silence() {
        silent_ = true;
        on_result_ = nullptr;
    }
    /// Nobody waits for the outcome any more: silent, and over within 64*T1 even if the peer never answers.
    void abandon();
    /// INVITE: sends CANCEL (9.1). Only after a provisional response; ends by itself if no final response follows.
    void cancel(const Headers& headers);

    void receive(const MessagePtr& response);
    void transport_failed();
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const Flow& flow() const { return flow_; }
    [[nodiscard]] const std::string& branch() const { return branch_; }

  private:
    void retransmit();
    void fail(int code, std::string_view why);
    void tell(const RequestResult& result);
    void linger(Duration time);
    void end();
    void acknowledge(const MessagePtr& response);

    Stack& stack_;
    std::string key_;
    std::string branch_;
    Flow flow_;
    std::string bytes_;
    std::string ack_;  // to a final response other than 2xx
    OnResult on_result_;
    Timer retransmit_;
    Timer timeout_;
    Duration interval_{};
    State state_ = State::calling;
    bool invite_;
    bool silent_ = false;
    bool given_up_ = false;  // cancelled or abandoned: a time limit holds even while it rings
};

}  // namespace asterism::sip
