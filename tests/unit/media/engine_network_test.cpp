// The engine and the network: whose packets it takes, where it sends, RTCP, and what is no RTP at all.
#include "asterism/runtime/random.hpp"
#include "engine_fixture.hpp"
#include "media/rtcp.hpp"

namespace asterism::media {
namespace {

using EngineNetwork = EngineTest;

TEST_F(EngineNetwork, StrictRtpKeepsStrangersOut) {
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

TEST_F(EngineNetwork, SymmetricRtpAnswersToWherePacketsComeFrom) {
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

TEST_F(EngineNetwork, ReportsASilentPeer) {
    auto a = call();
    RtpConfig c = config(a->phone);
    c.timeout = Millis{50};
    engine->configure_rtp(a->leg, c);
    ASSERT_TRUE(loop.run_until([&] { return a->count(Kind::rtp_timeout) == 1; }));
}

TEST_F(EngineNetwork, GarbageOnThePortIsCountedAndForgotten) {
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

TEST_F(EngineNetwork, ReportsAndMeasuresByRtcp) {
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

TEST_F(EngineNetwork, KeepsANatOpen) {
    auto a = call();
    RtpConfig c = config(a->phone);
    c.keepalive = Millis{20};
    engine->configure_rtp(a->leg, c);
    const auto got = a->phone.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header.payload_type, 13);
    EXPECT_EQ(got->payload.size(), 1u);
}

TEST_F(EngineNetwork, WorksOverIpv6) {
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

TEST_F(EngineNetwork, AStormOfNonsenseHurtsNobody) {
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

TEST_F(EngineNetwork, NoPortLeftIsAClearError) {
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
