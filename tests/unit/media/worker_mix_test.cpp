// Mixers in a worker, and the queue that each of their parties has.
#include "media/g711.hpp"
#include "media/jitter_fifo.hpp"
#include "media/mixer.hpp"
#include "worker_fixture.hpp"

namespace asterism::media {
namespace {

using WorkerMix = WorkerTest;

TEST_F(WorkerMix, TheMixerSubtractsSaturatesAndShares) {
    TestLeg &a = leg(), &b = leg(), &c = leg(), &d = leg();
    c.wants = d.wants = CodecId::ulaw;
    const MixerId m{500};
    worker.open_mixer(m, {});
    for (TestLeg* l : {&a, &b, &c, &d}) worker.mixer_add(m, l->id(), MixRole::normal);
    for (int i = 0; i < 5; ++i) {
        a.say(1000);
        b.say(2000);
        ticks(1);
    }
    EXPECT_EQ(a.last, 2000);
    EXPECT_EQ(b.last, 1000);
    EXPECT_EQ(c.last, 3000);
    EXPECT_EQ(c.frames, 5);
    EXPECT_EQ(c.last_payload, std::vector<std::uint8_t>(160, g711::to_ulaw(3000)));
    EXPECT_EQ(d.last_payload, c.last_payload);
    for (int i = 0; i < 5; ++i) {
        a.say(30000);
        b.say(30000);
        ticks(1);
    }
    EXPECT_EQ(c.last, 32767);
    EXPECT_EQ(a.last, 30000);
    worker.mixer_add(m, a.id(), MixRole::listen_only);
    for (int i = 0; i < 5; ++i) {
        a.say(1000);
        b.say(2000);
        ticks(1);
    }
    EXPECT_EQ(c.last, 2000);
    worker.mixer_remove(m, b.id());
    const int before = b.frames;
    ticks(3);
    EXPECT_EQ(b.frames, before);
    worker.close_mixer(m);
    ticks(1);
    EXPECT_EQ(a.mixer(), nullptr);
}

TEST_F(WorkerMix, ALostPacketIsSilenceInTheMixAndALateOneIsDropped) {
    TestLeg &a = leg(), &b = leg();
    const MixerId m{500};
    worker.open_mixer(m, {});
    worker.mixer_add(m, a.id(), MixRole::normal);
    worker.mixer_add(m, b.id(), MixRole::normal);
    a.timed = true;
    for (const int number : {0, 1, 2, 4, 3, 5}) {  // 3 comes after its place was given away
        a.timestamp = static_cast<std::uint32_t>(number * 160);
        a.say(static_cast<std::int16_t>(1000 + number));
    }
    std::vector<int> heard;
    for (int i = 0; i < 6; ++i) {
        ticks(1);
        heard.push_back(b.last);
    }
    EXPECT_EQ(heard, (std::vector<int>{1000, 1001, 1002, 0, 1004, 1005}));
}

TEST_F(WorkerMix, TheMixerPlaysToAllAndPassesDigits) {
    TestLeg &a = leg(), &b = leg();
    const MixerId m{500};
    worker.open_mixer(m, {.rate = 16000});
    worker.mixer_add(m, a.id(), MixRole::normal);
    worker.mixer_add(m, b.id(), MixRole::normal);
    play(m, OpId{100}, {.count = 1});
    worker.supply(OpId{100}, 0, prompt(1600, 500), {});
    ticks(5);
    EXPECT_NEAR(a.last, 500, 30);
    EXPECT_NEAR(b.last, 500, 30);
    ticks(10);
    ASSERT_EQ(ends[100].size(), 1u);
    EXPECT_EQ(a.last, 0);
    worker.digit_received(a.id(), '3', Millis{80});
    ticks(8);
    EXPECT_TRUE(b.events.ends_with("3."));
    EXPECT_EQ(a.events, "");
}

TEST(JitterFifo, HoldsBackRunsDryAndCatchesUp) {
    JitterFifo fifo(8000);
    std::vector<std::int16_t> in(160, 7), out(160);
    EXPECT_FALSE(fifo.pull(out));
    fifo.push(in);
    EXPECT_TRUE(fifo.pull(out));
    EXPECT_EQ(out[159], 7);
    EXPECT_FALSE(fifo.pull(out));  // dry: from now on it holds back more
    EXPECT_EQ(out[0], 0);
    fifo.push(in);
    EXPECT_FALSE(fifo.pull(out));
    fifo.push(in);
    EXPECT_TRUE(fifo.pull(out));
    // A burst is worked off within seconds, a block at a time.
    for (int i = 0; i < 10; ++i) fifo.push(in);
    const auto deep = fifo.depth();
    for (int i = 0; i < 1000; ++i) {
        fifo.push(in);
        EXPECT_TRUE(fifo.pull(out));
    }
    EXPECT_LT(fifo.depth(), deep / 2);
    // And it never grows without bound.
    for (int i = 0; i < 100; ++i) fifo.push(in);
    EXPECT_LE(fifo.depth(), 3200u);
}

}  // namespace
}  // namespace asterism::media
