// Players in a worker: files one after another, their controls, music, and the bridge meanwhile.
#include "worker_fixture.hpp"

namespace asterism::media {
namespace {

using WorkerPlay = WorkerTest;

TEST_F(WorkerPlay, PlaysFilesOneAfterAnother) {
    TestLeg& a = leg();
    const OpId op{100};
    play(a.id(), op, {.count = 2});
    EXPECT_EQ(needs, (std::vector<std::size_t>{0}));
    ticks(3);
    EXPECT_EQ(a.frames, 0);  // not loaded yet
    worker.supply(op, 0, prompt(400, 10), {});
    worker.turn(0);
    EXPECT_EQ(needs, (std::vector<std::size_t>{0, 1}));  // the next is asked for ahead of time
    worker.supply(op, 1, prompt(160, 20), {});
    ticks(3);
    EXPECT_EQ(a.frames, 3);
    ticks(1);
    EXPECT_EQ(a.last, 20);
    EXPECT_TRUE(ends[100].empty());
    ticks(1);
    ASSERT_EQ(ends[100].size(), 1u);
    EXPECT_EQ(ends[100][0].why, OpEnd::Why::finished);
    EXPECT_EQ(ends[100][0].file, 1u);
    EXPECT_EQ(ends[100][0].samples, 160u);
    EXPECT_EQ(a.frames, 4);
}

TEST_F(WorkerPlay, PauseSkipRewindRestart) {
    TestLeg& a = leg();
    const OpId op{100};
    play(a.id(), op, {.count = 1});
    auto p = std::make_shared<Prompt>();
    for (int i = 0; i < 16000; ++i) p->pcm.push_back(static_cast<std::int16_t>(i / 160));  // each frame is its number
    worker.supply(op, 0, p, {});
    ticks(5);
    EXPECT_EQ(a.last, 4);
    worker.control(op, {.kind = OpControl::Kind::pause});
    ticks(5);
    EXPECT_EQ(a.last, 4);
    EXPECT_EQ(a.frames, 5);
    worker.control(op, {.kind = OpControl::Kind::resume});
    ticks(1);
    EXPECT_EQ(a.last, 5);
    worker.control(op, {.kind = OpControl::Kind::forward, .by = Millis{1000}});
    ticks(1);
    EXPECT_EQ(a.last, 56);
    worker.control(op, {.kind = OpControl::Kind::reverse, .by = Millis{200}});
    ticks(1);
    EXPECT_EQ(a.last, 47);
    worker.control(op, {.kind = OpControl::Kind::restart});
    ticks(1);
    EXPECT_EQ(a.last, 0);
    worker.control(op, {.kind = OpControl::Kind::stop});
    ticks(1);
    ASSERT_EQ(ends[100].size(), 1u);
    EXPECT_EQ(ends[100][0].why, OpEnd::Why::stopped);
    EXPECT_EQ(ends[100][0].position, Millis{20});
    EXPECT_FALSE(a.wants_ticks());
}

TEST_F(WorkerPlay, MusicGoesRoundAndSkipsBadFiles) {
    TestLeg& a = leg();
    const OpId op{100};
    play(a.id(), op, {.count = 3, .repeat = 0, .tolerant = true});
    worker.supply(op, 0, prompt(160, 1), {});
    worker.supply(op, 1, nullptr, "bad");
    ticks(2);
    worker.turn(0);
    EXPECT_EQ(needs.back(), 2u);
    worker.supply(op, 2, prompt(160, 3), {});
    ticks(1);
    EXPECT_EQ(a.last, 3);
    EXPECT_EQ(needs.back(), 0u);
    EXPECT_TRUE(ends[100].empty());
    // All bad: it gives up instead of asking for ever.
    const OpId all_bad{101};
    play(a.id(), all_bad, {.count = 2, .repeat = 0, .tolerant = true});
    worker.supply(all_bad, 0, nullptr, "bad 0");
    worker.supply(all_bad, 1, nullptr, "bad 1");
    ticks(2);
    ASSERT_EQ(ends[101].size(), 1u);
    EXPECT_EQ(ends[101][0].why, OpEnd::Why::failed);
    EXPECT_EQ(ends[101][0].error, "bad 1");
}

TEST_F(WorkerPlay, APlayReplacesTheBridgeWhileItLasts) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    b.say(5);
    EXPECT_EQ(a.last, 5);
    const OpId op{100};
    play(a.id(), op, {.count = 1});
    worker.supply(op, 0, prompt(320, 9), {});
    b.say(6);
    EXPECT_EQ(a.last, 5);
    ticks(1);
    EXPECT_EQ(a.last, 9);
    a.say(77);  // the other way is not disturbed
    EXPECT_EQ(b.last, 77);
    ticks(2);
    b.say(7);
    EXPECT_EQ(a.last, 7);
}

TEST_F(WorkerPlay, SilenceForWantOfAnythingElseGivesWay) {
    TestLeg &a = leg(), &b = leg();
    const auto silence = [&](OpId op) {
        worker.play(a.id(), std::make_unique<SilencePlayer>(op, Millis::max(), worker.new_stream(), true));
        worker.turn(0);
    };
    silence(OpId{1});
    ticks(1);
    EXPECT_EQ(a.last, 0);
    worker.connect(a.id(), b.id());  // nothing has come from there yet
    EXPECT_TRUE(ends[1].empty());
    b.say(5);
    EXPECT_EQ(a.last, 5);
    worker.turn(0);
    ASSERT_EQ(ends[1].size(), 1u);
    EXPECT_EQ(ends[1][0].why, OpEnd::Why::stopped);

    play(a.id(), OpId{2}, {.count = 1});
    silence(OpId{3});  // beside something that plays it does not begin
    ASSERT_EQ(ends[3].size(), 1u);
    EXPECT_EQ(ends[3][0].why, OpEnd::Why::stopped);
    EXPECT_TRUE(ends[2].empty());
}

}  // namespace
}  // namespace asterism::media
