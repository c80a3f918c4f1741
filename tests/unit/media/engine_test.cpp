// The real engine with its thread, over real loopback sockets.
#include "asterism/media/engine.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "asterism/media/jitter.hpp"
#include "asterism/runtime/random.hpp"
#include "media/g711.hpp"
#include "media/rtcp.hpp"
#include "phone.hpp"
#include "support/live_loop.hpp"

namespace asterism::media {
namespace {

using Kind = LegEvent::Kind;

class EngineTest : public testing::Test {
  protected:
    struct Call {
        LegId leg;
        Address local;
        Phone phone;
        std::vector<LegEvent> events;
        [[nodiscard]] int count(Kind kind) const {
            return static_cast<int>(
                std::count_if(events.begin(), events.end(), [&](auto& e) { return e.kind == kind; }));
        }
        [[nodiscard]] std::string digits() const {
            std::string d;
            for (auto& e : events)
                if (e.kind == Kind::dtmf_end) d += e.digit;
            return d;
        }
    };

    EngineTest() {
        char name[] = "/tmp/asterism-media-XXXXXX";
        dir = mkdtemp(name);
        // A range of our own for each process, so that tests run side by side.
        const auto first = static_cast<std::uint16_t>(20000 + getpid() % 200 * 200);
        engine = make_engine(loop, {.ports = {first, static_cast<std::uint16_t>(first + 199)}});
    }
    ~EngineTest() override {
        engine.reset();
        std::filesystem::remove_all(dir);
    }

    static RtpConfig config(const Phone& phone, CodecId codec = CodecId::ulaw) {
        RtpConfig c;
        c.remote = phone.address();
        c.receive = {{0, CodecId::ulaw}, {8, CodecId::alaw}, {9, CodecId::g722}, {3, CodecId::gsm}};
        c.send = {static_cast<std::uint8_t>(codec_info(codec).payload_type), codec};
        c.event_payload_type = 101;
        return c;
    }
    std::unique_ptr<Call> call(CodecId codec = CodecId::ulaw) {
        auto made = std::make_unique<Call>();
        auto port = engine->open_rtp({.bind_ip = "127.0.0.1"},
                                     [c = made.get()](LegId, const LegEvent& e) { c->events.push_back(e); });
        EXPECT_TRUE(port) << port.error();
        made->leg = port->leg;
        made->local = port->rtp;
        made->phone.to(port->rtp);
        engine->configure_rtp(made->leg, config(made->phone, codec));
        settle(made->leg);
        return made;
    }
    /// Commands are in order: when an answer is here, all that was asked before is done.
    void settle(LegId) {
        bool answered = false;
        // Of a leg that is not there: one that never had a packet is answered for without asking the worker.
        engine->stats(LegId{~0ULL}, [&](const RtpStats&) { answered = true; });
        EXPECT_TRUE(loop.run_until([&] { return answered; }));
    }
    RtpStats stats(LegId leg) {
        settle(leg);
        std::optional<RtpStats> answer;
        engine->stats(leg, [&](const RtpStats& s) { answer = s; });
        EXPECT_TRUE(loop.run_until([&] { return answer.has_value(); }));
        return answer.value_or(RtpStats{});
    }
    std::string write_ulaw(const std::string& name, std::size_t bytes, char value) {
        const std::string path = dir + "/" + name;
        std::ofstream(path, std::ios::binary) << std::string(bytes, value);
        return path;
    }

    LiveLoop loop;
    std::unique_ptr<Engine> engine;
    std::string dir;
};

TEST_F(EngineTest, RelaysTheSameCodecUntouched) {
    auto a = call(), b = call();
    engine->connect(a->leg, b->leg);
    settle(a->leg);
    std::optional<Phone::Received> before;
    for (int i = 0; i < 5; ++i) {
        if (i == 3) ++a->phone.sequence;  // a lost packet stays visible to the other side
        a->phone.say(0, static_cast<std::uint8_t>(i));
        auto got = b->phone.receive();
        ASSERT_TRUE(got);
        EXPECT_EQ(got->payload, std::vector<std::uint8_t>(160, static_cast<std::uint8_t>(i)));
        EXPECT_EQ(got->header.payload_type, 0);
        EXPECT_NE(got->header.ssrc, a->phone.ssrc);
        EXPECT_EQ(got->header.marker, i == 0);
        if (before) {
            EXPECT_EQ(got->header.ssrc, before->header.ssrc);
            EXPECT_EQ(static_cast<std::uint16_t>(got->header.sequence - before->header.sequence), i == 3 ? 2 : 1);
            EXPECT_EQ(got->header.timestamp - before->header.timestamp, 160u);
        }
        before = got;
    }
    EXPECT_TRUE(loop.run_until([&] { return a->count(Kind::first_media) == 1; }));
}

TEST_F(EngineTest, TranscodesOneLawToTheOther) {
    auto a = call(CodecId::ulaw), b = call(CodecId::alaw);
    engine->connect(a->leg, b->leg);
    settle(a->leg);
    a->phone.say(0, g711::to_ulaw(8000));
    auto got = b->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header.payload_type, 8);
    ASSERT_EQ(got->payload.size(), 160u);
    EXPECT_NEAR(g711::from_alaw(got->payload[5]), 8000, 300);
    b->phone.say(8, g711::to_alaw(-3000));
    got = a->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_NEAR(g711::from_ulaw(got->payload[5]), -3000, 150);
}

TEST_F(EngineTest, TranscodesToAWidebandCodec) {
    auto a = call(CodecId::ulaw), b = call(CodecId::g722);
    engine->connect(a->leg, b->leg);
    settle(a->leg);
    for (int i = 0; i < 3; ++i) {
        a->phone.say(0, g711::to_ulaw(1000));
        auto got = b->phone.receive();
        ASSERT_TRUE(got);
        EXPECT_EQ(got->header.payload_type, 9);
        EXPECT_EQ(got->payload.size(), 160u);
    }
}

TEST_F(EngineTest, AJitterBufferPutsPacketsInOrderAndDisabledLetsThemGo) {
    auto a = call();
    engine->echo(a->leg, true);
    auto* buffers = dynamic_cast<JitterBuffers*>(engine.get());
    ASSERT_NE(buffers, nullptr);
    buffers->jitter_buffer(a->leg, {.kind = JitterSpec::Kind::fixed, .max = Millis(60)});
    settle(a->leg);
    a->phone.say(0, 1);
    const auto sequence = a->phone.sequence;
    const auto timestamp = a->phone.timestamp;
    a->phone.sequence = static_cast<std::uint16_t>(sequence + 1);
    a->phone.timestamp = timestamp + 160;
    a->phone.say(0, 3);
    a->phone.sequence = sequence;
    a->phone.timestamp = timestamp;
    a->phone.say(0, 2);
    for (const int expected : {1, 2, 3}) {
        const auto got = a->phone.receive();
        ASSERT_TRUE(got);
        EXPECT_EQ(got->payload[0], expected);
    }
    buffers->jitter_buffer(a->leg, {.kind = JitterSpec::Kind::fixed, .max = Millis(60000)});
    settle(a->leg);
    a->phone.sequence = static_cast<std::uint16_t>(sequence + 2);
    a->phone.timestamp = timestamp + 320;
    a->phone.say(0, 4);
    a->phone.press('5');
    auto got = a->phone.receive();  // digits are not held
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header.payload_type, 101);
    buffers->jitter_buffer(a->leg, {});
    while (got && got->header.payload_type == 101) got = a->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 4);
}

TEST_F(EngineTest, EchoesAudioAndDigits) {
    auto a = call();
    engine->echo(a->leg, true);
    settle(a->leg);
    a->phone.say(0, 0x12);
    auto got = a->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 0x12);
    a->phone.press('5');
    got = a->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header.payload_type, 101);
    EXPECT_TRUE(loop.run_until([&] { return a->digits() == "5"; }));
}

TEST_F(EngineTest, DigitsPassAlocalPairInBothDirections) {
    auto a = call(), b = call();
    std::string heard;
    auto [one, two] = engine->open_pair({}, [&](LegId, const LegEvent& e) {
        if (e.kind == Kind::dtmf_end) heard += e.digit;
    });
    engine->connect(a->leg, one);
    engine->connect(two, b->leg);
    settle(a->leg);
    a->phone.say(0, 0x33);
    auto got = b->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 0x33);
    a->phone.press('7');
    got = b->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header.payload_type, 101);
    EXPECT_EQ(got->payload[0], 7);
    EXPECT_TRUE(loop.run_until([&] { return heard == "7"; }));
    engine->close(one);
    engine->close(two);
}

TEST_F(EngineTest, DigitsThatDoNotPassAreOnlyReported) {
    auto a = call(), b = call();
    engine->connect(a->leg, b->leg);
    engine->pass_digits(a->leg, false);
    settle(a->leg);
    a->phone.say(0, 1);
    auto first = b->phone.receive();
    a->phone.press('9');
    a->phone.say(0, 2);
    auto got = b->phone.receive();
    ASSERT_TRUE(first && got);
    EXPECT_EQ(got->payload[0], 2);
    // The packets that were kept back must not look lost.
    EXPECT_EQ(static_cast<std::uint16_t>(got->header.sequence - first->header.sequence), 1);
    EXPECT_TRUE(loop.run_until([&] { return a->digits() == "9"; }));
}

TEST_F(EngineTest, SendsDigitsAsEventsWithThreeEnds) {
    auto a = call();
    std::optional<OpEnd> end;
    engine->send_dtmf(a->leg, "1#", Millis{80}, Millis{40}, [&](const OpEnd& e) { end = e; });
    int ends[2] = {0, 0};
    std::uint32_t stamp[2] = {0, 0};
    for (int seen = 0; seen < 6;) {
        auto got = a->phone.receive();
        ASSERT_TRUE(got);
        ASSERT_EQ(got->header.payload_type, 101);
        const auto event = parse_telephone_event(got->payload);
        ASSERT_TRUE(event);
        const int which = event->event == 1 ? 0 : 1;
        if (stamp[which] == 0)
            EXPECT_TRUE(got->header.marker);
        else
            EXPECT_EQ(stamp[which], got->header.timestamp);
        stamp[which] = got->header.timestamp;
        if (event->end) {
            ++ends[which];
            ++seen;
            EXPECT_EQ(event->duration, 640);
        }
    }
    EXPECT_EQ(ends[0], 3);
    EXPECT_EQ(ends[1], 3);
    EXPECT_TRUE(loop.run_until([&] { return end.has_value(); }));
    EXPECT_EQ(end->why, OpEnd::Why::finished);
}

TEST_F(EngineTest, PlaysAFileOverTheBridgeAndThenTheBridgeAgain) {
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

TEST_F(EngineTest, APlayEndsOnceHoweverItEnds) {
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

TEST_F(EngineTest, RecordsWhatThePartySays) {
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

TEST_F(EngineTest, AFullDiskEndsTheRecordingOnly) {
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

TEST_F(EngineTest, ARecordingThatCannotBeCreatedFails) {
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

TEST_F(EngineTest, AMixerGivesEachTheOthers) {
    auto a = call(), b = call(), c = call();
    const MixerId mixer = engine->open_mixer({});
    for (auto* one : {a.get(), b.get(), c.get()}) engine->mixer_add(mixer, one->leg, MixRole::normal);
    settle(a->leg);
    bool b_heard = false, c_heard = false, a_quiet = true;
    for (int i = 0; i < 200 && !(b_heard && c_heard); ++i) {
        a->phone.say(0, g711::to_ulaw(5000));
        const auto in_a = a->phone.receive(), in_b = b->phone.receive(), in_c = c->phone.receive();
        ASSERT_TRUE(in_a && in_b && in_c);
        b_heard = b_heard || std::abs(g711::from_ulaw(in_b->payload[80]) - 5000) < 200;
        c_heard = c_heard || std::abs(g711::from_ulaw(in_c->payload[80]) - 5000) < 200;
        a_quiet = a_quiet && std::abs(g711::from_ulaw(in_a->payload[80])) < 100;
    }
    EXPECT_TRUE(b_heard);
    EXPECT_TRUE(c_heard);
    EXPECT_TRUE(a_quiet);
    engine->close_mixer(mixer);
}

TEST_F(EngineTest, StrictRtpKeepsStrangersOut) {
    auto a = call(), b = call();
    engine->connect(a->leg, b->leg);
    settle(a->leg);
    a->phone.say(0, 1);
    ASSERT_TRUE(b->phone.receive());
    Phone stranger;
    stranger.to(a->local);
    for (int i = 0; i < 10; ++i) stranger.say(0, 0x66);
    a->phone.say(0, 2);
    auto got = b->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 2);
}

TEST_F(EngineTest, SymmetricRtpAnswersToWherePacketsComeFrom) {
    auto a = call();
    Phone behind_nat;
    behind_nat.to(a->local);
    RtpConfig c = config(a->phone);
    c.remote = {"127.0.0.1", 9};  // what SDP said
    c.symmetric = true;
    c.strict = StrictRtp::no;
    engine->configure_rtp(a->leg, c);
    engine->echo(a->leg, true);
    settle(a->leg);
    behind_nat.say(0, 0x44);
    auto got = behind_nat.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 0x44);
    ASSERT_TRUE(loop.run_until([&] { return a->count(Kind::source_learned) == 1; }));
}

TEST_F(EngineTest, ReportsASilentPeer) {
    auto a = call();
    RtpConfig c = config(a->phone);
    c.timeout = Millis{50};
    engine->configure_rtp(a->leg, c);
    ASSERT_TRUE(loop.run_until([&] { return a->count(Kind::rtp_timeout) == 1; }));
}

TEST_F(EngineTest, HoldStopsAudioInTheRightDirection) {
    auto a = call(), b = call();
    engine->connect(a->leg, b->leg);
    RtpConfig c = config(a->phone);
    c.direction = Direction::sendonly;
    engine->configure_rtp(a->leg, c);
    settle(a->leg);
    a->phone.say(0, 1);  // not taken
    settle(a->leg);
    c.direction = Direction::sendrecv;
    engine->configure_rtp(a->leg, c);
    settle(a->leg);
    a->phone.say(0, 2);
    auto got = b->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 2);
}

TEST_F(EngineTest, GarbageOnThePortIsCountedAndForgotten) {
    auto a = call(), b = call();
    engine->connect(a->leg, b->leg);
    settle(a->leg);
    const std::vector<std::uint8_t> junk(400, 0xEE);
    for (std::size_t n : {std::size_t{1}, std::size_t{11}, std::size_t{12}, std::size_t{400}})
        a->phone.send_raw(std::span(junk).first(n));
    a->phone.say(0, 3);
    auto got = b->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->payload[0], 3);
    EXPECT_EQ(stats(a->leg).dropped, 4u);
    EXPECT_EQ(stats(a->leg).rx_packets, 1u);
}

TEST_F(EngineTest, DigitsPassATranscodedCall) {
    auto a = call(CodecId::ulaw), b = call(CodecId::gsm);
    engine->connect(a->leg, b->leg);
    settle(a->leg);
    a->phone.say(0, 0x20);
    ASSERT_TRUE(b->phone.receive());
    a->phone.press('6');
    std::optional<std::uint32_t> stamp;
    for (int i = 0; i < 6; ++i) {
        const auto got = b->phone.receive();
        ASSERT_TRUE(got);
        ASSERT_EQ(got->header.payload_type, 101);
        EXPECT_EQ(got->header.timestamp, stamp.value_or(got->header.timestamp));
        stamp = got->header.timestamp;
    }
}

TEST_F(EngineTest, ReportsAndMeasuresByRtcp) {
    auto a = call();
    RtpConfig c = config(a->phone);
    c.rtcp_mux = true;
    c.rtcp_interval = Millis{20};
    engine->configure_rtp(a->leg, c);
    engine->echo(a->leg, true);
    settle(a->leg);
    a->phone.say(0, 1);
    ASSERT_TRUE(a->phone.receive());
    const auto report = a->phone.receive_raw();
    const auto seen = parse_rtcp(report);
    ASSERT_TRUE(seen && seen->info);
    EXPECT_EQ(seen->info->packets, 1u);
    EXPECT_EQ(seen->info->octets, 160u);
    ASSERT_EQ(seen->block_count, 1u);
    EXPECT_EQ(seen->blocks[0].ssrc, a->phone.ssrc);
    EXPECT_FALSE(seen->cname.empty());
    // Answer as a phone that lost 3 packets and held the report for no time.
    ReportBlock block;
    block.ssrc = seen->sender;
    block.lost = 3;
    block.jitter = 80;
    block.last_sr = static_cast<std::uint32_t>(seen->info->ntp >> 16);
    std::uint8_t out[256];
    const SenderInfo info{.ntp = 1, .rtp_timestamp = 2, .packets = 3, .octets = 4};
    a->phone.send_raw({out, write_rtcp(out, a->phone.ssrc, &info, std::span(&block, 1), "phone", false)});
    RtpStats s;
    for (int i = 0; i < 1000 && s.rtt.count == 0; ++i) s = stats(a->leg);
    EXPECT_EQ(s.rtt.count, 1u);
    EXPECT_LT(s.rtt.last, 5.0);
    EXPECT_EQ(s.tx_lost, 3u);
    EXPECT_NEAR(s.tx_jitter, 0.01, 1e-9);
    EXPECT_EQ(s.remote_ssrc, a->phone.ssrc);
    EXPECT_EQ(s.local_ssrc, seen->sender);
    engine->close(a->leg);
    for (int i = 0; i < 100; ++i) {
        const auto last = parse_rtcp(a->phone.receive_raw());
        ASSERT_TRUE(last);
        if (last->bye) return;
    }
    FAIL() << "no BYE";
}

TEST_F(EngineTest, KeepsANatOpen) {
    auto a = call();
    RtpConfig c = config(a->phone);
    c.keepalive = Millis{20};
    engine->configure_rtp(a->leg, c);
    const auto got = a->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header.payload_type, 13);
    EXPECT_EQ(got->payload.size(), 1u);
}

TEST_F(EngineTest, WorksOverIpv6) {
    const int probe = socket(AF_INET6, SOCK_DGRAM, 0);
    auto address = *SocketAddress::parse({"::1", 0});
    const bool usable = probe >= 0 && bind(probe, address.raw(), address.size()) == 0;
    if (probe >= 0) close(probe);
    if (!usable) GTEST_SKIP() << "no IPv6 here";
    Phone six("::1"), four;
    auto port = engine->open_rtp({.bind_ip = "::"}, {});
    ASSERT_TRUE(port) << port.error();
    for (Phone* phone : {&six, &four}) {  // one socket takes both
        engine->configure_rtp(port->leg, config(*phone));
        engine->echo(port->leg, true);
        settle(port->leg);
        phone->to({phone == &six ? "::1" : "127.0.0.1", port->rtp.port});
        phone->say(0, 0x31);
        const auto got = phone->receive();
        ASSERT_TRUE(got);
        EXPECT_EQ(got->payload[0], 0x31);
    }
    engine->close(port->leg);
}

TEST_F(EngineTest, AStormOfNonsenseHurtsNobody) {
    auto victim = call(), a = call(), b = call();
    RtpConfig c = config(victim->phone);
    c.strict = StrictRtp::no;
    c.symmetric = true;
    c.rtcp_mux = true;
    for (int i = 0; i < 40; ++i) {
        const auto codec = static_cast<CodecId>(i);
        if (codec_info(codec).transcodes) c.receive.push_back({static_cast<std::uint8_t>(64 + i), codec});
    }
    engine->configure_rtp(victim->leg, c);
    const MixerId mixer = engine->open_mixer({.rate = 16000});
    engine->mixer_add(mixer, victim->leg, MixRole::normal);
    engine->record(victim->leg, {.path = dir + "/storm.wav", .side = Side::both}, {});
    engine->detect(victim->leg, {.talking = true, .inband_digits = true});
    engine->connect(a->leg, b->leg);
    settle(victim->leg);
    FixedRandom random(5);
    std::vector<std::uint8_t> bytes(1500);
    for (int i = 0; i < 3000; ++i) {
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
        if (i % 4 != 0) bytes[0] = 0x80;
        victim->phone.send_raw(std::span(bytes).first(random.below(bytes.size() + 1)));
        if (i % 100 != 0) continue;
        a->phone.say(0, static_cast<std::uint8_t>(i / 100));
        const auto got = b->phone.receive();
        ASSERT_TRUE(got);
        EXPECT_EQ(got->payload[0], i / 100);
    }
    EXPECT_GT(stats(victim->leg).dropped, 0u);
    engine->close(victim->leg);
    engine->close_mixer(mixer);
}

TEST_F(EngineTest, NoPortLeftIsAClearError) {
    // Below the ephemeral ports, on an address that nobody else uses.
    const auto port = static_cast<std::uint16_t>(10000 + getpid() % 1000 * 2);
    engine->set_ports({port, static_cast<std::uint16_t>(port + 1)});
    auto first = engine->open_rtp({.bind_ip = "127.0.91.9"}, {});
    ASSERT_TRUE(first) << first.error();
    auto second = engine->open_rtp({.bind_ip = "127.0.91.9"}, {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), "no free RTP port between " + std::to_string(port) + " and " + std::to_string(port + 1));
    engine->close(first->leg);
    EXPECT_FALSE(engine->open_rtp({.bind_ip = "nonsense"}, {}));
}

}  // namespace
}  // namespace asterism::media
