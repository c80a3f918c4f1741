// What all of ARI's operations share.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app.hpp"
#include "asterism/ari/ari.hpp"
#include "asterism/events/bus.hpp"
#include "asterism/http/router.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/ids.hpp"
#include "asterism/runtime/task.hpp"
#include "asterism/runtime/timer.hpp"
#include "commands.hpp"
#include "endpoint_lists.hpp"
#include "operation.hpp"

namespace asterism {
class Bridge;
class Channel;
struct TextMessage;
namespace pjsip {
class Directory;
}
}  // namespace asterism

namespace asterism::ari {

class Outbounds;
class Playbacks;
class Recordings;
class StasisBridges;
class UnicastRtp;
class Session;

/// Owned by main through Interface. Everything here lives as long as it.
class Service final : public Interface {
  public:
    Service(Pbx& pbx, http::Router& router, pjsip::Directory* pjsip = nullptr, http::WebSocketDialer* dialer = nullptr);
    ~Service() override;
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    void apply(Config config) override;
    [[nodiscard]] const Config& config() const override { return config_; }
    [[nodiscard]] const Counters& counters() const override { return counters_; }
    [[nodiscard]] std::vector<AppInfo> apps() const override;
    void register_commands() override;

    Pbx& pbx;
    pjsip::Directory* pjsip;  ///< null where there is no PJSIP
    Apps applications;
    Counters counters_;
    std::unique_ptr<Playbacks> playbacks;
    std::unique_ptr<Recordings> recordings;
    std::unique_ptr<StasisBridges> bridges;
    std::unique_ptr<UnicastRtp> unicast_rtp;
    std::unique_ptr<Outbounds> outbounds;
    EndpointLists endpoint_lists{pbx};

    /// Runs one request and calls `done` once, at once or later. `path` is what stands behind "/ari".
    void execute(const User& user, http::Method method, std::string_view path, const http::Params& query,
                 std::string_view content_type, std::string_view body, std::function<void(Reply&&)> done);
    [[nodiscard]] const Table& table() const { return table_; }
    /// A channel that is just being handed over: its ChannelDialplan is not news to its subscribers.
    ChannelId quiet;

    /// Whose request over a WebSocket is just being carried out; null: it came over HTTP.
    EventSocket* asking = nullptr;
    /// A channel that waits for an application's first client, for as long as this lives.
    struct Waiting {
        Waiting(Service& s, std::string name, ChannelId id, Mailbox<ChannelSignal>& mailbox);
        ~Waiting();
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        const std::shared_ptr<std::vector<Waiting*>> all;
        const std::string app;
        const ChannelId channel;
        Mailbox<ChannelSignal>& box;
    };
    [[nodiscard]] http::WebSocketLimits socket_limits() const;
    /// Sees to it that what is kept for applications without a client goes when its time is over.
    void keep_replays();

    /// Opens the events' WebSocket (GET /ari/events).
    void open_events(const http::Request& request, http::Responder responder, const User& user);
    void keep(std::unique_ptr<Session> session);
    /// The session's socket has ended; it is freed at the end of the turn.
    void forget(Session& session);
    template <class F>
    void each_session(F action) const {
        for (const auto& [key, session] : sessions_) action(*session);
    }
    Debugging debugging;
    std::uint64_t last_session = 0;  ///< number of the newest WebSocket

    /// To one application.
    void send(const App& app, const EventText& event);
    /// A text from an endpoint: to all applications that watch it. False: none does.
    bool on_text(const TextMessage& message);
    /// To all that are subscribed to the target of a playback or recording ("channel:1.2", "bridge:x").
    void send_about(std::string_view target_uri, const EventText& event);
    [[nodiscard]] WallTime now() const;
    /// False once this has gone: for what comes back from the pool.
    [[nodiscard]] std::shared_ptr<const bool> alive() const { return alive_; }

  private:
    void handle(const http::Request& request, http::Responder responder);
    void answer(const http::Request& request, http::Responder responder, const User& user);
    [[nodiscard]] bool allows_origin(std::string_view origin) const;
    /// A browser asks, on behalf of a page of an allowed origin, what that page may do: without credentials, which it
    /// sends only after the answer (Fetch standard, CORS-preflight).
    [[nodiscard]] bool is_preflight(const http::Request& request) const;
    void add_cors(const http::Request& request, http::Response& response) const;
    void options(const http::Request& request, http::Responder responder);
    void deliver(http::Response& response, Reply&& reply) const;
    enum class Access : std::uint8_t { granted, wrong, from_elsewhere };
    /// Who it is; `needs_hash` gets the password when its hash has to be computed first.
    Access authenticate(const http::Request& request, const User*& user, std::string& needs_hash) const;
    void unauthorized(const http::Request& request, http::Responder responder);

    [[nodiscard]] const App* of_another_kind(const std::vector<std::string>& names, Sharing sharing) const;
    void drop_replays();

    void on_event(const Event& event);
    void route(const Event& event, const EventText& text);

    http::Router& router_;
    Table table_;
    Config config_;
    Bus::Subscription subscription_;
    std::map<Session*, std::unique_ptr<Session>> sessions_;
    /// Users whose crypted password was checked, by name and password, hashed.
    std::set<std::string> verified_;
    std::shared_ptr<http::QueueBudget> budget_ = std::make_shared<http::QueueBudget>();
    std::shared_ptr<std::vector<Waiting*>> waiting_ = std::make_shared<std::vector<Waiting*>>();
    Timer replay_timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// The channel of a path's {channelId}, or nullptr after "Channel not found" was answered.
[[nodiscard]] Channel* require_channel(Call& call, Reply& reply);

}  // namespace asterism::ari
