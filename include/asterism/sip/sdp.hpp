// Session descriptions (RFC 8866) as typed values.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/sip/limits.hpp"

namespace asterism::sip {

enum class Direction : std::uint8_t { sendrecv, sendonly, recvonly, inactive };
[[nodiscard]] std::string_view name(Direction direction);
/// The direction as the other side sees it.
[[nodiscard]] Direction reverse(Direction direction);
/// What is left when both sides' wishes are kept: send only if the one sends and the other does.
[[nodiscard]] Direction intersect(Direction a, Direction b);

/// `a=name:value`, or `a=name` with an empty value.
struct SdpAttribute {
    std::string name;
    std::string value;
};

/// One payload type of a media line: its a=rtpmap (or the static table of RFC 3551) and a=fmtp.
struct SdpFormat {
    std::uint8_t payload = 0;
    std::string encoding{};  ///< "PCMU"; empty: dynamic type without rtpmap
    std::uint32_t clock_rate = 8000;
    std::uint32_t channels = 1;
    std::string fmtp{};  ///< parameters, empty if there are none
    bool is(std::string_view name, std::uint32_t rate) const;
};

struct SdpConnection {
    bool v6 = false;
    std::string address{};
    /// 0.0.0.0, the hold of RFC 2543.
    [[nodiscard]] bool null() const { return address == "0.0.0.0"; }
};

struct SdpMedia {
    std::string kind = "audio";  ///< audio, video, image, text, application
    std::uint16_t port = 0;      ///< 0: refused or disabled
    std::uint16_t ports = 1;
    std::string protocol = "RTP/AVP";
    std::vector<SdpFormat> formats;          ///< in order of preference; RTP protocols only
    std::vector<std::string> other_formats;  ///< of other protocols ("t38")
    std::optional<SdpConnection> connection;
    std::optional<Direction> direction;  ///< as written on this media
    std::uint32_t ptime = 0;             ///< ms; 0: not given
    std::uint32_t maxptime = 0;
    std::optional<std::uint16_t> rtcp_port;  ///< a=rtcp
    bool rtcp_mux = false;
    std::uint32_t bandwidth_as = 0;        ///< b=AS, kbit/s
    std::vector<SdpAttribute> attributes;  ///< all others, in order (candidates, crypto, fingerprint, mid, ...)

    [[nodiscard]] const SdpFormat* format(std::uint8_t payload) const;
    [[nodiscard]] const SdpFormat* find(std::string_view encoding, std::uint32_t clock_rate) const;
    [[nodiscard]] std::optional<std::string_view> attribute(std::string_view name) const;
};

struct SessionDescription {
    std::string user = "-";
    std::uint64_t session_id = 0;
    std::uint64_t session_version = 0;
    SdpConnection origin;
    std::string name = "Asterisk";
    std::optional<SdpConnection> connection;
    std::optional<Direction> direction;
    std::vector<SdpAttribute> attributes;
    std::vector<SdpMedia> media;

    [[nodiscard]] static std::expected<SessionDescription, ParseError> parse(std::string_view text);
    /// CRLF lines in Asterisk's order: v o s c t, then for each media m (c) rtpmap/fmtp ptime maxptime direction.
    [[nodiscard]] std::string text() const;

    /// The first media of this kind, null if there is none.
    [[nodiscard]] const SdpMedia* find(std::string_view kind) const;
    /// What a media's peer address is: its own c= or the session's.
    [[nodiscard]] const SdpConnection* connection_of(const SdpMedia& m) const;
    /// What the media says, else the session, else sendrecv; a null connection counts as sendonly (as Asterisk does).
    [[nodiscard]] Direction direction_of(const SdpMedia& m) const;
};

}  // namespace asterism::sip
