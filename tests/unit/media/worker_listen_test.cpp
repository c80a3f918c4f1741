// What a worker hears in audio: digits sent and heard, talking, silence.
#include "media/dtmf_detector.hpp"
#include "media/tone_generator.hpp"
#include "worker_fixture.hpp"

namespace asterism::media {
namespace {

using WorkerListen = WorkerTest;

TEST_F(WorkerListen, SendsDigitsAndPausesAndEndsOnce) {
    TestLeg& a = leg();
    worker.send_dtmf(a.id(), "1w2", Millis{100}, Millis{100}, OpId{100});
    ticks(10);
    EXPECT_EQ(a.events, "111111.1.1.");  // 5 updates, 3 ends
    ticks(20);
    EXPECT_EQ(a.events, "111111.1.1.");
    ticks(20);
    EXPECT_EQ(a.events, "111111.1.1.222222.2.2.");
    ASSERT_EQ(ends[100].size(), 1u);
    EXPECT_FALSE(a.wants_ticks());
    worker.send_dtmf(a.id(), "", Millis{100}, Millis{100}, OpId{101});
    worker.send_dtmf(a.id(), "999", Millis{100}, Millis{100}, OpId{102});
    ticks(3);
    worker.close_leg(a.id());
    worker.turn(0);
    ASSERT_EQ(ends[101].size(), 1u);
    EXPECT_EQ(ends[101][0].why, OpEnd::Why::finished);
    ASSERT_EQ(ends[102].size(), 1u);
    EXPECT_EQ(ends[102][0].why, OpEnd::Why::closed);
}

TEST_F(WorkerListen, DigitsBecomeTonesOrSignalsWhereEventsAreNotUnderstood) {
    TestLeg &phone = leg(), &old = leg(), &info = leg();
    old.way = DigitWay::tones;
    info.way = DigitWay::signal;
    worker.connect(phone.id(), old.id());
    worker.digit_received(phone.id(), '4', Millis{100});
    ticks(12);
    DtmfDetector detector;
    std::string heard;
    old.heard_all.resize(old.heard_all.size() + 400);
    detector.feed(old.heard_all,
                  [&](const DtmfDetector::Change& c) { heard += c.begin ? "+" : "-", heard += c.digit; });
    EXPECT_EQ(heard, "+4-4");
    EXPECT_EQ(digits(), "+4-4");  // phone's
    worker.connect(phone.id(), info.id());
    worker.digit_received(phone.id(), '5', Millis{160});
    ticks(12);
    ASSERT_EQ(events.back().event.kind, LegEvent::Kind::dtmf_to_signal);
    EXPECT_EQ(events.back().event.digit, '5');
    EXPECT_EQ(events.back().leg, info.id());
    EXPECT_EQ(events.back().event.duration, Millis{160});
}

TEST_F(WorkerListen, HearsDigitsInAudioAndSendsThemAnew) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    worker.detect(a.id(), {.inband_digits = true});
    const auto pair = *dtmf_frequencies('8');
    DualTone tone(pair[0], pair[1], false, 6000, 8000);
    std::vector<std::int16_t> block(160);
    for (int i = 0; i < 6; ++i) {
        tone.generate(block);
        a.say(block);
        ticks(1);
    }
    for (int i = 0; i < 10; ++i) {
        a.say(0);
        ticks(1);
    }
    EXPECT_EQ(digits(), "+8-8");
    EXPECT_TRUE(b.events.starts_with("88")) << b.events;
    EXPECT_TRUE(b.events.ends_with("8.8.8.")) << b.events;
    // Of the tone itself hardly more than its first moment went through.
    std::size_t loud = 0;
    for (const int s : b.heard_all) loud += std::abs(s) > 3000;
    EXPECT_LT(loud, 320u);
}

TEST_F(WorkerListen, TellsWhenSomebodyTalks) {
    TestLeg& a = leg();
    worker.detect(
        a.id(), {.talking = true, .talk_after = Millis{60}, .silent_after = Millis{200}, .silence_after = Millis{500}});
    const auto speak = [&](int n, std::int16_t level) {
        for (int i = 0; i < n; ++i) a.say(level);
        worker.turn(0);
    };
    const auto talk = [&] { return said(LegEvent::Kind::talking_started, LegEvent::Kind::talking_stopped); };
    speak(2, 5000);  // a click
    speak(5, 0);
    EXPECT_EQ(talk(), "");
    speak(10, 5000);
    EXPECT_EQ(talk(), "+");
    speak(9, 0);
    EXPECT_EQ(talk(), "+");
    speak(1, 0);
    EXPECT_EQ(talk(), "+-");
    EXPECT_NEAR(static_cast<double>(events.back().event.duration.count()), 200, 20);
    speak(15, 0);
    EXPECT_EQ(events.back().event.kind, LegEvent::Kind::silence);
    speak(1, 5000);
    EXPECT_EQ(events.back().event.kind, LegEvent::Kind::sound);
}

TEST_F(WorkerListen, ListensUntilStopped) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    worker.listen(a.id(), OpId{100}, {.what = LevelWatch{.silence_after = Millis(200)}});
    worker.listen(a.id(), OpId{101}, {.side = Side::out, .what = LevelWatch{.sound_after = Millis(100)}});
    ticks(25);  // nothing comes at all: silence
    const auto silences = heards.size();
    EXPECT_GE(silences, 1u);
    EXPECT_EQ(heards.front().op, OpId{100});
    for (int i = 0; i < 10; ++i) {
        b.say(3000);
        a.say(3000);
        ticks(1);
    }
    EXPECT_EQ(heards.back().op, OpId{101});
    EXPECT_EQ(heards.back().heard.kind, Heard::Kind::sound);
    worker.control(OpId{101}, {.kind = OpControl::Kind::stop});
    worker.close_leg(a.id());
    worker.turn(0);
    EXPECT_EQ(ends[101][0].why, OpEnd::Why::stopped);
    EXPECT_EQ(ends[100][0].why, OpEnd::Why::closed);
    worker.listen(LegId{77}, OpId{102}, {.what = MfWatch{}});
    worker.turn(0);
    EXPECT_EQ(ends[102][0].why, OpEnd::Why::closed);
}

}  // namespace
}  // namespace asterism::media
