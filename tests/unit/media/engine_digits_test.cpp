// Digits through the engine, as telephone-events (RFC 4733).
#include "engine_fixture.hpp"

namespace asterism::media {
namespace {

using EngineDigits = EngineTest;

TEST_F(EngineDigits, EchoesAudioAndDigits) {
    auto a = call();
    engine->echo(a->leg, true);
    settle(a->leg);
    a->phone.say(0, 0x12);
    auto got = a->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 0x12);
    a->phone.press('5');
    got = a->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header.payload_type, 101);
    EXPECT_TRUE(loop.run_until([&] { return a->digits() == "5"; }));
}

TEST_F(EngineDigits, DigitsPassAlocalPairInBothDirections) {
    auto a = call(), b = call();
    std::string heard;
    auto [one, two] = engine->open_pair({}, [&](LegId, const LegEvent& e) {
        if (e.kind == Kind::dtmf_end) heard += e.digit;
    });
    engine->connect(a->leg, one);
    engine->connect(two, b->leg);
    settle(a->leg);
    a->phone.say(0, 0x33);
    auto got = b->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 0x33);
    a->phone.press('7');
    got = b->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header.payload_type, 101);
    EXPECT_EQ(got->payload[0], 7);
    EXPECT_TRUE(loop.run_until([&] { return heard == "7"; }));
    engine->close(one);
    engine->close(two);
}

TEST_F(EngineDigits, DigitsThatDoNotPassAreOnlyReported) {
    auto a = call(), b = call();
    engine->connect(a->leg, b->leg);
    engine->pass_digits(a->leg, false);
    settle(a->leg);
    a->phone.say(0, 1);
    auto first = b->phone.receive();
    a->phone.press('9');
    a->phone.say(0, 2);
    auto got = b->phone.receive();
    ASSERT_TRUE(first && got);
    EXPECT_EQ(got->payload[0], 2);
    // The packets that were kept back must not look lost.
    EXPECT_EQ(static_cast<std::uint16_t>(got->header.sequence - first->header.sequence), 1);
    EXPECT_TRUE(loop.run_until([&] { return a->digits() == "9"; }));
}

TEST_F(EngineDigits, SendsDigitsAsEventsWithThreeEnds) {
    auto a = call();
    std::optional<OpEnd> end;
    engine->send_dtmf(a->leg, "1#", Millis{80}, Millis{40}, [&](const OpEnd& e) { end = e; });
    int ends[2] = {0, 0};
    std::uint32_t stamp[2] = {0, 0};
    for (int seen = 0; seen < 6;) {
        auto got = a->phone.receive();
        ASSERT_TRUE(got);
        ASSERT_EQ(got->header.payload_type, 101);
        const auto event = parse_telephone_event(got->payload);
        ASSERT_TRUE(event);
        const int which = event->event == 1 ? 0 : 1;
        if (stamp[which] == 0)
            EXPECT_TRUE(got->header.marker);
        else
            EXPECT_EQ(stamp[which], got->header.timestamp);
        stamp[which] = got->header.timestamp;
        if (event->end) {
            ++ends[which];
            ++seen;
            EXPECT_EQ(event->duration, 640);
        }
    }
    EXPECT_EQ(ends[0], 3);
    EXPECT_EQ(ends[1], 3);
    EXPECT_TRUE(loop.run_until([&] { return end.has_value(); }));
    EXPECT_EQ(end->why, OpEnd::Why::finished);
}

TEST_F(EngineDigits, DigitsPassATranscodedCall) {
    auto a = call(CodecId::ulaw), b = call(CodecId::gsm);
    engine->connect(a->leg, b->leg);
    settle(a->leg);
    a->phone.say(0, 0x20);
    ASSERT_TRUE(b->phone.receive());
    a->phone.press('6');
    std::optional<std::uint32_t> stamp;
    for (int i = 0; i < 6; ++i) {
        const auto got = b->phone.receive();
        ASSERT_TRUE(got);
        ASSERT_EQ(got->header.payload_type, 101);
        EXPECT_EQ(got->header.timestamp, stamp.value_or(got->header.timestamp));
        stamp = got->header.timestamp;
    }
}

}  // namespace
}  // namespace asterism::media
