// Legs to programs that speak in bytes, in a worker without a thread, and the queue behind them.
#include <gtest/gtest.h>

#include "media/playout_queue.hpp"
#include "media/stream_leg.hpp"
#include "worker_fixture.hpp"

namespace asterism::media {
namespace {

using Kind = StreamEvent::Kind;
using Order = StreamCommand::Kind;

class QueueTest : public testing::Test {
  protected:
    PlayoutQueue queue{160, 0xFF, StreamOptions{}};
    std::string told;  // x: xoff, o: xon, B: bulk done, M: mark, d: drained; with their ids

    /// One frame as its first character and, if it differs, its last; "-" for none.
    std::string pull() {
        std::array<std::uint8_t, 160> frame{};
        const bool got = queue.pull(frame);
        note();
        if (!got) return "-";
        std::string s(1, static_cast<char>(frame.front()));
        if (frame.back() != frame.front()) s += static_cast<char>(frame.back());
        return s;
    }
    void note() {
        for (const auto& event : queue.events()) {
            const char* const names = "mxoBMds";
            told += names[static_cast<int>(event.kind)] + event.id;
        }
        queue.events().clear();
    }
    void put(char c, std::size_t bytes) {
        queue.put(std::string(bytes, c));
        note();
    }
};

TEST_F(QueueTest, MessagesAreCutIntoFramesAndARestIsDropped) {
    put('a', 320);
    put('b', 170);
    put('c', 100);
    EXPECT_EQ(queue.frames(), 3U);
    EXPECT_EQ(pull() + pull() + pull() + pull(), "aab-");
}

TEST_F(QueueTest, ABulkPutsPiecesTogetherAndFillsUpTheLast) {
    queue.begin_bulk();
    put('a', 100);
    put('b', 100);
    put('c', 160);
    EXPECT_EQ(queue.frames(), 2U);
    queue.end_bulk("one");
    EXPECT_EQ(queue.frames(), 3U);
    EXPECT_EQ(pull() + pull(), "abbc");
    EXPECT_EQ(told, "");
    EXPECT_EQ(pull(), "c\xFF");
    EXPECT_EQ(told, "") << "the last frame is only now being heard";
    EXPECT_EQ(pull(), "-");
    EXPECT_EQ(told, "Bone");
}

TEST_F(QueueTest, MarksComeInTheirPlaceAndAFlushForgetsThem) {
    put('a', 160);
    queue.mark("1");
    put('b', 160);
    queue.mark("2");
    EXPECT_EQ(pull(), "a");
    EXPECT_EQ(told, "");
    EXPECT_EQ(pull(), "b");
    EXPECT_EQ(told, "M1");
    pull();
    EXPECT_EQ(told, "M1M2");
    put('c', 1600);
    queue.mark("3");
    queue.report_drained();
    queue.flush();
    EXPECT_EQ(pull(), "-");
    EXPECT_EQ(told, "M1M2d");
    EXPECT_EQ(pull(), "-");
    EXPECT_EQ(told, "M1M2d") << "told once";
}

TEST_F(QueueTest, FlowControl) {
    queue.begin_bulk();
    put('a', 899 * 160);
    EXPECT_EQ(told, "");
    put('a', 160);
    EXPECT_EQ(told, "x");
    EXPECT_TRUE(queue.full());
    put('b', 200 * 160);
    EXPECT_EQ(queue.frames(), 1100U) << "what was under way is taken";
    put('c', 160);
    EXPECT_EQ(queue.frames(), 1100U) << "more is not";
    EXPECT_EQ(queue.dropped_frames(), 1U);
    for (int i = 0; i < 300; ++i) pull();
    EXPECT_EQ(told, "x");
    pull();
    EXPECT_EQ(told, "xo");
    queue.flush();
    EXPECT_FALSE(queue.full());
}

TEST_F(QueueTest, ABurstInARealTimeStreamIsNoLastingDelay) {
    for (int i = 0; i < 100; ++i) {
        put('a', 160);
        pull();
    }
    put('b', 50 * 160);  // a second too much, and then in real time again
    for (int i = 0; i < 400; ++i) {
        put('c', 160);
        pull();
    }
    EXPECT_LE(queue.frames(), PlayoutQueue::tolerated);
    EXPECT_LE(queue.dropped_frames(), 50U);
}

TEST_F(QueueTest, ABurstAloneIsHeardWhole) {
    put('a', 500 * 160);
    std::size_t heard = 0;
    while (pull() == "a") ++heard;
    EXPECT_EQ(heard, 500U);
    EXPECT_EQ(queue.dropped_frames(), 0U);
}

TEST_F(QueueTest, ABulkIsNeverThinned) {
    queue.begin_bulk();
    put('a', 100 * 160);
    for (int i = 0; i < 300; ++i) {
        put('a', 160);
        pull();
    }
    EXPECT_EQ(queue.dropped_frames(), 0U);
    EXPECT_EQ(queue.frames(), 100U);
}

TEST(StreamFrames, OptimalSizes) {
    EXPECT_EQ(stream_frame_bytes(CodecId::ulaw), 160U);
    EXPECT_EQ(stream_frame_bytes(CodecId::slin), 320U);
    EXPECT_EQ(stream_frame_bytes(CodecId::slin16), 640U);
    EXPECT_EQ(stream_frame_bytes(CodecId::slin44), 1764U);
    EXPECT_EQ(stream_frame_bytes(CodecId::slin192), 7680U);
    EXPECT_EQ(stream_frame_bytes(CodecId::gsm), 33U);
    EXPECT_EQ(stream_frame_bytes(CodecId::g722), 160U);
    EXPECT_EQ(stream_frame_bytes(CodecId::opus), 0U);
    EXPECT_EQ(stream_frame_bytes(CodecId::g729), 0U);
}

class StreamLegTest : public WorkerTest {
  protected:
    void told(const StreamNotice& notice) override {
        if (notice.event.kind == Kind::media)
            sent[notice.leg.value].push_back(*notice.event.bytes);
        else
            reports.push_back(notice.event);
    }
    LegId open(CodecId codec, bool passthrough = false) {
        const LegId id{++last_id};
        worker.open_stream(id, {.codec = codec, .passthrough = passthrough});
        worker.stream(id, {.kind = Order::start});
        return id;
    }
    void say(LegId id, std::string bytes) { worker.stream(id, {.kind = Order::media, .data = std::move(bytes)}); }
    std::vector<std::string>& heard(LegId id) { return sent[id.value]; }

    std::map<std::uint64_t, std::vector<std::string>> sent;
    std::vector<StreamEvent> reports;
};

TEST_F(StreamLegTest, EchoGivesTheVeryBytesBack) {
    const LegId leg = open(CodecId::ulaw);
    worker.echo(leg, true);
    worker.stream(leg, {.kind = Order::begin_bulk});
    std::string all;
    for (int i = 0; i < 1000; ++i) all += static_cast<char>(i * 7);
    say(leg, all);
    worker.stream(leg, {.kind = Order::end_bulk, .data = "x"});
    ticks(10);
    std::string back;
    for (const auto& frame : heard(leg)) back += frame;
    EXPECT_EQ(back.substr(0, all.size()), all);
    EXPECT_EQ(back.size(), 1120U);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].kind, Kind::bulk_done);
    EXPECT_EQ(reports[0].id, "x");
}

TEST_F(StreamLegTest, FromOneFormatToAnother) {
    const LegId program = open(CodecId::slin16), other = open(CodecId::ulaw);
    worker.connect(program, other);
    std::string loud;
    for (int i = 0; i < 320; ++i) loud += std::string("\x00\x20", 2);  // 0x2000
    for (int i = 0; i < 10; ++i) say(program, loud);
    ticks(10);
    ASSERT_GE(heard(other).size(), 9U);
    EXPECT_EQ(heard(other).back().size(), 160U);
    // Back: the samples are little-endian and of twice the rate.
    for (int i = 0; i < 10; ++i) say(other, std::string(160, static_cast<char>(0x9F)));
    ticks(10);
    ASSERT_GE(heard(program).size(), 9U);
    const auto& frame = heard(program).back();
    ASSERT_EQ(frame.size(), 640U);
    const auto sample =
        static_cast<std::int16_t>(static_cast<unsigned char>(frame[320]) | static_cast<unsigned char>(frame[321]) << 8);
    EXPECT_GT(sample, 6000);
    EXPECT_LT(sample, 9000);
}

TEST_F(StreamLegTest, TheFirstFramesWaitForSomebodyToHearThem) {
    const LegId program = open(CodecId::ulaw), other = open(CodecId::ulaw);
    say(program, std::string(5 * 160, 'a'));
    ticks(20);
    worker.connect(program, other);
    ticks(6);
    ASSERT_GE(heard(other).size(), 5U);
    EXPECT_EQ(heard(other)[4], std::string(160, 'a'));
    const LegId alone = open(CodecId::ulaw);
    say(alone, std::string(5 * 160, 'a'));
    ticks(60);
    worker.connect(alone, other);
    heard(other).clear();
    ticks(1);
    ASSERT_FALSE(heard(other).empty());
    EXPECT_NE(heard(other)[0], std::string(160, 'a')) << "after a second they are gone";
}

TEST_F(StreamLegTest, FlushIsHeardWithinAFrameAndPauseKeeps) {
    const LegId program = open(CodecId::ulaw), other = open(CodecId::ulaw);
    worker.connect(program, other);
    const std::string a(160, 'a');
    say(program, std::string(100 * 160, 'a'));
    ticks(3);
    EXPECT_EQ(heard(other).back(), a);
    worker.stream(program, {.kind = Order::pause});
    ticks(1);
    EXPECT_EQ(heard(other).back(), std::string(160, '\xFF')) << "silence";
    worker.stream(program, {.kind = Order::go_on});
    ticks(1);
    EXPECT_EQ(heard(other).back(), a);
    worker.stream(program, {.kind = Order::status});
    worker.stream(program, {.kind = Order::flush});
    worker.stream(program, {.kind = Order::status});
    ticks(1);
    EXPECT_NE(heard(other).back(), a);
    ASSERT_EQ(reports.size(), 2U);
    EXPECT_EQ(reports[0].queued, 96U);
    EXPECT_EQ(reports[1].queued, 0U);
}

TEST_F(StreamLegTest, DirectionsAndTheStart) {
    const LegId other = open(CodecId::ulaw);
    const LegId program{++last_id};
    worker.open_stream(program, {.codec = CodecId::ulaw});
    worker.connect(program, other);
    say(program, std::string(160, 'a'));
    say(other, std::string(160, 'b'));
    ticks(2);
    EXPECT_TRUE(heard(program).empty()) << "nothing before the start";
    EXPECT_TRUE(heard(other).empty());
    worker.stream(program, {.kind = Order::start});
    worker.stream(program, {.kind = Order::direction, .takes = true, .gives = false});
    say(program, std::string(160, 'a'));
    say(other, std::string(160, 'b'));
    ticks(2);
    EXPECT_TRUE(heard(program).empty());
    EXPECT_EQ(heard(other).at(0), std::string(160, 'a'));
    worker.stream(program, {.kind = Order::direction, .takes = false, .gives = true});
    heard(other).clear();
    say(program, std::string(160, 'a'));
    say(other, std::string(160, 'b'));
    ticks(2);
    EXPECT_EQ(heard(program).at(0), std::string(160, 'b'));
    for (const auto& frame : heard(other)) EXPECT_NE(frame, std::string(160, 'a'));
}

TEST_F(StreamLegTest, PassthroughHandsMessagesOnAtOnce) {
    const LegId program = open(CodecId::opus), other = open(CodecId::opus);
    worker.connect(program, other);
    say(program, "packet one");
    say(program, "two");
    worker.turn(0);
    EXPECT_EQ(heard(other), (std::vector<std::string>{"packet one", "two"}));
}

TEST_F(StreamLegTest, ADigitForTheProgramIsSignalled) {
    const LegId program = open(CodecId::ulaw), other = open(CodecId::ulaw);
    worker.connect(program, other);
    worker.digit_received(other, '5', Millis{100});
    ticks(10);
    bool signalled = false;
    for (const auto& e : events)
        signalled |= e.leg == program && e.event.kind == LegEvent::Kind::dtmf_to_signal && e.event.digit == '5';
    EXPECT_TRUE(signalled);
}

TEST_F(StreamLegTest, AProgramThatOnlyListensIsHeardAsSilence) {
    const LegId program = open(CodecId::ulaw), other = open(CodecId::ulaw);
    worker.connect(program, other);
    ticks(90);
    EXPECT_TRUE(heard(other).empty());
    ticks(20);
    EXPECT_FALSE(heard(other).empty());
}

}  // namespace
}  // namespace asterism::media
