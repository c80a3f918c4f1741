#include "asterism/cli/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_loop.hpp"

namespace asterism::cli {
namespace {

struct RegistryTest : ::testing::Test {
    RegistryTest() {
        say("core show channels [concise|verbose|count]");
        say("core show channel");
        say("core show channeltypes");
        say("dialplan show");
        say("dialplan show globals");
        say("rtp set debug {on|off}");
    }
    void say(std::string name) {
        registry->add({.name = name,
                       .summary = "about " + name,
                       .usage = "<x>\n       What it does.\n",
                       .run =
                           [name](Context& c) {
                               c.print("{}|{}", name, c.arguments());
                               for (std::size_t i = 0; i < c.arguments(); ++i) c.print("|{}", c.argument(i));
                               return Result::success;
                           },
                       .complete = [](const Completion&) { return std::vector<std::string>{"alice", "bob"}; }});
    }
    Reply run(std::string line) {
        Reply reply;
        TaskScope scope(loop);
        scope.spawn([](Registry& r, std::string l, Reply& to) -> Task<> { to = co_await r.execute(std::move(l)); }(
                                                                  *registry, std::move(line), reply));
        loop.run();
        return reply;
    }
    TestLoop loop;
    std::unique_ptr<Registry> registry = make_registry();
};

TEST_F(RegistryTest, FindsByFullNameAndByAbbreviation) {
    EXPECT_EQ(run("core show channels").text, "core show channels [concise|verbose|count]|0");
    EXPECT_EQ(run("core show channel Local/1").text, "core show channel|1|Local/1");
    EXPECT_EQ(run("co sh channels conc").text, "core show channels [concise|verbose|count]|0");
    EXPECT_EQ(run("CORE SHOW CHANNELTYPES").text, "core show channeltypes|0");
    EXPECT_EQ(run("dialplan show globals").text, "dialplan show globals|0");
    EXPECT_EQ(run("dialplan show g").text, "dialplan show|1|g");
    EXPECT_EQ(run("rtp set debug on").text, "rtp set debug {on|off}|0");
}

TEST_F(RegistryTest, UnknownAndAmbiguousCommandsAreNamed) {
    const auto reply = run("core   show");
    EXPECT_TRUE(reply.error);
    EXPECT_EQ(reply.text,
              "No such command 'core show' (type 'core show help core show' for other possible commands)\n");
    EXPECT_TRUE(run("core show chan").error);
    EXPECT_TRUE(run("rtp set debug o").error);
    EXPECT_EQ(run("").text, "");
    EXPECT_FALSE(run("   ").error);
}

TEST_F(RegistryTest, UsageAndFailureAreAddedToTheOutput) {
    registry->add(
        {.name = "bad usage", .usage = "<n>\n       Says so.\n", .run = [](Context&) { return Result::usage; }});
    registry->add({.name = "bad luck", .run = [](Context& c) {
                       c.print("No.\n");
                       return Result::failure;
                   }});
    EXPECT_EQ(run("bad usage").text, "Usage: bad usage <n>\n       Says so.\n");
    EXPECT_EQ(run("bad luck today").text, "No.\nCommand 'bad luck today' failed.\n");
    EXPECT_TRUE(run("bad luck today").error);
}

TEST_F(RegistryTest, ACommandMayWait) {
    registry->add({.name = "wait", .run_async = [this](Context& c) -> Task<Result> {
                       co_await sleep_for(loop, 5s);
                       c.print("done\n");
                       co_return Result::success;
                   }});
    Reply reply;
    TaskScope scope(loop);
    scope.spawn([](Registry& r, Reply& to) -> Task<> { to = co_await r.execute("wait"); }(*registry, reply));
    loop.run();
    EXPECT_EQ(reply.text, "");
    loop.advance(5s);
    EXPECT_EQ(reply.text, "done\n");
}

TEST_F(RegistryTest, CompletesNamesOptionsAndArguments) {
    using ::testing::ElementsAre;
    EXPECT_THAT(registry->complete("core show ch"), ElementsAre("channel", "channels", "channeltypes"));
    EXPECT_THAT(registry->complete("co"), ElementsAre("core"));
    EXPECT_THAT(registry->complete("rtp set debug "), ElementsAre("off", "on"));
    EXPECT_THAT(registry->complete("core show channel a"), ElementsAre("alice"));
    EXPECT_THAT(registry->complete("core show channels c"), ElementsAre("concise", "count"));
}

TEST_F(RegistryTest, HelpListsAndExplains) {
    EXPECT_THAT(run("help rtp").text, "        rtp set debug {on|off} -- about rtp set debug {on|off}\n");
    EXPECT_EQ(run("core show help dialplan show globals").text,
              "Usage: dialplan show globals <x>\n       What it does.\n");
    EXPECT_EQ(run("help nosuch").text, "No such command 'nosuch'.\n");
}

TEST(SplitLine, QuotesAndEscapes) {
    EXPECT_THAT(split_line(R"(a "b c" d\ e "")"), ::testing::ElementsAre("a", "b c", "d e", ""));
}

}  // namespace
}  // namespace asterism::cli
