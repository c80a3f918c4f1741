// Outbound WebSockets: connections that we open to an application (ari.conf type=outbound_websocket, with
// websocket_client.conf), kept up for ever or opened for one call.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/ari/ari.hpp"
#include "asterism/http/client.hpp"
#include "asterism/runtime/timer.hpp"

namespace asterism::ari {

class Service;
class Session;

/// One connection and its applications: connects, registers them, connects again when it is lost. Shared by Outbounds
/// (persistent) or by the call that it was opened for. stop() ends it.
class Link final : public std::enable_shared_from_this<Link> {
  public:
    enum class State : std::uint8_t { idle, connecting, up, waiting, failed, stopped };
    Link(Service& service, http::WebSocketDialer& dialer, OutboundConfig config, std::vector<std::string> apps);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void start();
    /// ApplicationUnregistered (if `tell`), then the socket is closed; no more attempts.
    void stop(bool tell);
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const OutboundConfig& config() const { return config_; }
    [[nodiscard]] const std::vector<std::string>& apps() const { return apps_; }
    /// Called at each change of state.
    std::function<void()> on_change;

  private:
    void connect();
    void opened(std::shared_ptr<http::WebSocket> socket);
    void lost(const std::string& why);
    void become(State state);
    void tell_apps(std::string_view type);

    Service& service_;
    http::WebSocketDialer& dialer_;
    OutboundConfig config_;
    std::vector<std::string> apps_;
    State state_ = State::idle;
    Session* session_ = nullptr;
    Timer timer_;
    unsigned attempts_ = 0;  // since it was up
};

class Outbounds {
  public:
    Outbounds(Service& service, http::WebSocketDialer* dialer) : service_(service), dialer_(dialer) {}
    ~Outbounds() { stop_all(false); }
    Outbounds(const Outbounds&) = delete;
    Outbounds& operator=(const Outbounds&) = delete;

    /// Connections whose settings did not change stay.
    void apply(const std::vector<OutboundConfig>& configs);
    /// A connection for one call into this application; null: none is configured. Its application has a name of its
    /// own ("app-CHANNELID"). Started.
    [[nodiscard]] std::shared_ptr<Link> for_call(std::string_view app, const std::string& uniqueid);
    void stop_all(bool tell);
    /// Ends a persistent one. False: there is none of that name that runs.
    bool stop(std::string_view name);
    /// Opens a persistent one that has stopped or failed. Error: one sentence.
    std::expected<void, std::string> start(std::string_view name);
    void register_commands();

  private:
    Service& service_;
    http::WebSocketDialer* dialer_;
    std::vector<OutboundConfig> configs_;
    std::map<std::string, std::shared_ptr<Link>, std::less<>> persistent_;
    std::vector<std::weak_ptr<Link>> of_calls_;
};

}  // namespace asterism::ari
