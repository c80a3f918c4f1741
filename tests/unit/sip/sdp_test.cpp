#include "asterism/sip/sdp.hpp"

#include "asterism/sip/offer_answer.hpp"
#include "unit/sip/sip_support.hpp"

namespace asterism::sip::test {

namespace {

SessionDescription read(std::string_view text) {
    auto parsed = SessionDescription::parse(crlf(text));
    EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().what);
    return parsed.value_or(SessionDescription{});
}

std::string remote(std::string_view media, std::string_view connection = "IN IP4 127.0.0.1") {
    return "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=" + std::string(connection) + "\nt=0 0\n" + std::string(media);
}

LocalMedia ulaw_alaw(std::uint16_t port = 27330) {
    LocalMedia media;
    media.address = {false, "127.0.0.1"};
    media.port = port;
    media.codecs = codecs_named({"ulaw", "alaw"});
    return media;
}

constexpr std::string_view usual =
    "m=audio 27484 RTP/AVP 0 8 101\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\n"
    "a=fmtp:101 0-16\na=ptime:20\na=sendrecv\n";

}  // namespace

TEST(Sdp, EverythingIsRead) {
    const auto d = read(
        "v=0\no=bob 123 456 IN IP6 2001:db8::1\ns=a session\ni=info\nc=IN IP6 2001:db8::1\nt=0 0\na=group:BUNDLE 0\n"
        "a=recvonly\nm=audio 4000/2 RTP/SAVPF 111 0\nb=AS:64\nc=IN IP4 10.0.0.1/127\na=rtpmap:111 opus/48000/2\n"
        "a=fmtp:111 minptime=10;useinbandfec=1\na=maxptime:60\na=rtcp:4003 IN IP4 10.0.0.1\na=rtcp-mux\n"
        "a=candidate:1 1 UDP 1 10.0.0.1 4000 typ host\na=sendonly\nm=image 5000 udptl t38\na=T38FaxVersion:0\n");
    EXPECT_EQ(d.user, "bob");
    EXPECT_EQ(d.session_id, 123U);
    EXPECT_TRUE(d.origin.v6);
    EXPECT_EQ(d.name, "a session");
    EXPECT_EQ(d.direction, Direction::recvonly);
    ASSERT_EQ(d.media.size(), 2U);
    const SdpMedia& m = d.media[0];
    EXPECT_EQ(m.ports, 2);
    ASSERT_EQ(m.formats.size(), 2U);
    EXPECT_TRUE(m.formats[0].is("OPUS", 48000));
    EXPECT_EQ(m.formats[0].channels, 2U);
    EXPECT_EQ(m.formats[0].fmtp, "minptime=10;useinbandfec=1");
    EXPECT_TRUE(m.formats[1].is("PCMU", 8000));
    EXPECT_EQ(m.bandwidth_as, 64U);
    EXPECT_EQ(d.connection_of(m)->address, "10.0.0.1");
    EXPECT_EQ(d.direction_of(m), Direction::sendonly);
    EXPECT_EQ(m.rtcp_port, 4003);
    EXPECT_TRUE(m.rtcp_mux);
    EXPECT_EQ(m.maxptime, 60U);
    EXPECT_EQ(m.attribute("candidate"), "1 1 UDP 1 10.0.0.1 4000 typ host");
    EXPECT_EQ(d.media[1].other_formats, std::vector<std::string>{"t38"});
    EXPECT_EQ(d.direction_of(d.media[1]), Direction::recvonly);
    // What was written can be read again and is the same.
    EXPECT_EQ(SessionDescription::parse(d.text())->text(), d.text());
}

TEST(Sdp, ADirectionWithAColonIsWrittenAsItIsRead) {
    const auto d = SessionDescription::parse(
        "v=0\r\no=a 1 1 IN IP4 10.0.0.1\r\ns=-\r\nt=0 0\r\na=recvonly:\r\nm=audio 4000 RTP/AVP 0\r\n"
        "a=sendonly:\r\na=x :\r\n");
    ASSERT_TRUE(d);
    EXPECT_EQ(d->direction, Direction::recvonly);
    EXPECT_EQ(d->media[0].direction, Direction::sendonly);
    EXPECT_EQ(SessionDescription::parse(d->text())->text(), d->text());
}

TEST(Sdp, APayloadTypeCountsOnce) {
    const auto d =
        SessionDescription::parse(crlf("v=0\no=- 1 1 IN IP4 1\nm=audio 4000 RTP/AVP 8 0 8 0\na=rtpmap:8 PCMA/8000\n"));
    ASSERT_TRUE(d);
    ASSERT_EQ(d->media.front().formats.size(), 2U);
    EXPECT_EQ(SessionDescription::parse(d->text())->text(), d->text());
}

TEST(Sdp, Refused) {
    const auto error = [](std::string_view text) {
        const auto parsed = SessionDescription::parse(text);
        return parsed ? std::string("ok") : std::string(parsed.error().what);
    };
    EXPECT_EQ(error(""), "empty SDP");
    EXPECT_EQ(error("v=1\r\n"), "SDP does not begin with v=0");
    EXPECT_EQ(error("v=0\r\n"), "SDP without origin");
    EXPECT_EQ(error("v=0\r\nx\r\n"), "bad SDP line");
    EXPECT_EQ(error("v=0\r\no=- x 1 IN IP4 h\r\n"), "bad SDP origin");
    const std::string start = "v=0\r\no=- 1 1 IN IP4 h\r\n";
    EXPECT_EQ(error(start), "ok");
    EXPECT_EQ(error(start + "m=audio 99999 RTP/AVP 0\r\n"), "bad SDP media line");
    const auto words =
        SessionDescription::parse(start + "m=audio 9 RTP/AVP 0 bob\r\na=rtpmap:bob telephone-event/8000\r\n");
    ASSERT_TRUE(words) << words.error().what;
    EXPECT_EQ(words->media[0].formats.size(), 1U);
    EXPECT_EQ(error(start + "m=audio 9 RTP/AVP 0\r\na=rtpmap:0\r\n"), "bad rtpmap");
    EXPECT_EQ(error(start + "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 /8000\r\n"), "bad rtpmap");
    EXPECT_EQ(error(start + "c=IN IP5 h\r\n"), "unknown SDP address family");
    std::string many = start;
    for (int i = 0; i < 33; ++i) many += "m=audio 9 RTP/AVP 0\r\n";
    EXPECT_EQ(error(many), "too many SDP media");
    many = start;
    for (int i = 0; i < 513; ++i) many += "a=x\r\n";
    EXPECT_EQ(error(many), "too many SDP attributes");
    EXPECT_EQ(error(start + "i=" + std::string(40000, 'x')), "SDP too long");
}

TEST(Directions, ReverseAndIntersect) {
    EXPECT_EQ(reverse(Direction::sendonly), Direction::recvonly);
    EXPECT_EQ(reverse(Direction::inactive), Direction::inactive);
    EXPECT_EQ(intersect(Direction::sendrecv, Direction::recvonly), Direction::recvonly);
    EXPECT_EQ(intersect(Direction::sendonly, Direction::recvonly), Direction::inactive);
}

TEST(OfferAnswers, AnswerAsRecorded) {  // 04
    OfferAnswer oa;
    Negotiated n;
    const auto answer = oa.answer(read(remote(usual)), ulaw_alaw(), n);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->text(), crlf("v=0\no=- 1 3 IN IP4 127.0.0.1\ns=Asterisk\nc=IN IP4 127.0.0.1\nt=0 0\n"
                                   "m=audio 27330 RTP/AVP 0 8 101\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\n"
                                   "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=ptime:20\na=maxptime:140\n"
                                   "a=sendrecv\n"));
    EXPECT_EQ(answer->text().size(), 237U);  // as the recorded Content-Length says
    EXPECT_EQ(n.remote_port, 27484);
    EXPECT_EQ(n.remote_rtcp_port, 27485);
    EXPECT_EQ(n.remote.address, "127.0.0.1");
    ASSERT_EQ(n.formats.size(), 2U);
    EXPECT_EQ(n.formats[0].codec.name, "ulaw");
    ASSERT_EQ(n.events.size(), 1U);
    EXPECT_EQ(n.events[0].send_payload, 101);
    EXPECT_FALSE(n.held());
}

TEST(OfferAnswers, OfferAsRecorded) {  // 12, 13
    OfferAnswer oa;
    EXPECT_EQ(oa.offer(ulaw_alaw(27374), 1052937049).text(),
              crlf("v=0\no=- 1052937049 1052937049 IN IP4 127.0.0.1\ns=Asterisk\nc=IN IP4 127.0.0.1\nt=0 0\n"
                   "m=audio 27374 RTP/AVP 0 8 101\na=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\n"
                   "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=ptime:20\na=maxptime:140\na=sendrecv\n"));
    LocalMedia media = ulaw_alaw(27160);
    media.codecs = codecs_named({"ulaw"});
    media.telephone_event = false;
    OfferAnswer other;
    EXPECT_EQ(other.offer(media, 99809297).text(),
              crlf("v=0\no=- 99809297 99809297 IN IP4 127.0.0.1\ns=Asterisk\nc=IN IP4 127.0.0.1\nt=0 0\n"
                   "m=audio 27160 RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=ptime:20\na=maxptime:140\na=sendrecv\n"));
}

TEST(OfferAnswers, OrderIsTheConfiguredOne) {  // 08
    OfferAnswer oa;
    Negotiated n;
    auto answer = oa.answer(read(remote("m=audio 27600 RTP/AVP 8 0\n")), ulaw_alaw(27386), n);
    EXPECT_NE(answer->text().find("m=audio 27386 RTP/AVP 0 8\r\na=rtpmap:0 "), std::string::npos);
    EXPECT_TRUE(n.events.empty());
    LocalMedia media = ulaw_alaw();
    media.offer_order = true;
    OfferAnswer other;
    answer = other.answer(read(remote("m=audio 27600 RTP/AVP 8 0\n")), media, n);
    EXPECT_NE(answer->text().find("RTP/AVP 8 0\r\n"), std::string::npos);
    media.first_only = true;
    OfferAnswer third;
    EXPECT_NE(third.answer(read(remote("m=audio 27600 RTP/AVP 8 0\n")), media, n)->text().find("RTP/AVP 8\r\n"),
              std::string::npos);
}

TEST(OfferAnswers, NumbersAreTheOfferers) {  // 08: telephone-event 99, ptime 30, sendonly
    OfferAnswer oa;
    Negotiated n;
    const auto answer = oa.answer(
        read(remote("m=audio 27600 RTP/AVP 0 99\na=rtpmap:99 telephone-event/8000\na=ptime:30\na=sendonly\n")),
        ulaw_alaw(27008), n);
    EXPECT_EQ(answer->text(), crlf("v=0\no=- 1 3 IN IP4 127.0.0.1\ns=Asterisk\nc=IN IP4 127.0.0.1\nt=0 0\n"
                                   "m=audio 27008 RTP/AVP 0 99\na=rtpmap:0 PCMU/8000\n"
                                   "a=rtpmap:99 telephone-event/8000\na=fmtp:99 0-16\na=ptime:20\na=maxptime:140\n"
                                   "a=recvonly\n"));
    EXPECT_TRUE(n.held());
}

TEST(OfferAnswers, NothingInCommon) {  // 488
    OfferAnswer oa;
    Negotiated n;
    EXPECT_FALSE(oa.answer(read(remote("m=audio 27600 RTP/AVP 9\n")), ulaw_alaw(), n));
    EXPECT_FALSE(oa.answer(read(remote("m=audio 0 RTP/AVP 0\n")), ulaw_alaw(), n));
    EXPECT_FALSE(oa.answer(read(remote("m=video 9 RTP/AVP 31\n")), ulaw_alaw(), n));
    EXPECT_FALSE(oa.answer(read(remote("m=audio 9 RTP/SAVP 0\n")), ulaw_alaw(), n));
    LocalMedia none = ulaw_alaw();
    none.codecs.clear();
    EXPECT_FALSE(oa.answer(read(remote(usual)), none, n));
}

TEST(OfferAnswers, HoldVersions) {  // 07: the version counts up only when the answer changes
    OfferAnswer oa;
    Negotiated n;
    const auto version = [&](std::string_view direction, std::string_view connection = "IN IP4 127.0.0.1") {
        const auto a = oa.answer(read(remote("m=audio 27600 RTP/AVP 0 8 101\na=rtpmap:101 telephone-event/8000\na=" +
                                                 std::string(direction) + "\n",
                                             connection)),
                                 ulaw_alaw(), n);
        return std::to_string(a->session_version) + " " + std::string(name(*a->media[0].direction));
    };
    EXPECT_EQ(version("sendrecv"), "3 sendrecv");
    EXPECT_EQ(version("sendrecv"), "3 sendrecv");
    EXPECT_EQ(version("sendonly"), "4 recvonly");
    EXPECT_EQ(version("sendrecv"), "5 sendrecv");
    EXPECT_EQ(version("inactive"), "6 inactive");
    EXPECT_EQ(version("recvonly"), "7 sendonly");
    EXPECT_EQ(version("sendrecv", "IN IP4 0.0.0.0"), "8 recvonly");
}

TEST(OfferAnswers, OtherStreamsAreRefused) {
    OfferAnswer oa;
    Negotiated n;
    const auto answer = oa.answer(
        read(remote("m=video 4002 RTP/AVP 31\nm=audio 4000 RTP/AVP 0\nm=image 4004 udptl t38\n")), ulaw_alaw(), n);
    const std::string text = answer->text();
    EXPECT_NE(text.find("m=video 0 RTP/AVP 31\r\nm=audio 27330 RTP/AVP 0\r\n"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("m=image 0 udptl t38\r\n")) << text;
}

TEST(OfferAnswers, AcceptingAnAnswer) {
    OfferAnswer oa;
    (void)oa.offer(ulaw_alaw(), 5);
    auto n = oa.accept(read(remote("m=audio 27650 RTP/AVP 8 0 101\na=rtpmap:101 telephone-event/8000\n")), ulaw_alaw());
    ASSERT_TRUE(n);
    EXPECT_EQ(n->formats[0].codec.name, "alaw");
    ASSERT_EQ(n->events.size(), 1U);
    EXPECT_EQ(n->events[0].send_payload, 101);
    EXPECT_FALSE(oa.accept(read(remote("m=audio 0 RTP/AVP 0\n")), ulaw_alaw()));
    n = oa.accept(read(remote("m=audio 27650 RTP/AVP 0\na=recvonly\n")), ulaw_alaw());
    EXPECT_EQ(n->direction, Direction::sendonly);
}

TEST(OfferAnswers, DynamicCodecs) {
    LocalMedia media = ulaw_alaw();
    media.codecs = codecs_named({"opus", "slin16", "g722", "nonsense"});
    ASSERT_EQ(media.codecs.size(), 3U);
    OfferAnswer oa;
    Negotiated n;
    const auto answer =
        oa.answer(read(remote("m=audio 27650 RTP/AVP 96 97 9 98\na=rtpmap:96 L16/16000\na=rtpmap:97 OPUS/48000/2\n"
                              "a=rtpmap:98 telephone-event/48000\n")),
                  media, n);
    ASSERT_TRUE(answer);
    EXPECT_NE(answer->text().find("RTP/AVP 97 96 9 98\r\na=rtpmap:97 opus/48000/2\r\na=fmtp:97 "), std::string::npos)
        << answer->text();
    ASSERT_EQ(n.events.size(), 1U);
    EXPECT_EQ(n.events[0].receive_payload, 98);
    EXPECT_EQ(n.events[0].clock_rate, 48000U);
}

TEST(OfferAnswers, AnEventForEachClockRate) {
    LocalMedia media = ulaw_alaw();
    media.codecs = codecs_named({"opus", "ulaw"});
    OfferAnswer offering;
    const std::string offered = offering.offer(media, 5).text();
    EXPECT_NE(offered.find("RTP/AVP 107 0 101 102\r\n"), std::string::npos) << offered;
    EXPECT_NE(offered.find("a=rtpmap:101 telephone-event/48000\r\n"), std::string::npos) << offered;
    EXPECT_NE(offered.find("a=rtpmap:102 telephone-event/8000\r\n"), std::string::npos) << offered;
    // It answers with ulaw first: the event that goes with it is the one to send.
    const auto n =
        offering.accept(read(remote("m=audio 27650 RTP/AVP 0 107 101 102\na=rtpmap:107 opus/48000/2\n"
                                    "a=rtpmap:101 telephone-event/48000\na=rtpmap:102 telephone-event/8000\n")),
                        media);
    ASSERT_TRUE(n);
    ASSERT_EQ(n->events.size(), 2U);
    EXPECT_EQ(n->events[0].send_payload, 102);
    EXPECT_EQ(n->events[0].clock_rate, 8000U);

    OfferAnswer answering;
    Negotiated agreed;
    const auto answer =
        answering.answer(read(remote("m=audio 27650 RTP/AVP 0 97 101 103\na=rtpmap:97 opus/48000/2\n"
                                     "a=fmtp:97 maxaveragebitrate=96000; useinbandfec=1;x=y;maxplaybackrate=24000\n"
                                     "a=rtpmap:101 telephone-event/8000\na=rtpmap:103 telephone-event/48000\n")),
                         media, agreed);
    ASSERT_TRUE(answer);
    const std::string text = answer->text();
    EXPECT_NE(text.find("RTP/AVP 97 0 103 101\r\n"), std::string::npos) << text;
    EXPECT_NE(text.find("a=fmtp:97 maxplaybackrate=24000;maxaveragebitrate=96000;useinbandfec=1\r\n"),
              std::string::npos)
        << text;
}

TEST(OfferAnswers, PacketTimes) {
    LocalMedia media = ulaw_alaw();
    media.codecs = codecs_named({"g722:40"});
    OfferAnswer oa;
    const std::string text = oa.offer(media, 5).text();
    EXPECT_NE(text.find("a=ptime:40\r\na=maxptime:140\r\n"), std::string::npos) << text;
    const auto offer = read(remote("m=audio 27650 RTP/AVP 0\na=ptime:30\n"));
    for (const bool theirs : {false, true}) {
        media = ulaw_alaw();
        media.use_ptime = theirs;
        OfferAnswer answering;
        Negotiated n;
        const auto answer = answering.answer(offer, media, n);
        ASSERT_TRUE(answer);
        EXPECT_EQ(n.ptime, theirs ? 30U : 20U);
        EXPECT_NE(answer->text().find(theirs ? "a=ptime:30\r\na=maxptime:140" : "a=ptime:20"), std::string::npos);
    }
}

TEST(Sdp, ADynamicPayloadTypeNeedsItsName) {
    constexpr std::string_view head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
    const auto good = [&](std::string_view lines) {
        return SessionDescription::parse(std::string(head) + std::string(lines)).has_value();
    };
    EXPECT_FALSE(good("m=audio 4000 RTP/AVP 0 100\r\n"));
    EXPECT_FALSE(good("m=audio 4000 RTP/AVP 0\r\nm=video 4002 RTP/AVP 100\r\na=inactive\r\n"));
    EXPECT_TRUE(good("m=audio 4000 RTP/AVP 0\r\nm=video 0 RTP/AVP 100\r\n"));
    EXPECT_TRUE(good("m=audio 4000 RTP/AVP 0 100\r\na=rtpmap:100 telephone-event/8000\r\n"));
}

TEST(Codecs, AllIsInAsterisksOrder) {
    std::string names;
    for (const Codec& c : all_codecs()) names += c.name + " ";
    EXPECT_TRUE(names.starts_with("g723 ulaw alaw gsm g726 g726aal2 adpcm slin ")) << names;
    EXPECT_TRUE(names.ends_with(" lpc10 g729 speex speex16 speex32 ilbc g722 siren7 siren14 g719 opus ")) << names;
}

TEST(Codecs, NamesAndAll) {
    EXPECT_EQ(codecs_named({"all"}).size(), all_codecs().size());
    EXPECT_EQ(codecs_named({"ulaw:40", "ulaw"}).size(), 1U);
    EXPECT_EQ(codecs_named({"ulaw:40"})[0].ptime, 40U);
    EXPECT_EQ(codec_named("ALAW")->payload, 8);
}

}  // namespace asterism::sip::test
