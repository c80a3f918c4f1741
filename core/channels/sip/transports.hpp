// pjsip.conf's transports: which are open, which connections there are, and the way to a URI over them.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/random.hpp"
#include "asterism/sip/stack.hpp"
#include "net.hpp"

namespace asterism::pjsip {

/// Owned by the technology. Gives the stack what the sockets receive.
class Transports final : public sip::Router, private NetUser {
  public:
    Transports(Loop& loop, Random& random, Net& net);
    ~Transports() override;
    void set_stack(sip::Stack* stack) { stack_ = stack; }
    /// Called for every message before the stack sees it; false drops it (an access list).
    using Filter = std::function<bool(const sip::Flow&)>;
    void set_filter(Filter filter) { filter_ = std::move(filter); }
    /// Called when a connection ends, so that contacts that lived on it can go.
    void on_connection_lost(std::function<void(const sip::Flow&)> action) { lost_ = std::move(action); }

    /// Opens what is new and closes what is gone. One that changed is opened again only where the old one allowed it
    /// (allow_reload) or had not been opened.
    void apply(const Configuration& config);
    void close_all();
    /// CRLFCRLF over connections (RFC 5626 3.5.1); zero: none.
    void set_keepalive(Duration interval);

    void route(std::string_view uri, const sip::RouteHint& hint, Done done) override;

    [[nodiscard]] bool listening(std::string_view name) const;
    /// The transport object of a flow: its [transport] section.
    [[nodiscard]] TransportConfigPtr config_of(const sip::Transport& transport) const;
    [[nodiscard]] std::size_t connections() const { return connections_.size(); }

    static constexpr std::size_t max_connections = 2048;

  private:
    struct Open {
        TransportConfigPtr config;
        TransportPtr udp;
        std::unique_ptr<Listener> listener;
    };
    void on_bytes(const sip::Flow& flow, std::string_view bytes) override;
    void on_accepted(const sip::Flow& flow) override;
    void on_closed(const sip::Flow& flow, std::string_view why) override;
    void open(const TransportConfigPtr& config);
    void pick(const sip::SocketAddress& remote, std::string_view protocol, const sip::RouteHint& hint, Done& done);
    void keepalive();
    [[nodiscard]] static bool tried(const sip::RouteHint& hint, std::string_view protocol,
                                    const sip::SocketAddress& address);

    Loop& loop_;
    Random& random_;
    Net& net_;
    sip::Stack* stack_ = nullptr;
    Filter filter_;
    std::function<void(const sip::Flow&)> lost_;
    std::vector<std::unique_ptr<Open>> open_;  // in the order of pjsip.conf
    std::unordered_map<const sip::Transport*, sip::Flow> connections_;
    Timer keepalive_timer_;
    Duration keepalive_{};
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace asterism::pjsip
