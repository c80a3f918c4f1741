// What control tells a media worker about one RTP stream, and what it can ask of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "asterism/media/codec.hpp"
#include "asterism/runtime/time.hpp"

namespace asterism::media {

/// A numeric IP address without brackets, and a port. Empty: none.
struct Address {
    std::string ip{};
    std::uint16_t port = 0;
    explicit operator bool() const { return !ip.empty() && port != 0; }
    bool operator==(const Address&) const = default;
};

/// Ports that RTP may use: even ones in [first, last - 1], RTCP on the odd one above (RFC 3550, 11).
struct PortRange {
    std::uint16_t first = 5000;
    std::uint16_t last = 31000;
};

/// As seen from Asterism: sendonly means that nothing received is taken. Values of SDP (RFC 8866, 6.7).
enum class Direction : std::uint8_t { sendrecv, sendonly, recvonly, inactive };
/// How digits are sent and heard. `automatic` is rfc4733 if `send_event` is set, else inband. With `info`
/// digits are control's: the worker reports those to send by LegEvent::dtmf_to_signal; none hears and sends none.
enum class DtmfMode : std::uint8_t { rfc4733, inband, info, automatic, auto_info, none };
/// rtp.conf strictrtp: seqno wants `probation` packets in sequence from a new source, yes also takes time into account.
enum class StrictRtp : std::uint8_t { no, yes, seqno };

struct RtpOptions {
    std::string bind_ip = "0.0.0.0";  ///< numeric v4 or v6; "::" also takes v4
    bool rtcp = true;                 ///< open the odd port too
    int tos = 0;                      ///< IP_TOS byte
    int cos = 0;                      ///< SO_PRIORITY
    bool operator==(const RtpOptions&) const = default;
};

/// One line of the agreed payload map.
struct PayloadType {
    std::uint8_t number = 0;  ///< 0..127
    CodecId codec = CodecId::none;
};

/// A telephone-event payload (RFC 4733): there is one for each clock rate of the stream's codecs.
struct EventPayload {
    std::uint8_t number = 0;  ///< 0..127
    unsigned clock = 8000;
    bool operator==(const EventPayload&) const = default;
};

/// Everything about the stream; given whole at each change (a re-INVITE). What did not change goes on undisturbed:
/// SSRC, sequence numbers and statistics live as long as the leg.
struct RtpConfig {
    Address remote{};       ///< where packets go until symmetric RTP learns better; none: nothing is sent
    Address remote_rtcp{};  ///< none: remote's port + 1, or the same with rtcp_mux
    std::vector<PayloadType>
        receive;             ///< what the peer may send (numbers from our SDP, and from theirs if they differ)
    PayloadType send{};      ///< what we send
    unsigned ptime_ms = 20;  ///< of what we encode here; passed-through packets keep theirs
    std::optional<EventPayload> send_event{};   ///< telephone-event that we send, and take
    std::vector<EventPayload> receive_event{};  ///< those that the peer may send besides
    int comfort_noise_payload_type = -1;        ///< RFC 3389
    DtmfMode dtmf = DtmfMode::rfc4733;
    Direction direction = Direction::sendrecv;
    bool symmetric = false;  ///< send to where packets come from (rtp_symmetric)
    StrictRtp strict = StrictRtp::yes;
    unsigned probation = 4;                  ///< packets in sequence before a source is believed
    bool rtcp_mux = false;                   ///< RFC 5761
    std::chrono::milliseconds timeout{0};    ///< no packet for so long: LegEvent::rtp_timeout; 0 never
    std::chrono::milliseconds keepalive{0};  ///< send a comfort noise packet when silent for so long; 0 never
    std::chrono::milliseconds rtcp_interval{5000};
    std::string cname{};  ///< of our SDES; empty: one of the engine's
};

/// Minimum, maximum, mean and deviation of a figure that RTCP repeats.
struct Spread {
    double last = 0, min = 0, max = 0, mean = 0, stdev = 0;
    std::uint32_t count = 0;
};

/// Counters since the leg was opened.
struct RtpStats {
    std::uint32_t local_ssrc = 0, remote_ssrc = 0;
    std::uint64_t rx_packets = 0, tx_packets = 0, rx_octets = 0, tx_octets = 0;
    std::uint64_t rx_lost = 0;  ///< expected less received here (RFC 3550, A.3)
    std::uint64_t tx_lost = 0;  ///< as the peer reports
    double rx_jitter = 0;       ///< seconds (RFC 3550, A.8)
    double tx_jitter = 0;       ///< seconds, as the peer reports
    std::uint64_t dropped = 0;  ///< not from the learned source, malformed, or of an unknown payload type
    Spread local_jitter, local_loss, remote_jitter, remote_loss, rtt;  ///< seconds, packets; one sample a report
    Address source{};                                                  ///< where packets come from, as learned
};

}  // namespace asterism::media
