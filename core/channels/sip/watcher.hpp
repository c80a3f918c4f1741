// One subscription to the hint of an extension, or to mailboxes: what it is told, and when.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/pbx.hpp"
#include "asterism/sip/subscription.hpp"
#include "notify_bodies.hpp"
#include "objects.hpp"

namespace asterism::pjsip {

class Watcher;

/// What a watcher needs of those who keep it.
class WatcherHost {
  public:
    virtual ~WatcherHost() = default;
    [[nodiscard]] virtual Pbx& pbx() = 0;
    /// New and old messages of all these mailboxes together.
    struct Messages {
        std::int64_t fresh = 0, old = 0;
        bool operator==(const Messages&) const = default;
    };
    [[nodiscard]] virtual Messages messages_of(const Names& mailboxes) const = 0;
    /// Its last NOTIFY is out, or will never be: forget it. It lives until the end of the turn.
    virtual void drop(Watcher& watcher) = 0;
    /// For AMI's TestEvent.
    virtual void tell_test(std::string_view state, const Watcher& watcher, std::string_view text = {}) = 0;
};

/// Owned by the Notifier. At most one NOTIFY of it is unanswered: what changes meanwhile is told once, as it is then.
/// Ends when its subscriber ends it, does not refresh it, or does not take a NOTIFY; when what it watches is gone; and
/// with its endpoint. Control loop only.
class Watcher final : public sip::SubscriptionEvents {
  public:
    struct Subject {
        EndpointPtr endpoint;
        std::string_view type;       ///< of its bodies, one of notify_bodies.hpp
        std::string context, exten;  ///< the hint; of mailboxes: `exten` is what the SUBSCRIBE named
        Names mailboxes;             ///< of message-summary
        std::string account;         ///< extension for Message-Account, or empty
    };
    Watcher(WatcherHost& host, std::uint64_t id, Subject subject);

    /// Takes the subscription that was accepted, and sends the whole state. `resource`: who is watched.
    void begin(sip::SubscriptionPtr subscription, const sip::Uri& resource);
    /// What it watches may have changed.
    void look_again();
    /// What it watches is there no more, or not for this subscriber.
    void end(std::string_view reason);
    /// The configuration was read again: `subject` is what it watches now.
    void set_subject(Subject subject);

    [[nodiscard]] std::uint64_t id() const { return id_; }
    [[nodiscard]] const Subject& subject() const { return subject_; }
    [[nodiscard]] const sip::Subscription& subscription() const { return *subscription_; }
    [[nodiscard]] bool watches_mailboxes() const { return subject_.type == mwi_type; }
    /// "hint 100@phones", "presence CustomPresence:x", "mailbox 1000@default": what it is found by. The presence is
    /// known once begun.
    [[nodiscard]] std::vector<std::string> topics() const;
    [[nodiscard]] static std::string topic(std::string_view kind, std::string_view name);

    // ---- sip::SubscriptionEvents ----
    void on_refreshed(sip::Subscription& subscription, const sip::MessagePtr& request) override;
    void on_answered(sip::Subscription& subscription) override;
    void on_ended(sip::Subscription& subscription, std::string_view reason) override;

  private:
    enum class Due : std::uint8_t { nothing, look, whole_state };
    void send();
    [[nodiscard]] bool changed();
    [[nodiscard]] ExtensionLook look();
    /// The state as it is now, which is the last that was told from here on.
    [[nodiscard]] std::string next_body();

    WatcherHost& host_;
    const std::uint64_t id_;
    Subject subject_;
    std::string provider_;  // of its presence
    ExtensionParties parties_;
    std::string account_uri_;
    ExtensionLook shown_;
    WatcherHost::Messages shown_messages_;
    unsigned version_ = 0;
    Due due_ = Due::nothing;
    bool digium_ = false;
    sip::SubscriptionPtr subscription_;
};

}  // namespace asterism::pjsip
