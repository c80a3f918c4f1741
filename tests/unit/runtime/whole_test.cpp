#include "asterism/runtime/whole.hpp"

#include <gtest/gtest.h>

#include <cstdint>

using namespace asterism;

namespace {

TEST(Whole, NumbersThatTheTypeHolds) {
    EXPECT_EQ(parse_whole<int>("42"), 42);
    EXPECT_EQ(parse_whole<int>("-42"), -42);
    EXPECT_EQ(parse_whole<int>("007"), 7);
    EXPECT_EQ(parse_whole<std::uint16_t>("65535"), 65535);
    EXPECT_EQ(parse_whole<std::int64_t>("-9223372036854775808"), INT64_MIN);
}

TEST(Whole, EverythingElseIsNone) {
    for (const char* text : {"", " ", " 1", "1 ", "+1", "-", "1x", "1.0", "0x10", "1e3", "99999999999"})
        EXPECT_FALSE(parse_whole<int>(text)) << text;
    EXPECT_FALSE(parse_whole<std::uint16_t>("65536"));
    EXPECT_FALSE(parse_whole<std::uint16_t>("-1"));
}

TEST(Whole, WhatATextBeginsWith) {
    EXPECT_EQ(leading_number("-2.5dB"), -2.5);
    for (const char* text : {"", "x1", "nan", "inf", "-inf", "1e999"}) EXPECT_EQ(leading_number(text), 0) << text;
}

}  // namespace
