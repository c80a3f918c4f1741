// Files that the engine plays and records, and what it says of those that it cannot.
#include <unistd.h>

#include <fstream>

#include "engine_fixture.hpp"
#include "media/g711.hpp"

namespace asterism::media {
namespace {

using EngineFiles = EngineTest;

TEST_F(EngineFiles, PlaysAFileOverTheBridgeAndThenTheBridgeAgain) {
    auto a = call(), b = call();
    engine->connect(a->leg, b->leg);
    const auto path = write_ulaw("p.ulaw", 480, 0x55);
    std::optional<OpEnd> end;
    engine->play(a->leg, {.files = {path}}, [&](const OpEnd& e) { end = e; });
    ASSERT_TRUE(loop.run_until([&] { return end.has_value(); }));
    for (int i = 0; i < 3; ++i) {
        auto got = a->phone.receive();
        ASSERT_TRUE(got);
        EXPECT_EQ(got->payload, std::vector<std::uint8_t>(160, 0x55));
    }
    EXPECT_EQ(end->why, OpEnd::Why::finished);
    EXPECT_EQ(end->samples, 480u);
    EXPECT_EQ(end->position, Millis{60});
    b->phone.say(0, 0x21);
    auto got = a->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 0x21);
    EXPECT_TRUE(got->header.marker);
}

TEST_F(EngineFiles, APlayEndsOnceHoweverItEnds) {
    auto a = call();
    const auto path = write_ulaw("long.ulaw", 80000, 0x55);
    std::vector<OpEnd> ends;
    const auto note = [&](const OpEnd& e) { ends.push_back(e); };
    engine->play(a->leg, {.files = {"/nowhere/at/all.wav"}}, note);
    ASSERT_TRUE(loop.run_until([&] { return ends.size() == 1; }));
    EXPECT_EQ(ends[0].why, OpEnd::Why::failed);
    EXPECT_NE(ends[0].error.find("/nowhere/at/all.wav"), std::string::npos) << ends[0].error;
    engine->play(a->leg, {.files = {path}}, note);
    const OpId second = engine->play(a->leg, {.files = {path}}, note);
    ASSERT_TRUE(loop.run_until([&] { return ends.size() == 2; }));
    EXPECT_EQ(ends[1].why, OpEnd::Why::stopped);  // replaced
    engine->stop(second);
    engine->stop(second);
    ASSERT_TRUE(loop.run_until([&] { return ends.size() == 3; }));
    EXPECT_EQ(ends[2].why, OpEnd::Why::stopped);
    engine->play(a->leg, {.files = {path}}, note);
    engine->close(a->leg);
    ASSERT_TRUE(loop.run_until([&] { return ends.size() == 4; }));
    EXPECT_EQ(ends[3].why, OpEnd::Why::closed);
    engine->play(a->leg, {.files = {path}}, note);
    ASSERT_TRUE(loop.run_until([&] { return ends.size() == 5; }));
    EXPECT_EQ(ends[4].why, OpEnd::Why::closed);
}

TEST_F(EngineFiles, RecordsWhatThePartySays) {
    auto a = call();
    const std::string path = dir + "/r.wav";
    std::optional<OpEnd> end;
    const OpId op = engine->record(a->leg, {.path = path}, [&](const OpEnd& e) { end = e; });
    settle(a->leg);
    for (int i = 0; i < 10; ++i) a->phone.say(0, g711::to_ulaw(4000));
    std::uint64_t heard = 0;
    for (int i = 0; i < 1000 && heard < 10; ++i) heard = stats(a->leg).rx_packets;
    ASSERT_EQ(heard, 10u);
    engine->stop(op);
    ASSERT_TRUE(loop.run_until([&] { return end.has_value(); }));
    EXPECT_EQ(end->why, OpEnd::Why::stopped);
    EXPECT_EQ(end->samples, 1600u);
    std::ifstream in(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    ASSERT_EQ(bytes.size(), 44u + 3200u);
    EXPECT_EQ(bytes.substr(0, 4), "RIFF");
    std::int16_t sample = 0;
    std::memcpy(&sample, bytes.data() + 44 + 100, 2);
    EXPECT_NEAR(sample, 4000, 150);
}

TEST_F(EngineFiles, AFullDiskEndsTheRecordingOnly) {
    if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
    auto a = call(), b = call();
    engine->connect(a->leg, b->leg);
    std::optional<OpEnd> end;
    engine->record(a->leg, {.path = "/dev/full", .format = "sln"}, [&](const OpEnd& e) { end = e; });
    settle(a->leg);
    for (int i = 0; i < 60 && !end; ++i) {
        a->phone.say(0, 0x10);
        ASSERT_TRUE(b->phone.receive());  // the call goes on
    }
    ASSERT_TRUE(loop.run_until([&] { return end.has_value(); }));
    EXPECT_EQ(end->why, OpEnd::Why::failed);
    EXPECT_NE(end->error.find("/dev/full"), std::string::npos) << end->error;
    EXPECT_NE(end->error.find("No space left"), std::string::npos) << end->error;
    a->phone.say(0, 0x11);
    EXPECT_TRUE(b->phone.receive());
}

TEST_F(EngineFiles, ARecordingThatCannotBeCreatedFails) {
    auto a = call();
    std::optional<OpEnd> end;
    engine->record(a->leg, {.path = dir + "/no/such/dir.wav"}, [&](const OpEnd& e) { end = e; });
    ASSERT_TRUE(loop.run_until([&] { return end.has_value(); }));
    EXPECT_EQ(end->why, OpEnd::Why::failed);
    EXPECT_NE(end->error.find("No such file"), std::string::npos) << end->error;
    end.reset();
    engine->record(a->leg, {.path = dir + "/x.mp3"}, [&](const OpEnd& e) { end = e; });
    ASSERT_TRUE(loop.run_until([&] { return end.has_value(); }));
    EXPECT_EQ(end->why, OpEnd::Why::failed);
}

}  // namespace
}  // namespace asterism::media
