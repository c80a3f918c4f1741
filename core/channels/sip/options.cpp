#include "options.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace asterism::pjsip {
namespace {

constexpr Known endpoint_rows[] = {
    {"100rel", Show::text, "yes"},
    {"accept_multiple_sdp_answers", Show::truth, "false"},
    {"accountcode", Show::text, ""},
    {"acl", Show::text, ""},
    {"aggregate_mwi", Show::truth, "true", true},
    {"allow", Show::text, ""},
    {"allow_overlap", Show::truth, "true"},
    {"allow_subscribe", Show::truth, "true"},
    {"allow_transfer", Show::truth, "true"},
    {"allow_unauthenticated_options", Show::truth, "false"},
    {"aors", Show::text, ""},
    {"asymmetric_rtp_codec", Show::truth, "false"},
    {"auth", Show::text, ""},
    {"bind_rtp_to_media_address", Show::truth, "false"},
    {"bundle", Show::truth, "false"},
    {"call_group", Show::text, ""},
    {"callerid", Show::text, "<unknown>"},
    {"callerid_privacy", Show::text, "allowed_not_screened"},
    {"callerid_tag", Show::text, ""},
    {"codec_prefs_incoming_answer", Show::text, "prefer:pending, operation:intersect, keep:all, transcode:allow"},
    {"codec_prefs_incoming_offer", Show::text, "prefer:pending, operation:intersect, keep:all, transcode:allow"},
    {"codec_prefs_outgoing_answer", Show::text, "prefer:pending, operation:intersect, keep:all, transcode:allow"},
    {"codec_prefs_outgoing_offer", Show::text, "prefer:pending, operation:union, keep:all, transcode:allow"},
    {"connected_line_method", Show::text, "invite"},
    {"contact_acl", Show::text, ""},
    {"contact_deny", Show::hidden, ""},
    {"contact_permit", Show::hidden, ""},
    {"contact_user", Show::hidden, ""},
    {"context", Show::text, "default"},
    {"cos_audio", Show::number, "0"},
    {"cos_video", Show::number, "0"},
    {"deny", Show::hidden, ""},
    {"device_state_busy_at", Show::number, "0"},
    {"direct_media", Show::truth, "true", true},
    {"direct_media_glare_mitigation", Show::text, "none", true},
    {"direct_media_method", Show::text, "invite", true},
    {"disable_direct_media_on_nat", Show::truth, "false", true},
    {"disallow", Show::hidden, ""},
    {"dtls_auto_generate_cert", Show::capital, "No"},
    {"dtls_ca_file", Show::text, ""},
    {"dtls_ca_path", Show::text, ""},
    {"dtls_cert_file", Show::text, ""},
    {"dtls_cipher", Show::text, ""},
    {"dtls_fingerprint", Show::text, "SHA-256"},
    {"dtls_private_key", Show::text, ""},
    {"dtls_rekey", Show::text, "0"},
    {"dtls_setup", Show::text, "active"},
    {"dtls_verify", Show::capital, "No"},
    {"dtmf_mode", Show::text, "rfc4733"},
    {"fax_detect", Show::truth, "false"},
    {"fax_detect_timeout", Show::number, "0"},
    {"follow_early_media_fork", Show::truth, "true"},
    {"follow_redirect_methods", Show::text, ""},
    {"force_avp", Show::truth, "false"},
    {"force_rport", Show::truth, "true"},
    {"from_domain", Show::text, ""},
    {"from_user", Show::text, ""},
    {"g726_non_standard", Show::truth, "false"},
    {"geoloc_incoming_call_profile", Show::text, ""},
    {"geoloc_outgoing_call_profile", Show::text, ""},
    {"ice_support", Show::truth, "false"},
    {"identify_by", Show::text, "username,ip"},
    {"ignore_183_without_sdp", Show::truth, "false"},
    {"inband_progress", Show::truth, "false"},
    {"incoming_call_offer_pref", Show::text, "local"},
    {"incoming_mwi_mailbox", Show::text, ""},
    {"language", Show::text, ""},
    {"mailboxes", Show::text, ""},
    {"max_audio_streams", Show::number, "1"},
    {"max_video_streams", Show::number, "1", true},
    {"media_address", Show::text, ""},
    {"media_encryption", Show::text, "no"},
    {"media_encryption_optimistic", Show::truth, "false"},
    {"media_use_received_transport", Show::truth, "false"},
    {"message_context", Show::text, ""},
    {"moh_passthrough", Show::truth, "false"},
    {"moh_suggest", Show::text, "default"},
    {"mwi_from_user", Show::text, ""},
    {"mwi_subscribe_replaces_unsolicited", Show::yes_no, "no"},
    {"named_call_group", Show::text, ""},
    {"named_pickup_group", Show::text, ""},
    {"notify_early_inuse_ringing", Show::truth, "false"},
    {"one_touch_recording", Show::truth, "false"},
    {"outbound_auth", Show::text, ""},
    {"outbound_proxy", Show::text, ""},
    {"outgoing_call_offer_pref", Show::text, "remote_merge"},
    {"overlap_context", Show::text, ""},
    {"permit", Show::hidden, ""},
    {"pickup_group", Show::text, ""},
    {"preferred_codec_only", Show::truth, "false"},
    {"record_off_feature", Show::text, "automixmon"},
    {"record_on_feature", Show::text, "automixmon"},
    {"redirect_method", Show::text, "user"},
    {"refer_blind_progress", Show::truth, "true"},
    {"rewrite_contact", Show::truth, "false"},
    {"rpid_immediate", Show::truth, "false"},
    {"rtcp_mux", Show::truth, "false"},
    {"rtp_engine", Show::text, "asterisk", true},
    {"rtp_ipv6", Show::truth, "false"},
    {"rtp_keepalive", Show::number, "0"},
    {"rtp_port_end", Show::number, "0"},
    {"rtp_port_start", Show::number, "0"},
    {"rtp_symmetric", Show::truth, "false"},
    {"rtp_timeout", Show::number, "0"},
    {"rtp_timeout_hold", Show::number, "0"},
    {"sdp_owner", Show::text, "-"},
    {"sdp_session", Show::text, "Asterisk"},
    {"security_mechanisms", Show::hidden, ""},
    {"security_negotiation", Show::text, "no"},
    {"send_aoc", Show::truth, "false"},
    {"send_connected_line", Show::yes_no, "yes"},
    {"send_diversion", Show::truth, "true"},
    {"send_history_info", Show::truth, "false"},
    {"send_pai", Show::truth, "false"},
    {"send_rpid", Show::truth, "false"},
    {"set_var", Show::text, ""},
    {"srtp_tag_32", Show::truth, "false"},
    {"stir_shaken", Show::yes_no, "no"},
    {"stir_shaken_profile", Show::text, ""},
    {"sub_min_expiry", Show::number, "0"},
    {"subscribe_context", Show::text, ""},
    {"suppress_moh_on_sendonly", Show::truth, "false"},
    {"suppress_q850_reason_headers", Show::truth, "false"},
    {"t38_bind_udptl_to_media_address", Show::truth, "false"},
    {"t38_udptl", Show::truth, "false"},
    {"t38_udptl_ec", Show::text, "none"},
    {"t38_udptl_ipv6", Show::truth, "false"},
    {"t38_udptl_maxdatagram", Show::number, "0"},
    {"t38_udptl_nat", Show::truth, "false"},
    {"tenantid", Show::text, ""},
    {"timers", Show::text, "yes"},
    {"timers_min_se", Show::number, "90"},
    {"timers_sess_expires", Show::number, "1800"},
    {"tone_zone", Show::text, ""},
    {"tos_audio", Show::text, "0"},
    {"tos_video", Show::text, "0"},
    {"transport", Show::text, ""},
    {"trust_connected_line", Show::yes_no, "yes"},
    {"trust_id_inbound", Show::truth, "false"},
    {"trust_id_outbound", Show::truth, "false"},
    {"use_avpf", Show::truth, "false"},
    {"use_ptime", Show::truth, "false"},
    {"user_eq_phone", Show::truth, "false"},
    {"voicemail_extension", Show::text, ""},
    {"webrtc", Show::yes_no, "no"},
};
constexpr Known aor_rows[] = {
    {"authenticate_qualify", Show::truth, "false"},
    {"contact", Show::text, ""},
    {"default_expiration", Show::number, "3600"},
    {"mailboxes", Show::text, ""},
    {"max_contacts", Show::number, "0"},
    {"maximum_expiration", Show::number, "7200"},
    {"minimum_expiration", Show::number, "60"},
    {"outbound_proxy", Show::text, ""},
    {"qualify_2xx_only", Show::truth, "false"},
    {"qualify_frequency", Show::number, "0"},
    {"qualify_timeout", Show::decimal, "3.000000"},
    {"remove_existing", Show::truth, "false"},
    {"remove_unavailable", Show::truth, "false"},
    {"support_path", Show::truth, "false"},
    {"voicemail_extension", Show::text, ""},
};
constexpr Known auth_rows[] = {
    {"auth_type", Show::text, "userpass"},
    {"md5_cred", Show::text, ""},
    {"nonce_lifetime", Show::number, "32"},
    {"oauth_clientid", Show::text, ""},
    {"oauth_secret", Show::text, ""},
    {"password", Show::text, ""},
    {"password_digest", Show::text, ""},
    {"realm", Show::text, ""},
    {"refresh_token", Show::text, ""},
    {"supported_algorithms_uac", Show::text, "MD5"},
    {"supported_algorithms_uas", Show::text, "MD5"},
    {"username", Show::text, ""},
};
constexpr Known transport_rows[] = {
    {"allow_reload", Show::truth, "false"},
    {"allow_wildcard_certs", Show::capital, "No"},
    {"async_operations", Show::number, "1", true},
    {"bind", Show::text, ""},
    {"ca_list_file", Show::text, ""},
    {"ca_list_path", Show::text, ""},
    {"cert_file", Show::text, ""},
    {"cipher", Show::text, ""},
    {"cos", Show::number, "0"},
    {"domain", Show::text, ""},
    {"external_media_address", Show::text, ""},
    {"external_signaling_address", Show::text, ""},
    {"external_signaling_hostname", Show::text, ""},
    {"external_signaling_port", Show::number, "0"},
    {"local_net", Show::text, ""},
    {"method", Show::text, "unspecified"},
    {"password", Show::text, ""},
    {"priv_key_file", Show::text, ""},
    {"protocol", Show::text, "udp"},
    {"require_client_cert", Show::capital, "No"},
    {"symmetric_transport", Show::truth, "false"},
    {"tcp_keepalive_enable", Show::truth, "false"},
    {"tcp_keepalive_idle_time", Show::number, "30"},
    {"tcp_keepalive_interval_time", Show::number, "1"},
    {"tcp_keepalive_probe_count", Show::number, "5"},
    {"tos", Show::text, "0"},
    {"verify_client", Show::capital, "No"},
    {"verify_server", Show::capital, "No"},
    {"websocket_write_timeout", Show::number, "100"},
};
constexpr Known identify_rows[] = {
    {"endpoint", Show::text, ""},         {"match", Show::text, ""},
    {"match_header", Show::text, ""},     {"match_request_uri", Show::text, ""},
    {"srv_lookups", Show::truth, "true"},
};
constexpr Known registration_rows[] = {
    {"auth_rejection_permanent", Show::truth, "true"},
    {"client_uri", Show::text, ""},
    {"contact_header_params", Show::text, ""},
    {"contact_user", Show::text, ""},
    {"endpoint", Show::text, ""},
    {"expiration", Show::number, "3600"},
    {"fatal_retry_interval", Show::number, "0"},
    {"forbidden_retry_interval", Show::number, "0"},
    {"line", Show::truth, "false"},
    {"max_random_initial_delay", Show::number, "10"},
    {"max_retries", Show::number, "10"},
    {"outbound_auth", Show::text, ""},
    {"outbound_proxy", Show::text, ""},
    {"retry_interval", Show::number, "60"},
    {"security_mechanisms", Show::text, ""},
    {"security_negotiation", Show::text, "no"},
    {"server_uri", Show::text, ""},
    {"support_outbound", Show::truth, "false"},
    {"support_path", Show::truth, "false"},
    {"transport", Show::text, ""},
    {"user_agent", Show::text, ""},
};
constexpr Known global_rows[] = {
    {"all_codecs_on_empty_reinvite", Show::truth, "false"},
    {"allow_sending_180_after_183", Show::truth, "false"},
    {"contact_expiration_check_interval", Show::number, "30", true},
    {"debug", Show::yes_no, "no"},
    {"default_auth_algorithms_uac", Show::text, "MD5"},
    {"default_auth_algorithms_uas", Show::text, "MD5"},
    {"default_from_user", Show::text, "asterisk"},
    {"default_outbound_endpoint", Show::text, "default_outbound_endpoint"},
    {"default_realm", Show::text, "asterisk"},
    {"default_voicemail_extension", Show::text, ""},
    {"disable_multi_domain", Show::truth, "false"},
    {"endpoint_identifier_order", Show::text, "ip,username,anonymous"},
    {"ignore_uri_user_options", Show::truth, "false"},
    {"keep_alive_interval", Show::number, "90"},
    {"max_forwards", Show::number, "70"},
    {"max_initial_qualify_time", Show::number, "0"},
    {"mwi_disable_initial_unsolicited", Show::truth, "false"},
    {"mwi_tps_queue_high", Show::number, "500", true},
    {"mwi_tps_queue_low", Show::number, "-1", true},
    {"norefersub", Show::yes_no, "yes"},
    {"regcontext", Show::text, ""},
    {"send_contact_status_on_update_registration", Show::yes_no, "no"},
    {"taskprocessor_overload_trigger", Show::text, "global", true},
    {"unidentified_request_count", Show::number, "5"},
    {"unidentified_request_period", Show::number, "5"},
    {"unidentified_request_prune_interval", Show::number, "30"},
    {"use_callerid_contact", Show::yes_no, "no"},
    {"user_agent", Show::text, ""},
};
constexpr Known system_rows[] = {
    {"accept_multiple_sdp_answers", Show::truth, "false"},
    {"compact_headers", Show::truth, "false"},
    {"disable_rport", Show::truth, "false"},
    {"disable_tcp_switch", Show::truth, "true"},
    {"follow_early_media_fork", Show::truth, "true"},
    {"taskpool_auto_increment", Show::number, "1", true},
    {"taskpool_idle_timeout", Show::number, "60", true},
    {"taskpool_initial_size", Show::number, "4", true},
    {"taskpool_max_size", Show::number, "50", true},
    {"taskpool_minimum_size", Show::number, "4", true},
    {"threadpool_auto_increment", Show::number, "1", true},
    {"threadpool_idle_timeout", Show::number, "60", true},
    {"threadpool_initial_size", Show::number, "4", true},
    {"threadpool_max_size", Show::number, "50", true},
    {"timer_b", Show::number, "32000"},
    {"timer_t1", Show::number, "500"},
};
constexpr Known acl_rows[] = {
    {"acl", Show::text, ""},          {"contact_acl", Show::text, ""},
    {"contact_deny", Show::text, ""}, {"contact_permit", Show::text, ""},
    {"deny", Show::text, ""},         {"permit", Show::text, ""},
};
constexpr Known contact_rows[] = {
    {"authenticate_qualify", Show::truth, "false"},
    {"call_id", Show::text, ""},
    {"endpoint", Show::text, ""},
    {"expiration_time", Show::text, ""},
    {"outbound_proxy", Show::text, ""},
    {"path", Show::text, ""},
    {"prune_on_boot", Show::truth, "false"},
    {"qualify_2xx_only", Show::truth, "false"},
    {"qualify_frequency", Show::number, "0"},
    {"qualify_timeout", Show::decimal, "3.000000"},
    {"reg_server", Show::text, "", true},
    {"uri", Show::text, ""},
    {"user_agent", Show::text, ""},
    {"via_addr", Show::text, ""},
    {"via_port", Show::number, "0"},
};
constexpr Known domain_alias_rows[] = {
    {"domain", Show::text, ""},
};

constexpr std::string_view kind_names[] = {"endpoint", "aor",    "auth", "transport", "identify",    "registration",
                                           "global",   "system", "acl",  "contact",   "domain_alias"};

std::size_t index_of(Kind kind, std::string_view option) {
    const auto rows = known_options(kind);
    const auto at = std::lower_bound(rows.begin(), rows.end(), option,
                                     [](const Known& row, std::string_view n) { return row.name < n; });
    return at != rows.end() && at->name == option ? static_cast<std::size_t>(at - rows.begin()) : rows.size();
}

}  // namespace

std::span<const Known> known_options(Kind kind) {
    switch (kind) {
        case Kind::endpoint: return endpoint_rows;
        case Kind::aor: return aor_rows;
        case Kind::auth: return auth_rows;
        case Kind::transport: return transport_rows;
        case Kind::identify: return identify_rows;
        case Kind::registration: return registration_rows;
        case Kind::global: return global_rows;
        case Kind::system: return system_rows;
        case Kind::acl: return acl_rows;
        case Kind::contact: return contact_rows;
        case Kind::domain_alias: return domain_alias_rows;
    }
    return {};
}

std::string_view name(Kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

void Shown::set(Kind kind, std::string_view option, std::string_view value, bool add) {
    const auto rows = known_options(kind);
    const std::size_t index = index_of(kind, option);
    if (index == rows.size()) return;
    std::string text(config::trim(value));
    switch (rows[index].show) {
        case Show::truth:
            if (const auto on = config::parse_bool(text)) text = *on ? "true" : "false";
            break;
        case Show::yes_no:
            if (const auto on = config::parse_bool(text)) text = *on ? "yes" : "no";
            break;
        case Show::capital:
            if (const auto on = config::parse_bool(text)) text = *on ? "Yes" : "No";
            break;
        case Show::decimal:
            if (const auto number = config::parse_number(text)) text = fmt::format("{:f}", *number);
            break;
        case Show::text:
        case Show::number:
        case Show::hidden: break;
    }
    for (auto& [at, old] : set_) {
        if (at != index) continue;
        if (add && !old.empty())
            old += "," + text;
        else
            old = std::move(text);
        return;
    }
    set_.emplace_back(static_cast<std::uint16_t>(index), std::move(text));
}

std::string_view Shown::get(Kind kind, std::string_view option) const {
    const auto rows = known_options(kind);
    const std::size_t index = index_of(kind, option);
    if (index == rows.size()) return {};
    for (const auto& [at, text] : set_) {
        if (at == index) return text;
    }
    return rows[index].by_default;
}

Fields Shown::all(Kind kind) const {
    Fields out;
    for (const Known& row : known_options(kind)) {
        if (row.show != Show::hidden) out.emplace_back(row.name, get(kind, row.name));
    }
    return out;
}

std::string ami_name(std::string_view option) {
    std::string out;
    bool upper = true;
    for (const char c : option) {
        if (c == '_') {
            upper = true;
            continue;
        }
        out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        upper = false;
    }
    return out;
}

}  // namespace asterism::pjsip
