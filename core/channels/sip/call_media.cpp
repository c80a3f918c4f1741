// The call's media: its RTP leg, and what offer and answer mean for it.
#include <algorithm>

#include "asterism/runtime/log.hpp"
#include "asterism/sip/body.hpp"
#include "call.hpp"
#include "identity.hpp"
#include "qos.hpp"
#include "technology.hpp"

namespace asterism::pjsip {
namespace {

bool any_address(const sip::SocketAddress& a) {
    for (const auto byte : a.ip)
        if (byte != 0) return false;
    return true;
}

media::Direction to_media(sip::Direction d) {
    switch (d) {
        case sip::Direction::sendrecv: return media::Direction::sendrecv;
        case sip::Direction::sendonly: return media::Direction::sendonly;
        case sip::Direction::recvonly: return media::Direction::recvonly;
        case sip::Direction::inactive: break;
    }
    return media::Direction::inactive;
}

}  // namespace

media::LegId Call::leg() const {
    // Opened when somebody first needs it: a call that is refused costs no port.
    if (!leg_ && !ended_ && !hanging_up_ && channel_ && (incoming_ ? session_ != nullptr : static_cast<bool>(flow_)))
        open_leg();
    return leg_;
}

bool Call::open_leg() const {
    if (leg_ || leg_failed_) return static_cast<bool>(leg_);
    const sip::Flow& flow = session_ && session_->dialog().flow() ? session_->dialog().flow() : flow_;
    media::RtpOptions options;
    options.tos = endpoint_->tos_audio;
    options.cos = endpoint_->cos_audio;
    if (endpoint_->bind_rtp_to_media_address && !endpoint_->media_address.empty())
        options.bind_ip = endpoint_->media_address;
    else if (flow && !any_address(flow.transport->local()))
        options.bind_ip = flow.transport->local().ip_text();
    else
        options.bind_ip = (flow && flow.remote.v6) || endpoint_->rtp_ipv6 ? "::" : "0.0.0.0";
    auto* self = const_cast<Call*>(this);
    auto opened = technology_.pbx().media->open_rtp(
        options, [self](media::LegId, const media::LegEvent& event) { self->on_media(event); });
    if (!opened) {
        leg_failed_ = true;
        log::error("No RTP for '{}': {}", channel_ ? channel_->name() : endpoint_->name, opened.error());
        return false;
    }
    leg_ = opened->leg;
    rtp_port_ = opened->rtp.port;
    return true;
}

void Call::on_media(const media::LegEvent& event) {
    if (!channel_) return;
    const log::CallScope scope(channel_->call());
    channel_->media_event(event);
}

/// The address in c=: what the endpoint or its transport says, else where our packets come from.
std::string Call::media_host() const {
    if (!endpoint_->media_address.empty()) return endpoint_->media_address;
    const sip::Flow& flow = session_ && session_->dialog().flow() ? session_->dialog().flow() : flow_;
    if (!flow) return "127.0.0.1";
    const auto config = technology_.ways().config_of(*flow.transport);
    if (config && config->outside(to_ip(flow.remote))) {
        if (!config->external_media_address.empty()) return config->external_media_address;
        if (!config->external_signaling_address.empty()) {
            if (!any_address(flow.transport->local())) return flow.transport->local().ip_text();
            if (const auto source = source_towards(flow.remote)) return source->ip_text();
        }
    }
    std::string host = our_host();
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    return host;
}

sip::LocalMedia Call::local_media() const {
    sip::LocalMedia media;
    std::string host = media_host();
    media.address = {.v6 = host.find(':') != std::string::npos, .address = std::move(host)};
    media.port = rtp_port_;
    media.codecs = codecs_.empty() ? endpoint_->codecs : codecs_;
    media.telephone_event =
        dtmf_ == media::DtmfMode::rfc4733 || dtmf_ == media::DtmfMode::automatic || dtmf_ == media::DtmfMode::auto_info;
    media.direction = we_hold_ ? sip::Direction::sendonly : sip::Direction::sendrecv;
    media.rtcp_mux = endpoint_->rtcp_mux;
    media.use_ptime = endpoint_->use_ptime;
    media.session_name = endpoint_->sdp_session;
    media.origin_user = endpoint_->sdp_owner;
    media.offer_order = endpoint_->incoming_offer_pref >= 2;
    media.first_only =
        endpoint_->preferred_codec_only || endpoint_->incoming_offer_pref == 1 || endpoint_->incoming_offer_pref == 3;
    return media;
}

int Call::refusal() {
    if (sip::demands_unknown_body(*session_->last_message())) return 415;
    const auto offered = session_->offered();
    if (offered.empty()) return endpoint_->codecs.empty() ? 488 : 0;
    auto remote = sip::SessionDescription::parse(offered);
    if (!remote) return 400;
    offered_ = std::make_unique<sip::SessionDescription>(std::move(*remote));
    const sip::SdpMedia* audio = offered_->find("audio");
    if (!audio || audio->port == 0) return 488;
    for (const auto& codec : endpoint_->codecs) {
        for (const auto& format : audio->formats) {
            if (!format.is(codec.encoding, codec.clock_rate)) continue;
            first_codec_ = codec.name;
            return 0;
        }
    }
    return 488;
}

const std::string& Call::local_description() {
    if (!local_sdp_.empty() || !open_leg()) return local_sdp_;
    const auto offered = session_->offered();
    if (offered.empty()) {
        local_sdp_ = new_offer();
    } else if (offered_) {
        make_answer(*std::exchange(offered_, nullptr));
    } else {
        make_answer(offered);
    }
    return local_sdp_;
}

bool Call::in_use(const sip::Codec& codec) const {
    return agreed_ && std::ranges::any_of(agreed_->formats,
                                          [&codec](const auto& format) { return format.codec.name == codec.name; });
}

std::string Call::new_offer(Offered codecs) {
    auto media = local_media();
    // A peer that holds us still does after this offer.
    if (peer_holds_) media.direction = we_hold_ ? sip::Direction::inactive : sip::Direction::recvonly;
    if (!codecs_chosen_ && agreed_ && codecs != Offered::configured) {
        std::vector<sip::Codec> used, others;
        for (auto& codec : media.codecs) {
            auto& group = in_use(codec) ? used : others;
            group.push_back(std::move(codec));
        }
        media.codecs = std::move(used);
        if (codecs == Offered::in_use_first) std::ranges::move(others, std::back_inserter(media.codecs));
    }
    return offer_answer_.offer(media, technology_.pbx().random->below(0x7FFFFFFF) + 1).text();
}

bool Call::make_answer(std::string_view text) {
    const auto remote = sip::SessionDescription::parse(text);
    if (!remote) {
        log::warning("'{}' sent an SDP that cannot be read: {}", channel_ ? channel_->name() : endpoint_->name,
                     remote.error().what);
        return false;
    }
    return make_answer(*remote);
}

bool Call::make_answer(const sip::SessionDescription& remote) {
    sip::Negotiated result;
    const auto answer = offer_answer_.answer(remote, local_media(), result);
    if (!answer) return false;
    local_sdp_ = answer->text();
    apply(result);
    return true;
}

void Call::apply(const sip::Negotiated& result) {
    agreed_ = result;
    configure();
    if (channel_ && channel_->up()) take_hold(result.direction);
}

void Call::take_hold(sip::Direction) {
    const bool held = agreed_ && agreed_->held();
    if (held == peer_holds_) return;
    peer_holds_ = held;
    channel_->party_held(held, held ? std::string_view(endpoint_->moh_suggest) : std::string_view());
}

void Call::configure() {
    if (!leg_ || !agreed_) return;
    const auto& rtp = technology_.config().rtp;
    const sip::Negotiated& n = *agreed_;
    media::RtpConfig config;
    if (n.remote_port != 0 && !n.remote.null()) {
        config.remote = {n.remote.address, n.remote_port};
        if (n.remote_rtcp_port != 0) config.remote_rtcp = {n.remote.address, n.remote_rtcp_port};
    }
    for (const auto& format : n.formats) {
        const auto codec = media::codec_by_name(format.codec.name);
        if (!codec) continue;
        config.receive.push_back({format.receive_payload, *codec});
        if (format.send_payload != format.receive_payload) config.receive.push_back({format.send_payload, *codec});
        if (config.send.codec == media::CodecId::none) config.send = {format.send_payload, *codec};
    }
    config.ptime_ms = n.ptime;
    for (const auto& event : n.events) {
        if (!config.send_event) config.send_event = {event.send_payload, event.clock_rate};
        config.receive_event.push_back({event.send_payload, event.clock_rate});
        config.receive_event.push_back({event.receive_payload, event.clock_rate});
    }
    config.dtmf = dtmf_;
    config.direction = to_media(n.direction);
    config.symmetric = endpoint_->rtp_symmetric;
    config.strict = rtp.strict;
    config.probation = rtp.probation;
    config.rtcp_mux = n.rtcp_mux;
    const bool on_hold = n.direction != sip::Direction::sendrecv;  // of either side
    config.timeout = std::chrono::seconds(on_hold ? endpoint_->rtp_timeout_hold : endpoint_->rtp_timeout);
    config.keepalive = std::chrono::seconds(endpoint_->rtp_keepalive);
    config.rtcp_interval = std::chrono::milliseconds(rtp.rtcp_interval);
    technology_.pbx().media->configure_rtp(leg_, config);
}

void Call::set_dtmf_mode(media::DtmfMode mode) {
    dtmf_ = mode;
    configure();
}

void Call::on_remote_answer(sip::InviteSession&, std::string_view sdp, const sip::MessagePtr&) {
    if (!channel_) return;
    const log::CallScope scope(channel_->call());
    const auto remote = sip::SessionDescription::parse(sdp);
    std::optional<sip::Negotiated> result;
    if (remote && open_leg()) result = offer_answer_.accept(*remote, local_media());
    if (!result) {
        log::warning("'{}' answered with no codec that was offered", channel_->name());
        if (agreed_) return;  // the session is as before
        channel_->request_hangup(Cause::bearercapability_notavail, channel_->name());
        return;
    }
    apply(*result);
}

void Call::on_remote_offer(sip::InviteSession& session, std::string_view sdp, const sip::MessagePtr& message) {
    if (!channel_ || !open_leg()) {
        session.reject_offer(488);
        return;
    }
    const log::CallScope scope(channel_->call());
    if (message) learn_party(*message);
    if (sdp.empty()) {
        // Asking for an offer ends a hold, even if the answer never comes: old phones resume so.
        const bool held = std::exchange(peer_holds_, false);
        // RFC 3261 14.2 wants all that we can do; Asterisk offers that only if told to.
        const bool all = technology_.config().global->all_codecs_on_empty_reinvite;
        local_sdp_ = new_offer(all ? Offered::configured : Offered::in_use);
        session.accept_offer(local_sdp_);
        if (held) channel_->party_held(false);
        return;
    }
    // Refused, an offer leaves everything as it was (RFC 3261 14.2).
    if (make_answer(sdp))
        session.accept_offer(local_sdp_);
    else
        session.reject_offer(488);
}

void Call::on_offer_refused(sip::InviteSession&, int code, const sip::MessagePtr&) {
    if (channel_) log::debug(1, "'{}' refused our offer with {}", channel_->name(), code);
}

std::string Call::native_formats() const {
    if (!endpoint_->asymmetric_rtp_codec || !agreed_) return native_format();
    std::string all;
    for (const auto& codec : codecs_.empty() ? endpoint_->codecs : codecs_)
        if (in_use(codec)) all += (all.empty() ? "" : "|") + codec.name;
    return all;
}

std::string Call::native_format() const {
    if (agreed_ && !agreed_->formats.empty()) return agreed_->formats.front().codec.name;
    if (!first_codec_.empty()) return first_codec_;
    const auto& codecs = codecs_.empty() ? endpoint_->codecs : codecs_;
    return codecs.empty() ? "slin" : codecs.front().name;
}

std::string Call::codec_in_use() const {
    return agreed_ && !agreed_->formats.empty() ? agreed_->formats.front().codec.name : std::string();
}

}  // namespace asterism::pjsip
