#include "asterism/features/extension_states.hpp"

#include "asterism/dialplan/dialplan.hpp"
#include "asterism/events/events.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::features {

namespace {

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto next = text.find(at);
        parts.emplace_back(text.substr(0, next));
        text = next == std::string_view::npos ? std::string_view() : text.substr(next + 1);
    }
    return parts;
}

/// A pattern's hint names the extension that was asked for.
std::string filled(std::string hint, std::string_view exten) {
    for (auto at = hint.find("${EXTEN}"); at != std::string::npos; at = hint.find("${EXTEN}", at + exten.size())) {
        hint.replace(at, 8, exten);
    }
    return hint;
}

}  // namespace

ExtensionStates::ExtensionStates(Pbx& pbx) : pbx_(pbx) {
    pbx_.device_states->before_publish = [this](const std::string& device, DeviceState state) {
        device_changed(device, state);
    };
}

ExtensionStates::~ExtensionStates() { pbx_.device_states->before_publish = nullptr; }

ExtensionState ExtensionStates::state_of(const std::vector<std::string>& devices) const {
    std::vector<DeviceState> states;
    states.reserve(devices.size());
    for (const auto& device : devices) states.push_back(pbx_.device_states->state(device));
    return to_extension_state(aggregate(states));
}

std::optional<ExtensionInfo> ExtensionStates::find(std::string_view context, std::string_view exten) const {
    const dialplan::Plan::Query query{
        .context = context, .exten = exten, .caller = {}, .now = pbx_.loop->clock().wall()};
    const auto found = pbx_.dialplan->plan()->find_hint(query);
    if (!found || found.extension->hint.empty()) return std::nullopt;
    ExtensionInfo info{std::string(context), std::string(exten), filled(found.extension->hint, exten)};
    info.state = state_of(split(std::string_view(info.hint).substr(0, info.hint.find(',')), '&'));
    return info;
}

std::vector<ExtensionInfo> ExtensionStates::all() const {
    std::vector<ExtensionInfo> list;
    for (const auto& one : watched_) list.push_back({one.context, one.exten, one.hint, state_of(one.devices)});
    return list;
}

void ExtensionStates::reload() {
    std::unordered_map<std::string, ExtensionState> before;
    for (const auto& one : watched_) before[one.exten + '@' + one.context] = one.last;
    watched_.clear();
    by_device_.clear();
    for (const auto& hint : pbx_.dialplan->plan()->hints()) {
        if (hint.exten.starts_with('_')) continue;
        Watched one{hint.context, hint.exten, hint.text, hint.devices};
        const auto known = before.find(one.exten + '@' + one.context);
        one.last = known != before.end() ? known->second : state_of(one.devices);
        for (const auto& device : one.devices) by_device_[device].push_back(watched_.size());
        watched_.push_back(std::move(one));
    }
}

void ExtensionStates::device_changed(const std::string& device, DeviceState) {
    const auto found = by_device_.find(device);
    if (found == by_device_.end()) return;
    for (const std::size_t index : found->second) {
        Watched& one = watched_[index];
        const ExtensionState now = state_of(one.devices);
        if (now == one.last) continue;
        one.last = now;
        ExtensionStateChanged event;
        event.exten = one.exten;
        event.context = one.context;
        event.hint = one.hint;
        event.status = static_cast<int>(now);
        event.status_text = to_string(now);
        pbx_.bus->publish(std::move(event));
    }
}

}  // namespace asterism::features
