#include "asterism/events/bus.hpp"

#include <algorithm>

namespace asterism {

Bus::Subscription::Subscription(Subscription&& other) noexcept
    : bus_(std::exchange(other.bus_, nullptr)), id_(other.id_) {}

Bus::Subscription& Bus::Subscription::operator=(Subscription&& other) noexcept {
    if (this != &other) {
        end();
        bus_ = std::exchange(other.bus_, nullptr);
        id_ = other.id_;
    }
    return *this;
}

void Bus::Subscription::end() {
    if (Bus* bus = std::exchange(bus_, nullptr)) {
        std::erase_if(bus->subscribers_, [this](const Subscriber& s) { return s.id == id_; });
        bus->recount();
    }
}

void Bus::Subscription::want(EventKind kind, bool on) {
    if (bus_ == nullptr) return;
    for (auto& subscriber : bus_->subscribers_) {
        if (subscriber.id == id_) subscriber.wants[static_cast<std::size_t>(kind)] = on;
    }
    bus_->recount();
}

void Bus::Subscription::want_all(bool on) {
    if (bus_ == nullptr) return;
    for (auto& subscriber : bus_->subscribers_) {
        if (subscriber.id == id_) subscriber.wants.fill(on);
    }
    bus_->recount();
}

Bus::Subscription Bus::subscribe(Handler handler) {
    Subscriber subscriber{++last_id_, std::make_shared<Handler>(std::move(handler)), {}};
    subscriber.wants.fill(true);
    subscribers_.push_back(std::move(subscriber));
    recount();
    return {*this, last_id_};
}

void Bus::recount() {
    wanted_.fill(0);
    for (const auto& subscriber : subscribers_) {
        for (std::size_t kind = 0; kind < wanted_.size(); ++kind) wanted_[kind] += subscriber.wants[kind] ? 1 : 0;
    }
}

void Bus::deliver_all(const Event& event) {
    delivering_ = true;
    deliver(event);
    while (!waiting_.empty()) {
        const auto held = std::move(waiting_.front());
        waiting_.pop_front();
        deliver(held->get());
    }
    delivering_ = false;
}

void Bus::deliver(const Event& event) {
    // By index and with the handler kept: a handler may end its own or another subscription.
    const auto kind = static_cast<std::size_t>(event.kind);
    for (std::size_t i = 0; i < subscribers_.size(); ++i) {
        if (!subscribers_[i].wants[kind]) continue;
        const auto handler = subscribers_[i].handler;
        const auto id = subscribers_[i].id;
        (*handler)(event);
        if (i >= subscribers_.size()) break;
        if (subscribers_[i].id != id) --i;
    }
}

}  // namespace asterism
