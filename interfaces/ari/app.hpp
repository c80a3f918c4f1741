// A Stasis application: the client on its WebSocket, what it is subscribed to, which events it wants.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json.hpp"

namespace asterism::ari {

/// The client's side of an application: one WebSocket may carry several.
class EventSocket {
  public:
    virtual ~EventSocket() = default;
    /// Sends one event; false when the client has gone.
    virtual bool send(std::shared_ptr<const std::string> event) = 0;
};

/// How often something was subscribed to, by id; ends when the last subscription does.
class Subscriptions {
  public:
    void add(std::string_view id) { ++count_.try_emplace(std::string(id), 0).first->second; }
    /// False: it was not subscribed to.
    bool remove(std::string_view id) {
        const auto found = count_.find(id);
        if (found == count_.end()) return false;
        if (--found->second == 0) count_.erase(found);
        return true;
    }
    /// All subscriptions of it, however many.
    void forget(std::string_view id) {
        if (const auto found = count_.find(id); found != count_.end()) count_.erase(found);
    }
    [[nodiscard]] bool has(std::string_view id) const { return count_.find(id) != count_.end(); }
    [[nodiscard]] bool empty() const { return count_.empty(); }
    /// Subscribed to everything of its kind ("channel:" and the like): the id is empty.
    [[nodiscard]] bool everything() const { return has({}); }
    [[nodiscard]] const std::map<std::string, int, std::less<>>& all() const { return count_; }

  private:
    std::map<std::string, int, std::less<>> count_;
};

/// One event, formatted once; each application gets its own name between the two parts.
struct EventText {
    std::string_view type;
    std::string before, after;
};

/// Owned by Apps. Stays when its client goes if it has subscriptions: the client may come back.
class App {
  public:
    App(std::string n, bool all) : name(std::move(n)), subscribe_all(all) {}

    const std::string name;
    const bool subscribe_all;
    EventSocket* socket = nullptr;
    Subscriptions channels, bridges, endpoints, devices;
    /// eventFilter: JSON as it is shown, and the types in it. Empty `allowed`: all but the disallowed ones.
    std::string allowed_json = "[]", disallowed_json = "[]";
    std::vector<std::string> allowed, disallowed;

    [[nodiscard]] bool active() const { return socket != nullptr; }
    [[nodiscard]] bool wants(std::string_view type) const;
    /// Sends unless there is no client or the filter says no. Returns whether it was sent.
    bool send(const EventText& event) const;
    [[nodiscard]] bool idle() const {
        return channels.empty() && bridges.empty() && endpoints.empty() && devices.empty();
    }
    void append(Json& json) const;
};

/// All applications, by name. Control loop only.
class Apps {
  public:
    [[nodiscard]] App* find(std::string_view name) const;
    /// With a client.
    [[nodiscard]] App* active(std::string_view name) const;
    /// Gives an application a client, making it if need be. Returns it and the client that had it before, if another.
    std::pair<App*, EventSocket*> attach(const std::string& name, bool subscribe_all, EventSocket& socket);
    /// The client has gone: its applications lose it; those without a subscription are forgotten.
    void detach(EventSocket& socket);
    void remove_if_unused(std::string_view name);
    template <class F>
    void each(F action) const {
        for (const auto& [name, app] : apps_) action(*app);
    }
    /// Called when the first application comes or the last goes.
    std::function<void(bool any)> on_activity;

  private:
    void tell();
    std::map<std::string, std::unique_ptr<App>, std::less<>> apps_;
    bool told_ = false;
};

}  // namespace asterism::ari
