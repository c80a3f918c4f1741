#include "asterism/sip/offer_answer.hpp"

#include <algorithm>

#include "asterism/sip/text.hpp"

namespace asterism::sip {

namespace {

constexpr std::string_view event_encoding = "telephone-event";
constexpr std::uint8_t event_payload = 101;

bool plain_rtp(const SdpMedia& m) { return m.protocol == "RTP/AVP" || m.protocol == "RTP/AVPF"; }

/// Encodings with modes that do not understand each other.
bool matches(const Codec& codec, const SdpFormat& format) {
    if (!format.is(codec.encoding, codec.clock_rate)) return false;
    if (codec.encoding == "L16") return format.channels == codec.channels;
    if (codec.encoding == "G7221" && !format.fmtp.empty()) return format.fmtp.find(codec.fmtp) != std::string::npos;
    return true;
}

/// What all codecs of a line allow, in whole packets (150 ms of 20 ms packets are 140 ms).
void set_packet_times(SdpMedia& m, const std::vector<Codec>& codecs) {
    m.ptime = codecs.empty() ? 20 : codecs.front().ptime;
    m.maxptime = 0;
    for (const Codec& c : codecs) {
        const std::uint32_t whole = c.maxptime - c.maxptime % std::max(c.ptime, 1U);
        m.maxptime = m.maxptime == 0 ? whole : std::min(m.maxptime, whole);
    }
}

SdpFormat format_for(const Codec& codec, std::uint8_t payload) {
    return {payload, codec.encoding, codec.clock_rate, codec.channels, codec.fmtp};
}

SdpFormat event_format(std::uint8_t payload, std::uint32_t rate) {
    return {payload, std::string(event_encoding), rate, 1, "0-16"};
}

const SdpMedia* usable_audio(const SessionDescription& description) {
    for (const SdpMedia& m : description.media)
        if (m.kind == "audio" && m.port != 0 && plain_rtp(m)) return &m;
    return nullptr;
}

void take_remote(const SessionDescription& remote, const SdpMedia& m, const LocalMedia& local, Negotiated& out) {
    if (const SdpConnection* const where = remote.connection_of(m)) out.remote = *where;
    out.remote_port = m.port;
    out.rtcp_mux = m.rtcp_mux && local.rtcp_mux;
    out.remote_rtcp_port = out.rtcp_mux ? m.port : m.rtcp_port.value_or(static_cast<std::uint16_t>(m.port + 1));
    out.direction = intersect(reverse(remote.direction_of(m)), local.direction);
}

std::string without_origin(const std::string& text) {
    const std::size_t begin = text.find("o=");
    const std::size_t end = begin == std::string::npos ? begin : text.find('\n', begin);
    return end == std::string::npos ? text : text.substr(0, begin) + text.substr(end + 1);
}

}  // namespace

void OfferAnswer::set_origin(SessionDescription& description, const LocalMedia& media) {
    description.user = media.origin_user;
    description.origin = media.address;
    description.name = media.session_name;
    description.connection = media.address;
    description.session_id = id_;
    description.session_version = version_;
    std::string now = without_origin(description.text());
    if (!last_local_.empty() && now != last_local_) description.session_version = ++version_;
    last_local_ = std::move(now);
}

SessionDescription OfferAnswer::offer(const LocalMedia& media, std::uint64_t id) {
    if (!started_) {
        started_ = true;
        id_ = id;
        version_ = id;
    }
    SessionDescription out;
    SdpMedia m;
    m.port = media.port;
    for (const Codec& c : media.codecs) m.formats.push_back(format_for(c, c.payload));
    if (media.telephone_event) m.formats.push_back(event_format(event_payload, 8000));
    set_packet_times(m, media.codecs);
    m.direction = media.direction;
    m.rtcp_mux = media.rtcp_mux;
    m.bandwidth_as = media.bandwidth_as;
    out.media.push_back(std::move(m));
    set_origin(out, media);
    return out;
}

std::optional<SessionDescription> OfferAnswer::answer(const SessionDescription& remote, const LocalMedia& media,
                                                      Negotiated& result) {
    const SdpMedia* const audio = usable_audio(remote);
    if (audio == nullptr) return std::nullopt;
    result = {};
    take_remote(remote, *audio, media, result);

    const auto add = [&](const Codec& codec, const SdpFormat& format) {
        for (const Negotiated::Format& f : result.formats)
            if (f.codec.name == codec.name) return;
        if (media.first_only && !result.formats.empty()) return;
        // The answer keeps the offer's numbers, for both directions.
        result.formats.push_back({codec, format.payload, format.payload});
    };
    if (media.offer_order) {
        for (const SdpFormat& f : audio->formats)
            for (const Codec& c : media.codecs)
                if (matches(c, f)) add(c, f);
    } else {
        for (const Codec& c : media.codecs)
            for (const SdpFormat& f : audio->formats)
                if (matches(c, f)) add(c, f);
    }
    if (result.formats.empty()) return std::nullopt;
    result.ptime = result.formats.front().codec.ptime;

    if (!started_) {
        started_ = true;
        id_ = remote.session_id;
        version_ = remote.session_version + 2;
    }
    SessionDescription out;
    for (const SdpMedia& theirs : remote.media) {
        SdpMedia m;
        m.kind = theirs.kind;
        m.protocol = theirs.protocol;
        if (&theirs != audio) {  // RFC 3264 6: every stream is answered, those not wanted with port 0
            m.formats = theirs.formats;
            m.other_formats = theirs.other_formats;
            out.media.push_back(std::move(m));
            continue;
        }
        m.port = media.port;
        std::vector<Codec> codecs;
        for (const Negotiated::Format& f : result.formats) {
            m.formats.push_back(format_for(f.codec, f.receive_payload));
            codecs.push_back(f.codec);
        }
        if (media.telephone_event) {
            // The rate of the codec that will be used (RFC 4733 2.1), else 8 kHz.
            const SdpFormat* event = theirs.find(event_encoding, result.formats.front().codec.clock_rate);
            if (event == nullptr) event = theirs.find(event_encoding, 8000);
            if (event != nullptr) {
                m.formats.push_back(event_format(event->payload, event->clock_rate));
                result.send_dtmf = result.receive_dtmf = event->payload;
            }
        }
        set_packet_times(m, codecs);
        m.direction = result.direction;
        m.rtcp_mux = result.rtcp_mux;
        m.bandwidth_as = media.bandwidth_as;
        if (const auto mid = theirs.attribute("mid")) m.attributes.push_back({"mid", std::string(*mid)});
        out.media.push_back(std::move(m));
    }
    set_origin(out, media);
    return out;
}

std::optional<Negotiated> OfferAnswer::accept(const SessionDescription& remote, const LocalMedia& media) {
    const SdpMedia* const audio = usable_audio(remote);
    if (audio == nullptr) return std::nullopt;
    Negotiated out;
    take_remote(remote, *audio, media, out);
    for (const SdpFormat& f : audio->formats) {
        for (const Codec& c : media.codecs) {
            if (!matches(c, f)) continue;
            const bool known = std::any_of(out.formats.begin(), out.formats.end(),
                                           [&](const Negotiated::Format& n) { return n.codec.name == c.name; });
            // We said our number; the peer may answer with another one for what it wants to get (RFC 3264 5.1).
            if (!known) out.formats.push_back({c, f.payload, c.payload});
        }
    }
    if (out.formats.empty()) return std::nullopt;
    out.ptime = out.formats.front().codec.ptime;
    if (media.telephone_event) {
        if (const SdpFormat* const event = audio->find(event_encoding, 8000)) {
            out.send_dtmf = event->payload;
            out.receive_dtmf = event_payload;
        }
    }
    return out;
}

}  // namespace asterism::sip
