// One request that is not an INVITE on its way: route, transaction, and a second try when it is challenged.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "asterism/sip/stack.hpp"
#include "core/sip/client_transaction.hpp"

namespace asterism::sip {

/// Lives in the callbacks of the router and of the transaction.
class RequestSender final : public ClientRequest, public std::enable_shared_from_this<RequestSender> {
  public:
    RequestSender(Stack& stack, Request request, RequestDone done)
        : stack_(stack), request_(std::move(request)), done_(std::move(done)) {}
    /// The request must be complete (call_id, tags, cseq).
    void start();
    void forget() override {
        done_ = nullptr;
        forgotten_ = true;
    }

  private:
    void send(Flow flow);
    void on_result(const RequestResult& result);
    void agree();
    [[nodiscard]] bool asks_for_agreement(const RequestResult& result) const;
    bool try_agreed(const RequestResult& result);
    bool fail_over(const RequestResult& result);
    void finish(RequestResult result);

    Stack& stack_;
    Request request_;
    RequestDone done_;  // none: whoever sent it does not care
    bool forgotten_ = false;
    std::string answered_nonce_;
    unsigned tries_ = 0;
    std::optional<std::size_t> agreed_;  // the caller's headers, before what is said of security
    std::size_t plain_headers_ = 0;      // before the authorization
};

}  // namespace asterism::sip
