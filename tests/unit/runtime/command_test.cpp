// Shell commands: real processes on the real loop.
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "asterism/runtime/asio_loop.hpp"
#include "asterism/runtime/task.hpp"
#include "support/test_loop.hpp"

namespace asterism {
namespace {

/// Runs one command on a loop of its own.
CommandEnd run(CommandSpec spec) {
    AsioLoop loop;
    CommandEnd got;
    loop.command(std::move(spec), [&](CommandEnd end) {
        got = std::move(end);
        loop.stop();
    });
    loop.run();
    return got;
}

TEST(Command, status_and_output) {
    EXPECT_EQ(run({"exit 3"}).status, 3);
    EXPECT_EQ(run({"nosuchprogram-at-all 2>/dev/null"}).status, 127);
    EXPECT_EQ(run({"kill -9 $$"}).status, 137);
    const CommandEnd end = run({"echo one; echo two; exit 1", 100});
    EXPECT_EQ(end.status, 1);
    EXPECT_EQ(end.output, "one\ntwo\n");
}

TEST(Command, what_is_printed_beyond_the_limit_is_dropped_and_does_not_block) {
    const CommandEnd end = run({"head -c 1000000 /dev/zero", 1000});
    EXPECT_EQ(end.status, 0);
    EXPECT_EQ(end.output.size(), 1000U);
}

TEST(Command, long_ones_hold_up_neither_each_other_nor_the_pool_nor_a_stop) {
    const auto begin = std::chrono::steady_clock::now();  // what is measured is that nothing waits in real time
    {
        AsioLoop loop;
        for (int i = 0; i < 20; ++i)
            loop.command({"exec sleep 20 >/dev/null 2>&1"}, [](CommandEnd) { FAIL() << "after the loop"; });
        int quick = 0;
        for (int i = 0; i < 20; ++i) {
            loop.command({"exit 0"}, [&](CommandEnd) {
                if (++quick == 20) loop.blocking([] {}, [&] { loop.stop(); });
            });
        }
        loop.run();
        EXPECT_EQ(quick, 20);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
}

TEST(Command, its_own_children_in_the_background_are_not_waited_for) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(run({"sleep 20 2>/dev/null & echo done", 100}).output, "done\n");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
}

TEST(Command, a_coroutine_may_go_before_its_command) {
    TestLoop loop;
    bool came_back = false;
    {
        TaskScope scope(loop);
        scope.spawn([](TestLoop& l, bool& back) -> Task<void> {
            EXPECT_EQ((co_await run_command(l, {"exit 5"})).status, 5);
            back = true;
        }(loop, came_back));
    }
    loop.run();
    EXPECT_FALSE(came_back);
}

}  // namespace
}  // namespace asterism
