#include "interfaces/cli/line_editor.hpp"

#include <gtest/gtest.h>

#include "interfaces/cli/frame.hpp"

namespace asterism::cli {
namespace {

struct LineEditorTest : ::testing::Test {
    LineEditor editor{"> ", [](std::string_view line) {
                          if (line == "core sh") return std::vector<std::string>{"show"};
                          if (line == "c") return std::vector<std::string>{"cdr", "core"};
                          return std::vector<std::string>{};
                      }};
    std::string echo;
    std::string line(std::string_view typed) {
        for (const char c : typed) {
            if (editor.type(c, echo) == LineEditor::Outcome::line) return editor.take();
        }
        return "(not ended)";
    }
};

TEST_F(LineEditorTest, EditsInTheMiddle) {
    EXPECT_EQ(line("abd\033[Dc\r"), "abcd");
    EXPECT_EQ(line("abc\x01"
                   "x\x05y\x7f\r"),
              "xabc");
    EXPECT_EQ(line("one two\x17three\r"), "one three");
}

TEST_F(LineEditorTest, LeafsThroughTheHistory) {
    line("first\r");
    line("second\r");
    EXPECT_EQ(line("\033[A\033[A\r"), "first");
    EXPECT_EQ(line("new\033[A\033[B\r"), "new");
}

TEST_F(LineEditorTest, CompletesOneWordAndListsSeveral) {
    EXPECT_EQ(line("core sh\tx\r"), "core show x");
    EXPECT_EQ(line("c\tore\r"), "core");
    EXPECT_NE(echo.find("cdr"), std::string::npos);
}

TEST_F(LineEditorTest, ControlDEndsOnAnEmptyLineOnly) {
    EXPECT_EQ(editor.type('\4', echo), LineEditor::Outcome::end);
    editor.type('a', echo);
    EXPECT_EQ(editor.type('\4', echo), LineEditor::Outcome::more);
}

TEST(Frame, GoesThereAndBackInPieces) {
    const std::string bytes = encode(Frame::Kind::command, "help") + encode(Frame::Kind::end, "");
    std::string buffer;
    std::vector<std::string> seen;
    bool bad = false;
    for (const char c : bytes) {
        buffer += c;
        while (auto frame = decode(buffer, bad))
            seen.push_back(std::string(1, static_cast<char>(frame->kind)) + frame->text);
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"chelp", "e"}));
    EXPECT_FALSE(bad);
}

TEST(Frame, RefusesLengthsThatCannotBe) {
    bool bad = false;
    std::string zero(5, '\0');
    EXPECT_FALSE(decode(zero, bad));
    EXPECT_TRUE(bad);
    std::string huge =
        "\x7f\xff\xff\xff"
        "c";
    EXPECT_FALSE(decode(huge, bad));
    EXPECT_TRUE(bad);
}

}  // namespace
}  // namespace asterism::cli
