// Offer and answer for one audio stream (RFC 3264), with Asterisk's habits: which codecs, in which order, what is held.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/sip/sdp.hpp"

namespace asterism::sip {

/// A codec that an endpoint allows.
struct Codec {
    std::string name{};               ///< Asterisk's: "ulaw", "alaw", "slin16", "g722", "opus"
    std::string encoding{};           ///< on the wire: "PCMU"
    std::uint32_t clock_rate = 8000;  ///< on the wire (8000 for G722)
    std::uint32_t channels = 1;
    std::uint8_t payload = 0;  ///< to offer; dynamic ones from 96
    std::string fmtp{};
    std::uint32_t ptime = 20;      ///< ms
    std::uint32_t maxptime = 150;  ///< ms
};
/// The codecs of `allow=`, in that order; unknown names are left out. "all" gives every codec.
[[nodiscard]] std::vector<Codec> codecs_named(const std::vector<std::string>& names);
[[nodiscard]] const Codec* codec_named(std::string_view name);
[[nodiscard]] const std::vector<Codec>& all_codecs();

struct LocalMedia {
    SdpConnection address{};                    ///< c= and o=
    std::uint16_t port = 0;                     ///< RTP
    std::vector<Codec> codecs{};                ///< allowed, in order of preference
    bool telephone_event = true;                ///< dtmf_mode rfc4733, auto, auto_info
    Direction direction = Direction::sendrecv;  ///< what we want
    bool rtcp_mux = false;
    std::uint32_t bandwidth_as = 0;  ///< 0: no b= line
    std::string session_name = "Asterisk";
    std::string origin_user = "-";
    /// Order of the answer: the configured one (Asterisk's default) or the offer's.
    bool offer_order = false;
    /// Only the first common codec is answered (codec_prefs ... keep: first).
    bool first_only = false;
    /// Packets are as long as the peer asks for (use_ptime).
    bool use_ptime = false;
};

/// What offer and answer agreed on.
struct Negotiated {
    struct Format {
        Codec codec;                       ///< ours
        std::uint8_t send_payload = 0;     ///< the number that the peer wants to receive
        std::uint8_t receive_payload = 0;  ///< the number that we said
    };
    /// telephone-event (RFC 4733): one for each clock rate of the codecs.
    struct Event {
        std::uint8_t send_payload = 0;     ///< the number that the peer wants to receive
        std::uint8_t receive_payload = 0;  ///< the number that we said
        std::uint32_t clock_rate = 8000;
    };
    std::vector<Format> formats;  ///< in the answer's order; the first is what we send
    std::vector<Event> events;    ///< the first goes with the codec that we send
    SdpConnection remote;
    std::uint16_t remote_port = 0;
    std::uint16_t remote_rtcp_port = 0;
    bool rtcp_mux = false;
    Direction direction = Direction::sendrecv;  ///< ours
    std::uint32_t ptime = 20;                   ///< ms, of what we send
    /// The peer does not want to hear us.
    [[nodiscard]] bool held() const { return direction == Direction::recvonly || direction == Direction::inactive; }
};

/// One leg's memory of o= and of the last descriptions. Owned by the channel driver, beside the session.
class OfferAnswer {
  public:
    /// An offer: o= with `id` (random below 2^31) the first time, version + 1 then.
    [[nodiscard]] SessionDescription offer(const LocalMedia& media, std::uint64_t id);
    /// The answer to `remote`, and what it means; nothing if no codec or no audio is left (488). Its o= takes the
    /// offerer's id and version + 2, and counts up when the description changes later, as Asterisk's does.
    [[nodiscard]] std::optional<SessionDescription> answer(const SessionDescription& remote, const LocalMedia& media,
                                                           Negotiated& result);
    /// Takes the answer to the last offer; nothing if no codec is left.
    [[nodiscard]] std::optional<Negotiated> accept(const SessionDescription& remote, const LocalMedia& media);
    [[nodiscard]] const std::string& last_local() const { return last_local_; }

  private:
    void set_origin(SessionDescription& description, const LocalMedia& media);
    std::uint64_t id_ = 0;
    std::uint64_t version_ = 0;
    std::string last_local_;  // media part of what was sent last
    bool started_ = false;
};

}  // namespace asterism::sip
