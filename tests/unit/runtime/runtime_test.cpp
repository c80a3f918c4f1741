#include <gtest/gtest.h>

#include <boost/assert.hpp>
#include <cmath>
#include <string>

#include "asterism/runtime/asio_loop.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/random.hpp"
#include "asterism/runtime/task.hpp"
#include "support/test_loop.hpp"

namespace asterism {
namespace {

TEST(TimerQueue, runs_in_order_of_due_time_then_of_start) {
    TestLoop loop;
    std::string seen;
    Timer a(loop), b(loop), c(loop);
    b.start(20ms, [&] { seen += 'b'; });
    a.start(10ms, [&] { seen += 'a'; });
    c.start(20ms, [&] { seen += 'c'; });
    loop.advance(19ms);
    EXPECT_EQ(seen, "a");
    loop.advance(1ms);
    EXPECT_EQ(seen, "abc");
}

TEST(TimerQueue, cancel_and_restart) {
    TestLoop loop;
    int ran = 0;
    {
        Timer t(loop);
        t.start(10ms, [&] { ran += 1; });
        t.start(30ms, [&] { ran += 10; });
        loop.advance(20ms);
        EXPECT_EQ(ran, 0);
        Timer gone(loop);
        gone.start(1ms, [&] { ran += 100; });
    }
    loop.advance(1s);
    EXPECT_EQ(ran, 0);
    EXPECT_EQ(loop.timers().size(), 0U);
}

TEST(TimerQueue, many_in_random_order_stay_sorted) {
    TestLoop loop;
    FixedRandom random(7);
    std::vector<TimerQueue::Handle> handles;
    TimePoint last{};
    int ran = 0;
    for (int i = 0; i < 2000; ++i) {
        const TimePoint due = loop.now() + std::chrono::microseconds(random.below(1'000'000));
        handles.push_back(loop.timers().schedule(due, [&, due] {
            EXPECT_GE(due, last);
            last = due;
            ++ran;
        }));
    }
    int cancelled = 0;
    for (std::size_t i = 0; i < handles.size(); i += 3) cancelled += loop.timers().cancel(handles[i]) ? 1 : 0;
    loop.advance(1s);
    EXPECT_EQ(ran + cancelled, 2000);
    EXPECT_FALSE(loop.timers().cancel(handles[0]));
}

Task<int> sum_two(Mailbox<int>& box) { co_return co_await box.next() + co_await box.next(); }

TEST(Time, seconds_that_no_clock_can_count) {
    EXPECT_EQ(from_seconds(0.25), 250ms);
    EXPECT_EQ(from_seconds(-1), -1s);
    EXPECT_EQ(from_seconds(std::nan("")), 0s);
    EXPECT_EQ(from_seconds(1e308), from_seconds(1e9));
    EXPECT_EQ(from_seconds(-INFINITY), -from_seconds(1e9));
}

TEST(Task, waits_for_a_mailbox_and_gives_its_value) {
    TestLoop loop;
    TaskScope scope(loop);
    Mailbox<int> box(loop);
    int result = 0;
    scope.spawn([](Mailbox<int>& b, int& r) -> Task<void> { r = co_await sum_two(b); }(box, result));
    box.send(1);
    loop.run();
    EXPECT_EQ(result, 0);
    box.send(2);
    EXPECT_EQ(result, 0) << "must not resume inside send()";
    loop.run();
    EXPECT_EQ(result, 3);
    EXPECT_TRUE(scope.empty());
}

TEST(Task, mailbox_deadline) {
    TestLoop loop;
    TaskScope scope(loop);
    Mailbox<int> box(loop);
    std::vector<int> seen;
    scope.spawn([](Mailbox<int>& b, std::vector<int>& s) -> Task<void> {
        for (int i = 0; i < 3; ++i) s.push_back((co_await b.next_within(100ms)).value_or(-1));
    }(box, seen));
    loop.advance(50ms);
    box.send(5);
    loop.advance(99ms);
    EXPECT_EQ(seen, (std::vector{5}));
    loop.advance(1ms);
    EXPECT_EQ(seen, (std::vector{5, -1}));
    loop.advance(1s);
    EXPECT_EQ(seen, (std::vector{5, -1, -1}));
}

TEST(Task, destroyed_while_waiting_leaves_nothing_behind) {
    TestLoop loop;
    Mailbox<int> box(loop);
    bool cleaned = false;
    {
        TaskScope scope(loop);
        scope.spawn([](Mailbox<int>& b, bool& c) -> Task<void> {
            struct Clean {
                bool& flag;
                ~Clean() { flag = true; }
            } clean{c};
            co_await b.next_within(1s);
        }(box, cleaned));
        box.send(1);  // it is in the ready queue when its scope ends
    }
    EXPECT_TRUE(cleaned);
    loop.advance(2s);
    EXPECT_EQ(loop.timers().size(), 0U);
}

TEST(Task, an_exception_ends_only_that_task) {
    TestLoop loop;
    TaskScope scope(loop);
    scope.spawn([]() -> Task<void> {
        throw std::runtime_error("expected by this test");
        co_return;
    }());
    loop.run();
    EXPECT_TRUE(scope.empty());
}

TEST(Task, sleep_and_blocking_and_yield) {
    TestLoop loop;
    TaskScope scope(loop);
    std::string seen;
    scope.spawn([](Loop& l, std::string& s) -> Task<void> {
        co_await sleep_for(l, 1s);
        s += 'a';
        co_await Yield(l);
        s += co_await run_blocking(l, [] { return 'b'; });
    }(loop, seen));
    loop.run();
    EXPECT_EQ(seen, "");
    loop.advance(1s);
    EXPECT_EQ(seen, "ab");
}

TEST(Task, what_it_logs_after_a_wait_is_of_the_same_call) {
    TestLoop loop;
    Mailbox<int> box(loop);
    std::vector<std::uint64_t> seen;
    const auto note = [&]() -> Task<void> {
        seen.push_back(log::current_call().value);
        co_await box.next();
        seen.push_back(log::current_call().value);
        co_await sleep_for(loop, 1s);
        seen.push_back(log::current_call().value);
        co_await Yield(loop);
        seen.push_back(log::current_call().value);
    };
    TaskScope of_a_call(loop, CallId{7}), of_none(loop);
    const auto runs_as = [&](TaskScope& scope, std::uint64_t call) {
        seen.clear();
        scope.spawn(note());
        EXPECT_FALSE(log::current_call());
        {
            const log::CallScope other(CallId{5});  // whoever wakes it
            box.send(1);
        }
        loop.advance(2s);
        EXPECT_EQ(seen, std::vector<std::uint64_t>(4, call));
        EXPECT_FALSE(log::current_call());
    };
    runs_as(of_a_call, 7);
    runs_as(of_none, 0);
    const log::CallScope starter(CallId{9});
    of_none.spawn(note());
    EXPECT_EQ(seen.back(), 9U);
}

TEST(AsioLoop, begins_with_what_was_made_ready_before) {
    AsioLoop loop;
    loop.defer([&] { loop.stop(); });
    loop.run();  // for ever, did it wait for something to happen first
}

TEST(AsioLoop, goes_on_after_what_throws) {
    AsioLoop loop;
    std::string seen;
    Timer timer(loop), later(loop);
    loop.post([] { throw std::runtime_error("expected by this test, posted"); });
    loop.post([&] {
        loop.defer([] { throw std::runtime_error("expected by this test, deferred"); });
        loop.defer([&] { seen += "deferred "; });
    });
    timer.start(1ms, [] { throw std::runtime_error("expected by this test, a timer"); });
    later.start(2ms, [&] {
        seen += "timer ";
        loop.stop();
    });
    loop.run();
    EXPECT_EQ(seen, "deferred timer ");
}

TEST(AsioLoop, times_the_work_of_a_turn_and_not_the_wait_before_it) {
    AsioLoop loop;
    const auto busy = [&](Duration time) {
        for (const auto end = loop.clock().now() + time; loop.clock().now() < end;) {
        }
    };
    Timer quick(loop), slow(loop);
    // The loop has nothing to do until the timer fires, and the timer's handler is the first of its turn.
    quick.start(50ms, [&] {
        EXPECT_LT(loop.stats().longest, 50ms);  // what was waited for is no work
        slow.start(50ms, [&] {
            busy(2 * LoopStats::slow_turn);
            loop.defer([&] { loop.stop(); });
        });
    });
    const auto before = loop.stats().slow_turns;
    loop.run();
    EXPECT_GE(loop.stats().longest, 2 * LoopStats::slow_turn);
    EXPECT_GE(loop.stats().slow_turns, before + 1);
}

TEST(AsioLoop, an_assertion_of_boost_is_an_exception) {
    const auto assert_something = [](bool holds) { BOOST_ASSERT(holds); };
    EXPECT_NO_THROW(assert_something(true));
    EXPECT_THROW(assert_something(false), std::logic_error);
}

TEST(AsioLoop, posts_timers_and_blocking_work) {
    AsioLoop loop;
    TaskScope scope(loop);
    std::string seen;
    scope.spawn([](AsioLoop& l, std::string& s) -> Task<void> {
        s += co_await run_blocking(l, [] { return std::string("pool "); });
        co_await sleep_for(l, 1ms);
        s += "timer ";
        while (!s.contains("posted")) co_await sleep_for(l, 1ms);
        l.stop();
    }(loop, seen));
    std::thread other([&] { loop.post([&] { seen += "posted "; }); });
    loop.run();
    other.join();
    EXPECT_NE(seen.find("pool "), std::string::npos);
    EXPECT_NE(seen.find("timer "), std::string::npos);
    EXPECT_NE(seen.find("posted "), std::string::npos);
}

TEST(Random, uuid_has_the_form_of_version_4) {
    FixedRandom random(3);
    const std::string id = random.uuid();
    ASSERT_EQ(id.size(), 36U);
    EXPECT_EQ(id[14], '4');
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
    EXPECT_EQ(id[8], '-');
    EXPECT_NE(random.uuid(), id);
}

}  // namespace
}  // namespace asterism
