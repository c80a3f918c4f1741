#include "asterism/media/codec.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "media/frame.hpp"
#include "media/g711.hpp"
#include "media/pcm_packer.hpp"
#include "media/resampler.hpp"

namespace asterism::media {
namespace {

std::vector<std::int16_t> sine(double hz, unsigned rate, std::size_t n, double level = 8000) {
    std::vector<std::int16_t> s(n);
    for (std::size_t i = 0; i < n; ++i)
        s[i] = static_cast<std::int16_t>(
            std::lround(level * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / rate)));
    return s;
}
double power(std::span<const std::int16_t> s) {
    double sum = 0;
    for (const double v : s) sum += v * v;
    return s.empty() ? 0 : sum / static_cast<double>(s.size());
}

TEST(G711, KnownValues) {
    // ITU-T G.711: the ends of both laws, zero, and a step in between.
    EXPECT_EQ(g711::from_ulaw(0xFF), 0);
    EXPECT_EQ(g711::from_ulaw(0x7F), 0);
    EXPECT_EQ(g711::from_ulaw(0x00), -32124);
    EXPECT_EQ(g711::from_ulaw(0x80), 32124);
    EXPECT_EQ(g711::to_ulaw(0), 0xFF);
    EXPECT_EQ(g711::to_ulaw(32767), 0x80);
    EXPECT_EQ(g711::to_ulaw(-32768), 0x00);
    EXPECT_EQ(g711::from_alaw(0xD5), 8);
    EXPECT_EQ(g711::from_alaw(0x55), -8);
    EXPECT_EQ(g711::from_alaw(0xAA), 32256);
    EXPECT_EQ(g711::from_alaw(0x2A), -32256);
    EXPECT_EQ(g711::to_alaw(0), 0xD5);
    EXPECT_EQ(g711::to_alaw(32767), 0xAA);
    EXPECT_EQ(g711::to_alaw(-32768), 0x2A);
}

TEST(G711, EveryCodeSurvivesDecodingAndEncoding) {
    for (int i = 0; i < 256; ++i) {
        const auto b = static_cast<std::uint8_t>(i);
        EXPECT_EQ(g711::to_alaw(g711::from_alaw(b)), b);
        if (b != 0x7F) EXPECT_EQ(g711::to_ulaw(g711::from_ulaw(b)), b);  // 0x7F is minus zero
    }
}

TEST(G711, EncodingTakesTheNearestStep) {
    for (int s = -32768; s < 32768; s += 7) {
        const auto sample = static_cast<std::int16_t>(s);
        const double size = std::max(64.0, std::abs(s) / 16.0);
        EXPECT_NEAR(g711::from_ulaw(g711::to_ulaw(sample)), s, size + 700 * (std::abs(s) > 32000)) << s;
        EXPECT_NEAR(g711::from_alaw(g711::to_alaw(sample)), s, size + 700 * (std::abs(s) > 32000)) << s;
    }
}

TEST(Registry, KnowsCodecsByAllTheirNames) {
    EXPECT_EQ(codec_by_name("ULAW"), CodecId::ulaw);
    EXPECT_EQ(codec_by_name("slin8"), CodecId::slin);
    EXPECT_EQ(codec_by_name("nonsense"), std::nullopt);
    EXPECT_EQ(codec_by_name("none"), std::nullopt);
    EXPECT_EQ(codec_by_encoding("pcma", 8000), CodecId::alaw);
    EXPECT_EQ(codec_by_encoding("L16", 16000), CodecId::slin16);
    EXPECT_EQ(codec_by_encoding("G722", 8000), CodecId::g722);
    EXPECT_EQ(codec_by_encoding("G722", 16000), std::nullopt);  // RFC 3551's famous mistake is kept
    EXPECT_EQ(codec_by_payload_type(0), CodecId::ulaw);
    EXPECT_EQ(codec_by_payload_type(18), CodecId::g729);
    EXPECT_EQ(codec_by_payload_type(97), std::nullopt);
    EXPECT_EQ(slin_of_rate(48000), CodecId::slin48);
    EXPECT_TRUE(can_transcode(CodecId::g729, CodecId::g729));
    EXPECT_FALSE(can_transcode(CodecId::g729, CodecId::ulaw));
    EXPECT_TRUE(can_transcode(CodecId::opus, CodecId::gsm));
}

class Codecs : public testing::TestWithParam<CodecId> {};

/// A second of a tone through encoder and decoder keeps its power.
TEST_P(Codecs, KeepATone) {
    const auto& info = codec_info(GetParam());
    const auto encoder = make_encoder(info.id);
    const auto decoder = make_decoder(info.id);
    ASSERT_TRUE(encoder && decoder);
    const std::size_t block = info.rate / 50;
    const auto in = sine(440, info.rate, info.rate);
    std::vector<std::int16_t> out;
    std::vector<std::uint8_t> bytes(4000);
    std::vector<std::int16_t> room(6000);
    for (std::size_t at = 0; at + block <= in.size(); at += block) {
        const std::size_t n = encoder->encode(std::span(in).subspan(at, block), bytes);
        ASSERT_GT(n, 0u);
        if (info.frame_bytes) EXPECT_EQ(n, info.frame_bytes * (20 / info.min_ms));
        const std::size_t m = decoder->decode(std::span(bytes).first(n), room);
        ASSERT_EQ(m, block);
        out.insert(out.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(m));
    }
    const std::span<const std::int16_t> settled = std::span(out).subspan(out.size() / 4);
    EXPECT_NEAR(power(settled) / power(in), 1.0, 0.25);
}
INSTANTIATE_TEST_SUITE_P(All, Codecs,
                         testing::Values(CodecId::ulaw, CodecId::alaw, CodecId::slin, CodecId::slin16, CodecId::slin48,
                                         CodecId::gsm, CodecId::g722, CodecId::opus),
                         [](const auto& p) { return std::string(codec_info(p.param).name); });

TEST(Decoders, TakeGarbage) {
    const std::vector<std::uint8_t> junk(501, 0xA7);
    std::vector<std::int16_t> room(5760);
    for (const auto& info : all_codecs()) {
        const auto decoder = make_decoder(info.id);
        EXPECT_EQ(decoder != nullptr, info.transcodes) << info.name;
        if (!decoder) continue;
        for (std::size_t n : {0u, 1u, 2u, 33u, 500u, 501u}) decoder->decode(std::span(junk).first(n), room);
        EXPECT_LE(decoder->decode(junk, std::span(room).first(10)), 10u) << info.name;
    }
}

TEST(Resampler, KeepsToneAndLength) {
    Resampler up(8000, 16000);
    const auto in = sine(1000, 8000, 8000);
    std::vector<std::int16_t> out, room(400);
    for (std::size_t at = 0; at < in.size(); at += 160) {
        const auto n = up.process(std::span(in).subspan(at, 160), room);
        EXPECT_EQ(n, 320u);
        out.insert(out.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(n));
    }
    EXPECT_NEAR(power(std::span(out).subspan(2000)) / power(in), 1.0, 0.1);
}

TEST(PcmPacker, MakesPacketsOfThePacketTime) {
    PcmPacker packer(CodecId::ulaw, 30);
    std::array<std::uint8_t, 2048> room;
    std::vector<std::size_t> sizes;
    const auto in = sine(440, 8000, 160);
    for (int i = 0; i < 6; ++i)
        packer.pack(in, 8000, room, [&](std::span<std::uint8_t> p, unsigned clock) {
            sizes.push_back(p.size());
            EXPECT_EQ(clock, 240u);
        });
    EXPECT_EQ(sizes, (std::vector<std::size_t>{240, 240, 240, 240}));
    EXPECT_EQ(packer.pending(), 0u);
}

TEST(PcmPacker, ClampsAnImpossiblePacketTime) {
    EXPECT_EQ(PcmPacker(CodecId::ulaw, 5000).ptime_ms(), 150u);
    EXPECT_EQ(PcmPacker(CodecId::ulaw, 1).ptime_ms(), 10u);
    EXPECT_EQ(PcmPacker(CodecId::gsm, 30).ptime_ms(), 20u);
    EXPECT_EQ(PcmPacker(CodecId::opus, 50).ptime_ms(), 40u);
    EXPECT_EQ(PcmPacker(CodecId::slin48, 200).ptime_ms(), 20u);  // 960 bytes each 10 ms
}

}  // namespace
}  // namespace asterism::media
