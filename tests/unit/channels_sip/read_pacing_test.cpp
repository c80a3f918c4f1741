// When a busy socket is read next.
#include "core/channels/sip/read_pacing.hpp"

#include <gtest/gtest.h>

namespace asterism::pjsip {
namespace {

class Pacing : public ::testing::Test {
  protected:
    /// Reads `count` messages `after` the last reading. Returns whether the socket is left alone for a while.
    bool paced(int count, Duration after) {
        now_ += after;
        const auto next = pacing_.after_read(count, now_);
        if (next) pause_ = *next - now_;
        return next.has_value();
    }
    Duration pause_{};

  private:
    ReadPacing pacing_;
    TimePoint now_{1h};
};

TEST_F(Pacing, ACallIsNotLoad) {
    for (int i = 0; i < 5; ++i) {
        // Two legs set up and ended: eight messages as fast as phones answer.
        for (int message = 0; message < 8; ++message) EXPECT_FALSE(paced(1, 1ms));
        EXPECT_FALSE(paced(0, 100ms));
    }
}

TEST_F(Pacing, FewMessagesASecondAreReadAsTheyCome) {
    for (int i = 0; i < 500; ++i) EXPECT_FALSE(paced(1, 11ms));
}

TEST_F(Pacing, ManyAreReadAtIntervals) {
    int at_once = 0;
    while (!paced(1, 3ms)) ++at_once;
    EXPECT_LT(at_once, 20);
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(paced(7, 20ms));
        EXPECT_EQ(pause_, 20ms);
    }
}

TEST_F(Pacing, TheMoreTheSooner) {
    EXPECT_FALSE(paced(0, 0ms));
    EXPECT_TRUE(paced(64, 20ms));
    EXPECT_EQ(pause_, 5ms);
    EXPECT_TRUE(paced(16, 5ms));
    EXPECT_EQ(pause_, 5ms);
    EXPECT_TRUE(paced(2, 5ms));
    EXPECT_EQ(pause_, 20ms);
}

TEST_F(Pacing, ABurstIsLoad) { EXPECT_TRUE(paced(40, 1s)); }

TEST_F(Pacing, LoadIsSoonForgotten) {
    EXPECT_TRUE(paced(1000, 1s));
    EXPECT_FALSE(paced(0, 20ms)) << "nothing came: whatever does is read at once";
    EXPECT_FALSE(paced(1, 200ms));
    EXPECT_FALSE(paced(1, 1ms));
}

TEST_F(Pacing, ASteadyRateBelowTheLimitEndsIt) {
    EXPECT_TRUE(paced(1000, 1s));
    int intervals = 0;
    while (paced(1, 20ms)) ++intervals;
    EXPECT_LT(intervals, 15);
}

}  // namespace
}  // namespace asterism::pjsip
