// The bus: everything that happens is published here once; AMI, ARI, records, metrics and device states subscribe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "asterism/runtime/time.hpp"

namespace asterism {

/// One value per struct in events.hpp.
enum class EventKind : std::uint8_t {
    channel_created,
    channel_state,
    channel_renamed,
    channel_dialplan,
    channel_application,
    channel_caller_id,
    channel_connected_line,
    channel_account_code,
    channel_variable,
    channel_hangup_request,
    channel_hangup,
    channel_dtmf_begin,
    channel_dtmf_end,
    channel_hold,
    channel_unhold,
    channel_music_start,
    channel_music_stop,
    channel_stream_begin,
    channel_stream_end,
    channel_talking_started,
    channel_talking_stopped,
    channel_tone,
    channel_user_event,
    channel_answered,
    dial_begin,
    dial_state,
    dial_end,
    local_bridge,
    local_optimization_begin,
    local_optimization_end,
    bridge_created,
    bridge_destroyed,
    bridge_enter,
    bridge_leave,
    bridge_merged,
    transfer_blind,
    transfer_attended,
    transfer_requested,
    originate_response,
    device_state,
    extension_state,
    presence_state,
    endpoint_state,
    contact_status,
    agi_start,
    agi_end,
    security,
    test,
    system,
    generic,
    count_,
};

struct Event {
    EventKind kind;
    WallTime time;  ///< set by publish
};

/// Subscribers are called at once, in the order in which they subscribed, and see events in the order in which they
/// happened: an event published from within a subscriber is delivered after the present one. They copy what they keep,
/// and must not take time: formatting and appending to a bounded queue, no more. Owned by main. Control loop only.
class Bus {
  public:
    explicit Bus(const Clock& clock) : clock_(clock) {}
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

    using Handler = std::function<void(const Event&)>;

    /// Ends with its owner. It must not outlive the bus.
    class Subscription {
      public:
        Subscription() = default;
        Subscription(Subscription&& other) noexcept;
        Subscription& operator=(Subscription&& other) noexcept;
        ~Subscription() { end(); }
        void end();
        /// Which kinds are wanted from now on: what nobody wants is not even put together.
        void want(EventKind kind, bool on);
        void want_all(bool on);

      private:
        friend class Bus;
        Subscription(Bus& bus, std::uint64_t id) : bus_(&bus), id_(id) {}
        Bus* bus_ = nullptr;
        std::uint64_t id_ = 0;
    };

    /// Wants everything at first.
    [[nodiscard]] Subscription subscribe(Handler handler);
    /// Whether anybody wants this kind. Publishers ask before they take a snapshot.
    [[nodiscard]] bool wanted(EventKind kind) const { return wanted_[static_cast<std::size_t>(kind)] != 0; }

    /// Delivers `event` to all who want its kind. `E` is a struct of events.hpp.
    template <class E>
    void publish(E event) {
        event.kind = E::kind_of;
        if (!wanted(E::kind_of)) return;
        event.time = clock_.wall();
        if (delivering_) {
            waiting_.push_back(std::make_unique<Held<E>>(std::move(event)));
        } else {
            deliver_all(event);
        }
    }

  private:
    struct Subscriber {
        std::uint64_t id;
        std::shared_ptr<Handler> handler;
        std::array<bool, static_cast<std::size_t>(EventKind::count_)> wants;
    };
    struct HeldBase {
        virtual ~HeldBase() = default;
        [[nodiscard]] virtual const Event& get() const = 0;
    };
    template <class E>
    struct Held final : HeldBase {
        explicit Held(E e) : event(std::move(e)) {}
        [[nodiscard]] const Event& get() const override { return event; }
        E event;
    };
    void deliver_all(const Event& event);
    void deliver(const Event& event);
    void recount();

    const Clock& clock_;
    std::vector<Subscriber> subscribers_;
    std::array<std::size_t, static_cast<std::size_t>(EventKind::count_)> wanted_{};
    std::deque<std::unique_ptr<HeldBase>> waiting_;
    std::uint64_t last_id_ = 0;
    bool delivering_ = false;
};

/// The event as what it is; undefined unless `event.kind` is E's.
template <class E>
const E& as(const Event& event) {
    return static_cast<const E&>(event);
}

}  // namespace asterism
