#include <charconv>

#include "asterism/sip/sdp.hpp"
#include "asterism/sip/text.hpp"

namespace asterism::sip {

namespace {

std::unexpected<ParseError> fail(std::string_view what, std::size_t at = 0) {
    return std::unexpected(ParseError{what, static_cast<std::uint32_t>(at)});
}

std::string_view word(std::string_view& rest) {
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view out = rest.substr(0, end);
    rest.remove_prefix(end);
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    return out;
}

std::optional<std::uint64_t> big_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range && end == text.data() + text.size()) return ~std::uint64_t{0};
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

struct StaticType {
    std::uint8_t payload;
    std::string_view encoding;
    std::uint32_t rate;
    std::uint32_t channels;
};
/// RFC 3551 6, tables 4 and 5.
constexpr StaticType static_types[] = {
    {0, "PCMU", 8000, 1},   {3, "GSM", 8000, 1},    {4, "G723", 8000, 1},   {5, "DVI4", 8000, 1},
    {6, "DVI4", 16000, 1},  {7, "LPC", 8000, 1},    {8, "PCMA", 8000, 1},   {9, "G722", 8000, 1},
    {10, "L16", 44100, 2},  {11, "L16", 44100, 1},  {12, "QCELP", 8000, 1}, {13, "CN", 8000, 1},
    {14, "MPA", 90000, 1},  {15, "G728", 8000, 1},  {16, "DVI4", 11025, 1}, {17, "DVI4", 22050, 1},
    {18, "G729", 8000, 1},  {26, "JPEG", 90000, 1}, {31, "H261", 90000, 1}, {32, "MPV", 90000, 1},
    {33, "MP2T", 90000, 1}, {34, "H263", 90000, 1},
};

SdpFormat format_of(std::uint8_t payload) {
    SdpFormat out;
    out.payload = payload;
    for (const StaticType& type : static_types) {
        if (type.payload != payload) continue;
        out.encoding = type.encoding;
        out.clock_rate = type.rate;
        out.channels = type.channels;
    }
    return out;
}

bool is_rtp(std::string_view protocol) { return protocol.find("RTP/") != std::string_view::npos; }

std::optional<Direction> direction_named(std::string_view text) {
    for (const auto d : {Direction::sendrecv, Direction::sendonly, Direction::recvonly, Direction::inactive})
        if (iequals(text, name(d))) return d;
    return std::nullopt;
}

std::expected<SdpConnection, ParseError> parse_connection(std::string_view value) {
    SdpConnection out;
    if (!iequals(word(value), "IN")) return fail("SDP connection is not Internet");
    const std::string_view family = word(value);
    if (iequals(family, "IP6"))
        out.v6 = true;
    else if (!iequals(family, "IP4"))
        return fail("unknown SDP address family");
    std::string_view address = word(value);
    address = address.substr(0, address.find('/'));  // multicast TTL
    if (address.empty() || address.size() > 255) return fail("SDP connection without address");
    out.address = address;
    return out;
}

struct Parser {
    SessionDescription& d;
    std::size_t attributes = 0;

    using Result = std::expected<void, ParseError>;

    Result origin(std::string_view value) {
        d.user = word(value);
        const auto id = big_number(word(value));
        const auto version = big_number(word(value));
        if (!id || !version || d.user.empty()) return fail("bad SDP origin");
        d.session_id = *id;
        d.session_version = *version;
        auto address = parse_connection(value);
        if (!address) return fail("bad SDP origin");
        d.origin = std::move(*address);
        return {};
    }

    Result media(std::string_view value) {
        if (d.media.size() == limits::sdp_media) return fail("too many SDP media");
        SdpMedia m;
        m.kind = word(value);
        std::string_view port = word(value);
        if (const std::size_t slash = port.find('/'); slash != std::string_view::npos) {
            const auto count = number(port.substr(slash + 1), 65535);
            if (!count) return fail("bad SDP port count");
            m.ports = static_cast<std::uint16_t>(*count);
            port = port.substr(0, slash);
        }
        const auto port_value = number(port, 65535);
        if (!port_value || m.kind.empty()) return fail("bad SDP media line");
        m.port = static_cast<std::uint16_t>(*port_value);
        m.protocol = word(value);
        if (m.protocol.empty()) return fail("SDP media without protocol");
        while (!value.empty()) {
            const std::string_view text = word(value);
            if (m.formats.size() + m.other_formats.size() >= 128) return fail("too many SDP formats");
            if (!is_rtp(m.protocol)) {
                m.other_formats.emplace_back(text);
                continue;
            }
            // A word where RTP has numbers is nothing to choose, as for Asterisk, and no reason to refuse the rest; nor
            // is a number that comes again.
            const auto payload = number(text, 127);
            if (payload && !find(m, *payload)) m.formats.push_back(format_of(static_cast<std::uint8_t>(*payload)));
        }
        d.media.push_back(std::move(m));
        return {};
    }

    /// rtpmap and fmtp of payload types that the m= line does not name are left out.
    static SdpFormat* find(SdpMedia& m, std::uint32_t payload) {
        for (SdpFormat& f : m.formats)
            if (f.payload == payload) return &f;
        return nullptr;
    }

    Result rtpmap(SdpMedia& m, std::string_view value) {
        const auto payload = number(word(value), 127);
        const std::size_t slash = value.find('/');
        const std::string_view encoding = trim(value.substr(0, slash));
        if (slash == std::string_view::npos || encoding.empty()) return fail("bad rtpmap");
        if (!payload) return {};
        std::string_view rate = value.substr(slash + 1), channels;
        if (const std::size_t second = rate.find('/'); second != std::string_view::npos) {
            channels = trim(rate.substr(second + 1));
            rate = rate.substr(0, second);
        }
        const auto rate_value = number(trim(rate), 1000000);
        if (!rate_value) return fail("bad rtpmap clock rate");
        SdpFormat* const format = find(m, *payload);
        if (format == nullptr) return {};
        format->encoding = encoding;
        format->clock_rate = *rate_value;
        format->channels = number(channels, 255).value_or(1);
        return {};
    }

    Result attribute(std::string_view value) {
        if (++attributes > limits::sdp_attributes) return fail("too many SDP attributes");
        const std::size_t colon = value.find(':');
        const std::string_view key = trim(value.substr(0, colon));
        const std::string_view text = colon == std::string_view::npos ? std::string_view{} : value.substr(colon + 1);
        // "a=recvonly:" too: nothing else would be written the same and read otherwise.
        const auto direction = text.empty() ? direction_named(key) : std::nullopt;
        if (d.media.empty()) {
            if (direction)
                d.direction = direction;
            else
                d.attributes.push_back({std::string(key), std::string(text)});
            return {};
        }
        SdpMedia& m = d.media.back();
        if (direction) {
            m.direction = direction;
        } else if (iequals(key, "rtpmap") && is_rtp(m.protocol)) {
            return rtpmap(m, text);
        } else if (iequals(key, "fmtp") && is_rtp(m.protocol)) {
            std::string_view rest = text;
            const auto payload = number(word(rest), 127);
            if (SdpFormat* const format = payload ? find(m, *payload) : nullptr) format->fmtp = rest;
        } else if (iequals(key, "ptime")) {
            m.ptime = number(trim(text), 10000).value_or(0);
        } else if (iequals(key, "maxptime")) {
            m.maxptime = number(trim(text), 10000).value_or(0);
        } else if (iequals(key, "rtcp-mux")) {
            m.rtcp_mux = true;
        } else if (iequals(key, "rtcp")) {
            std::string_view rest = text;
            if (const auto port = number(word(rest), 65535)) m.rtcp_port = static_cast<std::uint16_t>(*port);
        } else {
            m.attributes.push_back({std::string(key), std::string(text)});
        }
        return {};
    }

    Result line(char type, std::string_view value) {
        switch (type) {
            case 'o': return origin(value);
            case 's': d.name = value; return {};
            case 'c': {
                auto connection = parse_connection(value);
                if (!connection) return std::unexpected(connection.error());
                if (d.media.empty())
                    d.connection = std::move(*connection);
                else
                    d.media.back().connection = std::move(*connection);
                return {};
            }
            case 'b':
                if (!d.media.empty() && value.starts_with("AS:"))
                    d.media.back().bandwidth_as = number(trim(value.substr(3))).value_or(0);
                return {};
            case 'm': return media(value);
            case 'a': return attribute(value);
            default: return {};  // i u e p t r z k and whatever comes: not needed
        }
    }
};

}  // namespace

std::expected<SessionDescription, ParseError> SessionDescription::parse(std::string_view text) {
    if (text.size() > limits::sdp_bytes) return fail("SDP too long");
    SessionDescription out;
    out.name.clear();
    Parser parser{out};
    bool version = false, origin = false;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        if (!line.empty()) {
            if (line.size() < 2 || line[1] != '=') return fail("bad SDP line", at);
            if (line.find_first_of(std::string_view("\0\r", 2)) != std::string_view::npos)
                return fail("NUL or CR in SDP", at);
            const std::string_view value = line.substr(2);
            if (!version) {
                if (line[0] != 'v' || trim(value) != "0") return fail("SDP does not begin with v=0", at);
                version = true;
            } else {
                origin = origin || line[0] == 'o';
                if (auto r = parser.line(line[0], value); !r) return fail(r.error().what, at);
            }
        }
        at = end + 1;
    }
    if (!version) return fail("empty SDP");
    if (!origin) return fail("SDP without origin");
    // A number from 96 on means nothing without its rtpmap (RFC 8866 6.6).
    for (const SdpMedia& m : out.media)
        for (const SdpFormat& f : m.formats)
            if (m.port != 0 && f.payload >= 96 && f.encoding.empty()) return fail("no rtpmap for a payload type");
    return out;
}

}  // namespace asterism::sip
