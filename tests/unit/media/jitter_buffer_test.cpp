#include "media/jitter_buffer.hpp"

#include <gtest/gtest.h>

namespace asterism::media {
namespace {

using std::chrono::milliseconds;

class JitterBufferTest : public testing::Test {
  protected:
    void put(JitterBuffer& buffer, int number, int came_ms, std::uint64_t stream = 1) const {
        const RtpHeader header{.payload_type = 0,
                               .marker = false,
                               .sequence = static_cast<std::uint16_t>(number),
                               .timestamp = first_timestamp + static_cast<std::uint32_t>(number * 160),
                               .ssrc = 7};
        const std::uint8_t byte = static_cast<std::uint8_t>(number);
        buffer.put(header, 8000, 0, stream, std::span(&byte, 1), begin + milliseconds(came_ms));
    }
    /// Numbers of all packets that are handed on at that time.
    std::string taken(JitterBuffer& buffer, int ms) const {
        std::string out;
        while (const auto* packet = buffer.take(begin + milliseconds(ms)))
            out += (out.empty() ? "" : " ") + std::to_string(packet->bytes.at(0));
        return out;
    }
    TimePoint begin{std::chrono::hours(1)};
    std::uint32_t first_timestamp = 0xFFFFFF00;  // it passes its end at once
};

TEST_F(JitterBufferTest, FixedHoldsEachPacketSoLongAndUndoesReordering) {
    JitterBuffer buffer({.kind = JitterSpec::Kind::fixed, .max = milliseconds(100)});
    put(buffer, 0, 0);
    put(buffer, 2, 45);
    put(buffer, 1, 50);
    put(buffer, 1, 51);  // twice
    EXPECT_EQ(taken(buffer, 99), "");
    EXPECT_EQ(taken(buffer, 100), "0");
    EXPECT_EQ(taken(buffer, 119), "");
    EXPECT_EQ(taken(buffer, 140), "1 2");
    put(buffer, 1, 150);  // its time is over
    put(buffer, 3, 150);
    EXPECT_EQ(taken(buffer, 200), "3");
    EXPECT_TRUE(buffer.empty());
}

TEST_F(JitterBufferTest, WhatCameQuickestIsTheMeasure) {
    JitterBuffer buffer({.kind = JitterSpec::Kind::fixed, .max = milliseconds(40)});
    put(buffer, 0, 50);  // held up on its way
    put(buffer, 1, 30);
    EXPECT_EQ(taken(buffer, 49), "");
    EXPECT_EQ(taken(buffer, 50), "0");
    EXPECT_EQ(taken(buffer, 70), "1");
}

TEST_F(JitterBufferTest, AdaptiveHoldsAsLongAsTheNetworkAsksForAndLessWhenItIsCalm) {
    JitterBuffer buffer({.kind = JitterSpec::Kind::adaptive, .max = milliseconds(200), .extra = milliseconds(20)});
    put(buffer, 0, 0);
    EXPECT_EQ(buffer.delay(), milliseconds(20));
    put(buffer, 1, 80);  // 60 late
    EXPECT_EQ(buffer.delay(), milliseconds(80));
    put(buffer, 2, 540);  // 500 late
    EXPECT_EQ(buffer.delay(), milliseconds(200));
    for (int i = 3; i < 600; ++i) {
        put(buffer, i, i * 20);
        (void)taken(buffer, i * 20);
    }
    EXPECT_EQ(buffer.delay(), milliseconds(20));
}

TEST_F(JitterBufferTest, AJumpOfTheSendersClockBeginsAnew) {
    JitterBuffer buffer({.kind = JitterSpec::Kind::fixed, .max = milliseconds(40), .resync = milliseconds(1000)});
    put(buffer, 0, 0);
    put(buffer, 1, 20);
    put(buffer, 5000, 40);
    EXPECT_EQ(taken(buffer, 40), "0 1");
    EXPECT_EQ(taken(buffer, 80), std::to_string(5000 % 256));
    put(buffer, 1, 90, 2);  // another sender
    EXPECT_EQ(taken(buffer, 130), "1");
}

TEST_F(JitterBufferTest, AFloodIsNotKeptForEver) {
    JitterBuffer buffer({.kind = JitterSpec::Kind::fixed, .max = milliseconds(60000), .resync = milliseconds(0)});
    for (int i = 0; i < 5000; ++i) put(buffer, i, 0);
    int held = 0;
    while (buffer.take_any()) ++held;
    EXPECT_EQ(held, 200);
    EXPECT_TRUE(buffer.empty());
}

}  // namespace
}  // namespace asterism::media
