// One subscription that somebody holds with us (RFC 6665, the notifier): hints, presence, mailboxes.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "asterism/sip/dialog.hpp"

namespace asterism::sip {

class Subscription;
using SubscriptionPtr = std::shared_ptr<Subscription>;

class SubscriptionEvents {
  public:
    virtual ~SubscriptionEvents() = default;
    /// The subscriber refreshed (already answered with 200): it wants a NOTIFY with the whole state.
    virtual void on_refreshed(Subscription&, const MessagePtr& request) = 0;
    /// The last NOTIFY was answered: the next may go out (busy() is false).
    virtual void on_answered(Subscription&) {}
    /// It is over, once: unsubscribed or expired ("timeout": send the last state with terminate), or a NOTIFY failed
    /// ("noresource": nothing more is sent). Not called after terminate().
    virtual void on_ended(Subscription&, std::string_view reason) = 0;
};

/// Owned by the driver. Destroying it ends it silently.
class Subscription final : public std::enable_shared_from_this<Subscription>, private DialogUser {
  public:
    struct Settings {
        std::uint32_t minimum_expiration = 60;  ///< seconds; shorter: 423; longer than the default: the default
        std::uint32_t default_expiration = 3600;
        std::uint32_t maximum_expiration = 7200;
        bool rewrite_contact = false;  ///< NOTIFYs go where its requests come from, whatever its Contact says
        std::shared_ptr<const CredentialList> credentials{};
        std::string transport{};
    };
    /// Answers the SUBSCRIBE with 200, or 423 (then the code is returned). The first NOTIFY is the caller's. With
    /// Expires: 0 it is over at once: terminate() sends the state that was asked for.
    [[nodiscard]] static std::expected<SubscriptionPtr, int> accept(Stack& stack,
                                                                    const ServerTransactionPtr& transaction,
                                                                    const Settings& settings,
                                                                    SubscriptionEvents& events);
    Subscription(Stack& stack, const Settings& settings, SubscriptionEvents& events);
    ~Subscription() override;

    /// Sends the state: `Subscription-State: active;expires=N`, or pending. Not while one is unanswered: remember that
    /// there is news, and send the state as it is then from on_answered.
    void notify(std::string_view content_type, std::string_view body, bool pending = false);
    /// Sends the last NOTIFY: `terminated`, with a reason if there is one ("noresource", "timeout", "deactivated").
    void terminate(std::string_view reason, std::string_view content_type = {}, std::string_view body = {});

    [[nodiscard]] const std::string& event() const { return event_; }  ///< "presence", with its id
    [[nodiscard]] const MessagePtr& request() const { return request_; }
    [[nodiscard]] const Dialog& dialog() const { return *dialog_; }
    [[nodiscard]] TimePoint expires_at() const { return expires_at_; }
    [[nodiscard]] bool active() const { return active_; }
    [[nodiscard]] bool busy() const { return unanswered_ != 0; }  ///< a NOTIFY is on its way

  private:
    void on_dialog_request(ServerTransactionPtr transaction, const MessagePtr& request, const Flow& flow) override;
    bool answer(const ServerTransactionPtr& transaction, const Message& request);
    void send(std::string state, std::string_view content_type, std::string_view body);
    void on_notified(const RequestResult& result);
    void end(std::string_view reason);

    Stack& stack_;
    Settings settings_;
    SubscriptionEvents& events_;
    std::unique_ptr<Dialog> dialog_;
    MessagePtr request_;
    std::string event_;
    std::string contact_;
    Timer timer_;
    TimePoint expires_at_{};
    unsigned unanswered_ = 0;
    bool active_ = true;
};

}  // namespace asterism::sip
