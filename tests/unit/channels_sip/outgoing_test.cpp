#include <gtest/gtest.h>

#include "asterism/model/operations.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

using Kind = ChannelSignal::Kind;

TEST(PjsipOutgoing, AnsweredCallAsRecorded) {
    SipWorld w;
    Channel& channel = dial(w, "sipp");
    EXPECT_EQ(channel.name(), "PJSIP/sipp-00000000");
    EXPECT_EQ(channel.state(), ChannelState::down);
    ConnectedParty party;
    party.id = PartyId::of("Out Bound", "5550");
    channel.set_connected(party);
    Watch watch(w, channel);
    static_cast<void>(call_of(channel)->extra_headers().emplace_back("X-Test", "1"));
    channel.driver().call();
    w.loop.run();
    const auto invite = w.next();
    ASSERT_TRUE(invite);
    EXPECT_EQ(w.last_to.text(), "127.0.0.1:5071");
    EXPECT_EQ(invite->request_uri(), "sip:sipp@127.0.0.1:5071");
    EXPECT_TRUE(
        std::string(*invite->header(sip::HeaderId::from)).starts_with("\"Out Bound\" <sip:5550@127.0.0.1>;tag="));
    EXPECT_EQ(invite->header(sip::HeaderId::to), "<sip:sipp@127.0.0.1>");
    EXPECT_EQ(invite->header(sip::HeaderId::contact), "<sip:asterisk@127.0.0.1:5060>");
    EXPECT_EQ(invite->header("X-Test"), "1");
    EXPECT_EQ(invite->header(sip::HeaderId::session_expires), "1800");
    EXPECT_NE(invite->sdp().find("m=audio 30000 RTP/AVP 0 8 101"), std::string_view::npos);
    w.receive(reply(*invite, 100, "Trying"));
    w.receive(reply(*invite, 180, "Ringing"));
    EXPECT_EQ(watch.kinds(), (std::vector{Kind::ringing}));
    EXPECT_EQ(channel.state(), ChannelState::ringing);
    w.receive(reply(*invite, 183, "Session Progress", "uas1", {}, usual_sdp));
    EXPECT_EQ(watch.kinds(), (std::vector{Kind::progress}));
    EXPECT_EQ(w.media.legs.begin()->second.configs.back().remote.port, 27600);
    w.receive(reply(*invite, 200, "OK", "uas1", {"Contact: <sip:sipp@127.0.0.1:5071>"}, usual_sdp));
    EXPECT_EQ(watch.kinds(), (std::vector{Kind::answered}));
    EXPECT_TRUE(channel.up());
    const auto ack = w.next();
    ASSERT_TRUE(ack);
    EXPECT_EQ(ack->method(), sip::Method::ack);
    channel.end(Cause::normal_clearing);
    w.loop.run();
    const auto bye = w.next();
    ASSERT_TRUE(bye);
    EXPECT_EQ(bye->method(), sip::Method::bye);
    EXPECT_EQ(bye->header(sip::HeaderId::reason), "Q.850;cause=16");
    w.receive(reply(*bye, 200, "OK"));
    EXPECT_EQ(w.tech->stack().dialogs(), 0u);
    EXPECT_EQ(w.media.open_legs(), 0u);
}

TEST(PjsipOutgoing, AsksForRportUnlessToldNotTo) {
    for (const bool asks : {true, false}) {
        SipWorld w(std::string(usual_config) + (asks ? "" : "[system]\ntype=system\ndisable_rport=yes\n"));
        dial(w, "bob").driver().call();
        w.loop.run();
        ASSERT_TRUE(w.next());
        EXPECT_EQ(w.last_sent.find(";rport") != std::string::npos, asks) << w.last_sent;
    }
}

TEST(PjsipOutgoing, NobodyIsAnonymous) {
    SipWorld w;
    Channel& channel = dial(w, "bob");
    channel.driver().call();
    w.loop.run();
    const auto invite = w.next();
    ASSERT_TRUE(invite);
    EXPECT_TRUE(std::string(*invite->header(sip::HeaderId::from))
                    .starts_with("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag="));
}

TEST(PjsipOutgoing, FailuresHaveTheirCauses) {
    for (const auto& [code, cause] : std::vector<std::pair<int, int>>{
             {486, 17}, {404, 1}, {480, 19}, {503, 34}, {603, 21}, {488, 58}, {484, 28}, {408, 18}, {499, 127}}) {
        SipWorld w;
        Channel& channel = dial(w, "sipp");
        channel.driver().call();
        w.loop.run();
        w.receive(reply(*w.next(), code, "No"));
        EXPECT_EQ(w.next()->method(), sip::Method::ack);
        w.loop.run();
        EXPECT_EQ(w.channels.size(), 0u);
        EXPECT_TRUE(w.happened("Hangup " + std::to_string(cause))) << code;
    }
}

TEST(PjsipOutgoing, ReasonOfTheFinalGoesBeforeItsCode) {
    SipWorld w;
    Channel& channel = dial(w, "sipp");
    channel.driver().call();
    w.loop.run();
    w.receive(reply(*w.next(), 480, "No", "t", {"Reason: Q.850;cause=20"}));
    w.loop.run();
    EXPECT_TRUE(w.happened("Hangup 20"));
}

TEST(PjsipOutgoing, HangupWhileRingingCancels) {
    SipWorld w;
    Channel& channel = dial(w, "sipp");
    channel.driver().call();
    w.loop.run();
    const auto invite = w.next();
    w.receive(reply(*invite, 180, "Ringing"));
    channel.end(Cause::answered_elsewhere);
    w.loop.run();
    const auto cancel = w.next();
    ASSERT_TRUE(cancel);
    EXPECT_EQ(cancel->method(), sip::Method::cancel);
    EXPECT_EQ(cancel->header(sip::HeaderId::reason), "SIP;cause=200;text=\"Call completed elsewhere\"");
    w.receive(reply(*cancel, 200, "OK"));
    w.receive(reply(*invite, 487, "Request Terminated"));
    EXPECT_EQ(w.next()->method(), sip::Method::ack);
    w.loop.advance(40s);
    EXPECT_EQ(w.tech->stack().client_transactions(), 0u);
    EXPECT_EQ(w.channels.size(), 0u);
}

TEST(PjsipOutgoing, AVanishedPhoneTimesOut) {
    SipWorld w;
    Channel& channel = dial(w, "sipp");
    channel.driver().call();
    w.loop.advance(40s);
    EXPECT_EQ(w.channels.size(), 0u);
    EXPECT_TRUE(w.happened("Hangup 18"));
}

TEST(PjsipOutgoing, WhatDialStringsMean) {
    SipWorld w;
    EXPECT_FALSE(w.tech->find_target("nobody"));
    EXPECT_FALSE(w.tech->find_target("alice"));  // nothing registered
    EXPECT_EQ(w.tech->find_target("bob")->second.uri, "sip:bob@127.0.0.1:5072");
    EXPECT_EQ(w.tech->find_target("123@bob")->second.uri, "sip:123@127.0.0.1:5072");
    EXPECT_EQ(w.tech->find_target("bob/sip:9@10.0.0.1")->second.uri, "sip:9@10.0.0.1");
    EXPECT_EQ(w.tech->find_target("bob/bob")->second.uri, "sip:bob@127.0.0.1:5072");
    EXPECT_EQ(w.tech->dial_contacts("bob", "", ""), "PJSIP/bob/sip:bob@127.0.0.1:5072");
    const auto refused = w.tech->request({.data = "nobody",
                                          .requestor = {},
                                          .formats = {},
                                          .uniqueid = {},
                                          .other_uniqueid = {},
                                          .linkedid = {},
                                          .account_code = {},
                                          .language = {}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), Cause::no_route_destination);
}

TEST(PjsipOutgoing, OffersTheCallersCodecFirst) {
    SipWorld w;
    Channel& channel = dial(w, "sipp", {"alaw"});
    channel.driver().call();
    w.loop.run();
    EXPECT_NE(w.next()->sdp().find("RTP/AVP 8 0 101"), std::string_view::npos);
}

TEST(PjsipOutgoing, ProvesItselfWhenChallenged) {
    std::string config(usual_config);
    config += "[out]\ntype=auth\nusername=me\npassword=pw\n";
    config.insert(config.find("set_var="), "outbound_auth=out\n");
    SipWorld w(config);
    Channel& channel = dial(w, "sipp");
    channel.driver().call();
    w.loop.run();
    w.receive(
        reply(*w.next(), 401, "Unauthorized", "x", {"WWW-Authenticate: Digest realm=\"r\",nonce=\"n\",algorithm=MD5"}));
    EXPECT_EQ(w.next()->method(), sip::Method::ack);
    const auto again = w.next();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->method(), sip::Method::invite);
    EXPECT_NE(again->header(sip::HeaderId::authorization).value_or("").find("username=\"me\""), std::string_view::npos);
    EXPECT_EQ(w.channels.size(), 1u);
}

TEST(PjsipOutgoing, IdentityHeadersAsTheEndpointWants) {
    std::string config(usual_config);
    config.insert(config.find("set_var="),
                  "send_pai=yes\nsend_rpid=yes\ntrust_id_outbound=yes\nfrom_domain=example.com\n");
    SipWorld w(config);
    Channel& channel = dial(w, "sipp");
    ConnectedParty party;
    party.id = PartyId::of("Ann", "77");
    channel.set_connected(party);
    channel.driver().call();
    w.loop.run();
    const auto invite = w.next();
    EXPECT_EQ(invite->header(sip::HeaderId::p_asserted_identity), "\"Ann\" <sip:77@example.com>");
    EXPECT_EQ(invite->header(sip::HeaderId::remote_party_id),
              "\"Ann\" <sip:77@example.com>;party=calling;privacy=off;screen=no");
}

TEST(PjsipOutgoing, HostNamesAreLookedUp) {
    SipWorld w;
    w.net->hosts["phone.example.com"] = {*sip::SocketAddress::parse("::1", 0),
                                         *sip::SocketAddress::parse("10.9.8.7", 0)};
    Channel& channel = dial(w, "bob/sip:x@phone.example.com:5099");
    channel.driver().call();
    w.loop.run();
    ASSERT_TRUE(w.next());
    EXPECT_EQ(w.last_to.text(), "10.9.8.7:5099");  // no IPv6 transport
}

TEST(PjsipOutgoing, OverTcpWhereTheUriSaysSo) {
    SipWorld w;
    Channel& channel = dial(w, "bob/sip:x@127.0.0.1:5099;transport=tcp");
    channel.driver().call();
    w.loop.run();
    ASSERT_EQ(w.net->connections.size(), 1u);
    const auto invite = w.next();
    ASSERT_TRUE(invite);
    EXPECT_EQ(invite->top_via().transport, "TCP");
    EXPECT_NE(invite->header(sip::HeaderId::contact)->find(";transport=TCP"), std::string_view::npos)
        << *invite->header(sip::HeaderId::contact);
    w.net->drop(w.net->connections[0]);
    w.loop.run();
    EXPECT_EQ(w.channels.size(), 0u);
}

// On a connection nothing is repeated, so the transaction is over with the ACK; the call has to hear of it before.
TEST(PjsipOutgoing, ARefusalOverTcpIsHeard) {
    SipWorld w;
    Channel& channel = dial(w, "bob/sip:x@127.0.0.1:5099;transport=tcp");
    channel.driver().call();
    w.loop.run();
    const auto invite = w.next();
    ASSERT_TRUE(invite);
    const auto id = channel.id();
    w.net->receive(w.net->connections.back(), reply(*invite, 486, "Busy Here"));
    w.loop.run();
    EXPECT_EQ(w.next()->method(), sip::Method::ack);
    EXPECT_EQ(w.channels.find(id), nullptr);
    EXPECT_TRUE(w.happened("Hangup 17"));
}

TEST(PjsipOutgoing, RedirectionIsTold) {
    SipWorld w;
    Channel& channel = dial(w, "sipp");
    Watch watch(w, channel);
    channel.driver().call();
    w.loop.run();
    w.receive(reply(*w.next(), 302, "Moved", "x", {"Contact: <sip:444@10.0.0.1>"}));
    const auto kinds = watch.kinds();
    EXPECT_NE(std::find(kinds.begin(), kinds.end(), Kind::forwarded), kinds.end());
}

}  // namespace
}  // namespace asterism::pjsip
