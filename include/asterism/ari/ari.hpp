// ARI: REST and WebSocket for applications that control calls. Adds /ari to the HTTP server and Stasis to the dialplan.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/http/client.hpp"

namespace asterism {
struct Pbx;
namespace config {
class Acl;
class File;
class NamedAcls;
class Report;
}  // namespace config
namespace http {
class Router;
}
namespace pjsip {
class Directory;
}
}  // namespace asterism

namespace asterism::ari {

/// What a user may do; an empty list allows everything. A name that ends in `*` stands for all that begin so.
struct Scope {
    std::vector<std::string> applications;  ///< that it may serve, and whose channels it may see and touch
    std::vector<std::string> contexts;      ///< of the dialplan, that it may send calls to
    std::vector<std::string> resources;     ///< "channels", "bridges"...
    std::vector<std::string> verbs;         ///< "GET", "POST"...
};

/// One [user] of ari.conf.
struct User {
    std::string name, password;
    bool crypted = false;  ///< password_format=crypt: `password` is a crypt(3) hash
    bool read_only = false;
    std::shared_ptr<const config::Acl> acl;  ///< null: from everywhere
    Scope scope{};
};

/// One [type=outbound_websocket] of ari.conf with the connection of websocket_client.conf that it names.
struct OutboundConfig {
    std::string name, client_id, local_user;
    std::vector<std::string> apps;
    bool subscribe_all = false;
    bool per_call = false;  ///< connection_type=per_call_config: opened for each call into one of its applications
    std::chrono::milliseconds reconnect_interval{500};
    unsigned reconnect_attempts = 4;  ///< in a row; 0: for ever
    http::WebSocketTarget target;
    bool operator==(const OutboundConfig&) const = default;
};

struct Config {
    bool enabled = true;
    bool pretty = false;  ///< answers with line breaks
    std::vector<std::string> allowed_origins;
    std::string auth_realm = "Asterisk REST Interface";
    std::vector<std::string> channel_variables;  ///< channelvars: shown in every channel
    std::vector<User> users;
    std::vector<OutboundConfig> outbound;
    std::shared_ptr<const config::NamedAcls> named_acls;
    std::size_t queue_bytes = 4 << 20;  ///< events that wait for one client
    std::size_t queue_count = 20'000;
    std::size_t queue_total_bytes = 64 << 20;   ///< for all clients together
    std::chrono::milliseconds stasis_grace{0};  ///< how long a channel waits for an application without a client
    std::size_t resume_events = 1000;           ///< kept for an application that asked for sequence numbers
    std::size_t resume_bytes = 1 << 20;
    std::chrono::seconds resume_time{300};  ///< how long they are kept for one without a client
};

/// Reads ari.conf; `report` says what is wrong with it. `clients`: websocket_client.conf, may be null.
[[nodiscard]] Config read_config(const config::File& file, config::Report& report,
                                 const config::File* clients = nullptr);

struct Counters {
    std::uint64_t requests = 0;
    std::uint64_t refused = 0;          ///< without or with wrong credentials
    std::uint64_t events = 0;           ///< sent, counted once for each client
    std::uint64_t sockets_dropped = 0;  ///< clients that did not read
};

/// What `ari show apps` lists.
struct AppInfo {
    std::string name;
    bool active = false;
};

/// Owned by main; ended before what Pbx names.
class Interface {
  public:
    virtual ~Interface() = default;
    /// Takes a configuration: users and options are new at once; sockets that are open stay open.
    virtual void apply(Config config) = 0;
    [[nodiscard]] virtual const Config& config() const = 0;
    [[nodiscard]] virtual const Counters& counters() const = 0;
    [[nodiscard]] virtual std::vector<AppInfo> apps() const = 0;
    /// Adds `ari ...` to pbx.cli. Once.
    virtual void register_commands() = 0;
};

/// Adds its route to `router`, subscribes to pbx.bus and registers Stasis in pbx.applications. `pjsip`: whose objects
/// /asterisk/config/dynamic shows; `dialer` opens outbound WebSockets; both may be null.
[[nodiscard]] std::unique_ptr<Interface> make_interface(Pbx& pbx, http::Router& router,
                                                        pjsip::Directory* pjsip = nullptr,
                                                        http::WebSocketDialer* dialer = nullptr);

}  // namespace asterism::ari
