// Message waiting lamps of phones that did not subscribe: NOTIFYs out of any dialog to the contacts of endpoints with
// `mailboxes`, at the start, when a contact registers, and when a mailbox changes.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "contacts.hpp"
#include "notifier.hpp"
#include "objects.hpp"

namespace asterism::pjsip {

class Pjsip;

/// Owned by Pjsip. To one contact at most one NOTIFY about the same mailboxes is unanswered: what changes meanwhile is
/// told once, as it is then. Control loop only.
class MailboxLamps {
  public:
    MailboxLamps(Pjsip& technology, Notifier& notifier);
    ~MailboxLamps() { *alive_ = false; }
    MailboxLamps(const MailboxLamps&) = delete;
    MailboxLamps& operator=(const MailboxLamps&) = delete;

    /// Another configuration than `before`: endpoints that are new or changed are told, once `started`.
    void apply(const Configuration& before, bool started);
    /// The transports are open: everybody is told, unless mwi_disable_initial_unsolicited says not to.
    void start();
    /// A contact has just registered.
    void tell(const EndpointConfig& endpoint, const Contact& contact);

  private:
    void mailbox_changed(const std::string& mailbox);
    void tell_all(const EndpointConfig& endpoint);
    /// Those of `mailboxes` that it does not hear of by a subscription.
    [[nodiscard]] Names unasked(const EndpointConfig& endpoint, Names mailboxes) const;
    void send(const EndpointConfig& endpoint, const Contact& contact, const Names& mailboxes);
    void answered(const std::string& key, const std::string& endpoint, const std::string& contact,
                  const Names& mailboxes);

    Pjsip& technology_;
    Notifier& notifier_;
    std::unordered_map<std::string, std::vector<std::string>> endpoints_of_;  // by mailbox
    std::unordered_map<std::string, bool> on_the_way_;  // by contact and mailboxes; true: there is news
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace asterism::pjsip
