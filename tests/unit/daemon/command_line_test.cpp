#include "src/command_line.hpp"

#include <gtest/gtest.h>

namespace asterism {
namespace {

using Mode = CommandLine::Mode;

TEST(CommandLine, TakesWhatTheTestSuiteOfAsteriskGives) {
    const auto line = parse_command_line({"-f", "-g", "-q", "-m", "-n", "-C", "/tmp/x/asterisk.conf"});
    EXPECT_EQ(line.error, "");
    EXPECT_EQ(line.mode, Mode::run);
    EXPECT_TRUE(line.no_fork && line.dump_core && line.quiet && line.mute && line.no_colour);
    EXPECT_EQ(line.config_file, "/tmp/x/asterisk.conf");
}

TEST(CommandLine, RemoteCommandsInAllSpellings) {
    for (const auto& words : {std::vector<std::string>{"-rx", "core show version"},
                              {"-x", "core show version"},
                              {"-r", "-x", "core show version"},
                              {"-rxcore show version"},
                              {"-C", "/etc/a.conf", "-rx", "core show version"}}) {
        const auto line = parse_command_line(words);
        EXPECT_EQ(line.mode, Mode::remote);
        EXPECT_EQ(line.command, "core show version");
    }
    EXPECT_EQ(parse_command_line({"-rvvv"}).verbose, 3);
    EXPECT_TRUE(parse_command_line({"-R"}).reconnect);
}

TEST(CommandLine, VerboseAndDebugStayInTheForeground) {
    EXPECT_TRUE(parse_command_line({"-vvv"}).no_fork);
    EXPECT_TRUE(parse_command_line({"-d"}).no_fork);
    EXPECT_FALSE(parse_command_line({}).no_fork);
    EXPECT_TRUE(parse_command_line({"-F", "-v"}).always_fork);
}

TEST(CommandLine, ScenariosToSimulate) {
    const auto line = parse_command_line({"-q", "--simulate", "a.yaml", "b", "-C", "/tmp/asterisk.conf"});
    EXPECT_EQ(line.error, "");
    EXPECT_EQ(line.mode, Mode::simulate);
    EXPECT_EQ(line.scenarios, (std::vector<std::string>{"a.yaml", "b"}));
    EXPECT_TRUE(line.quiet);
    EXPECT_EQ(parse_command_line({"--simulate=x.yaml"}).scenarios, std::vector<std::string>{"x.yaml"});
    EXPECT_NE(parse_command_line({"--simulate"}).error, "");
    EXPECT_NE(parse_command_line({"--simulate="}).error, "");
}

TEST(CommandLine, SaysWhatIsWrong) {
    EXPECT_EQ(parse_command_line({"-Z"}).error, "invalid option -- 'Z'");
    EXPECT_EQ(parse_command_line({"-C"}).error, "option requires an argument -- 'C'");
    EXPECT_EQ(parse_command_line({"-M", "many"}).error, "not a number of calls: many");
    EXPECT_EQ(parse_command_line({"core"}).error, "unexpected argument: core");
}

TEST(CommandLine, OtherModes) {
    EXPECT_EQ(parse_command_line({"--check"}).mode, Mode::check);
    EXPECT_EQ(parse_command_line({"-V"}).mode, Mode::version);
    EXPECT_EQ(parse_command_line({"--help"}).mode, Mode::help);
}

}  // namespace
}  // namespace asterism
