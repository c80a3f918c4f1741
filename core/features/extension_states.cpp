#include "asterism/features/extension_states.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/evaluate.hpp"
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

/// What a hint's text may name: the extension, globals, functions that need no channel.
class HintScope final : public dialplan::Scope {
  public:
    HintScope(Pbx& pbx, std::string_view context, std::string_view exten)
        : pbx_(pbx), context_(context), exten_(exten) {}
    bool append_variable(std::string_view name, std::string& out) override {
        if (name == "EXTEN")
            out += exten_;
        else if (name == "CONTEXT")
            out += context_;
        else if (const auto value = dialplan::get_variable(pbx_, nullptr, name))
            out += *value;
        else
            return false;
        return true;
    }
    bool append_function(std::string_view name, std::string_view args, std::string& out) override {
        const auto value = dialplan::get_variable(pbx_, nullptr, std::string(name) + "(" + std::string(args) + ")");
        if (value) out += *value;
        return value.has_value();
    }

  private:
    Pbx& pbx_;
    std::string_view context_, exten_;
};

std::string filled(Pbx& pbx, const std::string& hint, std::string_view context, std::string_view exten) {
    if (hint.find('$') == std::string::npos) return hint;
    HintScope scope(pbx, context, exten);
    return dialplan::substitute(scope, hint);
}

std::string name_of(std::string_view context, std::string_view exten) {
    std::string name(exten);
    name += '@';
    return name += context;
}

/// "A&B,provider" taken apart.
std::vector<std::string> devices_of(std::string_view hint) { return split(hint.substr(0, hint.find(',')), '&'); }
std::string provider_of(std::string_view hint) {
    const auto comma = hint.find(',');
    return comma == std::string_view::npos ? std::string() : std::string(hint.substr(comma + 1));
}

}  // namespace

ExtensionStates::ExtensionStates(Pbx& pbx) : pbx_(pbx) {
    pbx_.device_states->before_publish = [this](const std::string& device, DeviceState state) {
        device_changed(device, state);
    };
    if (pbx_.dialplan) pbx_.dialplan->changed = [this] { reload(); };
}

ExtensionStates::~ExtensionStates() {
    pbx_.device_states->before_publish = nullptr;
    if (pbx_.dialplan) pbx_.dialplan->changed = nullptr;
}

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
    if (!found || found.extension->hint.empty()) {
        for (const auto& one : watched_) {
            if (one.automatic && one.context == context && one.exten == exten)
                return ExtensionInfo{one.context, one.exten, one.hint, state_of(one.devices), {}};
        }
        return std::nullopt;
    }
    ExtensionInfo info{.context = std::string(context),
                       .exten = std::string(exten),
                       .hint = filled(pbx_, found.extension->hint, context, exten)};
    info.state = state_of(devices_of(info.hint));
    info.presence = provider_of(info.hint);
    return info;
}

std::optional<ExtensionInfo> ExtensionStates::follow(std::string_view context, std::string_view exten) {
    auto info = find(context, exten);
    const std::string name = name_of(context, exten);
    if (!info || names_.contains(name)) return info;
    Followed& one = followed_[name];
    if (one.followers++ == 0) {
        one.hint = {.context = info->context,
                    .exten = info->exten,
                    .hint = info->hint,
                    .presence = info->presence,
                    .devices = devices_of(info->hint),
                    .last = info->state};
        listen(name, one.hint);
    }
    return info;
}

void ExtensionStates::unfollow(std::string_view context, std::string_view exten) {
    const auto found = followed_.find(name_of(context, exten));
    if (found == followed_.end() || --found->second.followers != 0) return;
    unlisten(found->first, found->second.hint);
    followed_.erase(found);
}

void ExtensionStates::listen(const std::string& name, const Watched& hint) {
    for (const auto& device : hint.devices) followed_over_.emplace(device, name);
}

void ExtensionStates::unlisten(const std::string& name, const Watched& hint) {
    for (const auto& device : hint.devices) {
        auto [from, to] = followed_over_.equal_range(device);
        while (from != to) from = from->second == name ? followed_over_.erase(from) : std::next(from);
    }
}

void ExtensionStates::look_at_followed(std::vector<std::pair<Watched, ExtensionState>>& news) {
    for (auto& [name, one] : followed_) {
        Watched& hint = one.hint;
        unlisten(name, hint);
        hint.devices.clear();
        if (names_.contains(name)) continue;  // it has a hint of its own now
        const auto info = find(hint.context, hint.exten);
        if (!info) {
            news.emplace_back(hint, ExtensionState::removed);
            continue;
        }
        hint.hint = info->hint;
        hint.presence = info->presence;
        hint.devices = devices_of(info->hint);
        listen(name, hint);
        if (std::exchange(hint.last, info->state) != info->state) news.emplace_back(hint, info->state);
    }
}

std::vector<ExtensionInfo> ExtensionStates::all() const {
    std::vector<ExtensionInfo> list;
    for (const auto& one : watched_)
        list.push_back({one.context, one.exten, one.hint, state_of(one.devices), one.presence});
    return list;
}

std::string ExtensionStates::presence_of(const ExtensionInfo& info) const {
    if (info.presence.empty()) return "not_set";
    return dialplan::get_variable(pbx_, nullptr, "PRESENCE_STATE(" + info.presence + ",value)").value_or("not_set");
}

void ExtensionStates::presence_changed(const PresenceStateChanged& now) {
    if (!pbx_.bus->wanted(EventKind::generic)) return;
    for (const auto& one : watched_) {
        if (one.presence != now.provider) continue;
        GenericEvent event;
        event.name = "PresenceStatus";
        event.event_class = "call";
        event.headers = {{"Exten", one.exten},  {"Context", one.context}, {"Hint", one.hint},
                         {"Status", now.state}, {"Subtype", now.subtype}, {"Message", now.message}};
        pbx_.bus->publish(std::move(event));
    }
}

void ExtensionStates::reload() {
    const std::vector<Watched> before = std::exchange(watched_, {});
    std::unordered_map<std::string, const Watched*> known;
    for (const auto& one : before) known[name_of(one.context, one.exten)] = &one;
    by_device_.clear();
    names_.clear();
    any_automatic_ = std::ranges::any_of(pbx_.dialplan->plan()->contexts(),
                                         [](const auto& context) { return context->auto_hints(); });
    for (const auto& hint : pbx_.dialplan->plan()->hints()) {
        if (hint.exten.starts_with('_')) continue;
        Watched one{.context = hint.context,
                    .exten = hint.exten,
                    .hint = filled(pbx_, hint.text, hint.context, hint.exten),
                    .presence = {},
                    .devices = {}};
        one.devices = devices_of(one.hint);
        one.presence = provider_of(one.hint);
        add(std::move(one));
    }
    for (const auto& one : before) {
        if (one.automatic) add_automatic(one.hint);
    }
    // Published when all is in place: who hears of it may ask.
    std::vector<std::pair<Watched, ExtensionState>> news;
    for (const auto& one : watched_) {
        const auto found = known.find(name_of(one.context, one.exten));
        if (found == known.end()) continue;
        if (found->second->last != one.last) news.emplace_back(one, one.last);
        known.erase(found);
    }
    for (const auto& one : before) {
        if (known.contains(name_of(one.context, one.exten))) news.emplace_back(one, ExtensionState::removed);
    }
    look_at_followed(news);
    for (const auto& [hint, state] : news) publish(hint, state);
}

void ExtensionStates::add(Watched hint) {
    hint.last = state_of(hint.devices);
    for (const auto& device : hint.devices) by_device_[device].push_back(watched_.size());
    names_.insert(name_of(hint.context, hint.exten));
    watched_.push_back(std::move(hint));
}

void ExtensionStates::add_automatic(const std::string& device) {
    const auto slash = device.find('/');
    if (slash == std::string::npos) return;
    const std::string exten = device.substr(slash + 1);
    const auto plan = pbx_.dialplan->plan();
    for (const auto& context : plan->contexts()) {
        if (!context->auto_hints() || find(context->name(), exten)) continue;
        add({.context = context->name(),
             .exten = exten,
             .hint = device,
             .presence = {},
             .devices = {device},
             .automatic = true});
    }
}

void ExtensionStates::publish(const Watched& hint, ExtensionState state) {
    ExtensionStateChanged event;
    event.exten = hint.exten;
    event.context = hint.context;
    event.hint = hint.hint;
    event.status = static_cast<int>(state);
    event.status_text = to_string(state);
    pbx_.bus->publish(std::move(event));
}

void ExtensionStates::device_changed(const std::string& device, DeviceState) {
    if (any_automatic_) add_automatic(device);
    if (const auto found = by_device_.find(device); found != by_device_.end()) {
        for (const std::size_t index : found->second) {
            Watched& one = watched_[index];
            const ExtensionState now = state_of(one.devices);
            if (std::exchange(one.last, now) != now) publish(one, now);
        }
    }
    // By name: who hears of one may end its subscription, and with it what is followed.
    std::vector<std::string> names;
    const auto [from, to] = followed_over_.equal_range(device);
    for (auto one = from; one != to; ++one) names.push_back(one->second);
    for (const auto& name : names) {
        const auto found = followed_.find(name);
        if (found == followed_.end()) continue;
        const ExtensionState now = state_of(found->second.hint.devices);
        if (std::exchange(found->second.hint.last, now) != now) publish(Watched(found->second.hint), now);
    }
}

}  // namespace asterism::features
