// A Stasis application: its clients on their WebSockets, what it is subscribed to, which events it wants.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json.hpp"
#include "replay.hpp"

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
    std::string channel{};  ///< uniqueid of the channel that it is about in the first place; empty: none
};

/// What becomes of an application's clients when another comes: it takes their place, as in Asterisk, or joins them and
/// all are sent everything (broadcast), each channel is one's in turn (shared), or that one's who claims it (claim).
enum class Sharing : std::uint8_t { replace, broadcast, shared, claim };
[[nodiscard]] std::optional<Sharing> parse_sharing(std::string_view text);

/// How a client comes to an application.
struct Joining {
    Sharing sharing = Sharing::replace;
    bool numbered = false;  ///< its events carry their sequence number
    std::string name{};     ///< by which it claims channels over HTTP
};

/// Owned by Apps. Stays when its client goes if it has subscriptions: the client may come back.
class App {
  public:
    App(std::string n, bool all) : name(std::move(n)), subscribe_all(all) {}

    struct Client {
        EventSocket* socket;
        bool numbered;
        std::string name;
    };

    const std::string name;
    const bool subscribe_all;
    std::vector<Client> clients;
    Sharing sharing = Sharing::replace;
    /// Kept when a client asked for numbers.
    std::unique_ptr<Replay> replay;
    Subscriptions channels, bridges, endpoints, devices;
    /// eventFilter: JSON as it is shown, and the types in it. Empty `allowed`: all but the disallowed ones.
    std::string allowed_json = "[]", disallowed_json = "[]";
    std::vector<std::string> allowed, disallowed;

    [[nodiscard]] bool active() const { return !clients.empty(); }
    /// Whether events are for anybody: a client, or one that may come back.
    [[nodiscard]] bool listening() const { return active() || replay; }
    [[nodiscard]] bool wants(std::string_view type) const;
    /// Sends to its clients, unless the filter says no: to all, or to the one whose the channel is (`channel`, or that
    /// of the event). Returns whether it was sent or kept. `except`: one that is told nothing.
    bool send(const EventText& event, std::string_view channel = {}, const EventSocket* except = nullptr) const;
    [[nodiscard]] bool idle() const {
        return channels.empty() && bridges.empty() && endpoints.empty() && devices.empty() && !replay;
    }
    void append(Json& json) const;

    // ---- whose a channel is, by uniqueid, where clients share the application ----

    [[nodiscard]] EventSocket* owner(std::string_view channel) const;
    void set_owner(std::string_view channel, EventSocket& socket) { owners_[std::string(channel)] = &socket; }
    /// Shared: the next client in turn gets the channel.
    void deal(std::string_view channel);
    void disown(std::string_view channel);
    [[nodiscard]] EventSocket* client_named(std::string_view client) const;

  private:
    friend class Apps;
    [[nodiscard]] std::shared_ptr<const std::string> text(const EventText& event, std::uint64_t sequence) const;
    std::map<std::string, EventSocket*, std::less<>> owners_;
    std::size_t turn_ = 0;
};

/// All applications, by name. Control loop only.
class Apps {
  public:
    [[nodiscard]] App* find(std::string_view name) const;
    /// With a client.
    [[nodiscard]] App* active(std::string_view name) const;
    /// Gives an application a client, making it if need be. Returns it and the clients whose place it takes, if others.
    std::pair<App*, std::vector<EventSocket*>> attach(const std::string& name, bool subscribe_all, EventSocket& socket,
                                                      Joining joining = {});
    /// The client has gone: its applications lose it; those without a subscription are forgotten.
    void detach(EventSocket& socket);
    void remove_if_unused(std::string_view name);
    template <class F>
    void each(F action) const {
        for (const auto& [name, app] : apps_) action(*app);
    }
    /// Called when the first application comes or the last goes.
    std::function<void(bool any)> on_activity;
    /// Called when an application has got a client.
    std::function<void(App&)> on_attach;
    /// Called when the client whose a channel was has gone, and others of the application are there.
    std::function<void(App&, const std::string& channel)> on_orphan;

  private:
    void tell();
    std::map<std::string, std::unique_ptr<App>, std::less<>> apps_;
    bool told_ = false;
};

}  // namespace asterism::ari
