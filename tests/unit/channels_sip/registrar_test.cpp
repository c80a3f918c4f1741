#include <gtest/gtest.h>

#include "asterism/dialplan/dialplan.hpp"
#include "sip_world.hpp"

namespace asterism::pjsip {
namespace {

struct Phone {
    SipWorld& w;
    std::string user = "alice", password = "alicepw", to = "alice";
    std::uint16_t port = 5081;
    int cseq = 1;

    Ask ask(int expires, std::vector<std::string> extra = {}) {
        Ask a{.method = "REGISTER",
              .uri = "sip:127.0.0.1:5060",
              .from = "<sip:" + user + "@127.0.0.1>;tag=r1",
              .to = "<sip:" + to + "@127.0.0.1>",
              .call_id = "reg-" + user,
              .branch = "z9hG4bKreg" + std::to_string(cseq),
              .cseq = cseq,
              .headers = {"Expires: " + std::to_string(expires)},
              .port = port};
        ++cseq;
        for (auto& header : extra) a.headers.push_back(std::move(header));
        return a;
    }
    /// Registers with a password; the status of the second answer.
    sip::MessagePtr go(int expires) {
        w.receive(ask(expires).text(), port);
        const auto challenged = w.next();
        EXPECT_EQ(challenged->status(), 401);
        const auto header = *challenged->header(sip::HeaderId::www_authenticate);
        const auto digest = *sip::DigestHeader::parse(header);
        const sip::CredentialList secrets{{.realm = "",
                                           .username = user,
                                           .password = password,
                                           .ha1_md5 = {},
                                           .ha1_sha256 = {},
                                           .ha1_sha512_256 = {}}};
        const auto answer = *sip::answer_challenge(digest, secrets, "REGISTER", "sip:127.0.0.1:5060", "c0ffee");
        w.receive(ask(expires, {"Authorization: " + answer}).text(), port);
        return w.next();
    }
};

TEST(PjsipRegistrar, ChallengeAsRecorded) {
    SipWorld w;
    Phone phone{w};
    w.receive(phone.ask(120).text(), 5081);
    const auto challenged = w.next();
    ASSERT_TRUE(challenged);
    EXPECT_EQ(challenged->status(), 401);
    const std::string value(*challenged->header(sip::HeaderId::www_authenticate));
    EXPECT_TRUE(value.starts_with("Digest realm=\"asterisk\",nonce=\"1795288305/")) << value;
    EXPECT_TRUE(value.ends_with("\",algorithm=MD5,qop=\"auth\"")) << value;
    EXPECT_TRUE(w.happened("Security ChallengeSent"));
}

TEST(PjsipRegistrar, RegistersRefreshesAndGoes) {
    SipWorld w;
    EXPECT_EQ(w.tech->device_state("alice"), "UNAVAILABLE");
    EXPECT_EQ(w.endpoints.find("PJSIP", "alice")->state, "offline");
    Phone phone{w};
    const auto ok = phone.go(120);
    ASSERT_TRUE(ok);
    EXPECT_EQ(ok->status(), 200);
    EXPECT_EQ(ok->header(sip::HeaderId::contact), "<sip:sippy@127.0.0.1:5081>;expires=119");
    EXPECT_EQ(ok->header(sip::HeaderId::expires), "120");
    EXPECT_TRUE(w.happened("Security SuccessfulAuth"));
    EXPECT_TRUE(w.happened("PeerStatus alice Reachable"));
    EXPECT_TRUE(w.happened("ContactStatus sip:sippy@127.0.0.1:5081 NonQualified"));
    EXPECT_TRUE(w.happened("DeviceState PJSIP/alice NOT_INUSE"));
    EXPECT_TRUE(w.happened("Test AOR_CONTACT_ADDED"));
    EXPECT_EQ(w.db.tree("registrar").size(), 1u);
    const auto contacts = w.tech->contacts("alice");
    ASSERT_EQ(contacts.size(), 1u);
    EXPECT_EQ(contacts[0].id, "alice;@" + contacts[0].hash);
    EXPECT_EQ(contacts[0].expiration, 1795288305 + 120);
    EXPECT_EQ(contacts[0].via_port, 5081);

    phone.go(120);
    EXPECT_EQ(w.tech->contacts("alice").size(), 1u);
    EXPECT_EQ(phone.go(0)->status(), 200);
    EXPECT_TRUE(w.tech->contacts("alice").empty());
    EXPECT_TRUE(w.happened("ContactStatus sip:sippy@127.0.0.1:5081 Removed"));
    EXPECT_TRUE(w.happened("PeerStatus alice Unreachable"));
    EXPECT_EQ(w.db.tree("registrar").size(), 0u);
}

TEST(PjsipRegistrar, ContactsRunOut) {
    SipWorld w;
    Phone{w}.go(60);
    w.loop.advance(61s);
    EXPECT_TRUE(w.tech->contacts("alice").empty());
    EXPECT_TRUE(w.happened("PeerStatus alice Unreachable"));
}

TEST(PjsipRegistrar, ContactsSurviveARestart) {
    SipWorld w;
    Phone{w}.go(600);
    const auto saved = w.db.tree("registrar");
    ASSERT_EQ(saved.size(), 1u);
    SipWorld again("");
    again.db.put("registrar", saved[0].first.substr(std::string("/registrar/").size()), saved[0].second);
    again.source.files["/etc/pjsip.conf"] = usual_config;
    ASSERT_TRUE(again.tech->load(again.source, again.report));
    again.loop.run();
    const auto contacts = again.tech->contacts("alice");
    ASSERT_EQ(contacts.size(), 1u);
    EXPECT_EQ(contacts[0].uri, "sip:sippy@127.0.0.1:5081");
    EXPECT_EQ(again.tech->device_state("alice"), "NOT_INUSE");
    again.loop.advance(601s);
    EXPECT_TRUE(again.tech->contacts("alice").empty());
}

TEST(PjsipRegistrar, WrongPasswordUnknownUserAndWrongAor) {
    SipWorld w;
    EXPECT_EQ((Phone{.w = w, .password = "wrong"}.go(60)->status()), 401);
    EXPECT_TRUE(w.happened("Security ChallengeResponseFailed"));
    EXPECT_EQ((Phone{.w = w, .user = "nobody", .to = "nobody"}.go(60)->status()), 401);
    EXPECT_EQ((Phone{.w = w, .to = "bob", .cseq = 10}.go(60)->status()), 404);
    EXPECT_TRUE(w.tech->contacts("alice").empty());
}

TEST(PjsipRegistrar, QualifyFindsPhonesAndLosesThem) {
    std::string config(usual_config);
    config.insert(config.find("max_contacts=2"), "qualify_frequency=30\n");
    SipWorld w(config);
    Phone{w}.go(600);
    const auto options = w.next();
    ASSERT_TRUE(options);
    EXPECT_EQ(options->method(), sip::Method::options);
    EXPECT_EQ(options->request_uri(), "sip:sippy@127.0.0.1:5081");
    EXPECT_TRUE(w.happened("ContactStatus sip:sippy@127.0.0.1:5081 Created"));
    w.loop.advance(10ms);
    w.receive(reply(*options, 200, "OK"), 5081);
    EXPECT_TRUE(w.happened("ContactStatus sip:sippy@127.0.0.1:5081 Reachable"));
    ASSERT_EQ(w.tech->contacts("alice").size(), 1u);
    EXPECT_EQ(w.tech->contacts("alice")[0].round_trip, std::chrono::microseconds(10000));
    w.loop.advance(40s);
    EXPECT_TRUE(w.happened("ContactStatus sip:sippy@127.0.0.1:5081 Unreachable"));
    EXPECT_EQ(w.tech->device_state("alice"), "UNAVAILABLE");
    EXPECT_FALSE(w.tech->find_target("alice"));
}

TEST(PjsipRegistrar, ContactsOfAConnectionGoWithIt) {
    SipWorld w;
    const auto flow = w.net->accept(*sip::SocketAddress::parse("127.0.0.1", 6001));
    Phone phone{.w = w, .port = 6001};
    auto first = phone.ask(600).text();
    const auto tcp = [](std::string text) { return text.replace(text.find("SIP/2.0/UDP"), 11, "SIP/2.0/TCP"); };
    w.net->receive(flow, tcp(first));
    w.loop.run();
    const auto challenged = w.next();
    const auto header = *challenged->header(sip::HeaderId::www_authenticate);
    const sip::CredentialList secrets{{.realm = "",
                                       .username = "alice",
                                       .password = "alicepw",
                                       .ha1_md5 = {},
                                       .ha1_sha256 = {},
                                       .ha1_sha512_256 = {}}};
    const auto answer =
        *sip::answer_challenge(*sip::DigestHeader::parse(header), secrets, "REGISTER", "sip:127.0.0.1:5060", "c");
    w.net->receive(flow, tcp(phone.ask(600, {"Authorization: " + answer}).text()));
    w.loop.run();
    EXPECT_EQ(w.next_status(), 200);
    ASSERT_EQ(w.tech->contacts("alice").size(), 1u);
    // A call goes back over it, though the contact's URI says nothing of TCP.
    EXPECT_EQ(w.tech->find_target("alice")->second.flow.transport, flow.transport);
    w.net->drop(flow);
    w.loop.run();
    EXPECT_TRUE(w.tech->contacts("alice").empty());
}

TEST(PjsipRegistrar, AListOfContactAddresses) {
    std::string config(usual_config);
    config.insert(config.find("contact=sip:bob@"), "max_contacts=2\n");
    SipWorld w(config +
               "[lists]\ntype=acl\ncontact_permit=0.0.0.0/0\ncontact_deny=127.0.0.1\n"
               "contact_permit=::0/0\ncontact_deny=::1\n");
    const auto status = [&w](std::string contact) {
        static int count = 0;
        Ask ask{.method = "REGISTER", .from = "<sip:bob@127.0.0.1>;tag=r1", .to = "<sip:bob@127.0.0.1>", .headers = {}};
        ask.branch += "acl" + std::to_string(++count);
        std::string text = ask.text();
        const auto at = text.find("<sip:sippy@127.0.0.1:5071>");
        w.receive(text.replace(at, 26, contact));
        return w.next_status();
    };
    // What counts is the address in Contact, not where it came from.
    EXPECT_EQ(status("<sip:bob@192.0.2.1>"), 200);
    EXPECT_EQ(status("<sip:bob@127.0.0.1:5071>"), 403);
    EXPECT_EQ(status("<sip:bob@[2001:db8::1]>"), 200);
    EXPECT_EQ(status("<sip:bob@[::1]:5071>"), 403);
}

TEST(PjsipRegistrar, RegcontextHasAnExtensionForWhoIsThere) {
    dialplan::Dialplan plan;
    SipWorld w(std::string(usual_config) + "[global]\ntype=global\nregcontext=here\n");
    w.pbx.dialplan = &plan;
    const auto there = [&](std::string_view exten) {
        return plan.plan()->exists({.context = "here", .exten = exten, .caller = {}, .now = {}});
    };
    EXPECT_FALSE(there("alice"));
    Phone phone{w};
    phone.go(60);
    EXPECT_TRUE(there("alice"));
    EXPECT_TRUE(there("bob"));  // a permanent contact
    phone.go(0);
    EXPECT_FALSE(there("alice"));
    EXPECT_TRUE(there("bob"));
    w.pbx.dialplan = nullptr;
}

TEST(PjsipRegistrar, IdentifiesByAddressHeaderAndUser) {
    SipWorld w(R"(
[udp]
type=transport
bind=127.0.0.1
[net]
type=endpoint
[host]
type=endpoint
[user]
type=endpoint
[anonymous]
type=endpoint
[i1]
type=identify
endpoint=net
match=10.0.0.0/8
[i2]
type=identify
endpoint=host
match=10.1.1.1
[port]
type=endpoint
[proved]
type=endpoint
identify_by=auth_username
[i3]
type=identify
endpoint=port
match=10.0.0.0:7000/8
)");
    ASSERT_TRUE(w.loaded) << w.report.text();
    Identifier identifier(std::make_shared<Configuration>(w.tech->config()), *w.net);
    const auto who = [&](const std::string& ip, const std::string& user, std::uint16_t port = 5060,
                         std::string digest = "X-None: 1") {
        const auto message =
            *sip::Message::parse(Ask{.from = "<sip:" + user + "@x>;tag=1", .headers = {digest}}.text());
        const auto found = identifier.find(*message, {nullptr, *sip::SocketAddress::parse(ip, port)});
        return found ? found->name : std::string();
    };
    EXPECT_EQ(who("10.2.3.4", "user"), "net");
    EXPECT_EQ(who("10.1.1.1", "user"), "host");
    EXPECT_EQ(who("10.2.3.4", "user", 7000), "port");
    EXPECT_EQ(who("10.1.1.1", "user", 7000), "port");
    EXPECT_EQ(who("192.0.2.1", "user"), "user");
    EXPECT_EQ(who("192.0.2.1", "stranger"), "anonymous");
    // auth_username need not be named in endpoint_identifier_order; then it comes behind those that are.
    const std::string digest =
        "Authorization: Digest username=\"proved\",realm=\"asterisk\",nonce=\"n\","
        "uri=\"sip:x\",response=\"0\"";
    EXPECT_EQ(who("192.0.2.1", "stranger", 5060, digest), "proved");
    EXPECT_EQ(who("192.0.2.1", "user", 5060, digest), "user");
}

// The provider's calls come from anywhere and name nobody; the Contact that it was given says whose they are.
TEST(PjsipRegistration, TheLineSaysWhoseACallIs) {
    SipWorld w(std::string(usual_config) +
               "[trunk]\ntype=registration\nserver_uri=sip:127.0.0.9\nclient_uri=sip:me@127.0.0.9\nline=yes\n"
               "endpoint=bob\nmax_random_initial_delay=0\ncontact_user=200\n");
    const auto request = w.next();
    ASSERT_TRUE(request);
    const auto contact = *sip::Address::parse(*request->header(sip::HeaderId::contact));
    const std::string uri(contact.uri.text);
    EXPECT_NE(uri.find(";line="), std::string::npos) << uri;
    const auto call = [&](std::string to, std::string branch) {
        Ask ask{.uri = to, .from = "<sip:nobody@example.com>;tag=1", .headers = {}, .body = std::string(usual_sdp)};
        ask.call_id = ask.branch = branch;
        w.receive(ask.text());
        return w.next_status();
    };
    EXPECT_EQ(call("sip:200@127.0.0.1:5060", "z9hG4bKn"), 401);
    EXPECT_EQ(call("sip:200@127.0.0.1:5060;line=nosuch", "z9hG4bKo"), 401);
    EXPECT_EQ(call(uri, "z9hG4bKp"), 100);
    EXPECT_TRUE(w.channel().name().starts_with("PJSIP/bob-")) << w.channel().name();
    EXPECT_EQ(w.channel().location().exten, "200");
}

TEST(PjsipReload, TouchesOnlyWhatChanged) {
    SipWorld w;
    w.receive(Ask{.body = std::string(usual_sdp)}.text());
    const auto before = w.tech->config().endpoint("sipp");
    EXPECT_EQ(w.net->opened, (std::vector<std::string>{"udp", "tcp"}));
    config::Report report;
    const auto same =
        load_configuration(w.source, {.directory = "/etc"}, &w.tech->config(), "Asterisk PBX 22.11.0", report);
    ASSERT_TRUE(same);
    EXPECT_EQ(same->endpoint("sipp"), before);
    EXPECT_EQ(same->transports.at("udp"), w.tech->config().transports.at("udp"));
    EXPECT_EQ(w.channels.size(), 1u);
}

TEST(PjsipTransports, WhatCannotBeBoundIsReportedAndTheRestWorks) {
    SipWorld w("[bad]\ntype=transport\nbind=127.0.0.1:1\n[good]\ntype=transport\nbind=127.0.0.1:5062\n");
    ASSERT_TRUE(w.loaded);
    const auto transports = w.tech->transports();
    ASSERT_EQ(transports.size(), 2u);
    EXPECT_FALSE(transports[0].listening);
    EXPECT_TRUE(transports[1].listening);
}

TEST(PjsipTransports, ExternalAddressOutsideLocalNet) {
    auto config = std::make_shared<TransportConfig>();
    config->external_signaling_address = "203.0.113.5";
    config->local_nets.push_back(*Network::parse("10.0.0.0/8"));
    Advertised advertised(config, *sip::SocketAddress::parse("10.0.0.2", 5060));
    EXPECT_EQ(advertised.towards(*sip::SocketAddress::parse("10.0.0.9", 5060)), "10.0.0.2:5060");
    EXPECT_EQ(advertised.towards(*sip::SocketAddress::parse("192.0.2.9", 5060)), "203.0.113.5:5060");
}

}  // namespace
}  // namespace asterism::pjsip
