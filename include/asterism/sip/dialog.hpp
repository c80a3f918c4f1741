// Dialogs (RFC 3261 12): the state that lets two user agents send each other requests.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/sip/stack.hpp"

namespace asterism::sip {

/// What uses a dialog: an invite session, a subscription.
class DialogUser {
  public:
    virtual ~DialogUser() = default;
    /// A request in the dialog, with a CSeq in order. ACK comes here too (transaction null then).
    virtual void on_dialog_request(ServerTransactionPtr transaction, const MessagePtr& request, const Flow& flow) = 0;
};

/// Owned by its user; in the stack's table while registered. An early UAC dialog has no remote tag yet and is not in
/// the table.
class Dialog {
  public:
    /// Of a request received: we are the UAS (12.1.1). `local_tag` empty: made.
    Dialog(Stack& stack, DialogUser& user, const Message& request, const Flow& flow, std::string local_tag = {});
    /// Of a request to be sent: we are the UAC. `local` and `remote` are name-addrs without tags.
    Dialog(Stack& stack, DialogUser& user, std::string local, std::string remote, std::string target,
           std::vector<std::string> routes);
    ~Dialog();
    Dialog(const Dialog&) = delete;
    Dialog& operator=(const Dialog&) = delete;

    /// UAC: takes remote tag, route set and target from a 1xx or 2xx (12.1.2) and enters the table.
    void establish(const Message& response, const Flow& flow);
    /// UAC: forgets what an early dialog brought, to try another fork or to send the request again.
    void reset();
    /// Target refresh by a re-INVITE, UPDATE, SUBSCRIBE or its 2xx (12.2). `flow`: the message's.
    void refresh(const Message& message, const Flow& flow);
    /// From now on the peer, or the proxy that recorded itself next to us, is reached where its messages come from,
    /// whatever address it gives: the way through a NAT (pjsip.conf, rewrite_contact).
    void rewrite_contact();
    /// A request came over `flow`: a connection is the way back, and with rewrite_contact() any source is.
    void heard_from(const Flow& flow);
    /// From now on a request in this dialog is answered 481.
    void leave();

    [[nodiscard]] const std::string& call_id() const { return call_id_; }
    [[nodiscard]] const std::string& local_tag() const { return local_tag_; }
    [[nodiscard]] const std::string& remote_tag() const { return remote_tag_; }
    [[nodiscard]] const std::string& local() const { return local_; }    ///< name-addr without tag
    [[nodiscard]] const std::string& remote() const { return remote_; }  ///< name-addr without tag
    [[nodiscard]] const std::string& target() const { return target_; }
    [[nodiscard]] const std::vector<std::string>& routes() const { return routes_; }
    [[nodiscard]] const Flow& flow() const { return flow_; }
    [[nodiscard]] bool in_table() const { return registered_; }
    [[nodiscard]] std::uint32_t local_cseq() const { return local_cseq_; }
    void set_flow(const Flow& flow) { flow_ = flow; }
    void set_hint(std::string transport) { transport_ = std::move(transport); }

    /// A request in this dialog with everything that the dialog knows filled in: URI, From, To, Call-ID, CSeq (the next
    /// one unless given: ACK takes its INVITE's), Route, hint. Send it with Stack::send.
    [[nodiscard]] Request make_request(std::string_view method, std::uint32_t cseq = 0);
    /// Sends an in-dialog request (not INVITE, ACK, CANCEL).
    ClientRequestPtr send(Request request, RequestDone done);

    /// The next CSeq of our requests.
    std::uint32_t next_cseq() { return ++local_cseq_; }

    /// Stack: checks the CSeq of a request (12.2.2) and hands it to the user.
    void receive(ServerTransactionPtr transaction, const MessagePtr& request, const Flow& flow);

  private:
    friend class Stack;
    void enter();
    void take_source(const Flow& flow);

    Stack& stack_;
    DialogUser& user_;
    std::string call_id_, local_tag_, remote_tag_, local_, remote_, target_, transport_;
    std::vector<std::string> routes_;
    Flow flow_;
    std::uint32_t local_cseq_ = 0;
    std::uint32_t remote_cseq_ = 0;
    bool remote_cseq_known_ = false;
    bool registered_ = false;
    bool rewrite_contact_ = false;
};

}  // namespace asterism::sip
