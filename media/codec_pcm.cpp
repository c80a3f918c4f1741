// Decoders and encoders that need no library: G.711 and linear PCM.
#include <algorithm>
#include <bit>
#include <cstring>

#include "asterism/media/codec.hpp"
#include "media/codec_external.hpp"
#include "media/g711.hpp"

namespace asterism::media {

namespace {

class UlawDecoder final : public Decoder {
  public:
    std::size_t decode(std::span<const std::uint8_t> packet, std::span<std::int16_t> out) override {
        const std::size_t n = std::min(packet.size(), out.size());
        for (std::size_t i = 0; i < n; ++i) out[i] = g711::from_ulaw(packet[i]);
        return n;
    }
};

class AlawDecoder final : public Decoder {
  public:
    std::size_t decode(std::span<const std::uint8_t> packet, std::span<std::int16_t> out) override {
        const std::size_t n = std::min(packet.size(), out.size());
        for (std::size_t i = 0; i < n; ++i) out[i] = g711::from_alaw(packet[i]);
        return n;
    }
};

class UlawEncoder final : public Encoder {
  public:
    std::size_t encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> out) override {
        if (out.size() < samples.size()) return 0;
        for (std::size_t i = 0; i < samples.size(); ++i) out[i] = g711::to_ulaw(samples[i]);
        return samples.size();
    }
};

class AlawEncoder final : public Encoder {
  public:
    std::size_t encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> out) override {
        if (out.size() < samples.size()) return 0;
        for (std::size_t i = 0; i < samples.size(); ++i) out[i] = g711::to_alaw(samples[i]);
        return samples.size();
    }
};

/// L16 is big-endian on the wire (RFC 3551, 4.5.11). Inside Asterism frames of slin carry the same bytes, so that they
/// can go to the wire as they are.
class LinearDecoder final : public Decoder {
  public:
    std::size_t decode(std::span<const std::uint8_t> packet, std::span<std::int16_t> out) override {
        const std::size_t n = std::min(packet.size() / 2, out.size());
        for (std::size_t i = 0; i < n; ++i) {
            std::uint16_t raw;
            std::memcpy(&raw, packet.data() + 2 * i, 2);
            out[i] = static_cast<std::int16_t>(std::byteswap(raw));
        }
        return n;
    }
};

class LinearEncoder final : public Encoder {
  public:
    std::size_t encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> out) override {
        if (out.size() < samples.size() * 2) return 0;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const std::uint16_t raw = std::byteswap(static_cast<std::uint16_t>(samples[i]));
            std::memcpy(out.data() + 2 * i, &raw, 2);
        }
        return samples.size() * 2;
    }
};

}  // namespace

std::unique_ptr<Decoder> make_decoder(CodecId id) {
    static_assert(std::endian::native == std::endian::little, "swap in the L16 codec only where it is needed");
    switch (id) {
        case CodecId::ulaw: return std::make_unique<UlawDecoder>();
        case CodecId::alaw: return std::make_unique<AlawDecoder>();
        case CodecId::gsm: return make_gsm_decoder();
        case CodecId::g722: return make_g722_decoder();
        case CodecId::opus: return make_opus_decoder();
        default: return codec_info(id).encoding == "L16" ? std::make_unique<LinearDecoder>() : nullptr;
    }
}

std::unique_ptr<Encoder> make_encoder(CodecId id) {
    switch (id) {
        case CodecId::ulaw: return std::make_unique<UlawEncoder>();
        case CodecId::alaw: return std::make_unique<AlawEncoder>();
        case CodecId::gsm: return make_gsm_encoder();
        case CodecId::g722: return make_g722_encoder();
        case CodecId::opus: return make_opus_encoder();
        default: return codec_info(id).encoding == "L16" ? std::make_unique<LinearEncoder>() : nullptr;
    }
}

}  // namespace asterism::media
