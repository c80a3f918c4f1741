#include "app.hpp"

#include <algorithm>
#include <utility>

namespace asterism::ari {

bool App::wants(std::string_view type) const {
    if (std::ranges::find(disallowed, type) != disallowed.end()) return false;
    return allowed.empty() || std::ranges::find(allowed, type) != allowed.end();
}

bool App::send(const EventText& event) const {
    if (socket == nullptr || !wants(event.type)) return false;
    auto text = std::make_shared<std::string>();
    text->reserve(event.before.size() + event.after.size() + name.size() + 20);
    text->append(event.before).append("\"application\":");
    append_quoted(*text, name);
    text->append(event.after);
    return socket->send(std::move(text));
}

void App::append(Json& json) const {
    const auto ids = [&json](std::string_view key, const Subscriptions& subscriptions, bool all,
                             std::string_view topic) {
        json.key(key).begin_list();
        if (all || subscriptions.everything()) json.value(topic);
        for (const auto& [id, count] : subscriptions.all())
            if (!id.empty()) json.value(id);
        json.end_list();
    };
    json.begin().put("name", name);
    ids("channel_ids", channels, subscribe_all, "__AST_CHANNEL_ALL_TOPIC");
    ids("bridge_ids", bridges, subscribe_all, "__AST_BRIDGE_ALL_TOPIC");
    ids("endpoint_ids", endpoints, subscribe_all, "__AST_ENDPOINT_ALL_TOPIC");
    ids("device_names", devices, subscribe_all, "__AST_DEVICE_STATE_ALL_TOPIC");
    json.key("events_allowed").raw(allowed_json).key("events_disallowed").raw(disallowed_json).end();
}

App* Apps::find(std::string_view name) const {
    const auto found = apps_.find(name);
    return found == apps_.end() ? nullptr : found->second.get();
}

App* Apps::active(std::string_view name) const {
    App* app = find(name);
    return app != nullptr && app->active() ? app : nullptr;
}

std::pair<App*, EventSocket*> Apps::attach(const std::string& name, bool subscribe_all, EventSocket& socket) {
    auto& slot = apps_[name];
    if (!slot) slot = std::make_unique<App>(name, subscribe_all);
    EventSocket* before = std::exchange(slot->socket, &socket);
    tell();
    return {slot.get(), before == &socket ? nullptr : before};
}

void Apps::detach(EventSocket& socket) {
    for (auto at = apps_.begin(); at != apps_.end();) {
        App& app = *at->second;
        if (app.socket == &socket) {
            app.socket = nullptr;
            if (app.idle()) {
                at = apps_.erase(at);
                continue;
            }
        }
        ++at;
    }
    tell();
}

void Apps::remove_if_unused(std::string_view name) {
    const auto found = apps_.find(name);
    if (found != apps_.end() && !found->second->active() && found->second->idle()) apps_.erase(found);
    tell();
}

void Apps::tell() {
    const bool any = !apps_.empty();
    if (any != told_ && on_activity) on_activity(any);
    told_ = any;
}

}  // namespace asterism::ari
