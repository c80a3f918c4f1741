#include "asterism/functions/math.hpp"

#include <gtest/gtest.h>

using namespace asterism::functions;

TEST(Math, Operators) {
    EXPECT_EQ(math("123%16", "int"), "11");
    EXPECT_EQ(math("1+2", ""), "3.000000");
    EXPECT_EQ(math("7 / 2", "f"), "3.500000");
    EXPECT_EQ(math("3*-2", "i"), "-6");
    EXPECT_EQ(math("-3-2", "i"), "-5");
    EXPECT_EQ(math("255+0", "hex"), "ff");
    EXPECT_EQ(math("60+5", "c"), "A");
    EXPECT_EQ(math("1<<4", "i"), "16");
    EXPECT_EQ(math("6 AND 3", "i"), "2");
    EXPECT_EQ(math("6XOR3", "i"), "5");
    EXPECT_EQ(math("2^10", "i"), "1024");
    EXPECT_EQ(math("1e-3+1", "f"), "1.001000");
}

TEST(Math, Comparisons) {
    EXPECT_EQ(math("1<2", "i"), "TRUE");
    EXPECT_EQ(math("1>=2", ""), "FALSE");
    EXPECT_EQ(math("2==2.0", ""), "TRUE");
}

TEST(Math, Edges) {
    EXPECT_EQ(math("1/0", "i"), "0");
    EXPECT_EQ(math("1%0", "i"), "0");
    EXPECT_EQ(math("1<<99", "i"), "0");
    EXPECT_EQ(math("1e300*1e300", "i"), "0");
    EXPECT_FALSE(math("abc", ""));
    EXPECT_FALSE(math("1+", ""));
    EXPECT_FALSE(math("", ""));
    EXPECT_FALSE(math("1+1", "zebra"));
}

TEST(Math, NumberText) {
    EXPECT_EQ(number_text(4), "4");
    EXPECT_EQ(number_text(-2.5), "-2.500000");
    EXPECT_FALSE(parse_number("x1"));
    EXPECT_EQ(parse_number(" 7 "), 7);
}
