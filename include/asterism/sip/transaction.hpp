// Server transactions (RFC 3261 17.2, RFC 6026): what a request is answered through. Client transactions are private
// to the stack: use Stack::send.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "asterism/runtime/timer.hpp"
#include "asterism/sip/builder.hpp"
#include "asterism/sip/message.hpp"
#include "asterism/sip/transport.hpp"

namespace asterism::sip {

class Stack;

/// A response to send. The library writes Via, Record-Route, Call-ID, From, To, CSeq in front, Server and
/// Content-Length behind.
struct Response {
    int code = 200;
    std::string reason{};       ///< empty: the standard phrase
    std::string to_tag{};       ///< empty: the request's, or the top Via branch (as stateless Asterisk answers)
    Headers headers{};          ///< in their order, before Server
    bool server_first = false;  ///< Server goes before `headers`
    bool record_route = false;  ///< copy Record-Route: the response makes a dialog (RFC 3261 12.1.1)
    std::string content_type{};
    std::string body{};
};

/// Made by the stack for each new request; kept in its table until it ends, and by whoever answers it.
class ServerTransaction final : public std::enable_shared_from_this<ServerTransaction> {
  public:
    enum class State : std::uint8_t { trying, proceeding, completed, confirmed, accepted, terminated };

    ServerTransaction(Stack& stack, MessagePtr request, Flow flow, std::string key);
    ~ServerTransaction();
    ServerTransaction(const ServerTransaction&) = delete;
    ServerTransaction& operator=(const ServerTransaction&) = delete;

    /// Null once the final response was sent: keep the MessagePtr to have it longer.
    [[nodiscard]] const MessagePtr& request() const { return request_; }
    [[nodiscard]] const Flow& flow() const { return flow_; }
    [[nodiscard]] Method method() const { return method_; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool answered() const { return state_ != State::trying && state_ != State::proceeding; }

    /// Answer to where the request came from even if it has no rport (force_rport; default StackSettings::force_rport).
    void force_rport(bool yes) { force_rport_ = yes; }

    /// Sends a response; final ones once. False if one was sent before, or the transaction is over.
    bool respond(const Response& response);
    bool respond(int code) { return respond(Response{.code = code}); }
    /// Answers and forgets: nothing is repeated, and a request that is repeated is a new one (challenges).
    void respond_stateless(const Response& response);

    /// INVITE only: called when a CANCEL came (already answered with 200); the handler answers the INVITE with 487.
    void on_cancel(std::move_only_function<void(const MessagePtr&)> action) { on_cancel_ = std::move(action); }
    /// Called once if the final response could not be delivered: timer H (no ACK) or transport error.
    void on_failure(std::move_only_function<void()> action) { on_failure_ = std::move(action); }

  private:
    friend class Stack;
    friend class InviteSession;
    /// Sends a response already written; for whoever keeps it and retransmits it itself (2xx to INVITE).
    bool send_raw(int code, std::string bytes);
    void receive(const MessagePtr& request);  // a retransmission, or the ACK
    void transmit();
    void start_retransmit(Duration interval);
    void end(State state, Duration linger);
    void transport_failed();
    [[nodiscard]] std::string write(const Response& response) const;

    Stack& stack_;
    MessagePtr request_;
    Flow flow_;
    std::string key_;
    std::string last_;    // response to repeat
    std::string to_tag_;  // of the last response, so that all agree
    std::move_only_function<void(const MessagePtr&)> on_cancel_;
    std::move_only_function<void()> on_failure_;
    Timer retransmit_;
    Timer ending_;
    Duration interval_{};
    Method method_;
    State state_ = State::trying;
    bool force_rport_;
};
using ServerTransactionPtr = std::shared_ptr<ServerTransaction>;

}  // namespace asterism::sip
