#include "unit/functions/function_test.hpp"

using namespace asterism;
using namespace std::chrono_literals;

namespace {

using LockFunctions = FunctionTest;

TEST_F(LockFunctions, OneChannelAtATime) {
    auto& bob = make_channel("bob");
    EXPECT_EQ(read("${LOCK(a)}${TRYLOCK(a)}"), "11");
    EXPECT_EQ(begin_read("${TRYLOCK(a)}", bob), "0");
    EXPECT_EQ(begin_read("${UNLOCK(a)}", bob), "0");
    EXPECT_EQ(read("${UNLOCK(a)}${UNLOCK(a)}${UNLOCK(a)}"), "110");
    EXPECT_EQ(begin_read("${TRYLOCK(a)}", bob), "1");
    EXPECT_EQ(read("${LOCK()}${TRYLOCK()}${UNLOCK()}"), "");
}

TEST_F(LockFunctions, WaitsUntilItIsFree) {
    auto& bob = make_channel("bob");
    EXPECT_EQ(read("${LOCK(a)}"), "1");
    EXPECT_FALSE(begin_read("${LOCK(a)}", bob));
    pbx.loop.advance(60s);
    EXPECT_FALSE(result);
    EXPECT_EQ(dialplan::get_variable(pbx.pbx, &channel(), "UNLOCK(a)"), "1");
    pbx.loop.run();
    EXPECT_EQ(result, "1");
    EXPECT_EQ(read("${TRYLOCK(a)}"), "0");
}

TEST_F(LockFunctions, TheEndOfTheChannelGivesItBack) {
    auto& bob = make_channel("bob");
    EXPECT_EQ(read("${LOCK(a)}"), "1");
    EXPECT_FALSE(begin_read("${LOCK(a)}", bob));
    channel().end();
    pbx.loop.run();
    EXPECT_EQ(result, "1");
}

TEST_F(LockFunctions, HangupEndsTheWait) {
    auto& bob = make_channel("bob");
    EXPECT_EQ(read("${LOCK(a)}"), "1");
    const Channel::Hold hold(bob);
    EXPECT_FALSE(begin_read("${LOCK(a)}", bob));
    bob.request_hangup(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(result, "0");
    EXPECT_EQ(read("${UNLOCK(a)}${TRYLOCK(a)}"), "11");
}

TEST_F(LockFunctions, NoDeadlock) {
    auto& bob = make_channel("bob");
    EXPECT_EQ(read("${LOCK(a)}"), "1");
    EXPECT_EQ(begin_read("${LOCK(b)}", bob), "1");
    EXPECT_FALSE(begin_read("${LOCK(a)}", bob));
    pbx.loop.advance(3s);
    EXPECT_EQ(result, "0");
}

}  // namespace
