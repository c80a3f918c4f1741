#include <gtest/gtest.h>

#include "interfaces/http/static_files.hpp"

namespace asterism::http {
namespace {

TEST(StaticFiles, NothingLeavesTheFolder) {
    EXPECT_EQ(*static_path("/d", "a/b.html"), "/d/a/b.html");
    for (const char* bad : {"", "/etc/passwd", "../x", "a/../../x", ".hidden", "a/.git/config", "a\\..\\x"}) {
        EXPECT_FALSE(static_path("/d", bad)) << bad;
    }
    EXPECT_FALSE(static_path("/d", std::string_view("a\0b", 3)));
}

TEST(StaticFiles, TypesByEnding) {
    EXPECT_EQ(content_type_of("x.HTML"), "text/html");
    EXPECT_EQ(content_type_of("x.tar.svgz"), "image/svg+xml");
    EXPECT_EQ(content_type_of("x"), "text/plain");
}

}  // namespace
}  // namespace asterism::http
