// Who watches us: subscriptions to hints (events presence and dialog) and to mailboxes (message-summary).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/channels/pjsip.hpp"
#include "asterism/events/bus.hpp"
#include "watcher.hpp"

namespace asterism::pjsip {

/// Owned by Pjsip; ends before its stack. Control loop only.
class Notifier final : private WatcherHost {
  public:
    /// Beyond these a SUBSCRIBE is answered 503. A panel of lamps has some hundred; one subscription costs about 4 KB.
    static constexpr std::size_t max_subscriptions = 50'000, max_of_endpoint = 1'000;
    /// An extension that is longer has no hint.
    static constexpr std::size_t max_resource = 80;

    Notifier(Pbx& pbx, sip::Stack& stack);
    ~Notifier() override;
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    /// A SUBSCRIBE outside a dialog, of an endpoint that has proved who it is. `exten`: what its request URI names.
    void on_subscribe(const sip::ServerTransactionPtr& transaction, const EndpointPtr& endpoint,
                      const std::string& exten, const Configuration& config);
    /// Another configuration: subscriptions of endpoints that are gone, or may not subscribe any more, end; so do those
    /// to mailboxes that their AOR has no more.
    void apply(const Configuration& config);

    using WatcherHost::Messages;
    [[nodiscard]] Messages messages_of(const Names& mailboxes) const override;
    /// Whether an endpoint holds a subscription to this mailbox.
    [[nodiscard]] bool subscribed(std::string_view endpoint, std::string_view mailbox) const;
    /// Called when a mailbox has changed, after those who subscribed; `want_mailboxes(true)` first.
    void on_mailbox(std::function<void(const std::string& mailbox)> action) { mailbox_action_ = std::move(action); }
    void want_mailboxes(bool on);
    /// Called when an endpoint's subscription to mailboxes is over, later in the turn.
    void on_mailboxes_left(std::function<void(const std::string& endpoint)> action) { left_ = std::move(action); }

    /// For lists, oldest first.
    [[nodiscard]] std::vector<SubscriptionInfo> all() const;
    [[nodiscard]] std::size_t size() const { return watchers_.size(); }

  private:
    struct Kept {
        std::shared_ptr<Watcher> watcher;
        std::vector<std::string> topics;
    };
    Pbx& pbx() override { return pbx_; }
    void drop(Watcher& watcher) override;
    void tell_test(std::string_view state, const Watcher& watcher, std::string_view text) override;

    /// The subject of a SUBSCRIBE; an error is the code to answer with.
    [[nodiscard]] std::expected<Watcher::Subject, int> subject_of(const sip::Message& request,
                                                                  const EndpointPtr& endpoint, const std::string& exten,
                                                                  const Configuration& config) const;
    [[nodiscard]] std::expected<void, int> find_mailboxes(Watcher::Subject& subject, const Configuration& config) const;
    void keep(const std::shared_ptr<Watcher>& watcher);
    void on_event(const Event& event);
    void look_again(const std::string& topic);
    void want();

    Pbx& pbx_;
    sip::Stack& stack_;
    std::function<void(const std::string&)> mailbox_action_, left_;
    std::map<std::uint64_t, Kept> watchers_;
    std::unordered_map<std::string, std::vector<Watcher*>> by_topic_;
    std::unordered_map<std::string, std::size_t> of_endpoint_;
    std::uint64_t last_id_ = 0;
    std::size_t hints_ = 0, mailboxes_ = 0;  // how many watch each
    bool mailboxes_wanted_ = false;
    Bus::Subscription events_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace asterism::pjsip
