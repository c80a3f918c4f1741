#include "core.hpp"

#include <algorithm>

#include "asterism/runtime/loop.hpp"
#include "events.hpp"

namespace asterism::ami {

namespace {

std::string lowered(std::string_view text) {
    std::string low(text);
    for (char& c : low) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return low;
}

/// The class of a kind, as far as the kind alone tells it.
Classes class_of(EventKind kind) {
    switch (kind) {
        case EventKind::security: return cls::security;
        case EventKind::system: return cls::system;
        case EventKind::endpoint_state: return cls::system;
        case EventKind::contact_status: return cls::system;
        case EventKind::generic: return cls::all;
        case EventKind::channel_application:
        case EventKind::channel_stream_begin:
        case EventKind::channel_stream_end:
        case EventKind::channel_answered: return cls::none;
        case EventKind::channel_dialplan:
        case EventKind::channel_variable: return cls::dialplan;
        case EventKind::channel_dtmf_begin:
        case EventKind::channel_dtmf_end: return cls::dtmf;
        case EventKind::channel_user_event: return cls::user;
        case EventKind::agi_start:
        case EventKind::agi_end: return cls::agi;
        case EventKind::test: return cls::test;
        case EventKind::count_: return cls::none;
        default: return cls::call;
    }
}

}  // namespace

Core::Core(Pbx& pbx, Manager::Hooks hooks, Manager::Limits limits)
    : pbx_(pbx), hooks_(std::move(hooks)), limits_(limits) {
    for (auto family : {session_actions, core_actions, config_actions, update_actions, channel_actions, list_actions,
                        call_actions, bridge_actions, audio_actions, digit_actions, state_actions, database_actions,
                        dialplan_actions, pjsip_actions, subscription_actions, mwi_actions}) {
        for (auto& action : family()) add(std::move(action));
    }
    subscription_ = pbx_.bus->subscribe([this](const Event& event) { on_event(event); });
    masks_changed();
}

Core::~Core() = default;

void Core::configure(ManagerConfig config) {
    config_ = std::move(config);
    pbx_.ami_channel_variables = config_.general.channel_variables;
    for (auto* session : std::vector<Session*>(sessions_)) {
        if (session->user() && !config_.find(session->user()->name)) session->finish();
    }
}

void Core::add(Action action) {
    auto key = lowered(action.name);
    actions_[std::move(key)] = std::move(action);
}

const Action* Core::find(std::string_view name) const {
    auto found = actions_.find(lowered(name));
    return found == actions_.end() ? nullptr : &found->second;
}

std::vector<const Action*> Core::all() const {
    std::vector<std::pair<std::string_view, const Action*>> sorted;
    for (const auto& [key, action] : actions_) sorted.emplace_back(key, &action);
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<const Action*> rows;
    for (const auto& [key, action] : sorted) rows.push_back(action);
    return rows;
}

void Core::join(Session& session) {
    sessions_.push_back(&session);
    session.set_number(++last_session_);
    ++stats_.sessions;
}

void Core::leave(Session& session) {
    std::erase(sessions_, &session);
    masks_changed();
}

std::size_t Core::sessions_of(std::string_view user) const {
    return static_cast<std::size_t>(std::count_if(sessions_.begin(), sessions_.end(), [&](const Session* session) {
        return session->user() && !session->over() && session->user()->name == user;
    }));
}

void Core::masks_changed() {
    wanted_ = cls::none;
    for (const auto* session : sessions_) wanted_ |= session->wanted();
    for (std::size_t i = 0; i < static_cast<std::size_t>(EventKind::count_); ++i) {
        auto kind = static_cast<EventKind>(i);
        subscription_.want(kind, (class_of(kind) & wanted_) != 0);
    }
}

void Core::on_event(const Event& event) {
    auto head = head_of(event);
    if (head.name.empty() || (head.classes & wanted_) == 0) return;
    for (const auto& name : config_.general.disabled_events) {
        if (same_name(name, head.name)) return;
    }
    scratch_.clear();
    bool timestamps = config_.general.timestamp_events;
    if (head.name == "FullyBooted") {
        fully_booted_event(scratch_, pbx_, event.time, timestamps);
    } else {
        format_event(scratch_, head, event, timestamps);
    }
    ++stats_.events;
    for (auto* session : sessions_) {
        if (session->wants(head.classes)) session->deliver(head.name, scratch_);
    }
}

}  // namespace asterism::ami
