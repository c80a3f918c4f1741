#include "asterism/sip/offer_answer.hpp"

#include <algorithm>

#include "asterism/sip/text.hpp"

namespace asterism::sip {

namespace {

constexpr std::string_view event_encoding = "telephone-event";
constexpr std::uint8_t first_event_payload = 101;
constexpr std::uint32_t event_rate = 8000;  // what every codec can be accompanied by

bool plain_rtp(const SdpMedia& m) { return m.protocol == "RTP/AVP" || m.protocol == "RTP/AVPF"; }

/// Encodings with modes that do not understand each other.
bool matches(const Codec& codec, const SdpFormat& format) {
    if (!format.is(codec.encoding, codec.clock_rate)) return false;
    if (codec.encoding == "L16") return format.channels == codec.channels;
    if (codec.encoding == "G7221" && !format.fmtp.empty()) return format.fmtp.find(codec.fmtp) != std::string::npos;
    return true;
}

/// What all codecs of a line allow, in whole packets of their usual length (150 ms of 20 ms packets are 140 ms).
void set_packet_times(SdpMedia& m, const std::vector<Codec>& codecs) {
    m.ptime = codecs.empty() ? 20 : codecs.front().ptime;
    m.maxptime = 0;
    for (const Codec& c : codecs) {
        const Codec* const usual = codec_named(c.name);
        const std::uint32_t whole = c.maxptime - c.maxptime % std::max((usual ? *usual : c).ptime, 1U);
        m.maxptime = m.maxptime == 0 ? whole : std::min(m.maxptime, whole);
    }
}

SdpFormat format_for(const Codec& codec, std::uint8_t payload) {
    return {payload, codec.encoding, codec.clock_rate, codec.channels, codec.fmtp};
}

SdpFormat event_format(std::uint8_t payload, std::uint32_t rate) {
    return {payload, std::string(event_encoding), rate, 1, "0-16"};
}

/// The clock rates of a line's codecs, each once.
std::vector<std::uint32_t> clock_rates(const std::vector<SdpFormat>& formats) {
    std::vector<std::uint32_t> rates;
    for (const SdpFormat& f : formats)
        if (std::ranges::find(rates, f.clock_rate) == rates.end()) rates.push_back(f.clock_rate);
    return rates;
}

/// The telephone-events that we offer beside `formats`: one for each clock rate (RFC 4733 2.1), 101 and up.
std::vector<SdpFormat> offered_events(const std::vector<SdpFormat>& formats) {
    std::vector<SdpFormat> events;
    std::uint8_t payload = first_event_payload;
    for (const std::uint32_t rate : clock_rates(formats)) {
        while (std::ranges::any_of(formats, [payload](const SdpFormat& f) { return f.payload == payload; })) ++payload;
        if (payload > 127) break;
        events.push_back(event_format(payload++, rate));
    }
    return events;
}

/// What we say about a codec when the peer has spoken first. Opus (RFC 7587 6.1): the limits that the peer has named
/// hold for us, too.
std::string answered_fmtp(const Codec& codec, const SdpFormat& theirs) {
    if (codec.encoding != "opus" || theirs.fmtp.empty()) return codec.fmtp;
    static constexpr std::string_view known[] = {
        "maxplaybackrate", "sprop-maxcapturerate", "maxaveragebitrate", "stereo", "sprop-stereo", "cbr", "useinbandfec",
        "usedtx"};
    std::string out;
    for (const std::string_view name : known) {
        for (std::string_view rest = theirs.fmtp; !rest.empty();) {
            const auto end = rest.find(';');
            const auto part = trim(rest.substr(0, end));
            rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
            const auto equals = part.find('=');
            if (equals == std::string_view::npos || !iequals(part.substr(0, equals), name)) continue;
            if (!out.empty()) out += ';';
            out.append(name).append(part.substr(equals));
            break;
        }
    }
    return out;
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

/// ms of what we send: the codec's, or what the peer asked for.
std::uint32_t packet_time(const Codec& codec, const SdpMedia& theirs, const LocalMedia& local) {
    if (!local.use_ptime || theirs.ptime == 0) return codec.ptime;
    const std::uint32_t whole = theirs.ptime - theirs.ptime % 10;
    return std::clamp<std::uint32_t>(whole, 10, std::max<std::uint32_t>(codec.maxptime, 10));
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
    if (media.telephone_event)
        for (SdpFormat& event : offered_events(m.formats)) m.formats.push_back(std::move(event));
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
    result.ptime = packet_time(result.formats.front().codec, *audio, media);

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
            const auto said =
                std::ranges::find(theirs.formats, f.receive_payload, [](const SdpFormat& t) { return t.payload; });
            if (said != theirs.formats.end()) m.formats.back().fmtp = answered_fmtp(f.codec, *said);
            codecs.push_back(f.codec);
        }
        if (media.telephone_event) {
            std::vector<SdpFormat> events;
            for (const std::uint32_t rate : clock_rates(m.formats))
                if (const SdpFormat* const event = theirs.find(event_encoding, rate))
                    events.push_back(event_format(event->payload, rate));
            if (events.empty())
                if (const SdpFormat* const event = theirs.find(event_encoding, event_rate))
                    events.push_back(event_format(event->payload, event_rate));
            for (SdpFormat& event : events) {
                result.events.push_back({event.payload, event.payload, event.clock_rate});
                m.formats.push_back(std::move(event));
            }
        }
        set_packet_times(m, codecs);
        m.ptime = result.ptime;
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
    out.ptime = packet_time(out.formats.front().codec, *audio, media);
    if (media.telephone_event) {
        std::vector<SdpFormat> ours;
        for (const Codec& c : media.codecs) ours.push_back(format_for(c, c.payload));
        for (const SdpFormat& event : offered_events(ours))
            if (const SdpFormat* const theirs = audio->find(event_encoding, event.clock_rate))
                out.events.push_back({theirs->payload, event.payload, event.clock_rate});
        const auto first = std::ranges::find(out.events, out.formats.front().codec.clock_rate,
                                             [](const Negotiated::Event& event) { return event.clock_rate; });
        if (first != out.events.end()) std::rotate(out.events.begin(), first, first + 1);
    }
    return out;
}

}  // namespace asterism::sip
