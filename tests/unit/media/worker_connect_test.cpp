// Who hears whom in a worker: connections, mute, gain, effects, pairs, and ids that are not there.
#include "worker_fixture.hpp"

namespace asterism::media {
namespace {

using WorkerConnect = WorkerTest;

TEST_F(WorkerConnect, WhatMayWaitNeedsNobodyToWakeTheWorker) {
    bool done = false;
    worker.send_later([&](Worker&) { done = true; });
    worker.turn(-1);  // for ever, did the timer not end it
    EXPECT_TRUE(done);
}

TEST_F(WorkerConnect, ConnectMovesAndDisconnectFrees) {
    TestLeg &a = leg(), &b = leg(), &c = leg();
    worker.connect(a.id(), b.id());
    worker.connect(a.id(), c.id());
    a.say(1);
    EXPECT_EQ(b.frames, 0);
    EXPECT_EQ(c.last, 1);
    b.say(2);
    EXPECT_EQ(a.frames, 0);
    worker.disconnect(c.id());
    a.say(3);
    EXPECT_EQ(c.last, 1);
    worker.connect(a.id(), b.id());
    worker.close_leg(b.id());
    a.say(4);
    worker.turn(0);
    a.say(4);
}

TEST_F(WorkerConnect, MuteAndGain) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    worker.mute(a.id(), Side::in, true);
    a.say(100);
    EXPECT_EQ(b.frames, 0);
    worker.mute(a.id(), Side::in, false);
    worker.gain(a.id(), Side::in, 2.0);
    a.say(100);
    EXPECT_EQ(b.last, 200);
    a.say(30000);
    EXPECT_EQ(b.last, 32767);
    worker.gain(b.id(), Side::out, 0.5);
    a.say(100);
    EXPECT_EQ(b.last, 100);
    worker.mute(b.id(), Side::out, true);
    a.say(100);
    EXPECT_EQ(b.frames, 3);
}

TEST_F(WorkerConnect, EffectsChangeOneDirection) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    worker.effect(a.id(), Side::in, {.kind = EffectSpec::Kind::drop});
    a.say(1000);
    b.say(500);
    EXPECT_EQ(b.frames, 0);
    EXPECT_EQ(a.frames, 1);
    worker.effect(a.id(), Side::in, {.kind = EffectSpec::Kind::drop, .on = false});
    a.say(1000);
    EXPECT_EQ(b.frames, 1);
}

TEST_F(WorkerConnect, ARingOfPairsDoesNotRecurse) {
    worker.open_pair(LegId{801}, LegId{802});
    worker.open_pair(LegId{803}, LegId{804});
    worker.connect(LegId{802}, LegId{803});
    worker.connect(LegId{804}, LegId{801});
    play(LegId{801}, OpId{100}, {.count = 1});
    worker.supply(OpId{100}, 0, prompt(1600, 5), {});
    worker.send_dtmf(LegId{802}, "12", Millis{80}, Millis{40}, OpId{101});
    ticks(30);
    EXPECT_EQ(ends[100].size(), 1u);
    EXPECT_EQ(ends[101].size(), 1u);
}

TEST_F(WorkerConnect, UnknownIdsAreIgnoredOrEndClosed) {
    worker.connect(LegId{1}, LegId{2});
    worker.disconnect(LegId{1});
    worker.mixer_add(MixerId{1}, LegId{1}, MixRole::normal);
    worker.close_leg(LegId{1});
    worker.close_mixer(MixerId{1});
    worker.control(OpId{9}, {});
    worker.supply(OpId{9}, 0, nullptr, "x");
    play(LegId{1}, OpId{100}, {.count = 1});
    worker.record(MixerId{1}, OpId{101}, {.path = dir + "/x.wav"});
    worker.send_dtmf(LegId{1}, "1", Millis{80}, Millis{80}, OpId{102});
    worker.turn(0);
    for (const std::uint64_t op : {100u, 101u, 102u}) {
        ASSERT_EQ(ends[op].size(), 1u);
        EXPECT_EQ(ends[op][0].why, OpEnd::Why::closed);
    }
}

}  // namespace
}  // namespace asterism::media
