#include <gtest/gtest.h>

#include "asterism/model/operations.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

TEST(PjsipIncoming, AnsweredCallAsRecorded) {
    SipWorld w;
    ASSERT_TRUE(w.loaded) << w.report.text();
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    auto trying = w.next();
    ASSERT_TRUE(trying);
    EXPECT_EQ(trying->status(), 100);
    EXPECT_EQ(w.last_sent,
              "SIP/2.0 100 Trying\r\n"
              "Via: SIP/2.0/UDP 127.0.0.1:5071;rport=5071;received=127.0.0.1;branch=z9hG4bK1\r\n"
              "Call-ID: cat1@127.0.0.1\r\n"
              "From: \"Cat\" <sip:sippy@127.0.0.1>;tag=f1\r\n"
              "To: <sip:200@127.0.0.1>\r\n"
              "CSeq: 1 INVITE\r\n"
              "Server: Asterisk PBX 22.11.0\r\n"
              "Content-Length:  0\r\n\r\n");
    ASSERT_EQ(w.started.size(), 1u);
    Channel& channel = w.channel();
    EXPECT_EQ(channel.name(), "PJSIP/sipp-00000000");
    EXPECT_EQ(channel.state(), ChannelState::ring);
    EXPECT_EQ(channel.location(), (Location{"sip", "200", 1}));
    EXPECT_EQ(channel.caller().id.number.text, "sippy");
    EXPECT_EQ(channel.caller().id.name.text, "Cat");
    EXPECT_TRUE(w.happened("VarSet SIPDOMAIN=127.0.0.1"));
    EXPECT_TRUE(w.happened("VarSet COLOUR=red"));
    EXPECT_EQ(w.media.open_legs(), 0u);  // no port until somebody needs it

    answer(channel);
    w.loop.run();
    auto ok = w.next();
    ASSERT_TRUE(ok);
    EXPECT_EQ(ok->status(), 200);
    EXPECT_EQ(ok->sdp(),
              "v=0\r\no=- 1 3 IN IP4 127.0.0.1\r\ns=Asterisk\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
              "m=audio 30000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
              "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=maxptime:140\r\na=sendrecv\r\n");
    EXPECT_TRUE(channel.up());
    ASSERT_EQ(w.media.legs.size(), 1u);
    const auto& leg = w.media.legs.begin()->second;
    ASSERT_FALSE(leg.configs.empty());
    EXPECT_EQ(leg.configs.back().remote, (media::Address{"127.0.0.1", 27600}));
    EXPECT_EQ(leg.configs.back().send.codec, media::CodecId::ulaw);
    EXPECT_EQ(leg.configs.back().send_event, (media::EventPayload{101, 8000}));
    EXPECT_EQ(channel.driver().native_format(), "ulaw");

    const std::string to = std::string(*ok->header(sip::HeaderId::to));
    w.receive(Ask{.method = "ACK", .to = to}.text());
    w.receive(Ask{.method = "BYE", .to = to, .branch = "z9hG4bK2", .cseq = 2}.text());
    EXPECT_EQ(w.next_status(), 200);
    w.loop.run();
    EXPECT_EQ(w.channels.size(), 0u);
    EXPECT_TRUE(w.happened("Hangup 16"));
    EXPECT_EQ(w.media.open_legs(), 0u);
    EXPECT_EQ(w.tech->stack().dialogs(), 0u);
}

TEST(PjsipIncoming, HangupOfAnAnsweredCallSendsBye) {
    SipWorld w;
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    answer(w.channel());
    w.loop.run();
    w.next();
    const auto ok = w.next();
    const std::string to = std::string(*ok->header(sip::HeaderId::to));
    w.receive(Ask{.method = "ACK", .to = to}.text());
    hang_up(w.channel(), Cause::user_busy, "test");
    w.loop.run();
    const auto bye = w.next();
    ASSERT_TRUE(bye);
    EXPECT_EQ(bye->method(), sip::Method::bye);
    EXPECT_EQ(bye->header(sip::HeaderId::reason), "Q.850;cause=17");
    w.receive(reply(*bye, 200, "OK"));
    EXPECT_EQ(w.channels.size(), 0u);
}

TEST(PjsipIncoming, OneCallTooManyIsRefused) {
    SipWorld w;
    w.settings.max_calls = 1;
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 100);
    w.channel().set_has_dialplan(true);  // as the dialplan does when it begins
    w.receive(Ask{.call_id = "cat2@127.0.0.1", .branch = "z9hG4bK2", .body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 503);
    EXPECT_EQ(w.channels.size(), 1U);
}

TEST(PjsipIncoming, RefusalsHaveTheirCodes) {
    for (const auto& [cause, code] : std::vector<std::pair<Cause, int>>{{Cause::normal_clearing, 603},
                                                                        {Cause::user_busy, 486},
                                                                        {Cause::no_route_destination, 404},
                                                                        {Cause::no_answer, 480},
                                                                        {Cause::normal_circuit_congestion, 503}}) {
        SipWorld w;
        w.receive(Ask{.body = std::string(usual_sdp)}.text());
        EXPECT_EQ(w.next_status(), 100);
        hang_up(w.channel(), cause, "test");
        w.loop.run();
        const auto refused = w.next();
        ASSERT_TRUE(refused);
        EXPECT_EQ(refused->status(), code);
        EXPECT_EQ(refused->header(sip::HeaderId::reason), "Q.850;cause=" + std::to_string(static_cast<int>(cause)));
        EXPECT_EQ(w.media.legs.size(), 0u);
    }
}

TEST(PjsipIncoming, BusyIsSaidAtOnce) {
    SipWorld w;
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 100);
    EXPECT_TRUE(w.channel().driver().indicate(Indication::busy));
    w.loop.run();
    EXPECT_EQ(w.next_status(), 486);
    w.receive(Ask{.method = "ACK"}.text());
    w.loop.run();
    EXPECT_TRUE(w.happened("Newstate Busy"));
    EXPECT_TRUE(w.happened("Hangup 17"));
}

TEST(PjsipIncoming, RingingProgressAndCancel) {
    SipWorld w;
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 100);
    indicate(w.channel(), Indication::ringing);
    EXPECT_EQ(w.next_status(), 180);
    indicate(w.channel(), Indication::progress);
    const auto progress = w.next();
    ASSERT_TRUE(progress);
    EXPECT_EQ(progress->status(), 183);
    EXPECT_FALSE(progress->sdp().empty());
    w.receive(Ask{.method = "CANCEL"}.text());
    EXPECT_EQ(w.next_status(), 200);
    EXPECT_EQ(w.next_status(), 487);
    w.loop.run();
    EXPECT_EQ(w.channels.size(), 0u);
    EXPECT_EQ(w.media.open_legs(), 0u);
}

TEST(PjsipIncoming, NoCommonCodecIs488AfterTrying) {
    SipWorld w;
    w.receive(Ask{.body = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                          "m=audio 27600 RTP/AVP 9\r\na=rtpmap:9 G722/8000\r\n"}
                  .text());
    EXPECT_EQ(w.next_status(), 100);
    EXPECT_EQ(w.next_status(), 488);
    EXPECT_TRUE(w.started.empty());
    EXPECT_EQ(w.channels.size(), 0u);
}

void use_dialplan(SipWorld& w, std::string text) {
    config::MapSource files;
    files.files["/extensions.conf"] = std::move(text);
    config::Report report;
    const auto file = config::read(files, "extensions.conf", {.directory = "/"}, report);
    w.dialplan.set(dialplan::Plan::from(*file, report));
    w.pbx.dialplan = &w.dialplan;
}

TEST(PjsipIncoming, MoreDigitsMayMatchInAContextOfTheirOwn) {
    std::string config(usual_config);
    config.insert(config.find("set_var="), "overlap_context=wide\n");
    SipWorld w(config);
    use_dialplan(w, "[sip]\nexten => 3001,1,Answer()\n[wide]\nexten => 77123,1,Answer()\n");
    w.receive(Ask{.uri = "sip:77@127.0.0.1:5060", .body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 484);
    w.receive(Ask{.uri = "sip:30@127.0.0.1:5060", .call_id = "c2", .branch = "z9hG4bK7", .body = std::string(usual_sdp)}
                  .text());
    EXPECT_EQ(w.next_status(), 404);
}

TEST(PjsipIncoming, MissingExtensionIs404WithoutTrying) {
    SipWorld w;
    use_dialplan(w, "[sip]\nexten => 200,1,Answer()\nexten => 3001,1,Answer()\n");
    w.receive(Ask{.uri = "sip:999@127.0.0.1:5060", .body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 404);
    w.receive(Ask{.uri = "sip:30@127.0.0.1:5060", .call_id = "c2", .branch = "z9hG4bK7", .body = std::string(usual_sdp)}
                  .text());
    EXPECT_EQ(w.next_status(), 484);
    w.receive(Ask{.method = "OPTIONS", .call_id = "c3", .branch = "z9hG4bK8"}.text());
    EXPECT_EQ(w.next_status(), 200);
    w.receive(Ask{.method = "OPTIONS", .uri = "sip:nosuch@127.0.0.1", .call_id = "c4", .branch = "z9hG4bK9"}.text());
    EXPECT_EQ(w.next_status(), 404);
}

TEST(PjsipIncoming, AChallengeIsNotRepeated) {
    SipWorld w;
    w.receive(Ask{.from = "<sip:stranger@x>;tag=1", .headers = {}, .body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 401);
    w.loop.advance(10s);
    EXPECT_TRUE(w.net->sent.empty());
    EXPECT_EQ(w.tech->stack().server_transactions(), 0u);
    // The same request again is challenged again.
    w.receive(Ask{.from = "<sip:stranger@x>;tag=1", .headers = {}, .body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 401);
}

TEST(PjsipIncoming, UserOptionsAreIgnoredWhereAsked) {
    SipWorld w(std::string(usual_config) + "[global]\ntype=global\nignore_uri_user_options=yes\n");
    w.receive(Ask{.uri = "sip:200;phone-context=x@127.0.0.1",
                  .from = "<sip:bob;phone-context=national@127.0.0.1>;tag=1",
                  .headers = {},
                  .body = std::string(usual_sdp)}
                  .text());
    EXPECT_EQ(w.next_status(), 100);
    EXPECT_EQ(w.channel().location().exten, "200");
    EXPECT_EQ(w.channel().caller().id.number.text, "bob");
}

TEST(PjsipIncoming, OriginatingLineInformation) {
    const auto ani2 = [](std::string from) {
        SipWorld w;
        w.receive(Ask{.from = std::move(from), .body = std::string(usual_sdp)}.text());
        return w.channel().caller().ani2;
    };
    EXPECT_EQ(ani2("<sip:cat@127.0.0.1>;tag=1;isup-oli=27"), 27);
    EXPECT_EQ(ani2("<sip:cat@127.0.0.1;isup-oli=61>;tag=1"), 61);
    EXPECT_EQ(ani2("<sip:cat@127.0.0.1;oli=61>;tag=1;ss7-oli=23"), 23);
    EXPECT_EQ(ani2("<sip:cat@127.0.0.1>;tag=1;isup-oli=many"), 0);
    EXPECT_EQ(ani2("<sip:cat@127.0.0.1>;tag=1;isup-oli=4711"), 0);
    EXPECT_EQ(ani2("<sip:cat@127.0.0.1>;tag=1"), 0);
}

TEST(PjsipIncoming, LateOffer) {
    SipWorld w;
    w.receive(Ask{}.text());
    EXPECT_EQ(w.next_status(), 100);
    answer(w.channel());
    const auto ok = w.next();
    ASSERT_TRUE(ok);
    EXPECT_FALSE(ok->sdp().empty());
    EXPECT_TRUE(w.media.legs.begin()->second.configs.empty());
    w.receive(
        Ask{.method = "ACK", .to = std::string(*ok->header(sip::HeaderId::to)), .body = std::string(usual_sdp)}.text());
    ASSERT_FALSE(w.media.legs.begin()->second.configs.empty());
    EXPECT_EQ(w.media.legs.begin()->second.configs.back().remote.port, 27600);
}

TEST(PjsipIncoming, HoldAndResumeByReinvite) {
    SipWorld w;
    const std::string to = answered_call(w);
    const std::string held = usual_sdp_as("sendonly");
    w.receive(Ask{.to = to, .branch = "z9hG4bK3", .cseq = 2, .body = held}.text());
    const auto answered = w.next();
    ASSERT_TRUE(answered);
    EXPECT_EQ(answered->status(), 200);
    EXPECT_NE(answered->sdp().find("a=recvonly"), std::string_view::npos);
    EXPECT_NE(answered->sdp().find("o=- 1 4 "), std::string_view::npos) << answered->sdp();
    EXPECT_TRUE(w.happened("Hold default"));
    w.receive(Ask{.method = "ACK", .to = to, .branch = "z9hG4bK3", .cseq = 2}.text());
    w.receive(Ask{.to = to, .branch = "z9hG4bK4", .cseq = 3, .body = std::string(usual_sdp)}.text());
    EXPECT_EQ(w.next_status(), 200);
    EXPECT_TRUE(w.happened("Unhold"));
}

TEST(PjsipIncoming, AnOfferThatIsAskedForHoldsWhatIsInUse) {
    for (const auto& [option, codecs] :
         {std::pair{"no", "RTP/AVP 8 101\r\n"}, std::pair{"yes", "RTP/AVP 0 8 101\r\n"}}) {
        SipWorld w(std::string(usual_config) + "[global]\nall_codecs_on_empty_reinvite=" + option + "\n");
        std::string alaw(usual_sdp);
        alaw.replace(alaw.find("AVP 0 8"), 7, "AVP 8");
        const std::string to = answered_call(w, {.body = alaw});
        w.receive(Ask{.to = to, .branch = "z9hG4bK3", .cseq = 2}.text());
        const auto offer = w.next();
        ASSERT_TRUE(offer);
        EXPECT_NE(offer->sdp().find(codecs), std::string_view::npos) << offer->sdp();
    }
}

TEST(PjsipIncoming, NativeFormatsAreSeveralOnlyIfTheyMayDiffer) {
    for (const auto& [option, formats] : {std::pair{"no", "ulaw"}, std::pair{"yes", "ulaw|alaw"}}) {
        std::string config(usual_config);
        config.insert(config.find("set_var="), std::string("asymmetric_rtp_codec=") + option + "\n");
        SipWorld w(config);
        answered_call(w);
        EXPECT_EQ(w.channel().driver().native_format(), "ulaw");
        EXPECT_EQ(w.channel().driver().native_formats(), formats);
    }
}

TEST(PjsipIncoming, RtpMayBeAwayLongerOnHold) {
    std::string config(usual_config);
    config.insert(config.find("set_var="), "rtp_timeout=5\nrtp_timeout_hold=60\n");
    SipWorld w(config);
    const std::string to = answered_call(w);
    const auto timeout = [&w] { return w.media.legs.begin()->second.configs.back().timeout; };
    EXPECT_EQ(timeout(), 5s);
    w.receive(Ask{.to = to, .branch = "z9hG4bK3", .cseq = 2, .body = usual_sdp_as("sendonly")}.text());
    EXPECT_EQ(timeout(), 60s);
    w.receive(Ask{.method = "ACK", .to = to, .branch = "z9hG4bK3", .cseq = 2}.text());
    w.receive(Ask{.to = to, .branch = "z9hG4bK4", .cseq = 3, .body = std::string(usual_sdp)}.text());
    EXPECT_EQ(timeout(), 5s);
}

TEST(PjsipIncoming, InDialogRequests) {
    SipWorld w;
    const std::string to = answered_call(w);
    int cseq = 2;
    const auto ask = [&](std::string method, std::string type, std::string body) {
        w.receive(Ask{.method = std::move(method),
                      .to = to,
                      .branch = "z9hG4bKi" + std::to_string(cseq),
                      .cseq = cseq,
                      .body = std::move(body),
                      .type = std::move(type)}
                      .text());
        ++cseq;
        return w.next_status();
    };
    EXPECT_EQ(ask("INFO", "application/dtmf-relay", "Signal=5\r\nDuration=160"), 200);
    EXPECT_TRUE(w.media.called("digit_received"));
    EXPECT_EQ(w.media.legs.begin()->second.heard, "5");
    EXPECT_EQ(ask("INFO", "application/dtmf", "11"), 200);
    EXPECT_EQ(w.media.legs.begin()->second.heard, "5#");
    EXPECT_EQ(ask("INFO", "", ""), 200);
    EXPECT_EQ(ask("OPTIONS", "", ""), 200);
    EXPECT_EQ(ask("UPDATE", "", ""), 200);
    EXPECT_EQ(ask("MESSAGE", "", ""), 415);
    EXPECT_EQ(ask("MESSAGE", "text/plain", "hello"), 202);
    // REFER of a channel that talks with nobody.
    w.receive(Ask{.method = "REFER",
                  .to = to,
                  .branch = "z9hG4bKr",
                  .cseq = cseq,
                  .headers = {"X-Sipp: yes", "Refer-To: <sip:200@127.0.0.1:5060>"}}
                  .text());
    EXPECT_EQ(w.next_status(), 202);
    const auto first = w.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->body(), "SIP/2.0 100 Trying\r\n");
    const auto second = w.next();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->body(), "SIP/2.0 400 Bad Request\r\n");
    EXPECT_EQ(second->header(sip::HeaderId::subscription_state), "terminated;reason=noresource");
}

TEST(PjsipIncoming, InfoModeSendsDigitsBySignalling) {
    std::string config(usual_config);
    config.insert(config.find("set_var="), "dtmf_mode=info\n");
    SipWorld w(config);
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    answer(w.channel());
    w.next();
    const auto ok = w.next();
    EXPECT_EQ(ok->sdp().find("telephone-event"), std::string_view::npos);
    const std::string to = std::string(*ok->header(sip::HeaderId::to));
    w.receive(Ask{.method = "ACK", .to = to}.text());
    w.media.event(
        w.channel().leg(),
        {.kind = media::LegEvent::Kind::dtmf_to_signal, .digit = '7', .duration = media::Millis{200}, .source = {}});
    w.loop.run();
    const auto info = w.next();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->method(), sip::Method::info);
    EXPECT_EQ(info->body(), "Signal=7\r\nDuration=200\r\n");
}

TEST(PjsipIncoming, ABodyThatHasToBeUnderstoodAndIsNotIs415) {
    SipWorld w;
    std::string body = "--b\r\nContent-Type: application/sdp\r\n\r\n" + std::string(usual_sdp) +
                       "\r\n--b\r\nContent-Type: application/ISUP;version=itu-t92+\r\n"
                       "Content-Disposition: signal;handling=required\r\n\r\n\x01\x10\r\n--b--\r\n";
    w.receive(Ask{.body = body, .type = "multipart/mixed;boundary=b"}.text());
    EXPECT_EQ(w.next_status(), 100);
    const auto refused = w.next();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status(), 415);
    EXPECT_EQ(refused->header("Accept"), "application/sdp, multipart/mixed");
    EXPECT_EQ(w.channels.size(), 0u);
    body.replace(body.find("required"), 8, "optional");
    w.receive(Ask{.call_id = "2", .branch = "z9hG4bK2", .body = body, .type = "multipart/mixed;boundary=b"}.text());
    EXPECT_EQ(w.next_status(), 100);
    EXPECT_EQ(w.channels.size(), 1u);
}

TEST(PjsipIncoming, APartyThatHoldsIsNotAskedToSend) {
    std::string config(usual_config);
    config.insert(config.find("set_var="), "moh_passthrough=yes\n");
    SipWorld w(config);
    const std::string to = answered_call(w);
    w.receive(Ask{.to = to, .branch = "z9hG4bK3", .cseq = 2, .body = usual_sdp_as("sendonly")}.text());
    EXPECT_EQ(w.next_status(), 200);
    w.receive(Ask{.method = "ACK", .to = to, .branch = "z9hG4bK3", .cseq = 2}.text());
    // The other one holds as well, and resumes.
    indicate(w.channel(), Indication::hold);
    const auto both = w.next();
    ASSERT_TRUE(both);
    EXPECT_EQ(both->method(), sip::Method::invite);
    EXPECT_NE(both->sdp().find("a=inactive"), std::string_view::npos);
    w.receive(reply(*both, 200, "OK", "f1", {"Contact: <sip:sippy@127.0.0.1:5071>"}, usual_sdp_as("inactive")));
    EXPECT_EQ(w.next()->method(), sip::Method::ack);
    indicate(w.channel(), Indication::unhold);
    const auto one = w.next();
    ASSERT_TRUE(one);
    EXPECT_NE(one->sdp().find("a=recvonly"), std::string_view::npos);
}

TEST(PjsipIncoming, AChannelThatWasOnlyMadeIsTornDownToo) {
    SipWorld w;
    dial(w, "sipp").end(Cause::normal_clearing);
    w.loop.run();
    EXPECT_TRUE(w.happened("Test SESSION_DESTROYING"));
}

}  // namespace
}  // namespace asterism::pjsip
