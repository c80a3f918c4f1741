#include "asterism/runtime/logger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/runtime/logger_format.hpp"

#include "asterism/runtime/log_groups.hpp"

namespace asterism::log {
namespace {

namespace fs = std::filesystem;

class FixedClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override { return {}; }
    [[nodiscard]] WallTime wall() const override { return WallTime(std::chrono::milliseconds(1'700'000'000'250)); }
};

struct LoggerTest : ::testing::Test {
    LoggerTest() : folder(fs::temp_directory_path() / fmt::format("asterism-logger-{}", getpid())) {
        fs::remove_all(folder);
        fs::create_directories(folder);
        config.directory = folder;
        config.date_format = "%s";
    }
    ~LoggerTest() override {
        set_verbose_level(0);
        set_debug_level(0);
        fs::remove_all(folder);
    }
    std::string file(const std::string& name) {
        std::ifstream in(folder / name);
        std::stringstream text;
        text << in.rdbuf();
        return text.str();
    }
    void channel(std::string_view name, std::string_view levels) {
        config.channels.push_back(parse_channel(name, levels, config.custom_levels));
    }
    static Record line(Level level, std::string_view text, int number = 0, std::uint64_t call = 0) {
        return {level, number, CallId{call}, "core/sip/dialog.cpp", 12, "run", text};
    }
    FixedClock clock;
    fs::path folder;
    LoggerConfig config;
};

TEST_F(LoggerTest, WritesTheLevelsOfAChannelAndNoOthers) {
    channel("messages", "notice,warning");
    Logger logger(clock, {});
    EXPECT_TRUE(logger.configure(config).empty());
    logger.write(line(Level::warning, "look", 0, 7));
    logger.write(line(Level::error, "not here"));
    logger.flush();
    EXPECT_EQ(file("messages"), fmt::format("[1700000000] WARNING[{}][C-00000007] dialog.cpp: look\n", gettid()));
}

TEST_F(LoggerTest, PlainShowsWhereAndJsonIsOneObjectALine) {
    channel("plain", "[plain]error");
    channel("json", "[json]error");
    config.hostname = "box";
    Logger logger(clock, {});
    logger.configure(config);
    logger.write(line(Level::error, "a \"b\"\n", 0, 1));
    logger.flush();
    EXPECT_EQ(file("plain"),
              fmt::format("[1700000000] ERROR[{}][C-00000001]: dialog.cpp:12 run: a \"b\"\n\n", gettid()));
    EXPECT_EQ(file("json"),
              fmt::format("{{\"hostname\":\"box\",\"timestamp\":\"1700000000\",\"identifiers\":{{\"lwp\":{},"
                          "\"callid\":\"C-00000001\"}},\"logmsg\":{{\"location\":{{\"filename\":\"dialog.cpp\","
                          "\"function\":\"run\",\"line\":12}},\"level\":\"ERROR\",\"message\":\"a \\\"b\\\"\\n\"}}}}\n",
                          gettid()));
}

TEST_F(LoggerTest, VerboseOfAChannelOpensTheGateForItsLevel) {
    channel("three", "verbose(3)");
    channel("root", "verbose");
    Logger logger(clock, {});
    logger.configure(config);
    EXPECT_TRUE(enabled(Level::verbose, 3));
    EXPECT_FALSE(enabled(Level::verbose, 4));
    logger.set_verbose(1);
    logger.write(line(Level::verbose, "deep", 3));
    logger.write(line(Level::verbose, "shallow", 1));
    logger.flush();
    EXPECT_THAT(file("three"), ::testing::HasSubstr("deep"));
    EXPECT_THAT(file("root"), ::testing::Not(::testing::HasSubstr("deep")));
    EXPECT_THAT(file("root"), ::testing::HasSubstr("shallow"));
}

TEST_F(LoggerTest, SequentialRotationGivesTheNewestTheHighestNumber) {
    channel("log", "notice");
    Logger logger(clock, {});
    logger.configure(config);
    for (const char* text : {"one", "two"}) {
        logger.write(line(Level::notice, text));
        EXPECT_TRUE(logger.rotate());
    }
    EXPECT_THAT(file("log.0"), ::testing::HasSubstr("one"));
    EXPECT_THAT(file("log.1"), ::testing::HasSubstr("two"));
    EXPECT_EQ(file("log"), "");
}

TEST_F(LoggerTest, RotateRotationMovesTheOldestToTheHighestNumber) {
    config.rotation = Rotation::rotate;
    channel("log", "notice");
    Logger logger(clock, {});
    logger.configure(config);
    for (const char* text : {"one", "two"}) {
        logger.write(line(Level::notice, text));
        EXPECT_TRUE(logger.rotate("log"));
    }
    EXPECT_THAT(file("log.1"), ::testing::HasSubstr("one"));
    EXPECT_THAT(file("log.0"), ::testing::HasSubstr("two"));
    EXPECT_FALSE(logger.rotate("nosuch"));
}

TEST_F(LoggerTest, ChannelsAddedByHandSurviveAReload) {
    Logger logger(clock, {});
    logger.configure(config);
    EXPECT_TRUE(logger.add_channel(parse_channel("extra", "error", {})));
    EXPECT_FALSE(logger.add_channel(parse_channel("extra", "error", {})));
    logger.configure(config);
    logger.write(line(Level::error, "kept"));
    logger.flush();
    EXPECT_THAT(file("extra"), ::testing::HasSubstr("kept"));
    EXPECT_TRUE(logger.remove_channel("extra"));
    EXPECT_FALSE(logger.remove_channel("extra"));
}

TEST_F(LoggerTest, AFileThatCannotBeOpenedIsNamedAndTheOthersWork) {
    channel("/proc/asterism-nosuch/log", "notice");
    channel("good", "notice");
    Logger logger(clock, {});
    EXPECT_THAT(logger.configure(config), ::testing::ElementsAre(::testing::HasSubstr("asterism-nosuch")));
    logger.write(line(Level::notice, "still"));
    logger.flush();
    EXPECT_THAT(file("good"), ::testing::HasSubstr("still"));
}

TEST_F(LoggerTest, AFullQueueDropsAndSaysHowMany) {
    config.queue_limit = 0;
    channel("log", "notice,warning");
    Logger logger(clock, {});
    logger.configure(config);
    logger.write(line(Level::notice, "lost"));
    EXPECT_EQ(logger.dropped(), 1u);
}

/// `logger filter`: consoles show one group of calls and what belongs to no call; files have it all.
TEST_F(LoggerTest, ConsolesShowTheGroupsThatWereChosen) {
    channel("console", "warning");
    channel("messages", "warning");
    Logger logger(clock, {});
    logger.configure(config);
    std::string shown;
    logger.set_tap([&](Level, int, const std::string& text) { shown += text; });
    const auto say = [&] {
        shown.clear();
        for (const std::uint64_t call : {0, 1, 2, 3})
            logger.write(line(Level::warning, fmt::format("<{}>", call), 0, call));
        logger.flush();
        std::string calls;
        for (char c = '0'; c < '4'; ++c)
            if (shown.contains(std::string{'<', c, '>'})) calls += c;
        return calls;
    };
    groups().assign(CallId{1}, 11, "test");
    groups().assign(CallId{2}, 12, "important");
    EXPECT_EQ(say(), "0123");
    groups().choose("test", true);
    EXPECT_EQ(say(), "01");
    groups().choose("important", true);
    EXPECT_THAT(groups().chosen(), testing::ElementsAre("important", "test"));
    EXPECT_EQ(say(), "012");
    groups().forget(CallId{1}, 12);  // another channel's end
    EXPECT_EQ(say(), "012");
    groups().forget(CallId{1}, 11);
    EXPECT_EQ(say(), "02");
    groups().choose("important", false);
    groups().choose("test", false);
    EXPECT_EQ(say(), "0123");
    groups().choose("nobody", true);
    EXPECT_EQ(say(), "0");
    groups().choose_all();
    EXPECT_EQ(say(), "0123");
    groups().forget(CallId{2}, 12);
    logger.set_tap({});
    const std::string all = file("messages");
    EXPECT_EQ(std::ranges::count(all, '\n'), 4 * 8);
}

TEST(LogFormat, ParsesChannels) {
    std::vector<std::string> unknown;
    const auto channel =
        parse_channel("x", " [json] notice , WARNING,important,verbose(4),nonsense", {"important"}, &unknown);
    EXPECT_EQ(channel.formatter, Formatter::json);
    EXPECT_EQ(channel.verbose, 4);
    EXPECT_EQ(channel.levels, 1u << 3 | 1u << 4 | 1u << 9 | 1u << 2);
    EXPECT_THAT(unknown, ::testing::ElementsAre("nonsense"));
    EXPECT_EQ(parse_channel("x", "*", {}).levels, ~0u);
    EXPECT_EQ(level_name(Level{9}, {"important"}), "IMPORTANT");
}

TEST(LogFormat, PartsOfASecond) {
    const WallTime when(std::chrono::microseconds(1'700'000'000'123'456));
    EXPECT_EQ(format_date("%3q %q %Q %O %%", when), "123 1 123 123456 %");
}

TEST(LogFormat, TheConsoleShowsVerboseLinesBareWithALead) {
    const LineView line{Level::verbose, 3, {}, {}, 1, "x.cpp", 1, "f", "Executing"};
    EXPECT_EQ(format_console(line, {}, {}), "    -- Executing\n");
}

}  // namespace
}  // namespace asterism::log
