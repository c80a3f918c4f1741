#include "support/fake_media.hpp"

#include <gtest/gtest.h>

#include "support/test_loop.hpp"

namespace asterism::media {
namespace {

TEST(FakeEngine, EndsAPlayAfterItsLengthInVirtualTime) {
    TestLoop loop;
    FakeEngine engine(loop);
    const LegId leg = engine.open_null({});
    engine.durations["/a.wav"] = Millis{700};
    std::optional<OpEnd> end;
    engine.play(leg, {.files = {"/a.wav"}}, [&](const OpEnd& e) { end = e; });
    loop.advance(699ms);
    EXPECT_FALSE(end);
    loop.advance(1ms);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->why, OpEnd::Why::finished);
    EXPECT_EQ(end->samples, 5600u);
}

TEST(FakeEngine, ClosingALegEndsItsOperationsOnce) {
    TestLoop loop;
    FakeEngine engine(loop);
    const LegId leg = engine.open_null({});
    int ends = 0;
    engine.play(leg, {.files = {"/a.wav"}}, [&](const OpEnd& e) {
        ++ends;
        EXPECT_EQ(e.why, OpEnd::Why::closed);
    });
    engine.close(leg);
    loop.advance(10s);
    EXPECT_EQ(ends, 1);
}

TEST(FakeEngine, DigitsGoThroughBothHalvesOfAPair) {
    TestLoop loop;
    FakeEngine engine(loop);
    std::string heard;
    auto [a, b] = engine.open_pair({}, [&](LegId, const LegEvent& e) {
        if (e.kind == LegEvent::Kind::dtmf_end) heard += e.digit;
    });
    const LegId phone = engine.open_null({});
    engine.connect(phone, a);
    engine.press_all(phone, "12#");
    loop.advance(2s);
    EXPECT_EQ(heard, "12#");
    EXPECT_EQ(engine.leg(b).heard, "12#");
}

}  // namespace
}  // namespace asterism::media
