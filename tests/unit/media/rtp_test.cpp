#include <gtest/gtest.h>

#include "media/rtcp.hpp"
#include "media/rtp_packet.hpp"
#include "media/rtp_stream.hpp"
#include "media/source_learner.hpp"

namespace asterism::media {
namespace {

using Bytes = std::vector<std::uint8_t>;
const TimePoint start{1000s};

Bytes packet(std::initializer_list<int> head, std::size_t payload) {
    Bytes b;
    for (const int v : head) b.push_back(static_cast<std::uint8_t>(v));
    b.resize(b.size() + payload, 0xAB);
    return b;
}

TEST(RtpPacket, ReadsAHeader) {
    const auto b = packet({0x80, 0x80 | 8, 0x12, 0x34, 0, 0, 1, 0, 0xDE, 0xAD, 0xBE, 0xEF}, 160);
    const auto p = parse_rtp(b);
    ASSERT_TRUE(p);
    EXPECT_EQ(p->header.payload_type, 8);
    EXPECT_TRUE(p->header.marker);
    EXPECT_EQ(p->header.sequence, 0x1234);
    EXPECT_EQ(p->header.timestamp, 256u);
    EXPECT_EQ(p->header.ssrc, 0xDEADBEEF);
    EXPECT_EQ(p->payload_at, 12u);
    EXPECT_EQ(p->payload_bytes, 160u);
}

TEST(RtpPacket, StepsOverContributorsAndExtension) {
    // 2 CSRC, an extension of one word
    auto b = packet({0x92, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 0xBE, 0xDE, 0, 1, 9, 9, 9, 9}, 20);
    auto p = parse_rtp(b);
    ASSERT_TRUE(p);
    EXPECT_EQ(p->payload_at, 28u);
    EXPECT_EQ(p->payload_bytes, 20u);
    b[23] = 200;  // longer than the packet
    EXPECT_FALSE(parse_rtp(b));
}

TEST(RtpPacket, TakesPaddingOff) {
    auto b = packet({0xA0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}, 20);
    b.back() = 4;
    auto p = parse_rtp(b);
    ASSERT_TRUE(p);
    EXPECT_EQ(p->payload_bytes, 16u);
    b.back() = 21;
    EXPECT_FALSE(parse_rtp(b));
    b.back() = 0;
    EXPECT_FALSE(parse_rtp(b));
}

TEST(RtpPacket, RefusesWhatIsNoRtp) {
    EXPECT_FALSE(parse_rtp(packet({0x40, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}, 20)));
    EXPECT_FALSE(parse_rtp(packet({0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}, 0)));
    EXPECT_FALSE(parse_rtp({}));
}

TEST(RtpPacket, WritesWhatItReads) {
    std::uint8_t b[12];
    const RtpHeader h{.payload_type = 101, .marker = true, .sequence = 65535, .timestamp = 0xFFFFFFF0, .ssrc = 7};
    write_rtp_header(b, h);
    const auto p = parse_rtp(b);
    ASSERT_TRUE(p);
    EXPECT_EQ(p->header.payload_type, 101);
    EXPECT_TRUE(p->header.marker);
    EXPECT_EQ(p->header.sequence, 65535);
    EXPECT_EQ(p->header.timestamp, 0xFFFFFFF0u);
}

TEST(RtpNumbering, GoesOnWithoutAJumpWhenTheSourceChanges) {
    RtpNumbering n(1, 100, 1000);
    RtpHeader in;
    in.sequence = 5000;
    in.timestamp = 777777;
    auto a = n.relay(1, in, 8000, start);
    in.sequence = 5001;
    in.timestamp += 160;
    auto b = n.relay(1, in, 8000, start + 20ms);
    EXPECT_EQ(static_cast<std::uint16_t>(a.sequence + 1), b.sequence);
    EXPECT_EQ(a.timestamp + 160, b.timestamp);
    EXPECT_TRUE(a.marker);
    EXPECT_FALSE(b.marker);
    auto c = n.next(2, 160, 0, 8000, start + 120ms);  // a prompt, 100 ms later
    EXPECT_EQ(static_cast<std::uint16_t>(b.sequence + 1), c.sequence);
    EXPECT_EQ(c.timestamp - b.timestamp, 800u);
    EXPECT_TRUE(c.marker);
    auto d = n.next(2, 160, 0, 8000, start + 140ms);
    EXPECT_EQ(d.timestamp - c.timestamp, 160u);
    in.sequence = 5008;
    in.timestamp += 160 * 7;
    auto e = n.relay(1, in, 8000, start + 160ms);
    EXPECT_EQ(static_cast<std::uint16_t>(d.sequence + 1), e.sequence);
    EXPECT_EQ(e.timestamp - d.timestamp, 160u);
}

TEST(RtpNumbering, KeepsLossAndReorderingVisible) {
    RtpNumbering n(1, 0, 0);
    RtpHeader in;
    in.sequence = 65534;
    const auto first = n.relay(1, in, 8000, start);
    in.sequence = 1;  // 65535 and 0 come late or never
    in.timestamp = 480;
    const auto second = n.relay(1, in, 8000, start);
    EXPECT_EQ(static_cast<std::uint16_t>(second.sequence - first.sequence), 3);
    in.sequence = 65535;
    in.timestamp = 160;
    const auto late = n.relay(1, in, 8000, start);
    EXPECT_EQ(static_cast<std::uint16_t>(late.sequence - first.sequence), 1);
    EXPECT_EQ(late.timestamp - first.timestamp, 160u);
    EXPECT_EQ(n.timestamp(), second.timestamp);
}

TEST(RtpNumbering, AnEventAmongTranscodedAudioHasOneTimestamp) {
    RtpNumbering n(1, 0, 1000);
    auto a = n.next(5, 160, 0, 8000, start);
    RtpHeader e;
    e.timestamp = 90000;
    e.marker = true;
    const auto first = n.event(5, e, 1, 8000, start + 20ms);
    a = n.next(5, 160, 0, 8000, start + 20ms);
    e.marker = false;
    const auto second = n.event(5, e, 1, 8000, start + 40ms);
    EXPECT_EQ(first.timestamp, second.timestamp);
    EXPECT_EQ(first.timestamp, 1160u);
    EXPECT_EQ(a.timestamp, 1160u);
    EXPECT_TRUE(first.marker);
    EXPECT_EQ(second.sequence, first.sequence + 2);
    e.timestamp += 0xF000;  // a very long key press goes on
    EXPECT_EQ(n.event(5, e, 1, 8000, start + 8s).timestamp, second.timestamp + 0xF000);
    e.timestamp += 0xF000;
    e.marker = true;  // another press
    EXPECT_EQ(n.event(5, e, 1, 8000, start + 9s).timestamp, 1160u + 8980 * 8);
}

TEST(RtpNumbering, ARelayedStreamBeginsAnewAfterADigitOfOurOwn) {
    RtpNumbering n(1, 0, 1000);
    RtpHeader in;
    in.sequence = 40;
    in.timestamp = 4000;
    const auto before = n.relay(5, in, 8000, start);
    RtpHeader e;
    e.timestamp = 77;
    for (int i = 0; i < 20; ++i) n.event(6, e, 1, 8000, start + 20ms);
    in.sequence = 45;
    in.timestamp = 4800;
    const auto after = n.relay(5, in, 8000, start + 100ms);
    EXPECT_EQ(after.sequence, before.sequence + 21);
    EXPECT_EQ(after.timestamp, before.timestamp + 800);
}

TEST(RtpCounting, CountsLossAcrossTheWrap) {
    RtpCounting c;
    RtpHeader h;
    h.ssrc = 9;
    TimePoint t = start;
    std::uint16_t seq = 65530;
    for (int i = 0; i < 20; ++i, ++seq, h.timestamp += 160, t += 20ms) {
        if (i == 3 || i == 12) continue;
        h.sequence = seq;
        c.received(h, 160, 8000, t);
    }
    EXPECT_EQ(c.lost(), 2);
    EXPECT_EQ(c.packets(), 18u);
    EXPECT_EQ(c.octets(), 18u * 160);
    EXPECT_EQ(c.jitter(), 0u);
    EXPECT_EQ(c.take_fraction(), 2 * 256 / 20);
    EXPECT_EQ(c.take_fraction(), 0);
    EXPECT_EQ(c.highest(), 65530u + 19);
}

TEST(RtpCounting, JitterIsRfc3550s) {
    RtpCounting c;
    RtpHeader h;
    TimePoint t = start;
    for (int i = 0; i < 200; ++i) {
        h.sequence = static_cast<std::uint16_t>(i);
        h.timestamp = static_cast<std::uint32_t>(i * 160);
        c.received(h, 160, 8000, t + (i % 2 ? 5ms : 0ms));  // |D| is 5 ms = 40 units, always
        t += 20ms;
    }
    EXPECT_NEAR(c.jitter(), 40, 1);
    EXPECT_NEAR(c.jitter_seconds(), 0.005, 0.0002);
}

TEST(RtpCounting, StartsOverWithANewSource) {
    RtpCounting c;
    RtpHeader h;
    h.ssrc = 1;
    EXPECT_TRUE(c.received(h, 160, 8000, start));
    h.sequence = 2;
    EXPECT_FALSE(c.received(h, 160, 8000, start));
    h.ssrc = 2;
    h.sequence = 30000;
    EXPECT_TRUE(c.received(h, 160, 8000, start));
    EXPECT_EQ(c.lost(), 0);
    EXPECT_EQ(c.lost_total(), 1u);
    h.sequence = 100;  // the same source, but its numbers jumped: believed when it happens twice
    EXPECT_FALSE(c.received(h, 160, 8000, start));
    h.sequence = 101;
    EXPECT_TRUE(c.received(h, 160, 8000, start));
}

TEST(SourceLearner, BelievesSdpAtOnceAndOthersAfterProbation) {
    const auto named = *SocketAddress::parse({"192.0.2.1", 4000});
    const auto nat = *SocketAddress::parse({"198.51.100.7", 5000});
    const auto thief = *SocketAddress::parse({"203.0.113.9", 6000});
    SourceLearner l;
    l.configure(StrictRtp::yes, 4, named);
    TimePoint t = start;
    EXPECT_FALSE(l.take(nat, 10, t));
    EXPECT_FALSE(l.take(nat, 11, t += 20ms));
    EXPECT_FALSE(l.take(nat, 12, t += 20ms));
    EXPECT_TRUE(l.take(nat, 13, t += 20ms));
    for (std::uint16_t s = 0; s < 20; ++s) EXPECT_FALSE(l.take(thief, s, t += 20ms));
    EXPECT_TRUE(l.take(nat, 14, t += 20ms));
    EXPECT_TRUE(l.take(named, 1, t));  // SDP's word still wins
    EXPECT_FALSE(l.take(nat, 15, t += 20ms));
}

TEST(SourceLearner, AFloodDoesNotPassInModeYes) {
    const auto thief = *SocketAddress::parse({"203.0.113.9", 6000});
    SourceLearner l;
    l.configure(StrictRtp::yes, 4, *SocketAddress::parse({"192.0.2.1", 4000}));
    int taken = 0;
    for (std::uint16_t s = 0; s < 5; ++s) taken += l.take(thief, s, start);
    EXPECT_EQ(taken, 0);
    SourceLearner by_sequence;
    by_sequence.configure(StrictRtp::seqno, 4, *SocketAddress::parse({"192.0.2.1", 4000}));
    EXPECT_FALSE(by_sequence.take(thief, 1, start));
    EXPECT_FALSE(by_sequence.take(thief, 3, start));  // a gap begins anew
    EXPECT_FALSE(by_sequence.take(thief, 4, start));
    EXPECT_FALSE(by_sequence.take(thief, 5, start));
    EXPECT_TRUE(by_sequence.take(thief, 6, start));
}

TEST(SourceLearner, LearnsAgainAfterSilenceAndAfterAChange) {
    const auto a = *SocketAddress::parse({"192.0.2.1", 4000});
    const auto b = *SocketAddress::parse({"192.0.2.2", 4000});
    SourceLearner l;
    l.configure(StrictRtp::seqno, 2, a);
    EXPECT_TRUE(l.take(a, 1, start));
    EXPECT_FALSE(l.take(b, 1, start + 1s));
    EXPECT_FALSE(l.take(b, 2, start + 4s));
    EXPECT_FALSE(l.take(b, 3, start + 6s));
    EXPECT_TRUE(l.take(b, 4, start + 7s));
    l.configure(StrictRtp::seqno, 2, *SocketAddress::parse({"192.0.2.3", 1}));
    EXPECT_FALSE(l.take(b, 5, start + 8s));
    EXPECT_TRUE(l.take(b, 6, start + 8s));
}

TEST(Rtcp, WritesASenderReportThatItReads) {
    std::uint8_t out[256];
    const SenderInfo info{.ntp = 0x1122334455667788, .rtp_timestamp = 99, .packets = 5, .octets = 800};
    ReportBlock block;
    block.ssrc = 77;
    block.fraction_lost = 12;
    block.lost = -3;
    block.highest_sequence = 70000;
    block.jitter = 41;
    block.last_sr = 0xAABBCCDD;
    block.delay_sr = 65536;
    const auto n = write_rtcp(out, 42, &info, std::span(&block, 1), "me@here", true);
    ASSERT_GT(n, 0u);
    EXPECT_EQ(n % 4, 0u);
    const auto c = parse_rtcp({out, n});
    ASSERT_TRUE(c);
    EXPECT_EQ(c->sender, 42u);
    ASSERT_TRUE(c->info);
    EXPECT_EQ(c->info->ntp, info.ntp);
    EXPECT_EQ(c->info->octets, 800u);
    ASSERT_EQ(c->block_count, 1u);
    EXPECT_EQ(c->blocks[0].ssrc, 77u);
    EXPECT_EQ(c->blocks[0].fraction_lost, 12);
    EXPECT_EQ(c->blocks[0].lost, -3);
    EXPECT_EQ(c->blocks[0].delay_sr, 65536u);
    EXPECT_EQ(c->cname, "me@here");
    EXPECT_TRUE(c->bye);
}

TEST(Rtcp, RefusesLengthsThatDoNotFit) {
    std::uint8_t out[256];
    const auto n = write_rtcp(out, 42, nullptr, {}, "x", false);
    for (std::size_t cut = 1; cut < n; ++cut) {
        const auto c = parse_rtcp({out, cut});
        if (cut != 8) EXPECT_FALSE(c) << cut;  // the receiver report alone is whole
    }
    EXPECT_EQ(write_rtcp(std::span(out).first(19), 42, nullptr, {}, "x", false), 0u);
    out[3] = 200;
    EXPECT_FALSE(parse_rtcp({out, n}));
}

TEST(SocketAddress, ReadsComparesAndMaps) {
    const auto v4 = SocketAddress::parse({"192.0.2.1", 4000});
    ASSERT_TRUE(v4);
    EXPECT_EQ(v4->text(), (Address{"192.0.2.1", 4000}));
    const auto mapped = v4->for_family(AF_INET6);
    ASSERT_TRUE(mapped);
    EXPECT_EQ(mapped->text(), (Address{"192.0.2.1", 4000}));
    const auto v6 = SocketAddress::parse({"2001:db8::1", 1});
    ASSERT_TRUE(v6);
    EXPECT_EQ(v6->text().ip, "2001:db8::1");
    EXPECT_FALSE(v6->for_family(AF_INET));
    EXPECT_FALSE(SocketAddress::parse({"localhost", 1}));
    EXPECT_TRUE(SocketAddress::parse({"0.0.0.0", 1})->unspecified());
    EXPECT_FALSE(*v4 == *v6);
}

}  // namespace
}  // namespace asterism::media
