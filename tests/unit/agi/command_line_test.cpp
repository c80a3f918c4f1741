#include "interfaces/agi/command_line.hpp"

#include <gmock/gmock.h>

#include "interfaces/agi/commands.hpp"

using namespace asterism::agi;
using testing::ElementsAre;

namespace {

std::vector<std::string> words(std::string_view line) {
    CommandLine command;
    EXPECT_TRUE(command.parse(line));
    return {command.words().begin(), command.words().end()};
}

TEST(AgiCommandLine, SplitsAtBlanks) {
    EXPECT_THAT(words("GET VARIABLE X"), ElementsAre("GET", "VARIABLE", "X"));
    EXPECT_THAT(words("  GET \t VARIABLE  "), ElementsAre("GET", "VARIABLE"));
    EXPECT_THAT(words(""), ElementsAre());
}

TEST(AgiCommandLine, QuotesKeepBlanksAndMakeEmptyWords) {
    EXPECT_THAT(words(R"(VERBOSE "hello world" 1)"), ElementsAre("VERBOSE", "hello world", "1"));
    EXPECT_THAT(words(R"(STREAM FILE beep "")"), ElementsAre("STREAM", "FILE", "beep", ""));
    EXPECT_THAT(words(R"(A "unterminated x)"), ElementsAre("A", "unterminated x"));
    EXPECT_THAT(words(R"(a"b c"d)"), ElementsAre("ab cd"));
}

TEST(AgiCommandLine, BackslashTakesTheNextByte) {
    EXPECT_THAT(words(R"(SET VARIABLE Q "a \"q\" b")"), ElementsAre("SET", "VARIABLE", "Q", R"(a "q" b)"));
    EXPECT_THAT(words(R"(a\ b c\\d)"), ElementsAre("a b", R"(c\d)"));
}

TEST(AgiCommandLine, CarriageReturnIsPartOfTheLastWord) { EXPECT_THAT(words("NOOP\r"), ElementsAre("NOOP\r")); }

TEST(AgiCommandLine, TooManyWordsAreRefused) {
    std::string line;
    for (std::size_t i = 0; i < max_words; ++i) line += "w ";
    CommandLine command;
    EXPECT_TRUE(command.parse(line));
    EXPECT_EQ(command.words().size(), max_words);
    EXPECT_FALSE(command.parse(line + "x"));
    EXPECT_TRUE(command.words().empty());
}

TEST(AgiCommands, AreFoundByTheirWholeWordsInAnyCase) {
    const auto found = [](std::string_view line) {
        CommandLine given;
        given.parse(line);
        const auto* command = find_command(given.words());
        return command ? command->words : std::string_view();
    };
    for (const auto& command : commands()) EXPECT_EQ(found(command.words), command.words);
    EXPECT_EQ(found("set Variable x y"), "SET VARIABLE");
    EXPECT_EQ(found("SET"), "");
    EXPECT_EQ(found("SET VARIABLES x"), "");
    EXPECT_EQ(found("SETVARIABLE x"), "");
    EXPECT_EQ(found(R"("SET VARIABLE" x)"), "");
    EXPECT_EQ(found(R"(SET "" VARIABLE)"), "");
    EXPECT_EQ(found(R"("")"), "");
    EXPECT_EQ(found(""), "");
    EXPECT_EQ(found("~"), "");
}

TEST(AgiLineReader, GivesPipelinedAndSplitLines) {
    LineReader reader;
    reader.feed("NOOP\nCHANNEL STA");
    EXPECT_EQ(reader.next()->text, "NOOP");
    EXPECT_FALSE(reader.next());
    reader.feed("TUS\n\n");
    EXPECT_EQ(reader.next()->text, "CHANNEL STATUS");
    EXPECT_EQ(reader.next()->text, "");
    EXPECT_FALSE(reader.next());
}

TEST(AgiLineReader, ALineWithoutEndCostsItsLimitAndNoMore) {
    LineReader reader;
    for (int i = 0; i < 100; ++i) {
        reader.feed(std::string(4096, 'x'));
        EXPECT_FALSE(reader.next());
        EXPECT_LE(reader.pending(), max_line_bytes);
    }
    reader.feed("tail\nNOOP\n");
    EXPECT_TRUE(reader.next()->too_long);
    EXPECT_EQ(reader.next()->text, "NOOP");
}

}  // namespace
