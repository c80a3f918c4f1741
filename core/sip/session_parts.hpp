// What an invite session has under way. Private to session*.cpp.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "asterism/sip/session.hpp"
#include "core/sip/client_transaction.hpp"

namespace asterism::sip {

/// Shared with the callback of its transaction, which may outlive the exchange: 2xx are repeated (RFC 6026).
struct InviteSession::Outgoing {
    Request request;                ///< to send it again
    std::size_t plain_headers = 0;  ///< before the authorization
    std::shared_ptr<ClientTransaction> transaction;
    Headers cancel_headers;
    std::string ack;  ///< sent last, for repeated 2xx
    Flow ack_flow;
    std::uint32_t cseq = 0;
    unsigned tries = 0;
    bool initial = false;
    bool offered = false;  ///< it held SDP
    bool refresh = false;  ///< repeats the session as it is
    bool authorized = false;
    bool provisional = false;  ///< something was heard: CANCEL may be sent
    bool cancelled = false;
    bool cancel_sent = false;
    bool done = false;           ///< got its final response
    std::optional<Headers> bye;  ///< ended meanwhile: BYE follows that response
};

struct InviteSession::Incoming {
    explicit Incoming(Loop& loop) : repeat(loop) {}
    ServerTransactionPtr transaction;
    MessagePtr request;   ///< until answered
    std::string success;  ///< the 2xx, repeated until its ACK
    Flow flow;
    std::optional<Headers> bye;  ///< ended before the ACK: BYE follows it
    Timer repeat;
    TimePoint give_up{};
    Duration interval{};
    std::uint32_t cseq = 0;
    bool initial = false;
    bool tried = false;  ///< 100 was sent: Server goes first
    bool rang = false;   ///< 18x was sent: Allow stays in a failure
    bool answered = false;
    bool we_offer = false;  ///< no SDP in it: our 2xx holds the offer, the ACK the answer
};

struct InviteSession::Reliable {
    explicit Reliable(Loop& loop) : repeat(loop) {}
    struct Waiting {
        int code;  // 200: the answer
        std::string sdp;
        Headers headers;
    };
    std::string bytes;
    Flow flow;
    Timer repeat;
    TimePoint give_up{};
    Duration interval{};
    std::uint32_t rseq = 0;
    bool offer = false;  ///< holds our offer: PRACK brings the answer
    std::deque<Waiting> waiting;
    /// The answer waits too.
    [[nodiscard]] bool answered() const { return !waiting.empty() && waiting.back().code >= 200; }
    std::optional<Headers> bye{};  ///< answered and ended meanwhile: 200 with the PRACK, BYE (with these) after the ACK
};

struct InviteSession::Pending {
    std::string sdp;
    Headers headers;
    bool by_update = false;
    bool refresh = false;
    unsigned glares = 0;
};

struct InviteSession::OpenOffer {
    enum class In { reinvite, update, prack, success, provisional } in;
    ServerTransactionPtr transaction;  ///< update, prack
    OutgoingPtr out;                   ///< success
    MessagePtr response;               ///< provisional
};

}  // namespace asterism::sip
