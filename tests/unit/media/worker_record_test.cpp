// Recorders in a worker, and the thread that writes their files.
#include <fstream>
#include <future>

#include "asterism/media/files.hpp"
#include "media/tone_generator.hpp"
#include "worker_fixture.hpp"

namespace asterism::media {
namespace {

using WorkerRecord = WorkerTest;

TEST_F(WorkerRecord, RecordsUntilSilence) {
    TestLeg& a = leg();
    const std::string path = dir + "/s.wav";
    worker.record(a.id(), OpId{100}, {.path = path, .max_silence = Millis{400}, .drop_silence = true});
    for (int i = 0; i < 50; ++i) {
        a.say(i < 10 ? 5000 : 0);
        ticks(1);
    }
    ASSERT_TRUE(wait_end(OpId{100}));
    EXPECT_EQ(ends[100][0].why, OpEnd::Why::silence);
    EXPECT_EQ(ends[100][0].samples, 1600u);
    EXPECT_EQ(std::filesystem::file_size(path), 44u + 3200u);
    const auto back = read_prompt(path);
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(back->samples(), 1600u);
}

TEST_F(WorkerRecord, APartyThatSendsNothingIsSilent) {
    TestLeg& a = leg();
    worker.record(a.id(), OpId{100}, {.path = dir + "/n.wav", .max_silence = Millis{400}});
    ticks(25);
    ASSERT_TRUE(wait_end(OpId{100}));
    EXPECT_EQ(ends[100][0].why, OpEnd::Why::silence);
    EXPECT_EQ(ends[100][0].samples, 0u);
}

TEST_F(WorkerRecord, RecordsInEveryFormatThatItReads) {
    TestLeg& a = leg();
    std::uint64_t op = 100;
    std::vector<std::int16_t> tone(160);
    DualTone source(440, 0, false, 8000, 8000);
    for (const auto& format : all_file_formats()) {
        if (format.codec == CodecId::slin192 || format.codec == CodecId::slin44) continue;
        const std::string path = dir + "/x." + std::string(format.extension);
        worker.record(a.id(), OpId{++op}, {.path = path, .max_duration = Millis{1000}});
        for (int i = 0; i < 55; ++i) {
            source.generate(tone);
            a.say(tone);
        }
        worker.turn(0);
        ASSERT_TRUE(wait_end(OpId{op})) << format.extension;
        EXPECT_EQ(ends[op][0].why, OpEnd::Why::max_duration) << format.extension << ends[op][0].error;
        const auto back = read_prompt(path);
        ASSERT_TRUE(back) << format.extension << ": " << back.error();
        EXPECT_NEAR(static_cast<double>(back->samples()) / back->rate, 1.0, 0.05) << format.extension;
        std::filesystem::remove(path);
    }
}

TEST_F(WorkerRecord, AppendsAndRefusesToOverwrite) {
    TestLeg& a = leg();
    const std::string path = dir + "/a.wav";
    const auto take = [&](std::uint64_t op, RecordSpec::Existing existing) {
        worker.record(a.id(), OpId{op}, {.path = path, .existing = existing});
        for (int i = 0; i < 5; ++i) a.say(1000);
        worker.control(OpId{op}, {.kind = OpControl::Kind::stop});
        EXPECT_TRUE(wait_end(OpId{op}));
        return ends[op][0].why;
    };
    EXPECT_EQ(take(100, RecordSpec::Existing::overwrite), OpEnd::Why::stopped);
    EXPECT_EQ(take(101, RecordSpec::Existing::append), OpEnd::Why::stopped);
    EXPECT_EQ(read_prompt(path)->samples(), 1600u);
    EXPECT_EQ(take(102, RecordSpec::Existing::fail), OpEnd::Why::failed);
    EXPECT_NE(ends[102][0].error.find("exists"), std::string::npos) << ends[102][0].error;
    EXPECT_EQ(take(103, RecordSpec::Existing::overwrite), OpEnd::Why::stopped);
    EXPECT_EQ(read_prompt(path)->samples(), 800u);
}

TEST_F(WorkerRecord, RecordsBothSidesMixed) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    const std::string path = dir + "/both.sln";
    worker.record(a.id(), OpId{100}, {.path = path, .side = Side::both});
    for (int i = 0; i < 20; ++i) {
        a.say(1000);
        b.say(500);
        ticks(1);
    }
    worker.close_leg(a.id());
    ASSERT_TRUE(wait_end(OpId{100}));
    EXPECT_EQ(ends[100][0].why, OpEnd::Why::closed);
    const auto back = read_prompt(path);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->samples(), 3200u);
    EXPECT_EQ(back->pcm[2400], 1500);
}

TEST_F(WorkerRecord, RecordsEachSideWithItsTimeAndVolume) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    const auto record = [&](std::uint64_t op, const std::string& name, Side side, bool keep_time) {
        RecordSpec spec;
        spec.path = dir + "/" + name;
        spec.side = side;
        spec.keep_time = keep_time;
        spec.stereo = side == Side::both;
        spec.volume_in = 2;
        spec.volume_out = 0.5;
        worker.record(a.id(), OpId{op}, std::move(spec));
    };
    record(100, "in.sln", Side::in, true);
    record(101, "out.sln", Side::out, false);
    record(102, "both.wav", Side::both, true);
    for (int i = 0; i < 20; ++i) {
        a.say(1000);
        ticks(1);
    }
    for (int i = 0; i < 20; ++i) {
        b.say(500);
        ticks(1);
    }
    for (const std::uint64_t op : {100u, 101u, 102u}) {
        worker.control(OpId{op}, {.kind = OpControl::Kind::stop});
        ASSERT_TRUE(wait_end(OpId{op}));
        EXPECT_EQ(ends[op][0].error, "");
    }
    const auto in = read_prompt(dir + "/in.sln"), out = read_prompt(dir + "/out.sln");
    ASSERT_TRUE(in && out);
    // Silence too. On a busy machine the worker's own timer adds a tick now and then.
    EXPECT_GE(in->samples(), 6400u);
    EXPECT_LE(in->samples(), 6400u + 5 * 160);
    EXPECT_EQ(out->samples(), 3200u);
    std::ifstream file(dir + "/both.wav", std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    // Each was stopped by itself, a tick or so apart.
    ASSERT_GE(bytes.size(), 44u + 6400u * 4);
    EXPECT_LE(bytes.size(), 44u + (6400u + 5 * 160) * 4);
    EXPECT_EQ(bytes[22], 2);  // channels
    const auto sample = [&bytes](std::size_t moment, std::size_t channel) {
        std::int16_t value = 0;
        std::memcpy(&value, bytes.data() + 44 + moment * 4 + channel * 2, 2);
        return value;
    };
    EXPECT_EQ(sample(1600, 0), 2000);
    EXPECT_EQ(sample(1600, 1), 0);
    EXPECT_EQ(sample(4800, 0), 0);
    EXPECT_EQ(sample(4800, 1), 250);
}

TEST_F(WorkerRecord, MutesOneDirectionOfARecording) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    const std::string path = dir + "/both.sln";
    worker.record(a.id(), OpId{100}, {.path = path, .side = Side::both});
    worker.control(OpId{100}, {.kind = OpControl::Kind::mute, .side = Side::out});
    for (int i = 0; i < 20; ++i) {
        a.say(1000);
        b.say(500);
        ticks(1);
    }
    worker.control(OpId{100}, {.kind = OpControl::Kind::stop});
    ASSERT_TRUE(wait_end(OpId{100}));
    EXPECT_EQ(read_prompt(path)->pcm[2400], 1000);
}

TEST(FileWriter, RefusesMoreThanItMayHold) {
    FileWriter writer(1000);
    std::promise<void> go;
    std::promise<std::string> closed;
    // A disk that hangs: the writer's thread is held in the report of a failure.
    const auto file = writer.open("/no/such/dir/x", {}, RecordSpec::Existing::overwrite,
                                  [wait = go.get_future()](const std::string&) mutable { wait.wait(); });
    EXPECT_TRUE(writer.append(file, std::vector<std::uint8_t>(600)));
    EXPECT_FALSE(writer.append(file, std::vector<std::uint8_t>(600)));
    EXPECT_TRUE(writer.append(file, std::vector<std::uint8_t>(400)));
    writer.close(file, 0, [&](std::string error) { closed.set_value(std::move(error)); });
    go.set_value();
    EXPECT_NE(closed.get_future().get().find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace asterism::media
