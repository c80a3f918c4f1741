// Audio from phone to phone through the engine: relayed, transcoded, put in order, mixed.
#include "asterism/media/jitter.hpp"
#include "engine_fixture.hpp"
#include "media/g711.hpp"

namespace asterism::media {
namespace {

using EngineRelay = EngineTest;

TEST_F(EngineRelay, RelaysTheSameCodecUntouched) {
    auto a = call(), b = call();
    engine->connect(a->leg, b->leg);
    settle(a->leg);
    std::optional<Phone::Received> before;
    for (int i = 0; i < 5; ++i) {
        if (i == 3) ++a->phone.sequence;  // a lost packet stays visible to the other side
        a->phone.say(0, static_cast<std::uint8_t>(i));
        auto got = b->phone.receive();
        ASSERT_TRUE(got);
        EXPECT_EQ(got->payload, std::vector<std::uint8_t>(160, static_cast<std::uint8_t>(i)));
        EXPECT_EQ(got->header.payload_type, 0);
        EXPECT_NE(got->header.ssrc, a->phone.ssrc);
        EXPECT_EQ(got->header.marker, i == 0);
        if (before) {
            EXPECT_EQ(got->header.ssrc, before->header.ssrc);
            EXPECT_EQ(static_cast<std::uint16_t>(got->header.sequence - before->header.sequence), i == 3 ? 2 : 1);
            EXPECT_EQ(got->header.timestamp - before->header.timestamp, 160u);
        }
        before = got;
    }
    EXPECT_TRUE(loop.run_until([&] { return a->count(Kind::first_media) == 1; }));
}

TEST_F(EngineRelay, TranscodesOneLawToTheOther) {
    auto a = call(CodecId::ulaw), b = call(CodecId::alaw);
    engine->connect(a->leg, b->leg);
    settle(a->leg);
    a->phone.say(0, g711::to_ulaw(8000));
    auto got = b->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header.payload_type, 8);
    ASSERT_EQ(got->payload.size(), 160u);
    EXPECT_NEAR(g711::from_alaw(got->payload[5]), 8000, 300);
    b->phone.say(8, g711::to_alaw(-3000));
    got = a->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_NEAR(g711::from_ulaw(got->payload[5]), -3000, 150);
}

TEST_F(EngineRelay, TranscodesToAWidebandCodec) {
    auto a = call(CodecId::ulaw), b = call(CodecId::g722);
    engine->connect(a->leg, b->leg);
    settle(a->leg);
    for (int i = 0; i < 3; ++i) {
        a->phone.say(0, g711::to_ulaw(1000));
        auto got = b->phone.receive();
        ASSERT_TRUE(got);
        EXPECT_EQ(got->header.payload_type, 9);
        EXPECT_EQ(got->payload.size(), 160u);
    }
}

TEST_F(EngineRelay, AJitterBufferPutsPacketsInOrderAndDisabledLetsThemGo) {
    auto a = call();
    engine->echo(a->leg, true);
    auto* buffers = dynamic_cast<JitterBuffers*>(engine.get());
    ASSERT_NE(buffers, nullptr);
    buffers->jitter_buffer(a->leg, {.kind = JitterSpec::Kind::fixed, .max = Millis(60)});
    settle(a->leg);
    a->phone.say(0, 1);
    const auto sequence = a->phone.sequence;
    const auto timestamp = a->phone.timestamp;
    a->phone.sequence = static_cast<std::uint16_t>(sequence + 1);
    a->phone.timestamp = timestamp + 160;
    a->phone.say(0, 3);
    a->phone.sequence = sequence;
    a->phone.timestamp = timestamp;
    a->phone.say(0, 2);
    for (const int expected : {1, 2, 3}) {
        const auto got = a->phone.receive();
        ASSERT_TRUE(got);
        EXPECT_EQ(got->payload[0], expected);
    }
    buffers->jitter_buffer(a->leg, {.kind = JitterSpec::Kind::fixed, .max = Millis(60000)});
    settle(a->leg);
    a->phone.sequence = static_cast<std::uint16_t>(sequence + 2);
    a->phone.timestamp = timestamp + 320;
    a->phone.say(0, 4);
    a->phone.press('5');
    auto got = a->phone.receive();  // digits are not held
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header.payload_type, 101);
    buffers->jitter_buffer(a->leg, {});
    while (got && got->header.payload_type == 101) got = a->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 4);
}

TEST_F(EngineRelay, HoldStopsAudioInTheRightDirection) {
    auto a = call(), b = call();
    engine->connect(a->leg, b->leg);
    RtpConfig c = config(a->phone);
    c.direction = Direction::sendonly;
    engine->configure_rtp(a->leg, c);
    settle(a->leg);
    a->phone.say(0, 1);  // not taken
    settle(a->leg);
    c.direction = Direction::sendrecv;
    engine->configure_rtp(a->leg, c);
    settle(a->leg);
    a->phone.say(0, 2);
    auto got = b->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 2);
}

TEST_F(EngineRelay, AMixerGivesEachTheOthers) {
    auto a = call(), b = call(), c = call();
    const MixerId mixer = engine->open_mixer({});
    for (auto* one : {a.get(), b.get(), c.get()}) engine->mixer_add(mixer, one->leg, MixRole::normal);
    settle(a->leg);
    bool b_heard = false, c_heard = false, a_quiet = true;
    for (int i = 0; i < 200 && !(b_heard && c_heard); ++i) {
        a->phone.say(0, g711::to_ulaw(5000));
        const auto in_a = a->phone.receive(), in_b = b->phone.receive(), in_c = c->phone.receive();
        ASSERT_TRUE(in_a && in_b && in_c);
        b_heard = b_heard || std::abs(g711::from_ulaw(in_b->payload[80]) - 5000) < 200;
        c_heard = c_heard || std::abs(g711::from_ulaw(in_c->payload[80]) - 5000) < 200;
        a_quiet = a_quiet && std::abs(g711::from_ulaw(in_a->payload[80])) < 100;
    }
    EXPECT_TRUE(b_heard);
    EXPECT_TRUE(c_heard);
    EXPECT_TRUE(a_quiet);
    engine->close_mixer(mixer);
}

}  // namespace
}  // namespace asterism::media
