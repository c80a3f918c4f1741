#include "asterism/runtime/xml_text.hpp"

#include <gtest/gtest.h>

using namespace asterism;

namespace {

TEST(XmlText, EscapesWhatMeansSomething) {
    EXPECT_EQ(xml_text(""), "");
    EXPECT_EQ(xml_text("plain 100"), "plain 100");
    EXPECT_EQ(xml_text("<a b=\"c\">&'"), "&lt;a b=&quot;c&quot;&gt;&amp;&apos;");
    EXPECT_EQ(xml_text("a\tb\r\n"), "a\tb\r\n");
}

TEST(XmlText, WhatIsNoCharacterOfXmlIsReplaced) {
    const std::string replaced = "\xEF\xBF\xBD";
    EXPECT_EQ(xml_text("J\xC3\xB6rg"), "J\xC3\xB6rg");
    EXPECT_EQ(xml_text("\xF0\x9F\x93\x9E!"), "\xF0\x9F\x93\x9E!");
    EXPECT_EQ(xml_text("J\xF6rg"), "J" + replaced + "rg");
    EXPECT_EQ(xml_text("\xC3"), replaced);
    EXPECT_EQ(xml_text(std::string_view("a\0b\x1F", 4)), "a" + replaced + "b" + replaced);
    EXPECT_EQ(xml_text("\xEF\xBF\xBE;\xEF\xBF\xBD"), replaced + ";" + replaced);
}

}  // namespace
