#include "media/codec_external.hpp"

#include <gsm.h>
#include <opus/opus.h>
#include <spandsp/telephony.h>
// After telephony.h, which it needs.
#include <spandsp/g722.h>

#include <algorithm>

namespace asterism::media {

namespace {

constexpr std::size_t gsm_bytes = 33, gsm_samples = 160;

template <class T, void (*release)(T*)>
struct Release {
    void operator()(T* state) const { release(state); }
};
using GsmState = std::unique_ptr<gsm_state, Release<gsm_state, gsm_destroy>>;

class GsmDecoder final : public Decoder {
  public:
    std::size_t decode(std::span<const std::uint8_t> packet, std::span<std::int16_t> out) override {
        std::size_t done = 0;
        while (packet.size() >= gsm_bytes && out.size() - done >= gsm_samples) {
            // libgsm reads only, though it doesn't say so.
            auto* bytes = const_cast<gsm_byte*>(packet.data());  // NOLINT
            if (gsm_decode(state_.get(), bytes, out.data() + done) != 0) break;
            packet = packet.subspan(gsm_bytes);
            done += gsm_samples;
        }
        return done;
    }

  private:
    GsmState state_{gsm_create()};
};

class GsmEncoder final : public Encoder {
  public:
    std::size_t encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> out) override {
        std::size_t done = 0;
        while (samples.size() >= gsm_samples && out.size() - done >= gsm_bytes) {
            auto* in = const_cast<gsm_signal*>(samples.data());  // NOLINT
            gsm_encode(state_.get(), in, out.data() + done);
            samples = samples.subspan(gsm_samples);
            done += gsm_bytes;
        }
        return done;
    }

  private:
    GsmState state_{gsm_create()};
};

class G722Decoder final : public Decoder {
  public:
    ~G722Decoder() override { g722_decode_free(state_); }
    std::size_t decode(std::span<const std::uint8_t> packet, std::span<std::int16_t> out) override {
        const std::size_t bytes = std::min(packet.size(), out.size() / 2);  // two samples a byte
        return static_cast<std::size_t>(g722_decode(state_, out.data(), packet.data(), static_cast<int>(bytes)));
    }

  private:
    g722_decode_state_t* state_ = g722_decode_init(nullptr, 64000, 0);
};

class G722Encoder final : public Encoder {
  public:
    ~G722Encoder() override { g722_encode_free(state_); }
    std::size_t encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> out) override {
        if (out.size() * 2 < samples.size()) return 0;
        return static_cast<std::size_t>(
            g722_encode(state_, out.data(), samples.data(), static_cast<int>(samples.size())));
    }

  private:
    g722_encode_state_t* state_ = g722_encode_init(nullptr, 64000, 0);
};

constexpr int opus_rate = 48000;

class OpusUnpacker final : public Decoder {
  public:
    std::size_t decode(std::span<const std::uint8_t> packet, std::span<std::int16_t> out) override {
        const int n = opus_decode(state_.get(), packet.data(), static_cast<opus_int32>(packet.size()), out.data(),
                                  static_cast<int>(out.size()), 0);
        return n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    void conceal(std::span<std::int16_t> out) override {
        // libopus conceals multiples of 2.5 ms.
        const int whole = static_cast<int>(out.size() / 120 * 120);
        const int n = whole > 0 ? opus_decode(state_.get(), nullptr, 0, out.data(), whole, 0) : 0;
        std::fill(out.begin() + std::max(n, 0), out.end(), std::int16_t{0});
    }

  private:
    std::unique_ptr<OpusDecoder, Release<OpusDecoder, opus_decoder_destroy>> state_{
        opus_decoder_create(opus_rate, 1, nullptr)};
};

class OpusPacker final : public Encoder {
  public:
    OpusPacker() {
        opus_encoder_ctl(state_.get(), OPUS_SET_COMPLEXITY(5));
        opus_encoder_ctl(state_.get(), OPUS_SET_INBAND_FEC(1));
        opus_encoder_ctl(state_.get(), OPUS_SET_PACKET_LOSS_PERC(5));
    }
    std::size_t encode(std::span<const std::int16_t> samples, std::span<std::uint8_t> out) override {
        const int n = opus_encode(state_.get(), samples.data(), static_cast<int>(samples.size()), out.data(),
                                  static_cast<opus_int32>(out.size()));
        return n > 0 ? static_cast<std::size_t>(n) : 0;
    }

  private:
    std::unique_ptr<OpusEncoder, Release<OpusEncoder, opus_encoder_destroy>> state_{
        opus_encoder_create(opus_rate, 1, OPUS_APPLICATION_VOIP, nullptr)};
};

}  // namespace

std::unique_ptr<Decoder> make_gsm_decoder() { return std::make_unique<GsmDecoder>(); }
std::unique_ptr<Encoder> make_gsm_encoder() { return std::make_unique<GsmEncoder>(); }
std::unique_ptr<Decoder> make_g722_decoder() { return std::make_unique<G722Decoder>(); }
std::unique_ptr<Encoder> make_g722_encoder() { return std::make_unique<G722Encoder>(); }
std::unique_ptr<Decoder> make_opus_decoder() { return std::make_unique<OpusUnpacker>(); }
std::unique_ptr<Encoder> make_opus_encoder() { return std::make_unique<OpusPacker>(); }

}  // namespace asterism::media
