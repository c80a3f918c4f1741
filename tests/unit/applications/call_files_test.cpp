// Call files: a folder on the disk, calls in virtual time.
#include "asterism/features/call_files.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "support/test_pbx.hpp"

namespace asterism::features {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;

class CallFilesTest : public testing::Test {
  protected:
    CallFilesTest() {
        functions::add_functions(pbx.pbx);
        applications::add_applications(pbx.pbx);
        std::filesystem::create_directories(folder);
        pbx.watch_events();
        files.emplace(pbx.pbx, folder.string());
    }
    ~CallFilesTest() override {
        files.reset();
        std::filesystem::remove_all(folder.parent_path());
    }
    /// Writes a file whose time is `from_now`, and tells of it.
    void put(const std::string& text, std::chrono::seconds from_now = 0s, const std::string& name = "a.call") {
        std::ofstream(folder / name) << text;
        set_time(name, from_now);
        files->touched(name);
        pbx.loop.run();
    }
    void set_time(const std::string& name, std::chrono::seconds from_now) {
        const auto when = std::chrono::system_clock::to_time_t(pbx.loop.clock().wall() + from_now);
        const timespec times[2] = {{.tv_sec = when, .tv_nsec = 0}, {.tv_sec = when, .tv_nsec = 0}};
        ASSERT_EQ(::utimensat(AT_FDCWD, (folder / name).c_str(), times, 0), 0);
    }
    [[nodiscard]] bool there(const std::string& name = "a.call") const {
        return std::filesystem::exists(folder / name);
    }
    static std::string text_of(const std::filesystem::path& path) {
        std::ostringstream out;
        out << std::ifstream(path).rdbuf();
        return out.str();
    }
    Channel* like(const std::string& begin) {
        for (const ChannelId id : pbx.channels.ids()) {
            if (Channel* channel = pbx.channels.find(id); channel->name().starts_with(begin)) return channel;
        }
        return nullptr;
    }
    std::string global(const std::string& name) {
        const auto* value = pbx.globals.find(name);
        return value ? *value : "(unset)";
    }
    TestPbx pbx;
    std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "call_files_test" / "outgoing";
    std::optional<CallFiles> files;
};

CallFile parsed(const std::string& text) {
    std::vector<std::string> warnings;
    auto file = CallFile::parse(text, warnings);
    EXPECT_TRUE(file) << (file ? "" : file.error());
    EXPECT_THAT(warnings, SizeIs(0));
    return file.value_or(CallFile{});
}

std::string refused(const std::string& text) {
    std::vector<std::string> warnings;
    const auto file = CallFile::parse(text, warnings);
    return file ? "(taken)" : file.error();
}

TEST(CallFileText, AllKeys) {
    const auto file = parsed(
        "Channel: PJSIP/alice\nCallerid: \"Bob\" <123>\nWaitTime: 20\nMaxRetries: 2\nRetryTime: 60\nAccount: acc\n"
        "CONTEXT: c\nextension: 5\nPriority: 3\nSetvar: A=1\nSet: B=x=y\nAlwaysDelete: No\nArchive: yes\n"
        "Codecs: ulaw, alaw\nEarlyMedia: true ; a comment\n# another\n\nStartRetry: 1 1 (5)\nEndRetry: 1 1 (6)\n");
    EXPECT_EQ(file.request.destination, "PJSIP/alice");
    EXPECT_EQ(file.request.caller_id->number.text, "123");
    EXPECT_EQ(file.request.caller_id->name.text, "Bob");
    EXPECT_EQ(file.request.timeout, 20s);
    EXPECT_EQ(file.max_retries, 2);
    EXPECT_EQ(file.retry_time, 60s);
    EXPECT_EQ(file.request.account_code, "acc");
    EXPECT_EQ(file.request.location->context, "c");
    EXPECT_EQ(file.request.location->exten, "5");
    EXPECT_EQ(file.request.location->priority, 3);
    EXPECT_THAT(file.request.variables, testing::ElementsAre(testing::Pair("A", "1"), testing::Pair("B", "x=y")));
    EXPECT_FALSE(file.always_delete);
    EXPECT_TRUE(file.archive);
    EXPECT_THAT(file.request.formats, testing::ElementsAre("ulaw", "alaw"));
    EXPECT_TRUE(file.request.early_media);
    EXPECT_EQ(file.attempts, 1);
}

TEST(CallFileText, WhatIsMissingOrWrongIsSaid) {
    EXPECT_EQ(refused(""), "it names no Channel");
    EXPECT_EQ(refused("Channel: Local/1@c\n"), "it names neither an Application nor an Extension");
    EXPECT_EQ(refused("Channel: nothing\n"), "line 1: Channel: 'nothing' is no Technology/Resource");
    EXPECT_EQ(refused("Channel: A/b\nMaxRetries: many\n"), "line 2: MaxRetries: 'many' is no number of retries");
    EXPECT_EQ(refused(std::string(70'000, '\n')), "it is larger than 64 KiB");
    std::vector<std::string> warnings;
    EXPECT_TRUE(CallFile::parse("Channel: A/b\nApplication: Wait\nData: 1\nColour: red\nnonsense\n", warnings));
    EXPECT_THAT(warnings, testing::ElementsAre("line 4: unknown key 'Colour'", "line 5: no ':' in 'nonsense'"));
}

TEST_F(CallFilesTest, ACallThatIsAnsweredRunsAndTheFileGoesWhenItHasEnded) {
    pbx.extensions("[c]\nexten => 1,1,Set(GLOBAL(GOT)=${X} ${CALLERID(num)})\n same => n,Wait(5)\n");
    put("Channel: Test/bob\nContext: c\nExtension: 1\nSetvar: X=7\nCallerid: 99\n");
    ASSERT_NE(like("Test/bob"), nullptr);
    EXPECT_TRUE(there());
    EXPECT_THAT(text_of(folder / "a.call"), HasSubstr("StartRetry: "));
    like("Test/bob")->answered();
    pbx.loop.run();
    EXPECT_EQ(global("GOT"), "7 99");
    EXPECT_TRUE(there());
    pbx.loop.advance(6s);
    EXPECT_FALSE(there());
    EXPECT_EQ(files->size(), 0U);
}

TEST_F(CallFilesTest, AFileOfTheFutureWaitsForItsTime) {
    pbx.extensions("[c]\nexten => 1,1,NoOp()\n");
    put("Channel: Test/bob\nContext: c\nExtension: 1\n", 60s);
    pbx.loop.advance(59s);
    EXPECT_EQ(like("Test/bob"), nullptr);
    pbx.loop.advance(2s);
    EXPECT_NE(like("Test/bob"), nullptr);
    // And one whose time is changed meanwhile is called for at the new time.
    put("Channel: Test/carol\nContext: c\nExtension: 1\n", 600s, "b.call");
    set_time("b.call", 0s);
    files->touched("b.call");
    pbx.loop.run();
    EXPECT_NE(like("Test/carol"), nullptr);
}

TEST_F(CallFilesTest, FailuresAreRepeatedUntilTheFileExpiresAndIsArchived) {
    pbx.extensions("[c]\nexten => 1,1,NoOp()\nexten => failed,1,Set(GLOBAL(FAILED)=${FAILED}${REASON})\n");
    put("Channel: Test/bob\nContext: c\nExtension: 1\nMaxRetries: 2\nRetryTime: 10\nWaitTime: 5\nArchive: yes\n");
    for (int attempt = 1; attempt <= 3; ++attempt) {
        ASSERT_NE(like("Test/bob"), nullptr) << attempt;
        pbx.loop.advance(5s);  // nobody answers
        EXPECT_EQ(like("Test/bob"), nullptr);
        EXPECT_EQ(there(), attempt < 3);
        pbx.loop.advance(10s);
    }
    EXPECT_EQ(global("FAILED"), "333");
    const auto archived = folder.parent_path() / "outgoing_done" / "a.call";
    ASSERT_TRUE(std::filesystem::exists(archived));
    EXPECT_THAT(text_of(archived), HasSubstr("EndRetry: "));
    EXPECT_THAT(text_of(archived), HasSubstr("Status: Expired"));
    EXPECT_EQ(files->size(), 0U);
}

TEST_F(CallFilesTest, WithoutAlwaysDeleteAFileWhoseTimeIsToComeStays) {
    pbx.extensions("[c]\nexten => 1,1,NoOp()\n");
    put("Channel: Test/nobody\nContext: c\nExtension: 1\nAlwaysDelete: no\nMaxRetries: 0\nRetryTime: 30\n");
    EXPECT_TRUE(there());  // the attempt has set its time 30 s ahead
    pbx.loop.advance(31s);
    EXPECT_FALSE(there());  // no attempt is left, and its time has come
}

TEST_F(CallFilesTest, AFileThatMakesNoSenseIsTakenAway) {
    put("Channel: nonsense\n");
    EXPECT_FALSE(there());
    EXPECT_EQ(files->size(), 0U);
    files->touched("../other");
    files->touched("");
    EXPECT_EQ(files->size(), 0U);
}

TEST_F(CallFilesTest, AScanFindsWhatWasThereBefore) {
    pbx.extensions("[c]\nexten => 1,1,NoOp()\n");
    std::ofstream(folder / "old.call") << "Channel: Test/bob\nApplication: Wait\nData: 1\n";
    set_time("old.call", -3600s);
    files->scan();
    pbx.loop.run();
    EXPECT_NE(like("Test/bob"), nullptr);
}

}  // namespace
}  // namespace asterism::features
