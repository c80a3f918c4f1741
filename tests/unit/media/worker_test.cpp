// Legs, players, mixers and recorders in a worker without a thread: the test is its clock.
#include "media/worker.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "asterism/media/files.hpp"
#include "asterism/runtime/time.hpp"
#include "media/file_writer.hpp"
#include "media/g711.hpp"
#include "media/leg.hpp"
#include "media/mixer.hpp"
#include "support/test_loop.hpp"

namespace asterism::media {
namespace {

/// A party that the test speaks for and listens to.
class TestLeg final : public Leg {
  public:
    TestLeg(Worker& worker, LegId id) : Leg(worker, id), stream_(worker.new_stream()) {}
    void deliver(Frame& frame) override {
        if (frame.event) {
            const auto e = parse_telephone_event(frame.payload);
            events += std::string(1, *digit_of_event(e->event)) + (e->end ? "." : "");
            return;
        }
        ++frames;
        if (!frame.payload.empty()) last_payload.assign(frame.payload.begin(), frame.payload.end());
        const auto samples = frame.samples();
        heard_all.insert(heard_all.end(), samples.begin(), samples.end());
        last = samples.empty() ? 0 : samples[samples.size() / 2];
    }
    [[nodiscard]] DigitWay digit_way() const override { return way; }
    [[nodiscard]] CodecId preferred() const override { return wants; }
    void say(std::int16_t value, std::size_t samples = 160) {
        Frame frame;
        std::fill_n(frame.sample_room().begin(), samples, value);
        frame.set_samples(samples, 8000);
        frame.stream = stream_;
        frame.timed = timed;
        frame.header.timestamp = timestamp;
        heard(frame);
    }
    void say(std::span<const std::int16_t> audio) {
        Frame frame;
        std::copy(audio.begin(), audio.end(), frame.sample_room().begin());
        frame.set_samples(audio.size(), 8000);
        frame.stream = stream_;
        heard(frame);
    }
    bool timed = false;
    std::uint32_t timestamp = 0;
    int frames = 0;
    int last = 0;
    std::string events;
    std::vector<std::int16_t> heard_all;
    std::vector<std::uint8_t> last_payload;
    DigitWay way = DigitWay::events;
    CodecId wants = CodecId::none;

  private:
    std::uint64_t stream_;
};

class WorkerTest : public testing::Test {
  protected:
    WorkerTest() : worker(clock, *writer, [this](std::vector<Notice> n) { take(std::move(n)); }) {
        char name[] = "/tmp/asterism-worker-XXXXXX";
        dir = mkdtemp(name);
    }
    ~WorkerTest() override {
        worker.shut_down();
        writer.reset();
        std::filesystem::remove_all(dir);
    }
    void take(std::vector<Notice> notices) {
        for (auto& n : notices) {
            if (auto* e = std::get_if<EndNotice>(&n)) ends[e->op.value].push_back(e->end);
            if (auto* l = std::get_if<LegNotice>(&n)) events.push_back(*l);
            if (auto* f = std::get_if<NeedNotice>(&n)) needs.push_back(f->file);
            if (auto* h = std::get_if<HeardNotice>(&n)) heards.push_back(*h);
        }
    }
    TestLeg& leg() {
        auto made = std::make_unique<TestLeg>(worker, LegId{++last_id});
        TestLeg& l = *made;
        worker.adopt(std::move(made));
        return l;
    }
    void ticks(int n) {
        for (int i = 0; i < n; ++i) {
            clock.set(clock.now() + 20ms);
            worker.turn(0);
            worker.tick();
        }
        worker.turn(0);
    }
    std::string said(LegEvent::Kind begin, LegEvent::Kind end) {
        std::string s;
        for (auto& e : events) {
            if (e.event.kind == begin) s += e.event.digit ? std::string("+") + e.event.digit : "+";
            if (e.event.kind == end) s += e.event.digit ? std::string("-") + e.event.digit : "-";
        }
        return s;
    }
    std::string digits() { return said(LegEvent::Kind::dtmf_begin, LegEvent::Kind::dtmf_end); }
    static PromptPtr prompt(std::size_t samples, std::int16_t value) {
        auto p = std::make_shared<Prompt>();
        p->pcm.assign(samples, value);
        return p;
    }
    FilePlayer& play(Target target, OpId op, const FilePlayer::Plan& plan) {
        auto player = std::make_unique<FilePlayer>(op, plan, worker.new_stream());
        FilePlayer& p = *player;
        worker.play(target, std::move(player));
        worker.turn(0);
        return p;
    }
    /// Lets the writer's thread finish, then takes what it sent.
    bool wait_end(OpId op) {
        for (int i = 0; i < 500 && ends[op.value].empty(); ++i) worker.turn(10);
        return !ends[op.value].empty();
    }

    TestClock clock;
    std::unique_ptr<FileWriter> writer = std::make_unique<FileWriter>();
    std::map<std::uint64_t, std::vector<OpEnd>> ends;
    std::vector<LegNotice> events;
    std::vector<std::size_t> needs;
    std::vector<HeardNotice> heards;
    Worker worker;
    std::string dir;
    std::uint64_t last_id = 0;
};

TEST_F(WorkerTest, PlaysFilesOneAfterAnother) {
    TestLeg& a = leg();
    const OpId op{100};
    play(a.id(), op, {.count = 2});
    EXPECT_EQ(needs, (std::vector<std::size_t>{0}));
    ticks(3);
    EXPECT_EQ(a.frames, 0);  // not loaded yet
    worker.supply(op, 0, prompt(400, 10), {});
    worker.turn(0);
    EXPECT_EQ(needs, (std::vector<std::size_t>{0, 1}));  // the next is asked for ahead of time
    worker.supply(op, 1, prompt(160, 20), {});
    ticks(3);
    EXPECT_EQ(a.frames, 3);
    ticks(1);
    EXPECT_EQ(a.last, 20);
    EXPECT_TRUE(ends[100].empty());
    ticks(1);
    ASSERT_EQ(ends[100].size(), 1u);
    EXPECT_EQ(ends[100][0].why, OpEnd::Why::finished);
    EXPECT_EQ(ends[100][0].file, 1u);
    EXPECT_EQ(ends[100][0].samples, 160u);
    EXPECT_EQ(a.frames, 4);
}

TEST_F(WorkerTest, PauseSkipRewindRestart) {
    TestLeg& a = leg();
    const OpId op{100};
    play(a.id(), op, {.count = 1});
    auto p = std::make_shared<Prompt>();
    for (int i = 0; i < 16000; ++i) p->pcm.push_back(static_cast<std::int16_t>(i / 160));  // each frame is its number
    worker.supply(op, 0, p, {});
    ticks(5);
    EXPECT_EQ(a.last, 4);
    worker.control(op, {.kind = OpControl::Kind::pause});
    ticks(5);
    EXPECT_EQ(a.last, 4);
    EXPECT_EQ(a.frames, 5);
    worker.control(op, {.kind = OpControl::Kind::resume});
    ticks(1);
    EXPECT_EQ(a.last, 5);
    worker.control(op, {.kind = OpControl::Kind::forward, .by = Millis{1000}});
    ticks(1);
    EXPECT_EQ(a.last, 56);
    worker.control(op, {.kind = OpControl::Kind::reverse, .by = Millis{200}});
    ticks(1);
    EXPECT_EQ(a.last, 47);
    worker.control(op, {.kind = OpControl::Kind::restart});
    ticks(1);
    EXPECT_EQ(a.last, 0);
    worker.control(op, {.kind = OpControl::Kind::stop});
    ticks(1);
    ASSERT_EQ(ends[100].size(), 1u);
    EXPECT_EQ(ends[100][0].why, OpEnd::Why::stopped);
    EXPECT_EQ(ends[100][0].position, Millis{20});
    EXPECT_FALSE(a.wants_ticks());
}

TEST_F(WorkerTest, MusicGoesRoundAndSkipsBadFiles) {
    TestLeg& a = leg();
    const OpId op{100};
    play(a.id(), op, {.count = 3, .repeat = 0, .tolerant = true});
    worker.supply(op, 0, prompt(160, 1), {});
    worker.supply(op, 1, nullptr, "bad");
    ticks(2);
    worker.turn(0);
    EXPECT_EQ(needs.back(), 2u);
    worker.supply(op, 2, prompt(160, 3), {});
    ticks(1);
    EXPECT_EQ(a.last, 3);
    EXPECT_EQ(needs.back(), 0u);
    EXPECT_TRUE(ends[100].empty());
    // All bad: it gives up instead of asking for ever.
    const OpId all_bad{101};
    play(a.id(), all_bad, {.count = 2, .repeat = 0, .tolerant = true});
    worker.supply(all_bad, 0, nullptr, "bad 0");
    worker.supply(all_bad, 1, nullptr, "bad 1");
    ticks(2);
    ASSERT_EQ(ends[101].size(), 1u);
    EXPECT_EQ(ends[101][0].why, OpEnd::Why::failed);
    EXPECT_EQ(ends[101][0].error, "bad 1");
}

TEST_F(WorkerTest, APlayReplacesTheBridgeWhileItLasts) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    b.say(5);
    EXPECT_EQ(a.last, 5);
    const OpId op{100};
    play(a.id(), op, {.count = 1});
    worker.supply(op, 0, prompt(320, 9), {});
    b.say(6);
    EXPECT_EQ(a.last, 5);
    ticks(1);
    EXPECT_EQ(a.last, 9);
    a.say(77);  // the other way is not disturbed
    EXPECT_EQ(b.last, 77);
    ticks(2);
    b.say(7);
    EXPECT_EQ(a.last, 7);
}

TEST_F(WorkerTest, ConnectMovesAndDisconnectFrees) {
    TestLeg &a = leg(), &b = leg(), &c = leg();
    worker.connect(a.id(), b.id());
    worker.connect(a.id(), c.id());
    a.say(1);
    EXPECT_EQ(b.frames, 0);
    EXPECT_EQ(c.last, 1);
    b.say(2);
    EXPECT_EQ(a.frames, 0);
    worker.disconnect(c.id());
    a.say(3);
    EXPECT_EQ(c.last, 1);
    worker.connect(a.id(), b.id());
    worker.close_leg(b.id());
    a.say(4);
    worker.turn(0);
    a.say(4);
}

TEST_F(WorkerTest, MuteAndGain) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    worker.mute(a.id(), Side::in, true);
    a.say(100);
    EXPECT_EQ(b.frames, 0);
    worker.mute(a.id(), Side::in, false);
    worker.gain(a.id(), Side::in, 2.0);
    a.say(100);
    EXPECT_EQ(b.last, 200);
    a.say(30000);
    EXPECT_EQ(b.last, 32767);
    worker.gain(b.id(), Side::out, 0.5);
    a.say(100);
    EXPECT_EQ(b.last, 100);
    worker.mute(b.id(), Side::out, true);
    a.say(100);
    EXPECT_EQ(b.frames, 3);
}

TEST_F(WorkerTest, SendsDigitsAndPausesAndEndsOnce) {
    TestLeg& a = leg();
    worker.send_dtmf(a.id(), "1w2", Millis{100}, Millis{100}, OpId{100});
    ticks(10);
    EXPECT_EQ(a.events, "111111.1.1.");  // 5 updates, 3 ends
    ticks(20);
    EXPECT_EQ(a.events, "111111.1.1.");
    ticks(20);
    EXPECT_EQ(a.events, "111111.1.1.222222.2.2.");
    ASSERT_EQ(ends[100].size(), 1u);
    EXPECT_FALSE(a.wants_ticks());
    worker.send_dtmf(a.id(), "", Millis{100}, Millis{100}, OpId{101});
    worker.send_dtmf(a.id(), "999", Millis{100}, Millis{100}, OpId{102});
    ticks(3);
    worker.close_leg(a.id());
    worker.turn(0);
    ASSERT_EQ(ends[101].size(), 1u);
    EXPECT_EQ(ends[101][0].why, OpEnd::Why::finished);
    ASSERT_EQ(ends[102].size(), 1u);
    EXPECT_EQ(ends[102][0].why, OpEnd::Why::closed);
}

TEST_F(WorkerTest, DigitsBecomeTonesOrSignalsWhereEventsAreNotUnderstood) {
    TestLeg &phone = leg(), &old = leg(), &info = leg();
    old.way = DigitWay::tones;
    info.way = DigitWay::signal;
    worker.connect(phone.id(), old.id());
    worker.digit_received(phone.id(), '4', Millis{100});
    ticks(12);
    DtmfDetector detector;
    std::string heard;
    old.heard_all.resize(old.heard_all.size() + 400);
    detector.feed(old.heard_all,
                  [&](const DtmfDetector::Change& c) { heard += c.begin ? "+" : "-", heard += c.digit; });
    EXPECT_EQ(heard, "+4-4");
    EXPECT_EQ(digits(), "+4-4");  // phone's
    worker.connect(phone.id(), info.id());
    worker.digit_received(phone.id(), '5', Millis{160});
    ticks(12);
    ASSERT_EQ(events.back().event.kind, LegEvent::Kind::dtmf_to_signal);
    EXPECT_EQ(events.back().event.digit, '5');
    EXPECT_EQ(events.back().leg, info.id());
    EXPECT_EQ(events.back().event.duration, Millis{160});
}

TEST_F(WorkerTest, HearsDigitsInAudioAndSendsThemAnew) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    worker.detect(a.id(), {.inband_digits = true});
    const auto pair = *dtmf_frequencies('8');
    DualTone tone(pair[0], pair[1], false, 6000, 8000);
    std::vector<std::int16_t> block(160);
    for (int i = 0; i < 6; ++i) {
        tone.generate(block);
        a.say(block);
        ticks(1);
    }
    for (int i = 0; i < 10; ++i) {
        a.say(0);
        ticks(1);
    }
    EXPECT_EQ(digits(), "+8-8");
    EXPECT_TRUE(b.events.starts_with("88")) << b.events;
    EXPECT_TRUE(b.events.ends_with("8.8.8.")) << b.events;
    // Of the tone itself hardly more than its first moment went through.
    std::size_t loud = 0;
    for (const int s : b.heard_all) loud += std::abs(s) > 3000;
    EXPECT_LT(loud, 320u);
}

TEST_F(WorkerTest, TellsWhenSomebodyTalks) {
    TestLeg& a = leg();
    worker.detect(
        a.id(), {.talking = true, .talk_after = Millis{60}, .silent_after = Millis{200}, .silence_after = Millis{500}});
    const auto speak = [&](int n, std::int16_t level) {
        for (int i = 0; i < n; ++i) a.say(level);
        worker.turn(0);
    };
    const auto talk = [&] { return said(LegEvent::Kind::talking_started, LegEvent::Kind::talking_stopped); };
    speak(2, 5000);  // a click
    speak(5, 0);
    EXPECT_EQ(talk(), "");
    speak(10, 5000);
    EXPECT_EQ(talk(), "+");
    speak(9, 0);
    EXPECT_EQ(talk(), "+");
    speak(1, 0);
    EXPECT_EQ(talk(), "+-");
    EXPECT_NEAR(static_cast<double>(events.back().event.duration.count()), 200, 20);
    speak(15, 0);
    EXPECT_EQ(events.back().event.kind, LegEvent::Kind::silence);
    speak(1, 5000);
    EXPECT_EQ(events.back().event.kind, LegEvent::Kind::sound);
}

TEST_F(WorkerTest, TheMixerSubtractsSaturatesAndShares) {
    TestLeg &a = leg(), &b = leg(), &c = leg(), &d = leg();
    c.wants = d.wants = CodecId::ulaw;
    const MixerId m{500};
    worker.open_mixer(m, {});
    for (TestLeg* l : {&a, &b, &c, &d}) worker.mixer_add(m, l->id(), MixRole::normal);
    for (int i = 0; i < 5; ++i) {
        a.say(1000);
        b.say(2000);
        ticks(1);
    }
    EXPECT_EQ(a.last, 2000);
    EXPECT_EQ(b.last, 1000);
    EXPECT_EQ(c.last, 3000);
    EXPECT_EQ(c.frames, 5);
    EXPECT_EQ(c.last_payload, std::vector<std::uint8_t>(160, g711::to_ulaw(3000)));
    EXPECT_EQ(d.last_payload, c.last_payload);
    for (int i = 0; i < 5; ++i) {
        a.say(30000);
        b.say(30000);
        ticks(1);
    }
    EXPECT_EQ(c.last, 32767);
    EXPECT_EQ(a.last, 30000);
    worker.mixer_add(m, a.id(), MixRole::listen_only);
    for (int i = 0; i < 5; ++i) {
        a.say(1000);
        b.say(2000);
        ticks(1);
    }
    EXPECT_EQ(c.last, 2000);
    worker.mixer_remove(m, b.id());
    const int before = b.frames;
    ticks(3);
    EXPECT_EQ(b.frames, before);
    worker.close_mixer(m);
    ticks(1);
    EXPECT_EQ(a.mixer(), nullptr);
}

TEST_F(WorkerTest, ALostPacketIsSilenceInTheMixAndALateOneIsDropped) {
    TestLeg &a = leg(), &b = leg();
    const MixerId m{500};
    worker.open_mixer(m, {});
    worker.mixer_add(m, a.id(), MixRole::normal);
    worker.mixer_add(m, b.id(), MixRole::normal);
    a.timed = true;
    for (const int number : {0, 1, 2, 4, 3, 5}) {  // 3 comes after its place was given away
        a.timestamp = static_cast<std::uint32_t>(number * 160);
        a.say(static_cast<std::int16_t>(1000 + number));
    }
    std::vector<int> heard;
    for (int i = 0; i < 6; ++i) {
        ticks(1);
        heard.push_back(b.last);
    }
    EXPECT_EQ(heard, (std::vector<int>{1000, 1001, 1002, 0, 1004, 1005}));
}

TEST_F(WorkerTest, TheMixerPlaysToAllAndPassesDigits) {
    TestLeg &a = leg(), &b = leg();
    const MixerId m{500};
    worker.open_mixer(m, {.rate = 16000});
    worker.mixer_add(m, a.id(), MixRole::normal);
    worker.mixer_add(m, b.id(), MixRole::normal);
    play(m, OpId{100}, {.count = 1});
    worker.supply(OpId{100}, 0, prompt(1600, 500), {});
    ticks(5);
    EXPECT_NEAR(a.last, 500, 30);
    EXPECT_NEAR(b.last, 500, 30);
    ticks(10);
    ASSERT_EQ(ends[100].size(), 1u);
    EXPECT_EQ(a.last, 0);
    worker.digit_received(a.id(), '3', Millis{80});
    ticks(8);
    EXPECT_TRUE(b.events.ends_with("3."));
    EXPECT_EQ(a.events, "");
}

TEST_F(WorkerTest, RecordsUntilSilence) {
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

TEST_F(WorkerTest, APartyThatSendsNothingIsSilent) {
    TestLeg& a = leg();
    worker.record(a.id(), OpId{100}, {.path = dir + "/n.wav", .max_silence = Millis{400}});
    ticks(25);
    ASSERT_TRUE(wait_end(OpId{100}));
    EXPECT_EQ(ends[100][0].why, OpEnd::Why::silence);
    EXPECT_EQ(ends[100][0].samples, 0u);
}

TEST_F(WorkerTest, RecordsInEveryFormatThatItReads) {
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

TEST_F(WorkerTest, AppendsAndRefusesToOverwrite) {
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

TEST_F(WorkerTest, RecordsBothSidesMixed) {
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

TEST_F(WorkerTest, RecordsEachSideWithItsTimeAndVolume) {
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

TEST_F(WorkerTest, MutesOneDirectionOfARecording) {
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

TEST_F(WorkerTest, ABargeIsHeardByBothEvenWhenTheyAreSilent) {
    TestLeg &a = leg(), &b = leg(), &spy = leg();
    worker.connect(a.id(), b.id());
    const LegId tap{900};
    worker.open_tap(tap, a.id(), {.spy_in = true, .spy_out = true});
    worker.connect(tap, spy.id());
    for (int i = 0; i < 20; ++i) {
        spy.say(50);
        ticks(1);
    }
    EXPECT_EQ(a.frames + b.frames, 0);
    worker.set_tap(tap, {.spy_in = true, .spy_out = true, .whisper_in = true, .whisper_out = true});
    for (int i = 0; i < 20; ++i) {
        spy.say(50);
        ticks(1);
    }
    EXPECT_NEAR(a.last, 50, 10);
    EXPECT_NEAR(b.last, 50, 10);
    for (int i = 0; i < 20; ++i) {
        spy.say(50);
        a.say(1000);
        ticks(1);
    }
    EXPECT_NEAR(b.last, 1050, 30);
    worker.close_leg(tap);
    worker.turn(0);
}

TEST_F(WorkerTest, ListensUntilStopped) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    worker.listen(a.id(), OpId{100}, {.what = LevelWatch{.silence_after = Millis(200)}});
    worker.listen(a.id(), OpId{101}, {.side = Side::out, .what = LevelWatch{.sound_after = Millis(100)}});
    ticks(25);  // nothing comes at all: silence
    const auto silences = heards.size();
    EXPECT_GE(silences, 1u);
    EXPECT_EQ(heards.front().op, OpId{100});
    for (int i = 0; i < 10; ++i) {
        b.say(3000);
        a.say(3000);
        ticks(1);
    }
    EXPECT_EQ(heards.back().op, OpId{101});
    EXPECT_EQ(heards.back().heard.kind, Heard::Kind::sound);
    worker.control(OpId{101}, {.kind = OpControl::Kind::stop});
    worker.close_leg(a.id());
    worker.turn(0);
    EXPECT_EQ(ends[101][0].why, OpEnd::Why::stopped);
    EXPECT_EQ(ends[100][0].why, OpEnd::Why::closed);
    worker.listen(LegId{77}, OpId{102}, {.what = MfWatch{}});
    worker.turn(0);
    EXPECT_EQ(ends[102][0].why, OpEnd::Why::closed);
}

TEST_F(WorkerTest, EffectsChangeOneDirection) {
    TestLeg &a = leg(), &b = leg();
    worker.connect(a.id(), b.id());
    worker.effect(a.id(), Side::in, {.kind = EffectSpec::Kind::drop});
    a.say(1000);
    b.say(500);
    EXPECT_EQ(b.frames, 0);
    EXPECT_EQ(a.frames, 1);
    worker.effect(a.id(), Side::in, {.kind = EffectSpec::Kind::drop, .on = false});
    a.say(1000);
    EXPECT_EQ(b.frames, 1);
}

TEST_F(WorkerTest, ATapHearsBothAndWhispersToOne) {
    TestLeg &a = leg(), &b = leg(), &spy = leg();
    worker.connect(a.id(), b.id());
    const LegId tap{900};
    worker.open_tap(tap, a.id(), {.spy_in = true, .spy_out = true, .whisper_out = true});
    worker.connect(tap, spy.id());
    for (int i = 0; i < 20; ++i) {
        a.say(1000);
        b.say(500);
        spy.say(50);
        ticks(1);
    }
    EXPECT_NEAR(spy.last, 1550, 60);  // both, and its own whisper as the target hears it
    EXPECT_NEAR(a.last, 550, 30);
    EXPECT_EQ(b.last, 1000);
    worker.close_leg(a.id());
    for (int i = 0; i < 10; ++i) {
        spy.say(50);
        ticks(1);
    }
    worker.close_leg(tap);
    worker.turn(0);
}

TEST_F(WorkerTest, ARingOfPairsDoesNotRecurse) {
    worker.open_pair(LegId{801}, LegId{802});
    worker.open_pair(LegId{803}, LegId{804});
    worker.connect(LegId{802}, LegId{803});
    worker.connect(LegId{804}, LegId{801});
    play(LegId{801}, OpId{100}, {.count = 1});
    worker.supply(OpId{100}, 0, prompt(1600, 5), {});
    worker.send_dtmf(LegId{802}, "12", Millis{80}, Millis{40}, OpId{101});
    ticks(30);
    EXPECT_EQ(ends[100].size(), 1u);
    EXPECT_EQ(ends[101].size(), 1u);
}

TEST_F(WorkerTest, UnknownIdsAreIgnoredOrEndClosed) {
    worker.connect(LegId{1}, LegId{2});
    worker.disconnect(LegId{1});
    worker.mixer_add(MixerId{1}, LegId{1}, MixRole::normal);
    worker.close_leg(LegId{1});
    worker.close_mixer(MixerId{1});
    worker.control(OpId{9}, {});
    worker.supply(OpId{9}, 0, nullptr, "x");
    play(LegId{1}, OpId{100}, {.count = 1});
    worker.record(MixerId{1}, OpId{101}, {.path = dir + "/x.wav"});
    worker.send_dtmf(LegId{1}, "1", Millis{80}, Millis{80}, OpId{102});
    worker.turn(0);
    for (const std::uint64_t op : {100u, 101u, 102u}) {
        ASSERT_EQ(ends[op].size(), 1u);
        EXPECT_EQ(ends[op][0].why, OpEnd::Why::closed);
    }
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

TEST(JitterFifo, HoldsBackRunsDryAndCatchesUp) {
    JitterFifo fifo(8000);
    std::vector<std::int16_t> in(160, 7), out(160);
    EXPECT_FALSE(fifo.pull(out));
    fifo.push(in);
    EXPECT_TRUE(fifo.pull(out));
    EXPECT_EQ(out[159], 7);
    EXPECT_FALSE(fifo.pull(out));  // dry: from now on it holds back more
    EXPECT_EQ(out[0], 0);
    fifo.push(in);
    EXPECT_FALSE(fifo.pull(out));
    fifo.push(in);
    EXPECT_TRUE(fifo.pull(out));
    // A burst is worked off within seconds, a block at a time.
    for (int i = 0; i < 10; ++i) fifo.push(in);
    const auto deep = fifo.depth();
    for (int i = 0; i < 1000; ++i) {
        fifo.push(in);
        EXPECT_TRUE(fifo.pull(out));
    }
    EXPECT_LT(fifo.depth(), deep / 2);
    // And it never grows without bound.
    for (int i = 0; i < 100; ++i) fifo.push(in);
    EXPECT_LE(fifo.depth(), 3200u);
}

}  // namespace
}  // namespace asterism::media
