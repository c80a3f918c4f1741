// The SIP stack: messages in, transactions and dialogs matched, everything else to the handler.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/random.hpp"
#include "asterism/sip/builder.hpp"
#include "asterism/sip/digest.hpp"
#include "asterism/sip/message.hpp"
#include "asterism/sip/transaction.hpp"
#include "asterism/sip/transport.hpp"

namespace asterism::sip {

class Dialog;
class ClientTransaction;

struct StackSettings {
    Duration t1 = std::chrono::milliseconds(500);  ///< [system] timer_t1
    Duration t2 = std::chrono::seconds(4);
    Duration t4 = std::chrono::seconds(5);
    Duration timer_b = std::chrono::milliseconds(32000);  ///< [system] timer_b; also F and H
    std::string user_agent = "Asterism";                  ///< Server and User-Agent
    std::uint32_t max_forwards = 70;
    bool force_rport = true;
    bool ask_rport = true;                  ///< rport in the Via of requests (RFC 3581)
    bool compact_headers = false;           ///< reserved
    std::size_t max_transactions = 100000;  ///< beyond, new requests are answered 503 without state
};

/// What two sides agreed on for the security of media (RFC 3329 as draft-dawes-sipcore-mediasec-parameter has it):
/// what we can do, and what the server said it can, which is said back to it from then on.
struct SecurityAgreement {
    std::vector<std::string> client;  ///< "sdes-srtp;mediasec"
    std::vector<std::string> server{};
    /// Security-Client or Security-Verify, Require and Proxy-Require.
    [[nodiscard]] Headers headers() const;
    /// Takes the Security-Server headers of a response, if it has some.
    void take(const Message& response);
};

/// A request to send outside a dialog (REGISTER, OPTIONS, MESSAGE, NOTIFY, PUBLISH...). Written in Asterisk's order:
/// Via, From, To, Contact, Call-ID, CSeq, Route, `headers`, Max-Forwards, User-Agent, authorization, body.
struct Request {
    std::string method{};  ///< "OPTIONS"
    std::string uri{};
    std::string from{};                ///< name-addr without tag
    std::string to{};                  ///< name-addr, with its tag in a dialog
    std::string from_tag{};            ///< empty: made
    std::string call_id{};             ///< empty: made (a UUID)
    std::uint32_t cseq = 0;            ///< 0: made
    std::string contact{};             ///< whole value; empty: `contact_user` decides
    std::string contact_user{};        ///< Contact is <sip:USER@our address>; needs with_contact
    std::string contact_uri_params{};  ///< at the end of that URI, beginning with `;`
    bool with_contact = false;
    bool contact_behind = false;        ///< Contact stands behind CSeq (REGISTER)
    std::string contact_params{};       ///< header parameters of the Contact, beginning with `;`
    std::vector<std::string> routes{};  ///< Route values in order (outbound_proxy), with their <>
    Headers headers{};
    std::string content_type{};
    std::string body{};
    RouteHint hint{};
    std::shared_ptr<const CredentialList> credentials{};  ///< answers 401 and 407 once
    std::shared_ptr<SecurityAgreement> agreement{};       ///< negotiated on the way; 494 is answered, too
    Duration timeout{};                                   ///< 0: timer F
};

/// How a request ended, or a provisional response on the way.
struct RequestResult {
    int code = 0;  ///< 408 when nothing came in time, 503 when it could not be sent (`message` is null then)
    MessagePtr message{};
    Flow flow{};               ///< where it was sent
    std::string_view error{};  ///< for the log, when `message` is null
};
using RequestDone = std::move_only_function<void(const RequestResult&)>;

/// A request on its way. Dropping it does not stop it; forget() silences its callback.
class ClientRequest {
  public:
    virtual ~ClientRequest() = default;
    /// The callback is not called any more (and is destroyed); the transaction runs on.
    virtual void forget() = 0;
};
using ClientRequestPtr = std::shared_ptr<ClientRequest>;

/// Receives what belongs to no dialog. Implemented by the driver.
class StackHandler {
  public:
    virtual ~StackHandler() = default;
    /// A new request outside a dialog: INVITE, OPTIONS, REGISTER, SUBSCRIBE, MESSAGE, ... and unknown methods. Must be
    /// answered through the transaction, now or later. (BYE, CANCEL, PRACK, UPDATE without a dialog and requests with a
    /// To tag that nobody knows are answered 481 by the stack.)
    virtual void on_request(ServerTransactionPtr transaction) = 0;
};

struct StackCounters {
    std::uint64_t received = 0, sent = 0, malformed = 0, retransmissions_received = 0, retransmissions_sent = 0,
                  stray_responses = 0, timeouts = 0;
};

/// One for the process. Control loop only. Must outlive its sessions, registrations and subscriptions.
class Stack {
  public:
    Stack(Loop& loop, Random& random, Router& router, StackSettings settings = {});
    ~Stack();
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;

    void set_handler(StackHandler* handler) { handler_ = handler; }
    void set_tap(Tap* tap) { tap_ = tap; }
    [[nodiscard]] const StackSettings& settings() const { return settings_; }
    /// Takes effect for what is started from now on (pjsip reload).
    void set_settings(StackSettings settings) { settings_ = std::move(settings); }
    [[nodiscard]] Loop& loop() { return loop_; }
    [[nodiscard]] Random& random() { return random_; }
    [[nodiscard]] Router& router() { return router_; }

    /// A datagram, or one message from StreamFramer. Malformed ones are counted and dropped; the error is for the log.
    /// Datagrams of only CR, LF or NUL are keepalives and are ignored.
    std::expected<void, ParseError> receive(const Flow& flow, std::string_view bytes);
    /// A connection ended or a send failed: ends what runs over it.
    void transport_failed(const Transport& transport);

    /// Sends a request outside a dialog; `done` is called once, from the loop, with the final outcome. Provisional
    /// responses are not reported.
    ClientRequestPtr send(Request request, RequestDone done);
    /// Answers a request without a transaction (401 challenges, for instance, cost no memory).
    void respond_stateless(const Message& request, const Flow& flow, const Response& response);

    [[nodiscard]] const StackCounters& counters() const { return counters_; }
    [[nodiscard]] std::size_t server_transactions() const;
    [[nodiscard]] std::size_t client_transactions() const;
    [[nodiscard]] std::size_t dialogs() const;

    /// A new branch, z9hG4bKPj and a UUID; a new tag or Call-ID, a UUID.
    [[nodiscard]] std::string make_branch();
    [[nodiscard]] std::string make_tag() { return random_.uuid(); }
    /// A first CSeq, below 2^16.
    [[nodiscard]] std::uint32_t make_cseq();

    /// The dialog with these names, as the peer of `Replaces` or a request sees it; null if there is none.
    [[nodiscard]] Dialog* find_dialog(std::string_view call_id, std::string_view local_tag,
                                      std::string_view remote_tag) const;

  private:
    friend class ServerTransaction;
    friend class ClientTransaction;
    friend class Dialog;
    friend class InviteSession;
    struct Tables;

    void receive_request(const Flow& flow, MessagePtr request);
    void receive_response(const MessagePtr& response);
    void cancel(const ServerTransactionPtr& transaction);
    bool transmit(const Flow& flow, std::string_view bytes);
    void count_retransmission() { ++counters_.retransmissions_sent; }

    Loop& loop_;
    Random& random_;
    Router& router_;
    StackSettings settings_;
    StackHandler* handler_ = nullptr;
    Tap* tap_ = nullptr;
    StackCounters counters_;
    std::unique_ptr<Tables> tables_;
};

}  // namespace asterism::sip
