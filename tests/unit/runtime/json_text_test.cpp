#include "asterism/runtime/json_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

using namespace asterism;

namespace {

std::string in_json(std::string_view text) {
    std::string out;
    append_json_text(out, text);
    return out;
}

TEST(JsonText, EscapesAndReplacesWhatIsNotUtf8) {
    EXPECT_EQ(in_json(""), "\"\"");
    EXPECT_EQ(in_json("a\"\\\n\x01\xc3\xa9\xff/"), "\"a\\\"\\\\\\n\\u0001\xc3\xa9\xef\xbf\xbd/\"");
}

TEST(JsonText, LooksAtEightBytesAtOnceAndMissesNone) {
    for (std::size_t size = 1; size < 20; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (const char c : {'"', '\\', '\n', '\x1f', '\x80', '\xff', '\x7f', ' ', '!', '#'}) {
                std::string in(size, 'a');
                in[at] = c;
                const auto out = in_json(in);
                const bool plain = c == '\x7f' || c == ' ' || c == '!' || c == '#';
                EXPECT_EQ(out.size() == size + 2, plain) << size << " " << at;
                EXPECT_TRUE(nlohmann::json::accept(out)) << out;
            }
        }
    }
}

}  // namespace
