#include "app.hpp"

#include <algorithm>
#include <utility>

namespace asterism::ari {

bool App::wants(std::string_view type) const {
    if (std::ranges::find(disallowed, type) != disallowed.end()) return false;
    return allowed.empty() || std::ranges::find(allowed, type) != allowed.end();
}

std::optional<Sharing> parse_sharing(std::string_view text) {
    if (text.empty() || text == "replace") return Sharing::replace;
    if (text == "broadcast") return Sharing::broadcast;
    if (text == "shared") return Sharing::shared;
    if (text == "claim") return Sharing::claim;
    return std::nullopt;
}

std::shared_ptr<const std::string> App::text(const EventText& event, std::uint64_t sequence) const {
    auto made = std::make_shared<std::string>();
    made->reserve(event.before.size() + event.after.size() + name.size() + 48);
    made->append(event.before).append("\"application\":");
    append_json_text(*made, name);
    if (sequence != 0) made->append(",\"sequence\":").append(std::to_string(sequence));
    made->append(event.after);
    return made;
}

bool App::send(const EventText& event, std::string_view channel, const EventSocket* except) const {
    if (!listening() || !wants(event.type)) return false;
    std::shared_ptr<const std::string> numbered;
    std::shared_ptr<const std::string> plain;
    bool sent = false;
    if (replay) {
        const std::uint64_t sequence = replay->next();
        numbered = text(event, sequence);
        replay->keep(sequence, numbered,
                     event.type == "StasisStart" ? std::string_view(event.channel) : std::string_view());
        sent = true;
    }
    const EventSocket* only = owners_.empty() ? nullptr : owner(channel.empty() ? event.channel : channel);
    for (const Client& client : clients) {
        if (client.socket == except || (only != nullptr && client.socket != only)) continue;
        const bool with_number = client.numbered && numbered;
        if (!with_number && !plain) plain = text(event, 0);
        sent = client.socket->send(with_number ? numbered : plain) || sent;
    }
    return sent;
}

EventSocket* App::owner(std::string_view channel) const {
    const auto found = channel.empty() ? owners_.end() : owners_.find(channel);
    return found == owners_.end() ? nullptr : found->second;
}

void App::deal(std::string_view channel) {
    if (sharing == Sharing::shared && !clients.empty()) set_owner(channel, *clients[turn_++ % clients.size()].socket);
}

void App::disown(std::string_view channel) {
    if (const auto found = owners_.find(channel); found != owners_.end()) owners_.erase(found);
}

EventSocket* App::client_named(std::string_view client) const {
    for (const Client& one : clients) {
        if (!client.empty() && one.name == client) return one.socket;
    }
    return nullptr;
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

std::pair<App*, std::vector<EventSocket*>> Apps::attach(const std::string& name, bool subscribe_all,
                                                        EventSocket& socket, Joining joining) {
    auto& slot = apps_[name];
    if (!slot) slot = std::make_unique<App>(name, subscribe_all);
    App& app = *slot;
    std::vector<EventSocket*> replaced;
    std::erase_if(app.clients, [&socket](const App::Client& one) { return one.socket == &socket; });
    if (joining.sharing == Sharing::replace || joining.sharing != app.sharing) {
        for (const App::Client& one : app.clients) replaced.push_back(one.socket);
        app.clients.clear();
        app.owners_.clear();
    }
    app.sharing = joining.sharing;
    app.clients.push_back({&socket, joining.numbered, std::move(joining.name)});
    if (app.replay) app.replay->waits = false;
    tell();
    if (on_attach) on_attach(app);
    return {&app, std::move(replaced)};
}

void Apps::detach(EventSocket& socket) {
    std::vector<std::pair<App*, std::string>> orphans;
    for (auto at = apps_.begin(); at != apps_.end();) {
        App& app = *at->second;
        if (std::erase_if(app.clients, [&socket](const App::Client& one) { return one.socket == &socket; }) != 0) {
            for (auto owned = app.owners_.begin(); owned != app.owners_.end();) {
                if (owned->second != &socket) {
                    ++owned;
                    continue;
                }
                if (app.active()) orphans.emplace_back(&app, owned->first);
                owned = app.owners_.erase(owned);
            }
            if (!app.active() && app.idle()) {
                at = apps_.erase(at);
                continue;
            }
        }
        ++at;
    }
    tell();
    if (!on_orphan) return;
    for (const auto& [app, channel] : orphans) on_orphan(*app, channel);
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
