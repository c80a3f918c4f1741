// pjsip.conf's objects as typed values. Immutable once loaded: sessions and transports share them, so that a reload
// changes nothing under a call.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asterism/config/acl.hpp"
#include "asterism/config/address.hpp"
#include "asterism/config/file.hpp"
#include "asterism/media/rtp.hpp"
#include "asterism/model/party.hpp"
#include "asterism/runtime/time.hpp"
#include "asterism/sip/digest.hpp"
#include "asterism/sip/offer_answer.hpp"
#include "asterism/sip/registrar.hpp"
#include "asterism/sip/registration.hpp"
#include "asterism/sip/session.hpp"
#include "locate.hpp"
#include "options.hpp"
#include "wizard.hpp"

namespace asterism::pjsip {

using Names = std::vector<std::string>;

/// A network with its prefix length, for identify's match and transport's local_net.
struct Network {
    config::IpAddress address;
    int bits = 32;
    std::uint16_t port = 0;  ///< 0: any
    [[nodiscard]] bool holds(const config::IpAddress& other) const;
    /// "192.0.2.0/24", "192.0.2.0/255.255.255.0" or a single address; a port may follow the address.
    [[nodiscard]] static std::optional<Network> parse(std::string_view text);
    [[nodiscard]] std::string text() const;
    /// "192.0.2.1/255.255.255.255", "192.0.2.1:5060/255.255.255.255": as AMI shows it.
    [[nodiscard]] std::string masked_text() const;
};

struct TransportConfig {
    std::string name;
    std::string protocol = "udp";
    config::SocketAddress bind;
    std::string external_media_address, external_signaling_address;
    int external_signaling_port = 0;
    std::vector<Network> local_nets;
    int tos = 0, cos = 0;
    bool symmetric = false, allow_reload = false;
    Shown shown;

    /// Whether `remote` is outside local_net, so that external_* addresses apply.
    [[nodiscard]] bool outside(const config::IpAddress& remote) const;
};

struct AuthConfig {
    std::string name;
    std::string username, password, realm, md5_cred;
    Names digests;  ///< password_digest: "ALG:hex"
    int nonce_lifetime = 32;
    std::vector<sip::DigestAlgorithm> uas;  ///< algorithms to challenge with; empty: the global ones
    Shown shown;

    [[nodiscard]] sip::Credential credential() const;
};

struct AorConfig {
    std::string name;
    Names contacts;  ///< permanent ones, as written
    sip::AorSettings registrar;
    Duration qualify_frequency{};
    Duration qualify_timeout = std::chrono::seconds(3);
    bool qualify_2xx_only = false, authenticate_qualify = false;
    Names mailboxes;
    std::string outbound_proxy, voicemail_extension;
    Shown shown;
};

enum class IdentifyBy : std::uint8_t { username = 1, auth_username = 2, ip = 4, header = 8, request_uri = 16 };
enum class RedirectMethod : std::uint8_t { user, uri_core, uri_pjsip };

struct EndpointConfig {
    std::string name;
    // ---- who and where ----
    std::string context = "default", message_context, overlap_context;
    Names aors, auths, outbound_auths;
    std::string transport, outbound_proxy;
    std::uint8_t identify_by = 0;
    config::Acl acl, contact_acl;
    // ---- identity ----
    PartyId caller_id;
    Presentation privacy;
    std::string from_user, from_domain, contact_user, accountcode, language, tenantid, mwi_from_user;
    Names mailboxes;
    bool trust_id_inbound = false, trust_id_outbound = false, send_pai = false, send_rpid = false;
    bool send_connected_line = true, trust_connected_line = true, rpid_immediate = false, send_diversion = true;
    bool send_history_info = false, one_touch_recording = false;
    std::string record_on_feature = "automixmon", record_off_feature = "automixmon";  ///< of features.conf
    int connected_line_method = 0;  ///< 0 invite, 1 reinvite, 2 update
    bool user_eq_phone = false;
    // ---- media ----
    std::vector<sip::Codec> codecs;
    media::DtmfMode dtmf = media::DtmfMode::rfc4733;
    std::string media_address, moh_suggest = "default", tone_zone, sdp_owner = "-", sdp_session = "Asterisk";
    bool rtp_symmetric = false, rtp_ipv6 = false, use_ptime = false, rtcp_mux = false,
         bind_rtp_to_media_address = false;
    bool preferred_codec_only = false, moh_passthrough = false, inband_progress = false;
    int incoming_offer_pref = 0;  ///< 0 local, 1 local_first, 2 remote, 3 remote_first
    int outgoing_offer_pref = 4;  ///< 0 local, 1 local_merge, 2 local_first, 3 remote, 4 remote_merge, 5 remote_first
    int tos_audio = 0, cos_audio = 0;
    bool asymmetric_rtp_codec = false;  ///< what is received does not choose what is sent
    unsigned rtp_timeout = 0, rtp_timeout_hold = 0, rtp_keepalive = 0;  ///< seconds
    bool ignore_183_without_sdp = false;
    // ---- signalling ----
    bool force_rport = true, rewrite_contact = false, allow_transfer = true, allow_overlap = true;
    bool suppress_q850 = false, allow_unauthenticated_options = false;
    bool notify_early_inuse_ringing = false, allow_subscribe = true, aggregate_mwi = true;
    bool mwi_subscribe_replaces_unsolicited = false;
    unsigned sub_min_expiry = 0;  ///< seconds
    std::string subscribe_context, voicemail_extension;
    RedirectMethod redirect_method = RedirectMethod::user;
    bool message_follows_redirects = false;  ///< follow_redirect_methods
    bool mediasec = false;                   ///< security_negotiation
    int rel100 = 3;                          ///< 0 no, 1 required, 2 peer_supported, 3 yes
    int timers = 1;                          ///< 0 no, 1 yes, 2 required, 3 always, 4 forced
    unsigned timers_min_se = 90, timers_sess_expires = 1800;
    bool follow_early_media_fork = true;
    unsigned device_state_busy_at = 0;
    std::string call_group, pickup_group, named_call_group, named_pickup_group;
    std::vector<std::pair<std::string, std::string>> variables;  ///< set_var

    // ---- made when everything is loaded ----
    sip::SessionSettingsPtr session;
    std::shared_ptr<const sip::CredentialList> credentials;  ///< outbound_auth
    Shown shown;

    [[nodiscard]] bool identified_by(IdentifyBy way) const {
        return (identify_by & static_cast<std::uint8_t>(way)) != 0;
    }
};

struct IdentifyConfig {
    std::string name, endpoint;
    std::vector<Network> networks;
    Names hosts;  ///< to be looked up
    Names headers;
    std::string request_uri;
    Shown shown;
};

struct RegistrationConfig {
    std::string name, endpoint;
    sip::RegistrationSettings settings;
    Names auths;
    bool mediasec = false;  ///< security_negotiation; without it settings.security_mechanisms is emptied
    Shown shown;
};

struct GlobalConfig {
    std::string user_agent, default_from_user = "asterisk", default_realm = "asterisk";
    Names identifier_order;
    std::string default_outbound_endpoint = "default_outbound_endpoint", debug = "no", regcontext;
    std::string default_voicemail_extension;
    std::vector<sip::DigestAlgorithm> uas;
    unsigned max_forwards = 70, keep_alive_interval = 90, max_initial_qualify_time = 0;
    bool ignore_uri_user_options = false, send_status_on_update = false, use_callerid_contact = false;
    bool all_codecs_on_empty_reinvite = false, allow_180_after_183 = false, mwi_disable_initial_unsolicited = false;
    Shown shown;
};

struct SystemConfig {
    unsigned timer_t1 = 500, timer_b = 32000;
    bool disable_rport = false;
    bool follow_early_media_fork = true;
    Shown shown;
};

/// rtp.conf's part that concerns channels.
struct RtpSettings {
    media::PortRange ports;
    media::StrictRtp strict = media::StrictRtp::yes;
    unsigned probation = 4;
    unsigned rtcp_interval = 5000;  ///< ms
};

template <class T>
using Objects = std::map<std::string, std::shared_ptr<const T>, std::less<>>;

/// Objects made while the daemon runs, by type and name.
using DynamicObjects = std::map<std::pair<std::string, std::string>, config::Section>;

/// Everything that pjsip.conf says. Objects that did not change since the last load are the same pointers.
struct Configuration {
    std::shared_ptr<const GlobalConfig> global = std::make_shared<GlobalConfig>();
    std::shared_ptr<const SystemConfig> system = std::make_shared<SystemConfig>();
    Objects<TransportConfig> transports;
    Names transport_order;  ///< as written
    Objects<EndpointConfig> endpoints;
    Objects<AorConfig> aors;
    Objects<AuthConfig> auths;
    Objects<IdentifyConfig> identifies;
    Objects<RegistrationConfig> registrations;
    Names domain_aliases;
    config::Acl acl, contact_acl;  ///< of all sections of type acl
    config::NamedAcls named_acls;
    RtpSettings rtp;
    /// sorcery.conf: types of which objects may be made while the daemon runs, and those of them that pjsip.conf's
    /// sections are not read for.
    std::set<std::string, std::less<>> memory_types, memory_only;
    DynamicObjects dynamic;
    NameServers name_servers;                                      ///< of resolver_unbound.conf; empty: the system's
    std::vector<WizardHint> wizard_hints;                          ///< of pjsip_wizard.conf
    std::shared_ptr<const config::File> file;                      ///< kept only where there are memory_types
    std::map<std::string, std::string, std::less<>> fingerprints;  ///< "endpoint/alice": what it was made of

    template <class T>
    [[nodiscard]] static std::shared_ptr<const T> find(const Objects<T>& objects, std::string_view name) {
        const auto found = objects.find(name);
        return found == objects.end() ? nullptr : found->second;
    }
    [[nodiscard]] std::shared_ptr<const EndpointConfig> endpoint(std::string_view name) const {
        return find(endpoints, name);
    }
    [[nodiscard]] std::shared_ptr<const AorConfig> aor(std::string_view name) const { return find(aors, name); }
};
using ConfigurationPtr = std::shared_ptr<const Configuration>;
using EndpointPtr = std::shared_ptr<const EndpointConfig>;

/// Reads pjsip.conf, rtp.conf and acl.conf. `before`: what is running, so that what did not change stays the same
/// object; then null if anything is in error. Without it objects with an error are left out, and it is null only if
/// the file itself can't be read. `user_agent`: [global] user_agent unless it is set.
[[nodiscard]] ConfigurationPtr load_configuration(config::FileSource& source, const config::ReadOptions& where,
                                                  const Configuration* before, std::string_view user_agent,
                                                  config::Report& report);
/// The same files as `before` was made of, unread, with other dynamic objects.
[[nodiscard]] ConfigurationPtr with_dynamic(const Configuration& before, DynamicObjects dynamic,
                                            std::string_view user_agent, config::Report& report);

}  // namespace asterism::pjsip
