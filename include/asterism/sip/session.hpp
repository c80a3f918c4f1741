// Invite sessions: one call leg from INVITE to BYE, with offer and answer, provisional responses, holds, glare, session
// timers and authentication. SDP is opaque text here; sdp.hpp reads and writes it.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/sip/dialog.hpp"
#include "asterism/sip/stack.hpp"

namespace asterism::sip {

class InviteSession;
using InviteSessionPtr = std::shared_ptr<InviteSession>;

/// What an endpoint's configuration says about its sessions; shared by all of them.
struct SessionSettings {
    enum class Timers : std::uint8_t { no, yes, required, always };
    enum class Reliable : std::uint8_t { no, yes, required, peer_supported };

    std::string contact_user{};         ///< of the Contact of outgoing calls ("asterisk"); empty: none
    std::string transport{};            ///< name of the transport to send over; empty: any
    std::vector<std::string> routes{};  ///< outbound_proxy, with <>
    Timers timers = Timers::yes;        ///< timers
    std::uint32_t timers_min_se = 90;   ///< seconds, at least 90
    std::uint32_t timers_sess_expires = 1800;
    Reliable rel100 = Reliable::yes;  ///< 100rel
    bool follow_early_media_fork = true;
    bool rewrite_contact = false;                         ///< requests go to where the peer's messages come from
    std::shared_ptr<const CredentialList> credentials{};  ///< outbound_auth
    std::string allow{allow_methods};
    std::string supported{supported_extensions};
};
using SessionSettingsPtr = std::shared_ptr<const SessionSettings>;

/// A call to make.
struct Call {
    std::string uri{};    ///< request URI
    std::string from{};   ///< name-addr without tag
    std::string to{};     ///< name-addr; empty: <uri>
    std::string offer{};  ///< SDP; empty: the peer is asked for an offer
    Headers headers{};    ///< after Min-SE, before Max-Forwards
    SessionSettingsPtr settings{};
    RouteHint hint{};
};

/// Why and how a session ended.
struct SessionEnd {
    enum class By : std::uint8_t {
        remote,     ///< BYE, CANCEL, or a final response of the peer
        local,      ///< end() was called
        timeout,    ///< nothing was heard in time: timer B, no ACK (timer H), session timer
        transport,  ///< could not be sent
    };
    By by = By::local;
    int code = 0;             ///< final response of an unanswered call; 0 if the call was answered or cancelled
    MessagePtr message{};     ///< BYE, CANCEL or final response: Reason, Contact (3xx), Retry-After, ... are in it
    std::string_view text{};  ///< for the log
};

/// What happens in a session, for the channel driver. Called from the loop, never from within a call made by the
/// listener itself except where said. Every message is valid in the call only unless its pointer is kept.
class SessionEvents {
  public:
    virtual ~SessionEvents() = default;
    /// UAC: the INVITE was sent (also again, after a challenge): Call-ID and flow are known now.
    virtual void on_sent(InviteSession&) {}
    /// UAC: 100 to 199. An answer in it is told by on_remote_answer first. `code` is the message's.
    virtual void on_progress(InviteSession&, int /*code*/, const MessagePtr&) {}
    /// UAC: 2xx. An answer in it is told by on_remote_answer first; an offer (we sent none) by on_remote_offer after,
    /// and its answer goes out in the ACK.
    virtual void on_answered(InviteSession&, const MessagePtr&) {}
    /// UAS: the ACK to our 2xx came.
    virtual void on_confirmed(InviteSession&) {}
    /// The peer offers: in re-INVITE, UPDATE, PRACK or (UAC without offer) in a response. Empty: it asks us for an
    /// offer (re-INVITE without SDP). To be answered by accept_offer or reject_offer, at once or later.
    virtual void on_remote_offer(InviteSession&, std::string_view /*sdp*/, const MessagePtr&) = 0;
    /// The answer to our offer, from a response, an ACK or a PRACK.
    virtual void on_remote_answer(InviteSession&, std::string_view /*sdp*/, const MessagePtr&) = 0;
    /// Our re-INVITE or UPDATE was refused for good (glare was retried); the session is as before.
    virtual void on_offer_refused(InviteSession&, int /*code*/, const MessagePtr&) {}
    /// INFO, MESSAGE, REFER, NOTIFY, OPTIONS or another request in the session; must be answered. Default: 501.
    virtual void on_request(InviteSession&, ServerTransactionPtr transaction) { transaction->respond(501); }
    /// The session is over: the last event, exactly once, also after end().
    virtual void on_ended(InviteSession&, const SessionEnd&) = 0;
};

/// Kept alive by the stack until it has ended on the wire (BYE answered); the driver keeps a pointer as long as it
/// likes. After detach() no event is delivered.
class InviteSession final : public std::enable_shared_from_this<InviteSession>, private DialogUser {
  public:
    enum class State : std::uint8_t {
        calling,   ///< UAC: INVITE sent, nothing or 100 heard
        incoming,  ///< UAS: INVITE received, no 18x sent
        early,     ///< 18x
        answered,  ///< 2xx sent, ACK not here yet (UAS); 2xx here, ACK waits for accept_offer (UAC)
        confirmed,
        ended,
    };

    /// UAC. Events come later, from the loop.
    [[nodiscard]] static InviteSessionPtr call(Stack& stack, Call call, SessionEvents& events);
    /// UAS, for an INVITE outside a dialog (after identification and authentication). Checks Require and
    /// Session-Expires and answers 420, 421 or 422 itself: then there is no session and the code is returned.
    [[nodiscard]] static std::expected<InviteSessionPtr, int> accept(Stack& stack, ServerTransactionPtr transaction,
                                                                     SessionSettingsPtr settings,
                                                                     SessionEvents& events);

    InviteSession(Stack& stack, SessionSettingsPtr settings, SessionEvents& events);
    ~InviteSession() override;

    // --- UAS ---
    /// Sends 100 Trying.
    void trying();
    /// Sends 180, 181, 182, 183 (reliably if both sides want so). `sdp` is the answer to the INVITE's offer.
    bool progress(int code, std::string_view sdp = {}, const Headers& headers = {});
    /// Sends 200 with the answer (or the offer, if the INVITE had none; or nothing, if a reliable 18x had the answer).
    bool answer(std::string_view sdp, const Headers& headers = {});

    // --- both ---
    /// Ends the session however it must be: final response `code` (UAS, unanswered), CANCEL (UAC, unanswered), BYE.
    /// `headers` (Reason, Contact of a 302) go into it. on_ended follows, from the loop.
    void end(int code = 603, const Headers& headers = {});
    /// Offers anew by re-INVITE, or by UPDATE. Waits for its turn while another transaction is under way; glare (491)
    /// is retried as in RFC 3261 14.1. False if the session is not there yet or over.
    bool offer(std::string_view sdp, bool by_update = false, const Headers& headers = {});
    /// Answers on_remote_offer.
    bool accept_offer(std::string_view sdp);
    bool reject_offer(int code = 488);
    /// Detaches, and says BYE after `patience` unless the peer does so before: one that has transferred its call is to
    /// end it itself (RFC 5589, 6). One that offers anew instead gets the last description again, and the BYE. Before
    /// the call is confirmed: end().
    void end_later(Duration patience, int code, Headers headers);
    /// Sends INFO, MESSAGE, REFER, NOTIFY, OPTIONS, UPDATE without SDP... in the session's dialog.
    ClientRequestPtr request(std::string_view method, const Headers& headers = {}, std::string_view content_type = {},
                             std::string_view body = {}, RequestDone done = {});

    /// No events from now on. The session ends by itself on the wire if it was ended; call end() first.
    void detach() { events_ = nullptr; }

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool is_uas() const { return uas_; }
    [[nodiscard]] const Dialog& dialog() const { return *dialog_; }
    [[nodiscard]] Dialog& dialog() { return *dialog_; }
    /// UAS: the INVITE. UAC: the last response. For PJSIP_HEADER and PJSIP_RESPONSE_HEADER; may be null.
    [[nodiscard]] const MessagePtr& last_message() const { return message_; }
    /// UAS: the offer of the INVITE; empty if it had none.
    [[nodiscard]] std::string_view offered() const { return message_ && uas_ ? message_->sdp() : std::string_view{}; }
    /// Whether the peer's Allow held this method (UPDATE needs it).
    [[nodiscard]] bool peer_allows(Method method) const { return (peer_allows_ >> static_cast<unsigned>(method)) & 1; }
    /// The Contact that we write: `<sip:user@host:port;transport=...>`.
    [[nodiscard]] const std::string& local_contact() const { return contact_; }
    [[nodiscard]] const SessionSettings& settings() const { return *settings_; }

  private:
    struct Outgoing;   // an INVITE of ours under way
    struct Incoming;   // an INVITE of the peer under way, until its ACK
    struct Reliable;   // a reliable provisional response waiting for its PRACK, and what waits behind it
    struct Pending;    // an offer that waits for its turn
    struct OpenOffer;  // the peer's offer that the driver has not answered yet
    using OutgoingPtr = std::shared_ptr<Outgoing>;

    void on_dialog_request(ServerTransactionPtr transaction, const MessagePtr& request, const Flow& flow) override;

    // session_uac.cpp
    void send_invite();
    void transmit_invite(const OutgoingPtr& out, Flow flow);
    void on_invite_response(const OutgoingPtr& out, const RequestResult& result);
    void on_invite_provisional(const OutgoingPtr& out, const MessagePtr& response, const Flow& flow);
    void on_invite_success(const OutgoingPtr& out, const MessagePtr& response, const Flow& flow);
    void on_invite_failure(const OutgoingPtr& out, const RequestResult& result);
    bool try_again(const OutgoingPtr& out, const RequestResult& result);
    bool fail_over(const OutgoingPtr& out, const RequestResult& result);
    /// The same exchange before it was sent; takes the request.
    [[nodiscard]] static OutgoingPtr once_more(Outgoing& out);
    void send_ack(const OutgoingPtr& out, std::string_view sdp);
    void end_stray_fork(const Message& response, const Flow& flow);
    void send_prack(const Message& response, std::string_view sdp);
    // session_reinvite.cpp
    void on_reinvite_response(const OutgoingPtr& out, const RequestResult& result);
    [[nodiscard]] bool may_offer() const;
    void start_offer(Pending pending);
    void next_offer();
    /// A re-INVITE or UPDATE was refused, other than by 491; `refresh`: it offered nothing new.
    void offer_failed(std::string_view method, const RequestResult& result, bool refresh);
    void retry_after_glare(Pending pending);
    void on_update_response(const RequestResult& result, Pending pending);
    void on_reinvite(const ServerTransactionPtr& transaction, const MessagePtr& request);
    void on_update(const ServerTransactionPtr& transaction, const MessagePtr& request);
    // session_uas.cpp
    void on_cancel(const MessagePtr& cancel);
    void on_ack(const MessagePtr& ack);
    void on_bye(const ServerTransactionPtr& transaction, const MessagePtr& request);
    void send_provisional(int code, std::string_view sdp, const Headers& headers, bool reliably);
    void send_success(std::string_view sdp, const Headers& headers);
    void repeat_success();
    // session_reliable.cpp
    [[nodiscard]] bool send_reliably() const;
    void on_prack(const ServerTransactionPtr& transaction, const MessagePtr& request);
    void repeat_reliable();
    // session_timer.cpp
    [[nodiscard]] bool interval_too_small(const Message& request) const;
    void take_timer_request(const Message& request);
    void take_timer_response(const Message& response);
    void add_timer_request(Headers& headers, bool initial) const;
    void add_timer_response(Headers& headers) const;
    void restart_timer();
    void refresh_session();
    // session.cpp
    void learn(const Message& message);
    void bye(const Headers& headers);
    void finish(SessionEnd end);
    void finish_later(SessionEnd end);
    void keep_until_done();
    void wire_done();
    void leave();
    void tell_remote_answer(std::string_view sdp, const MessagePtr& message);
    [[nodiscard]] SessionEvents* listener() const { return state_ == State::ended ? nullptr : events_; }
    [[nodiscard]] std::string supported() const;
    [[nodiscard]] Headers offer_headers(bool initial) const;
    [[nodiscard]] Headers success_headers(const Headers& extra, bool initial) const;

    // given
    Stack& stack_;
    SessionSettingsPtr settings_;
    SessionEvents* events_;
    // made
    std::unique_ptr<Dialog> dialog_;
    OutgoingPtr outgoing_;
    std::unique_ptr<Incoming> incoming_;
    std::unique_ptr<Reliable> reliable_;
    std::unique_ptr<Pending> pending_;
    std::unique_ptr<OpenOffer> open_offer_;
    struct Leaving {
        int code;
        Headers headers;
    };
    std::unique_ptr<Leaving> leaving_;  // end_later()
    Timer timer_;                       // session timer; of what is leaving: its end
    Timer glare_;
    // state
    MessagePtr message_;
    std::string contact_;
    std::string local_sdp_;            // sent last, to repeat it in a refresh
    std::size_t remote_sdp_hash_ = 0;  // told last
    std::uint32_t peer_allows_ = 0;
    std::uint32_t se_seconds_ = 0;  // session interval; 0: no timer
    std::uint32_t min_se_ = 90;
    std::uint32_t last_rseq_ = 0;
    State state_ = State::calling;
    bool uas_ = false;
    bool we_refresh_ = false;
    bool update_under_way_ = false;
    bool peer_supports_timer_ = false;
    bool peer_supports_100rel_ = false;
    bool peer_requires_100rel_ = false;
    bool answer_sent_ = false;  // in a reliable 18x
    bool ended_told_ = false;
};

}  // namespace asterism::sip
