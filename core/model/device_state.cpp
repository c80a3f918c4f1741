#include "asterism/model/device_state.hpp"

#include <algorithm>
#include <array>

#include "asterism/events/events.hpp"
#include "asterism/model/driver.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism {

namespace {

constexpr std::array<std::string_view, 9> names{"UNKNOWN",     "NOT_INUSE", "INUSE",     "BUSY",  "INVALID",
                                                "UNAVAILABLE", "RINGING",   "RINGINUSE", "ONHOLD"};

/// The device that a channel stands for: its name without the sequence number.
std::string device_of(const ChannelSnapshot& channel) {
    const auto dash = channel.name.rfind('-');
    return channel.name.substr(0, dash);
}

/// A Local device stands for an extension: nothing is remembered of it, so that every change of either half of such a
/// channel is told, and its coming is not (as Asterisk does).
bool remembered(std::string_view device) { return !device.starts_with("Local/"); }

}  // namespace

std::string_view to_string(DeviceState state) { return names[static_cast<std::size_t>(state)]; }

DeviceState parse_device_state(std::string_view text) {
    const auto found = std::ranges::find(names, text);
    return found == names.end() ? DeviceState::unknown : static_cast<DeviceState>(found - names.begin());
}

DeviceState aggregate(const std::vector<DeviceState>& states) {
    using S = DeviceState;
    const auto any = [&states](auto... wanted) {
        return std::ranges::any_of(states, [=](S s) { return ((s == wanted) || ...); });
    };
    const auto all = [&states](auto... wanted) {
        return std::ranges::all_of(states, [=](S s) { return ((s == wanted) || ...); });
    };
    if (states.empty() || all(S::unknown)) return S::unknown;
    const bool used = any(S::in_use, S::busy, S::ring_in_use, S::on_hold);
    if (any(S::ringing, S::ring_in_use)) return used ? S::ring_in_use : S::ringing;
    if (all(S::on_hold)) return S::on_hold;
    if (all(S::busy)) return S::busy;
    if (used) return S::in_use;
    if (all(S::unavailable, S::invalid)) return all(S::invalid) ? S::invalid : S::unavailable;
    return S::not_in_use;
}

std::string_view to_string(ExtensionState state) {
    switch (state) {
        case ExtensionState::removed: return "Extension Removed";
        case ExtensionState::not_in_use: return "Idle";
        case ExtensionState::in_use: return "InUse";
        case ExtensionState::busy: return "Busy";
        case ExtensionState::unavailable: return "Unavailable";
        case ExtensionState::ringing: return "Ringing";
        case ExtensionState::ring_in_use: return "InUse&Ringing";
        case ExtensionState::on_hold: return "Hold";
        case ExtensionState::in_use_on_hold: return "InUse&Hold";
        case ExtensionState::none: break;
    }
    return "Unknown";
}

ExtensionState to_extension_state(DeviceState state) {
    switch (state) {
        case DeviceState::in_use: return ExtensionState::in_use;
        case DeviceState::busy: return ExtensionState::busy;
        case DeviceState::invalid:
        case DeviceState::unavailable: return ExtensionState::unavailable;
        case DeviceState::ringing: return ExtensionState::ringing;
        case DeviceState::ring_in_use: return ExtensionState::ring_in_use;
        case DeviceState::on_hold: return ExtensionState::on_hold;
        default: return ExtensionState::not_in_use;
    }
}

DeviceStates::DeviceStates(Pbx& pbx) : pbx_(pbx) {
    subscription_ = pbx.bus->subscribe([this](const Event& event) {
        switch (event.kind) {
            case EventKind::channel_created: {
                const auto device = device_of(*as<ChannelCreated>(event).channel);
                if (remembered(device)) changed(device);
                break;
            }
            case EventKind::channel_state: changed(device_of(*as<ChannelStateChanged>(event).channel)); break;
            case EventKind::channel_hangup: changed(device_of(*as<ChannelHangup>(event).channel)); break;
            case EventKind::channel_hold: changed(device_of(*as<ChannelHold>(event).channel)); break;
            case EventKind::channel_unhold: changed(device_of(*as<ChannelUnhold>(event).channel)); break;
            default: break;
        }
    });
    subscription_.want_all(false);
    for (const EventKind kind : {EventKind::channel_created, EventKind::channel_state, EventKind::channel_hangup,
                                 EventKind::channel_hold, EventKind::channel_unhold}) {
        subscription_.want(kind, true);
    }
}

DeviceState DeviceStates::state(std::string_view device) const {
    const auto colon = device.find(':');
    const auto slash = device.find('/');
    if (colon != std::string_view::npos && (slash == std::string_view::npos || colon < slash)) {
        const auto found = set_.find(std::string(device));
        if (found != set_.end()) return found->second;
        // A mailbox that nobody has heard of is not there; another device may be, and is idle as far as we know.
        return device.starts_with("MWI:") ? DeviceState::unavailable : DeviceState::unknown;
    }
    if (slash == std::string_view::npos) return DeviceState::invalid;
    const Technology* technology = pbx_.technologies->find(device.substr(0, slash));
    if (technology == nullptr) return DeviceState::invalid;
    return parse_device_state(technology->device_state(device.substr(slash + 1)));
}

void DeviceStates::changed(std::string_view device) {
    if (!remembered(device) || std::ranges::find(dirty_, device) == dirty_.end()) dirty_.emplace_back(device);
    if (std::exchange(scheduled_, true)) return;
    // At the end of the turn: a call that comes and goes within it is no change.
    pbx_.loop->defer([this] { evaluate(); });
}

void DeviceStates::evaluate() {
    scheduled_ = false;
    for (const auto& device : std::exchange(dirty_, {})) {
        const DeviceState now = state(device);
        const auto [known, fresh] = known_.try_emplace(device, now);
        if (!fresh && known->second == now && remembered(device)) continue;
        known->second = now;
        if (before_publish) before_publish(device, now);
        DeviceStateChanged event;
        event.device = device;
        event.state = to_string(now);
        pbx_.bus->publish(std::move(event));
    }
}

void DeviceStates::set(std::string_view device, DeviceState state) {
    set_[std::string(device)] = state;
    // At once: whoever sets several states one after another wants each of them seen. What waits for the end of the
    // turn goes on waiting.
    auto waiting = std::exchange(dirty_, {std::string(device)});
    const bool scheduled = scheduled_;
    evaluate();
    dirty_.insert(dirty_.begin(), waiting.begin(), waiting.end());
    scheduled_ = scheduled_ || scheduled;
}

void DeviceStates::remove(std::string_view device) {
    if (set_.erase(std::string(device)) != 0) changed(device);
}

std::vector<std::pair<std::string, DeviceState>> DeviceStates::all() const {
    std::vector<std::pair<std::string, DeviceState>> list(known_.begin(), known_.end());
    std::ranges::sort(list);
    return list;
}

}  // namespace asterism
