#include "object_tables.hpp"

namespace asterism::pjsip {
namespace {

using config::Set;
using E = EndpointConfig;

Set set_identify_by(E& e, std::string_view value) {
    static constexpr std::pair<std::string_view, IdentifyBy> ways[] = {{"username", IdentifyBy::username},
                                                                       {"auth_username", IdentifyBy::auth_username},
                                                                       {"ip", IdentifyBy::ip},
                                                                       {"header", IdentifyBy::header},
                                                                       {"request_uri", IdentifyBy::request_uri}};
    e.identify_by = 0;
    for (const auto& part : config::parse_list(value)) {
        bool known = part == "transport";
        for (const auto& [text, way] : ways) {
            if (!config::equal_nocase(part, text)) continue;
            e.identify_by = static_cast<std::uint8_t>(e.identify_by | static_cast<std::uint8_t>(way));
            known = true;
        }
        if (!known) return std::unexpected("'" + part + "' is no way to identify an endpoint");
    }
    return {};
}

Set set_privacy(E& e, std::string_view value) {
    const auto parsed = Presentation::parse(value);
    if (!parsed) return std::unexpected("'" + std::string(value) + "' is no presentation");
    e.privacy = *parsed;
    return {};
}

Set set_variable(E& e, std::string_view value) {
    const auto equals = value.find('=');
    if (equals == std::string_view::npos || equals == 0)
        return std::unexpected("'" + std::string(value) + "' is not NAME=value");
    e.variables.emplace_back(std::string(config::trim(value.substr(0, equals))),
                             std::string(config::trim(value.substr(equals + 1))));
    return {};
}

/// A DSCP name (ef, cs3, af41...), or a number (0x or decimal) of the TOS byte.
Set set_tos(std::string_view value, int& into) {
    static constexpr std::pair<std::string_view, int> names[] = {
        {"cs0", 0x00},  {"cs1", 0x20},  {"cs2", 0x40},  {"cs3", 0x60},  {"cs4", 0x80},  {"cs5", 0xA0},  {"cs6", 0xC0},
        {"cs7", 0xE0},  {"af11", 0x28}, {"af12", 0x30}, {"af13", 0x38}, {"af21", 0x48}, {"af22", 0x50}, {"af23", 0x58},
        {"af31", 0x68}, {"af32", 0x70}, {"af33", 0x78}, {"af41", 0x88}, {"af42", 0x90}, {"af43", 0x98}, {"ef", 0xB8}};
    for (const auto& [text, number] : names) {
        if (config::equal_nocase(value, text)) {
            into = number;
            return {};
        }
    }
    int number = 0;
    bool ok = !value.empty();
    if (value.starts_with("0x") || value.starts_with("0X")) {
        for (const char c : value.substr(2)) {
            const int digit = c >= '0' && c <= '9'   ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0 || number > 255) ok = false;
            number = number * 16 + digit;
        }
    } else if (const auto parsed = config::parse_int(value)) {
        number = static_cast<int>(std::min<std::int64_t>(*parsed, 1000));
    } else {
        ok = false;
    }
    if (!ok || number < 0 || number > 255) return std::unexpected("'" + std::string(value) + "' is no TOS value");
    into = number;
    return {};
}

Set set_dtmf(E& e, std::string_view value) {
    static constexpr std::pair<std::string_view, media::DtmfMode> modes[] = {
        {"rfc4733", media::DtmfMode::rfc4733},     {"inband", media::DtmfMode::inband},
        {"info", media::DtmfMode::info},           {"auto", media::DtmfMode::automatic},
        {"auto_info", media::DtmfMode::auto_info}, {"none", media::DtmfMode::none}};
    for (const auto& [text, mode] : modes) {
        if (!config::equal_nocase(value, text)) continue;
        e.dtmf = mode;
        return {};
    }
    return std::unexpected("'" + std::string(value) + "' is none of rfc4733, inband, info, auto, auto_info, none");
}

/// yes and no besides the names.
template <class M>
auto choice(std::string name, std::string by_default, std::vector<std::string> names, int yes, std::string meaning,
            M E::* member) {
    return config::custom(
        std::move(name), "enum", std::move(by_default), std::move(meaning),
        [names, yes, member](E& e, std::string_view value) -> Set {
            for (std::size_t i = 0; i < names.size(); ++i) {
                if (!config::equal_nocase(value, names[i])) continue;
                e.*member = static_cast<M>(i);
                return {};
            }
            if (const auto on = config::parse_bool(value); on && yes >= 0) {
                e.*member = static_cast<M>(*on ? yes : 0);
                return {};
            }
            return std::unexpected("'" + std::string(value) + "' is none of " + config::detail::join(names, ", "));
        });
}

config::Options<E> make() {
    using namespace config;
    std::vector<Option<E>> rows{
        string("context", "default", "dialplan context of its calls", &E::context),
        string("message_context", "", "context of its MESSAGEs", &E::message_context),
        string("overlap_context", "", "context in which more digits may match", &E::overlap_context),
        list("aors", "", "where it can be reached", &E::aors),
        list("auth", "", "who it must prove to be", &E::auths),
        list("outbound_auth", "", "who we are when it asks", &E::outbound_auths),
        string("transport", "", "over which its calls go out", &E::transport),
        string("outbound_proxy", "", "Route of what is sent to it", &E::outbound_proxy),
        custom("identify_by", "list", "username,ip", "how its requests are recognized", set_identify_by),
        permit("permit", &E::acl),
        deny("deny", &E::acl),
        acl("acl", &E::acl),
        permit("contact_permit", &E::contact_acl),
        deny("contact_deny", &E::contact_acl),
        acl("contact_acl", &E::contact_acl),
        custom("callerid", "string", "", "name and number of its calls",
               [](E& e, std::string_view v) -> Set {
                   e.caller_id = parse_caller_id(v);
                   return {};
               }),
        custom("callerid_privacy", "enum", "allowed_not_screened", "whether they may be shown", set_privacy),
        custom("callerid_tag", "string", "", "tag of its identity",
               [](E& e, std::string_view v) -> Set {
                   e.caller_id.tag = std::string(v);
                   return {};
               }),
        string("from_user", "", "user of From in what is sent to it", &E::from_user),
        string("from_domain", "", "host of From in what is sent to it", &E::from_domain),
        string("contact_user", "", "user of our Contact", &E::contact_user),
        string("accountcode", "", "account of its calls", &E::accountcode),
        string("language", "", "language of its calls", &E::language),
        string("tenantid", "", "tenant of its calls", &E::tenantid),
        list("mailboxes", "", "mailboxes it is told about unasked", &E::mailboxes),
        string("mwi_from_user", "", "user of From in NOTIFYs", &E::mwi_from_user),
        boolean("trust_id_inbound", "no", "believe P-Asserted-Identity and Remote-Party-ID", &E::trust_id_inbound),
        boolean("trust_id_outbound", "no", "tell it restricted identities", &E::trust_id_outbound),
        boolean("send_pai", "no", "send P-Asserted-Identity", &E::send_pai),
        boolean("send_rpid", "no", "send Remote-Party-ID", &E::send_rpid),
        boolean("send_connected_line", "yes", "tell it whom it is connected with", &E::send_connected_line),
        boolean("trust_connected_line", "yes", "believe whom it says we are connected with", &E::trust_connected_line),
        choice("connected_line_method", "invite", {"invite", "reinvite", "update"}, -1, "how it is told",
               &E::connected_line_method),
        boolean("rpid_immediate", "no", "tell it while it rings, too", &E::rpid_immediate),
        boolean("send_diversion", "yes", "send Diversion", &E::send_diversion),
        boolean("one_touch_recording", "no", "let it record its calls by INFO with Record: on",
                &E::one_touch_recording),
        string("record_on_feature", "automixmon", "feature that Record: on means", &E::record_on_feature),
        string("record_off_feature", "automixmon", "feature that Record: off means", &E::record_off_feature),
        boolean("send_history_info", "no", "send History-Info", &E::send_history_info),
        boolean("user_eq_phone", "no", "add user=phone to numbers", &E::user_eq_phone),
        custom("allow", "list", "", "codecs, in order of preference",
               [](E& e, std::string_view v) { return change_codecs(e.codecs, v, true); }),
        custom("disallow", "list", "", "codecs to take away",
               [](E& e, std::string_view v) { return change_codecs(e.codecs, v, false); }),
        custom("dtmf_mode", "enum", "rfc4733", "how digits are sent", set_dtmf),
        custom("media_address", "string", "", "address in its SDP",
               [](E& e, std::string_view v) -> Set {
                   e.media_address = without_brackets(v);
                   return {};
               }),
        boolean("bind_rtp_to_media_address", "no", "bind RTP to media_address", &E::bind_rtp_to_media_address),
        string("moh_suggest", "default", "music class for whom it puts on hold", &E::moh_suggest),
        string("tone_zone", "", "country of its tones", &E::tone_zone),
        string("sdp_owner", "-", "user of the o= line", &E::sdp_owner),
        string("sdp_session", "Asterisk", "the s= line", &E::sdp_session),
        boolean("rtp_symmetric", "no", "send RTP where it comes from", &E::rtp_symmetric),
        boolean("rtp_ipv6", "no", "IPv6 for RTP", &E::rtp_ipv6),
        boolean("use_ptime", "no", "packets as long as it asks for", &E::use_ptime),
        boolean("rtcp_mux", "no", "RTCP on the RTP port", &E::rtcp_mux),
        boolean("preferred_codec_only", "no", "answer with one codec", &E::preferred_codec_only),
        boolean("moh_passthrough", "no", "pass hold on instead of playing music", &E::moh_passthrough),
        boolean("inband_progress", "no", "ring by tone", &E::inband_progress),
        choice("incoming_call_offer_pref", "local", {"local", "local_first", "remote", "remote_first"}, -1,
               "whose order of codecs counts", &E::incoming_offer_pref),
        choice("outgoing_call_offer_pref", "remote_merge",
               {"local", "local_merge", "local_first", "remote", "remote_merge", "remote_first"}, -1,
               "whose order of codecs counts", &E::outgoing_offer_pref),
        custom("tos_audio", "int", "0", "TOS byte of RTP",
               [](E& e, std::string_view v) { return set_tos(v, e.tos_audio); }),
        integer("cos_audio", "0", 0, 7, "priority of RTP", &E::cos_audio),
        boolean("asymmetric_rtp_codec", "no", "name all codecs agreed on in CHANNEL(audionativeformat)",
                &E::asymmetric_rtp_codec),
        integer("rtp_timeout", "0", 0, 1000000, "seconds without RTP that end a call", &E::rtp_timeout),
        integer("rtp_timeout_hold", "0", 0, 1000000, "the same on hold", &E::rtp_timeout_hold),
        integer("rtp_keepalive", "0", 0, 1000000, "seconds of silence before a comfort noise packet",
                &E::rtp_keepalive),
        boolean("ignore_183_without_sdp", "no", "drop a 183 without SDP", &E::ignore_183_without_sdp),
        boolean("force_rport", "yes", "answer where the request came from", &E::force_rport),
        boolean("rewrite_contact", "no", "reach it where its requests come from", &E::rewrite_contact),
        boolean("allow_transfer", "yes", "it may send REFER", &E::allow_transfer),
        boolean("allow_overlap", "yes", "484 while more digits may match", &E::allow_overlap),
        boolean("suppress_q850_reason_headers", "no", "no Reason headers", &E::suppress_q850),
        boolean("allow_unauthenticated_options", "no", "answer OPTIONS without a password",
                &E::allow_unauthenticated_options),
        boolean("notify_early_inuse_ringing", "no", "state early when in use and ringing",
                &E::notify_early_inuse_ringing),
        boolean("allow_subscribe", "yes", "it may subscribe", &E::allow_subscribe),
        string("subscribe_context", "", "context of the hints it subscribes to; empty: context", &E::subscribe_context),
        integer("sub_min_expiry", "0", 0, 1000000, "seconds; shorter subscriptions are refused", &E::sub_min_expiry),
        boolean("aggregate_mwi", "yes", "one NOTIFY for all its mailboxes", &E::aggregate_mwi),
        boolean("mwi_subscribe_replaces_unsolicited", "no", "its SUBSCRIBE stops what it is told unasked",
                &E::mwi_subscribe_replaces_unsolicited),
        string("voicemail_extension", "", "Message-Account of what it is told unasked", &E::voicemail_extension),
        choice("redirect_method", "user", {"user", "uri_core", "uri_pjsip"}, -1, "what a 302 means",
               &E::redirect_method),
        custom("security_negotiation", "choice", "no", "mediasec: its calls say what its registration agreed on",
               [](E& e, std::string_view v) { return read_mediasec(e.mediasec, v); }),
        custom("follow_redirect_methods", "list", "", "message: a MESSAGE goes where a 3xx sends it",
               [](E& e, std::string_view v) -> Set {
                   e.message_follows_redirects = false;
                   for (const auto& method : config::parse_list(v))
                       if (config::equal_nocase(method, "message")) e.message_follows_redirects = true;
                   return {};
               }),
        choice("100rel", "yes", {"no", "required", "peer_supported", "yes"}, 3, "reliable provisional responses",
               &E::rel100),
        choice("timers", "yes", {"no", "yes", "required", "always", "forced"}, 1, "session timers", &E::timers),
        integer("timers_min_se", "90", 90, 86400, "seconds", &E::timers_min_se),
        integer("timers_sess_expires", "1800", 90, 86400, "seconds", &E::timers_sess_expires),
        boolean("follow_early_media_fork", "yes", "take early media of a second fork", &E::follow_early_media_fork),
        integer("device_state_busy_at", "0", 0, 1000000, "channels that make it busy", &E::device_state_busy_at),
        string("call_group", "", "groups whose calls may be picked up", &E::call_group),
        string("pickup_group", "", "groups it may pick up", &E::pickup_group),
        string("named_call_group", "", "the same by name", &E::named_call_group),
        string("named_pickup_group", "", "the same by name", &E::named_pickup_group),
        custom("set_var", "string", "", "variable of its calls", set_variable),
    };
    return {"pjsip.conf", "endpoint", with_unused(Kind::endpoint, std::move(rows))};
}

}  // namespace

const config::Options<EndpointConfig>& endpoint_options() {
    static const config::Options<EndpointConfig> table = make();
    return table;
}

config::Set read_mediasec(bool& mediasec, std::string_view value) {
    mediasec = config::equal_nocase(value, "mediasec");
    if (!mediasec && config::parse_bool(value).value_or(true))
        return std::unexpected("'" + std::string(value) + "' is neither no nor mediasec");
    return {};
}

std::string_view without_brackets(std::string_view address) {
    address = config::trim(address);
    return address.starts_with('[') && address.ends_with(']') ? address.substr(1, address.size() - 2) : address;
}

config::Set change_codecs(std::vector<sip::Codec>& codecs, std::string_view value, bool allow) {
    const auto remove = [&codecs](std::string_view name) {
        std::erase_if(codecs, [name](const sip::Codec& c) { return c.name == name; });
    };
    for (const auto& part : config::parse_list(value)) {
        std::string_view name = part;
        bool add = allow;
        if (name.starts_with('!')) {
            name.remove_prefix(1);
            add = !add;
        }
        std::uint32_t ptime = 0;
        if (const auto colon = name.find(':'); colon != std::string_view::npos) {
            const auto parsed = config::parse_int(name.substr(colon + 1));
            if (!parsed || *parsed < 1 || *parsed > 300)
                return std::unexpected("'" + part + "' has no packet time from 1 to 300");
            ptime = static_cast<std::uint32_t>(*parsed);
            name = name.substr(0, colon);
        }
        if (config::equal_nocase(name, "all")) {
            codecs.clear();
            if (add) codecs = sip::all_codecs();
            continue;
        }
        const auto known = media::codec_by_name(name);
        if (!known) return std::unexpected("'" + std::string(name) + "' is no codec");
        const std::string_view proper = media::codec_info(*known).name;
        if (!add) {
            remove(proper);
            continue;
        }
        const sip::Codec* codec = sip::codec_named(proper);
        if (!codec) continue;  // known by name only: video, or nothing that SDP could carry here
        if (std::any_of(codecs.begin(), codecs.end(), [&](const sip::Codec& c) { return c.name == codec->name; }))
            continue;
        codecs.push_back(*codec);
        if (ptime != 0) codecs.back().ptime = ptime;
    }
    return {};
}

std::string codec_text(const std::vector<sip::Codec>& codecs) {
    if (codecs.empty()) return "(nothing)";
    std::string out = "(";
    for (const auto& codec : codecs) {
        if (out.size() > 1) out += '|';
        out += codec.name;
    }
    return out + ")";
}

}  // namespace asterism::pjsip
