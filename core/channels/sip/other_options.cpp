#include <algorithm>

#include "object_tables.hpp"

namespace asterism::pjsip {
namespace {

using config::Set;

Set set_algorithms(std::string_view value, std::vector<sip::DigestAlgorithm>& into) {
    into.clear();
    for (const auto& part : config::parse_list(value)) {
        const auto algorithm = sip::digest_algorithm(part);
        if (!algorithm) return std::unexpected("'" + part + "' is none of MD5, SHA-256, SHA-512-256");
        into.push_back(*algorithm);
    }
    return {};
}

Set set_local_net(TransportConfig& t, std::string_view value) {
    for (const auto& part : config::parse_list(value)) {
        const auto network = Network::parse(part);
        if (!network) return std::unexpected("'" + part + "' is no network");
        t.local_nets.push_back(*network);
    }
    return {};
}

Set set_matches(IdentifyConfig& i, std::string_view value) {
    for (const auto& part : config::parse_list(value)) {
        if (const auto network = Network::parse(part)) {
            i.networks.push_back(*network);
        } else if (part.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
                   std::string::npos) {
            i.hosts.push_back(part);
        } else {
            return std::unexpected("'" + part + "' is neither an address, a network nor a host name");
        }
    }
    return {};
}

}  // namespace

const config::Options<AorConfig>& aor_options() {
    using namespace config;
    using A = AorConfig;
    static const auto number = [](std::string name, std::string by_default, std::string meaning,
                                  std::uint32_t sip::AorSettings::* member) {
        return custom(std::move(name), "int", std::move(by_default), std::move(meaning),
                      [member](A& a, std::string_view v) -> Set {
                          std::int64_t n = 0;
                          if (auto ok = detail::set_int(v, 0, 0xFFFFFFFF, n); !ok) return ok;
                          a.registrar.*member = static_cast<std::uint32_t>(n);
                          return {};
                      });
    };
    static const auto flag = [](std::string name, std::string meaning, bool sip::AorSettings::* member) {
        return custom(std::move(name), "bool", "no", std::move(meaning),
                      [member](A& a, std::string_view v) -> Set { return detail::set_bool(v, a.registrar.*member); });
    };
    static const Options<A> table(
        "pjsip.conf", "aor",
        with_unused<A>(
            Kind::aor,
            {
                list("contact", "", "permanent contacts", &A::contacts, true),
                number("minimum_expiration", "60", "seconds; shorter registrations get this",
                       &sip::AorSettings::minimum_expiration),
                number("maximum_expiration", "7200", "seconds; longer ones get this",
                       &sip::AorSettings::maximum_expiration),
                number("default_expiration", "3600", "seconds; those that say nothing get this",
                       &sip::AorSettings::default_expiration),
                number("max_contacts", "0", "registered contacts at once; 0 refuses registration",
                       &sip::AorSettings::max_contacts),
                flag("remove_existing", "a new contact replaces the oldest", &sip::AorSettings::remove_existing),
                flag("remove_unavailable", "unreachable ones go first", &sip::AorSettings::remove_unavailable),
                flag("support_path", "keep Path", &sip::AorSettings::support_path),
                config::seconds("qualify_frequency", "0", "between OPTIONS; 0 none", &A::qualify_frequency),
                custom("qualify_timeout", "s", "3.0", "seconds to wait for an answer to OPTIONS",
                       [](A& a, std::string_view v) -> Set {
                           const auto n = parse_number(v);
                           if (!n || *n < 0 || *n > 1e6)
                               return std::unexpected("'" + std::string(v) + "' is no number of seconds");
                           a.qualify_timeout = from_seconds(*n);
                           return {};
                       }),
                boolean("qualify_2xx_only", "no", "only 2xx means reachable", &A::qualify_2xx_only),
                boolean("authenticate_qualify", "no", "answer challenges to OPTIONS", &A::authenticate_qualify),
                list("mailboxes", "", "mailboxes that may be subscribed to by its name", &A::mailboxes),
                string("outbound_proxy", "", "Route of OPTIONS", &A::outbound_proxy),
                string("voicemail_extension", "", "Message-Account", &A::voicemail_extension),
            }));
    return table;
}

const config::Options<AuthConfig>& auth_options() {
    using namespace config;
    using A = AuthConfig;
    static const Options<A> table(
        "pjsip.conf", "auth",
        with_unused<A>(Kind::auth, {
                                       custom("auth_type", "enum", "userpass", "digest; userpass and md5 mean the same",
                                              [](A&, std::string_view v) -> Set {
                                                  for (const auto* known : {"userpass", "md5", "digest"})
                                                      if (equal_nocase(v, known)) return {};
                                                  return std::unexpected("'" + std::string(v) +
                                                                         "' is none of userpass, md5, digest");
                                              }),
                                       string("username", "", "user", &A::username),
                                       string("password", "", "password", &A::password),
                                       string("realm", "", "realm; empty: default_realm", &A::realm),
                                       string("md5_cred", "", "MD5 of user:realm:password", &A::md5_cred),
                                       custom("password_digest", "string", "", "ALGORITHM:hash, may be repeated",
                                              [](A& a, std::string_view v) -> Set {
                                                  const auto colon = v.find(':');
                                                  if (colon == std::string_view::npos ||
                                                      !sip::digest_algorithm(v.substr(0, colon)))
                                                      return std::unexpected("it is not ALGORITHM:hash");
                                                  a.digests.emplace_back(v);
                                                  return {};
                                              }),
                                       integer("nonce_lifetime", "32", 1, 86400, "seconds", &A::nonce_lifetime),
                                       custom("supported_algorithms_uas", "list", "", "algorithms to challenge with",
                                              [](A& a, std::string_view v) { return set_algorithms(v, a.uas); }),
                                   }));
    return table;
}

const config::Options<TransportConfig>& transport_options() {
    using namespace config;
    using T = TransportConfig;
    static const Options<T> table(
        "pjsip.conf", "transport",
        with_unused<T>(
            Kind::transport,
            {
                custom("protocol", "enum", "udp", "udp or tcp",
                       [](T& t, std::string_view v) -> Set {
                           for (const auto* known : {"udp", "tcp", "tls", "ws", "wss", "flow"}) {
                               if (!equal_nocase(v, known)) continue;
                               t.protocol = known;
                               return {};
                           }
                           return std::unexpected("'" + std::string(v) + "' is none of udp, tcp, tls, ws, wss, flow");
                       }),
                address("bind", "", "where to listen", &T::bind),
                custom("external_media_address", "string", "", "our address in SDP outside local_net",
                       [](T& t, std::string_view v) -> Set {
                           t.external_media_address = without_brackets(v);
                           return {};
                       }),
                string("external_signaling_address", "", "our address in Via and Contact outside local_net",
                       &T::external_signaling_address),
                integer("external_signaling_port", "0", 0, 65535, "our port there", &T::external_signaling_port),
                custom("local_net", "list", "", "networks that need no external address", set_local_net),
                custom("tos", "int", "0", "TOS byte",
                       [](T& t, std::string_view v) -> Set {
                           if (const auto n = parse_int(v); n && *n >= 0 && *n < 256) t.tos = static_cast<int>(*n);
                           if (equal_nocase(v, "cs3")) t.tos = 0x60;
                           if (equal_nocase(v, "ef")) t.tos = 0xB8;
                           return {};
                       }),
                integer("cos", "0", 0, 7, "priority", &T::cos),
                boolean("symmetric_transport", "no", "send over what was received on", &T::symmetric),
                boolean("allow_reload", "no", "may be closed and opened again at reload", &T::allow_reload),
            }));
    return table;
}

const config::Options<IdentifyConfig>& identify_options() {
    using namespace config;
    using I = IdentifyConfig;
    static const Options<I> table(
        "pjsip.conf", "identify",
        with_unused<I>(Kind::identify, {
                                           string("endpoint", "", "whom it means", &I::endpoint),
                                           custom("match", "list", "", "addresses, networks, hosts", set_matches),
                                           custom("match_header", "string", "", "Name: value or /regex/",
                                                  [](I& i, std::string_view v) -> Set {
                                                      if (v.find(':') == std::string_view::npos)
                                                          return std::unexpected("it has no colon");
                                                      i.headers.emplace_back(v);
                                                      return {};
                                                  }),
                                           string("match_request_uri", "", "URI or /regex/", &I::request_uri),
                                       }));
    return table;
}

const config::Options<RegistrationConfig>& registration_options() {
    using namespace config;
    using R = RegistrationConfig;
    using S = sip::RegistrationSettings;
    static const auto text = [](std::string name, std::string meaning, std::string S::* member) {
        return custom(std::move(name), "string", "", std::move(meaning), [member](R& r, std::string_view v) -> Set {
            r.settings.*member = std::string(v);
            return {};
        });
    };
    static const auto number = [](std::string name, std::string by_default, std::string meaning,
                                  std::uint32_t S::* member) {
        return custom(std::move(name), "int", std::move(by_default), std::move(meaning),
                      [member](R& r, std::string_view v) -> Set {
                          std::int64_t n = 0;
                          if (auto ok = detail::set_int(v, 0, 100'000'000, n); !ok) return ok;
                          r.settings.*member = static_cast<std::uint32_t>(n);
                          return {};
                      });
    };
    static const Options<R> table(
        "pjsip.conf", "registration",
        with_unused<R>(
            Kind::registration,
            {
                text("server_uri", "the registrar", &S::server_uri),
                text("client_uri", "who registers", &S::client_uri),
                custom("contact_user", "string", "", "user of the Contact; empty: s",
                       [](R& r, std::string_view v) -> Set {
                           if (!v.empty()) r.settings.contact_user = std::string(v);
                           return {};
                       }),
                text("contact_header_params", "parameters of the Contact", &S::contact_params),
                text("transport", "over which it goes", &S::transport),
                number("expiration", "3600", "seconds", &S::expiration),
                number("retry_interval", "60", "seconds", &S::retry_interval),
                number("forbidden_retry_interval", "0", "seconds after 403; 0 gives up", &S::forbidden_retry_interval),
                number("fatal_retry_interval", "0", "seconds after another failure for good; 0 gives up",
                       &S::fatal_retry_interval),
                number("max_retries", "10", "attempts", &S::max_retries),
                number("max_random_initial_delay", "10", "seconds", &S::max_random_initial_delay),
                custom(
                    "auth_rejection_permanent", "bool", "yes", "a refused password ends it",
                    [](R& r, std::string_view v) { return detail::set_bool(v, r.settings.auth_rejection_permanent); }),
                custom("outbound_proxy", "string", "", "Route",
                       [](R& r, std::string_view v) -> Set {
                           r.settings.routes.clear();
                           for (const auto& one : parse_list(v))
                               r.settings.routes.push_back(one.starts_with('<') ? one : "<" + one + ">");
                           return {};
                       }),
                list("outbound_auth", "", "who we are", &R::auths),
                custom("security_negotiation", "choice", "no", "mediasec: what media is secured with is agreed on",
                       [](R& r, std::string_view v) { return read_mediasec(r.mediasec, v); }),
                custom("security_mechanisms", "list", "", "what it offers: sdes-srtp\\;mediasec",
                       [](R& r, std::string_view v) -> Set {
                           for (const auto& one : parse_list(v)) r.settings.security_mechanisms.push_back(one);
                           return {};
                       }),
                custom("support_path", "bool", "no", "say that Path is supported",
                       [](R& r, std::string_view v) { return detail::set_bool(v, r.settings.support_path); }),
                custom("line", "bool", "no", "recognize calls that come by it",
                       [](R& r, std::string_view v) { return detail::set_bool(v, r.settings.line); }),
                string("endpoint", "", "whose they are", &R::endpoint),
            }));
    return table;
}

const config::Options<GlobalConfig>& global_options() {
    using namespace config;
    using G = GlobalConfig;
    static const Options<G> table(
        "pjsip.conf", "global",
        with_unused<G>(
            Kind::global,
            {
                string("user_agent", "", "User-Agent and Server", &G::user_agent),
                string("default_from_user", "asterisk", "user of From and Contact where nobody is known",
                       &G::default_from_user),
                string("default_voicemail_extension", "", "Message-Account where nothing else is said",
                       &G::default_voicemail_extension),
                boolean("mwi_disable_initial_unsolicited", "no", "nobody is told at the start",
                        &G::mwi_disable_initial_unsolicited),
                string("default_realm", "asterisk", "realm of challenges", &G::default_realm),
                list("endpoint_identifier_order", "ip,username,anonymous", "ways to recognize an endpoint, in order",
                     &G::identifier_order),
                string("default_outbound_endpoint", "default_outbound_endpoint", "endpoint of requests to a URI",
                       &G::default_outbound_endpoint),
                string("debug", "no", "yes, or a host: log SIP messages", &G::debug),
                string("regcontext", "", "context that gets an extension for each registration", &G::regcontext),
                custom("default_auth_algorithms_uas", "list", "MD5", "algorithms to challenge with",
                       [](G& g, std::string_view v) { return set_algorithms(v, g.uas); }),
                integer("max_forwards", "70", 1, 255, "hops", &G::max_forwards),
                integer("keep_alive_interval", "90", 0, 100000, "seconds between keepalives on connections",
                        &G::keep_alive_interval),
                integer("max_initial_qualify_time", "0", 0, 100000, "seconds over which first OPTIONS are spread",
                        &G::max_initial_qualify_time),
                boolean("ignore_uri_user_options", "no", "drop what follows ; in the user of a URI",
                        &G::ignore_uri_user_options),
                boolean("send_contact_status_on_update_registration", "no", "event at each refresh",
                        &G::send_status_on_update),
                boolean("use_callerid_contact", "no", "caller's number as user of the Contact",
                        &G::use_callerid_contact),
                boolean("all_codecs_on_empty_reinvite", "no", "offer more than what is in use when asked for an offer",
                        &G::all_codecs_on_empty_reinvite),
                boolean("allow_sending_180_after_183", "no", "180 after 183", &G::allow_180_after_183),
            }));
    return table;
}

const config::Options<SystemConfig>& system_options() {
    using namespace config;
    using S = SystemConfig;
    static const Options<S> table(
        "pjsip.conf", "system",
        with_unused<S>(Kind::system, {
                                         integer("timer_t1", "500", 100, 100000, "milliseconds", &S::timer_t1),
                                         integer("timer_b", "32000", 100, 1000000, "milliseconds", &S::timer_b),
                                         boolean("disable_rport", "no", "no rport in requests", &S::disable_rport),
                                         boolean("follow_early_media_fork", "yes", "take early media of a second fork",
                                                 &S::follow_early_media_fork),
                                     }));
    return table;
}

}  // namespace asterism::pjsip
