// The PJSIP channel technology as the rest of the PBX sees it: making it, configuring it, and asking it what it knows
// (AMI's PJSIPShow..., ARI's endpoints, the console).
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asterism {
struct Pbx;
class AsioLoop;
class Technology;
template <class T>
class Task;
namespace config {
class FileSource;
class Report;
}  // namespace config
}  // namespace asterism

namespace asterism::pjsip {

/// Option names and values as `pjsip show` prints them, in alphabetical order: all that the object has, defaults too.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// "allow_transfer" as AMI writes it: "AllowTransfer".
[[nodiscard]] std::string ami_name(std::string_view option);

struct ContactInfo {
    enum class Status : std::uint8_t { unknown, created, reachable, unreachable, non_qualified };
    std::string id;             ///< "alice;@640874d9..." (registered), "bob@@1a5d30cd..." (of pjsip.conf)
    std::string hash;           ///< MD5 of the URI, 32 digits; lists show the first 10
    std::string aor, endpoint;  ///< endpoint: who registered it, or the first that uses the AOR
    std::string uri, user_agent, via_address, call_id, path, outbound_proxy, reg_server;
    std::uint16_t via_port = 0;
    bool permanent = false;  ///< of pjsip.conf
    bool prune_on_boot = false;
    Status status = Status::non_qualified;
    std::optional<std::chrono::microseconds> round_trip;  ///< nothing while unknown ("N/A", "nan")
    std::int64_t expiration = 0;                          ///< Unix seconds; 0 never
    unsigned qualify_frequency = 0;                       ///< seconds
    double qualify_timeout = 3;                           ///< seconds
    bool qualify_2xx_only = false, authenticate_qualify = false;
};
/// "NonQualified", "Reachable", "Unreachable", "Unknown", "Created" (AMI).
[[nodiscard]] std::string_view ami_status(ContactInfo::Status status);
/// "NonQual", "Avail", "Unavail", "Unknown", "Created" (console).
[[nodiscard]] std::string_view cli_status(ContactInfo::Status status);

struct EndpointInfo {
    std::string name;
    Fields options;
    std::vector<std::string> aors, auths, outbound_auths;
    std::string transport;
    std::string device_state;  ///< "Not in use", "Unavailable", "In use", "Ringing"... as lists show it
    std::size_t active_channels = 0;
    std::string caller_number;  ///< of callerid; empty: none
    unsigned device_state_busy_at = 0;
};
struct AorInfo {
    std::string name;
    Fields options;                     ///< `contact` holds the permanent ones, "aor/uri" separated by commas
    std::vector<std::string> contacts;  ///< ids of all, permanent and registered
    std::size_t registered = 0;         ///< of them
    unsigned max_contacts = 0;
};
struct AuthInfo {
    std::string name, username;
    Fields options;
};
struct IdentifyInfo {
    std::string name, endpoint;
    std::vector<std::string> matches;  ///< "192.0.2.0/24"
    std::vector<std::string> headers;  ///< "X-Sipp: yes"
    Fields options;
};
struct TransportInfo {
    std::string name, protocol, bind;  ///< "udp", "127.0.0.1:5060"
    int cos = 0, tos = 0;
    bool listening = false;
    Fields options;
};
struct RegistrationInfo {
    std::string name, server_uri, client_uri;
    std::vector<std::string> auths;
    std::string status;             ///< "Unregistered", "Registered", "Rejected", "Stopped"
    std::int64_t expires_in = 0;    ///< seconds until the binding ends; negative: ago
    std::int64_t next_attempt = 0;  ///< seconds until the next REGISTER; 0: none is due
    Fields options;
};

/// A subscription that somebody holds with us.
struct SubscriptionInfo {
    std::string endpoint, caller;  ///< "alice", "\"Alice\" <1001>" or "Unknown"
    std::string call_id, event;    ///< event: "presence", "dialog", "message-summary"
    std::string resource;          ///< the extension, or what names the mailboxes
    std::string state;             ///< of the extension: "Idle", "InUse"...; empty: it is to mailboxes
    std::vector<std::string> mailboxes;
    std::int64_t expires_in = 0;  ///< seconds
};

/// The questions and orders of the interfaces. Lists are sorted by name, made when asked for. Control loop only.
class Directory {
  public:
    virtual ~Directory() = default;
    [[nodiscard]] virtual std::vector<std::string> endpoint_names() const = 0;
    [[nodiscard]] virtual std::vector<EndpointInfo> endpoints() const = 0;
    [[nodiscard]] virtual std::optional<EndpointInfo> endpoint(std::string_view name) const = 0;
    [[nodiscard]] virtual std::vector<AorInfo> aors() const = 0;
    [[nodiscard]] virtual std::optional<AorInfo> aor(std::string_view name) const = 0;
    [[nodiscard]] virtual std::vector<AuthInfo> auths() const = 0;
    [[nodiscard]] virtual std::optional<AuthInfo> auth(std::string_view name) const = 0;
    /// All; of one AOR if `aor` is given.
    [[nodiscard]] virtual std::vector<ContactInfo> contacts(std::string_view aor = {}) const = 0;
    /// By id, or by "aor/uri".
    [[nodiscard]] virtual std::optional<ContactInfo> contact(std::string_view id) const = 0;
    [[nodiscard]] virtual std::vector<IdentifyInfo> identifies() const = 0;
    [[nodiscard]] virtual std::vector<TransportInfo> transports() const = 0;
    [[nodiscard]] virtual std::vector<RegistrationInfo> registrations() const = 0;
    /// Oldest first.
    [[nodiscard]] virtual std::vector<SubscriptionInfo> subscriptions() const = 0;
    /// [global] and [system] of `pjsip show settings`.
    [[nodiscard]] virtual Fields global_settings() const = 0;
    [[nodiscard]] virtual Fields system_settings() const = 0;

    /// Dynamic configuration (ARI): objects of the types that sorcery.conf maps to memory may be made, changed and
    /// deleted while the daemon runs; they are forgotten when it stops. Types as pjsip.conf names them.
    enum class Refusal : std::uint8_t { no_such_type, no_such_object, not_allowed, bad_value };
    struct Refused {
        Refusal why;
        std::string text{};  ///< of bad_value
    };
    [[nodiscard]] virtual std::expected<Fields, Refused> object(std::string_view type, std::string_view id) const = 0;
    /// Makes the object or changes what `fields` name; gives the whole object.
    virtual std::expected<Fields, Refused> set_object(std::string_view type, std::string_view id,
                                                      const Fields& fields) = 0;
    virtual std::expected<void, Refused> delete_object(std::string_view type, std::string_view id) = 0;

    /// Sends OPTIONS to all contacts of an endpoint. False: no such endpoint.
    virtual bool qualify(std::string_view endpoint) = 0;
    /// Outbound registration: register again, or unregister. False: no such registration.
    virtual bool send_register(std::string_view registration) = 0;
    virtual bool send_unregister(std::string_view registration) = 0;
    /// NOTIFY out of a dialog to all contacts of an endpoint, or to a URI. `headers` as given ("Event" first or not);
    /// "Content" names lines of the body. False: no such endpoint.
    virtual bool notify_endpoint(std::string_view endpoint, const Fields& headers) = 0;
    virtual bool notify_uri(std::string_view uri, const Fields& headers) = 0;
    /// NOTIFY within the call of a PJSIP channel, as soon as there is a dialog. False: no such channel, or no dialog
    /// yet.
    virtual bool notify_channel(std::string_view channel, const Fields& headers) = 0;
    /// Maintenance: an endpoint's new calls are refused with 503, and it is not called; calls that are there go on.
    /// Forgotten when the daemon stops. Publishes PJSIPMaintenanceStatus. False: no such endpoint.
    virtual bool set_maintenance(std::string_view endpoint, bool on) = 0;
    /// Endpoints in maintenance, by name.
    [[nodiscard]] virtual std::vector<std::string> in_maintenance() const = 0;
    /// Hangs up a PJSIP channel with this SIP final response. False: no such channel.
    virtual bool hang_up(std::string_view channel, int sip_code) = 0;
};

/// The technology with its transports, registrar and SIP stack. Owned by main; made before the first channel, ended
/// after the last.
class Service : public Directory {
  public:
    /// Reads pjsip.conf, rtp.conf (its ports and timeouts) and acl.conf, now: at start only. False: `report` says why,
    /// nothing is changed. A missing pjsip.conf is none.
    virtual bool load(config::FileSource& source, config::Report& report) = 0;
    /// Opens the transports that the configuration names and starts outbound registrations and qualification. What
    /// cannot be bound is an error in the log.
    virtual void start() = 0;
    /// The same as load() for a running daemon: reads on the blocking pool, applies the difference. `done` is called
    /// once on the loop with what was wrong; unknown endpoints' calls go on.
    virtual void reload(std::function<void(bool ok)> done = {}) = 0;
    /// Unregisters, closes the listeners; calls go on until they are hung up.
    virtual void stop() = 0;

    [[nodiscard]] virtual Technology& technology() = 0;
    /// Adds `pjsip ...` to pbx.cli and PJSIP_* to pbx.functions, where they are there. Once.
    virtual void register_commands() = 0;
};

/// Over real sockets of this loop (pbx.loop). Adds its technology to pbx.technologies.
[[nodiscard]] std::unique_ptr<Service> make_service(Pbx& pbx, AsioLoop& loop);
/// `--check`: reads and validates without making anything.
[[nodiscard]] bool check_config(config::FileSource& source, const std::string& directory, config::Report& report);

/// The headers and content of a section of pjsip_notify.conf, read on the blocking pool; nothing: there is none.
Task<std::optional<Fields>> read_notify_option(Pbx& pbx, std::string section);

}  // namespace asterism::pjsip
