// The codecs that Asterism knows by name: what SDP, format lists and file names call them, their rates and frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "asterism/runtime/time.hpp"

namespace asterism::media {

enum class CodecId : std::uint8_t {
    none,
    ulaw,
    alaw,
    slin,  // 8 kHz; the others carry their rate in kHz
    slin12,
    slin16,
    slin24,
    slin32,
    slin44,
    slin48,
    slin96,
    slin192,
    gsm,
    g722,
    opus,
    // Known by name and passed through between legs that share them; never decoded here.
    g723,
    g726,
    g726aal2,
    g729,
    ilbc,
    speex,
    speex16,
    speex32,
    adpcm,
    lpc10,
    siren7,
    siren14,
    codec2,
    h261,
    h263,
    h263p,
    h264,
    h265,
    vp8,
    vp9,
};

enum class MediaKind : std::uint8_t { audio, video };

/// One row of the registry.
struct CodecInfo {
    CodecId id;
    std::string_view name;      ///< as Asterisk prints and configures it: "ulaw", "slin16", "opus"
    std::string_view encoding;  ///< as SDP's rtpmap writes it: "PCMU", "L16", "opus" (compared without case)
    unsigned rate;              ///< samples a second of the decoded audio
    unsigned clock;             ///< RTP clock rate; G.722's is 8000 (RFC 3551, 4.5.2)
    unsigned channels;          ///< of rtpmap; opus says 2 (RFC 7587)
    int payload_type;           ///< static one (RFC 3551, 6), or the customary dynamic one
    bool dynamic;               ///< payload_type is only a proposal and needs an rtpmap line
    unsigned ptime_ms;          ///< usual packet time
    unsigned min_ms;            ///< shortest packet, and step: ptime is a multiple of it
    unsigned max_ms;
    unsigned frame_bytes;  ///< bytes of min_ms, 0 when the size varies
    bool transcodes;       ///< Asterism can encode and decode it
    MediaKind kind;
    std::string_view description;  ///< as `core show codecs` says
};

/// All rows, in the order of preference that "allow=all" means.
[[nodiscard]] std::span<const CodecInfo> all_codecs();
/// CodecId::none gives a row named "none".
[[nodiscard]] const CodecInfo& codec_info(CodecId id);
/// By Asterisk's name, without case; also the aliases it takes ("slin8", "mulaw"...).
[[nodiscard]] std::optional<CodecId> codec_by_name(std::string_view name);
/// By rtpmap's encoding name and clock rate, without case.
[[nodiscard]] std::optional<CodecId> codec_by_encoding(std::string_view encoding, unsigned clock);
/// By static RTP payload type (RFC 3551, 6).
[[nodiscard]] std::optional<CodecId> codec_by_payload_type(int payload_type);
/// Whether audio of one can become audio of the other here.
[[nodiscard]] bool can_transcode(CodecId from, CodecId to);
/// slin of a rate, CodecId::none if there is none.
[[nodiscard]] CodecId slin_of_rate(unsigned rate);

/// Turns one stream of packets into 16-bit samples. Owned by the leg that receives them.
class Decoder {
  public:
    virtual ~Decoder() = default;
    /// Decodes one packet into `out`; returns samples written, 0 for one that makes no sense. Stops when `out` is full.
    virtual std::size_t decode(std::span<const std::uint8_t> packet, std::span<std::int16_t> out) = 0;
    /// Conceals a lost packet: fills `out`. Silence unless the codec knows better.
    virtual void conceal(std::span<std::int16_t> out);
};

/// Turns 16-bit samples into packets. Owned by whoever sends one stream.
class Encoder {
  public:
    virtual ~Encoder() = default;
    /// Encodes `samples`, a multiple of the codec's min_ms; returns bytes written, 0 if `out` is too small.
    virtual std::size_t encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> out) = 0;
};

/// nullptr when the registry says that it does not transcode.
[[nodiscard]] std::unique_ptr<Decoder> make_decoder(CodecId id);
[[nodiscard]] std::unique_ptr<Encoder> make_encoder(CodecId id);

}  // namespace asterism::media
