// Taps in a worker: spying, whispering, barging in.
#include "worker_fixture.hpp"

namespace asterism::media {
namespace {

using WorkerTap = WorkerTest;

TEST_F(WorkerTap, ATapHearsBothAndWhispersToOne) {
    TestLeg &a = leg(), &b = leg(), &spy = leg();
    worker.connect(a.id(), b.id());
    const LegId tap{900};
    worker.open_tap(tap, a.id(), {.spy_in = true, .spy_out = true, .whisper_out = true});
    worker.connect(tap, spy.id());
    for (int i = 0; i < 20; ++i) {
        a.say(1000);
        b.say(500);
        spy.say(50);
        ticks(1);
    }
    EXPECT_NEAR(spy.last, 1550, 60);  // both, and its own whisper as the target hears it
    EXPECT_NEAR(a.last, 550, 30);
    EXPECT_EQ(b.last, 1000);
    worker.close_leg(a.id());
    for (int i = 0; i < 10; ++i) {
        spy.say(50);
        ticks(1);
    }
    worker.close_leg(tap);
    worker.turn(0);
}

TEST_F(WorkerTap, ABargeIsHeardByBothEvenWhenTheyAreSilent) {
    TestLeg &a = leg(), &b = leg(), &spy = leg();
    worker.connect(a.id(), b.id());
    const LegId tap{900};
    worker.open_tap(tap, a.id(), {.spy_in = true, .spy_out = true});
    worker.connect(tap, spy.id());
    for (int i = 0; i < 20; ++i) {
        spy.say(50);
        ticks(1);
    }
    EXPECT_EQ(a.frames + b.frames, 0);
    worker.set_tap(tap, {.spy_in = true, .spy_out = true, .whisper_in = true, .whisper_out = true});
    for (int i = 0; i < 20; ++i) {
        spy.say(50);
        ticks(1);
    }
    EXPECT_NEAR(a.last, 50, 10);
    EXPECT_NEAR(b.last, 50, 10);
    for (int i = 0; i < 20; ++i) {
        spy.say(50);
        a.say(1000);
        ticks(1);
    }
    EXPECT_NEAR(b.last, 1050, 30);
    worker.close_leg(tap);
    worker.turn(0);
}

}  // namespace
}  // namespace asterism::media
