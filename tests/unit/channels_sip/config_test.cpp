#include <gtest/gtest.h>

#include "asterism/channels/pjsip.hpp"
#include "core/channels/sip/objects.hpp"
#include "unit/config/map_source.hpp"

namespace asterism::pjsip {
namespace {

ConfigurationPtr load(const std::string& text, config::Report& report, const Configuration* before = nullptr) {
    config::MapSource source;
    source.files["/etc/pjsip.conf"] = text;
    return load_configuration(source, {.directory = "/etc"}, before, "Asterisk PBX 22.11.0", report);
}

TEST(PjsipConfig, ReadsEveryKindOfObject) {
    config::Report report;
    const auto c = load(R"(
[global]
type=global
user_agent=Mine
[system]
type=system
timer_t1=100
timer_b=6400
[t]
type=transport
bind=127.0.0.3
[a]
type=endpoint
context=in
disallow=all
allow=ulaw,alaw,!ulaw,g722:40
aors=a,b
auth=a
callerid=Ann <12>
dtmf_mode=info
set_var=X=1
set_var=Y=2=3
100rel=no
timers=always
[a]
type=aor
contact=sip:a@10.0.0.1
qualify_frequency=30
qualify_timeout=2.5
[a]
type=auth
username=a
password=secret
[id]
type=identify
endpoint=a
match=10.0.0.0/8,192.0.2.1,example.com
match_header=X-A: /^y/
[r]
type=registration
server_uri=sip:example.com
client_uri=sip:me@example.com
outbound_auth=a
)",
                        report);
    ASSERT_TRUE(c) << report.text();
    EXPECT_EQ(c->global->user_agent, "Mine");
    EXPECT_EQ(c->system->timer_t1, 100u);
    EXPECT_EQ(c->system->timer_b, 6400u);
    EXPECT_EQ(c->transports.at("t")->bind.port, 5060);
    const auto e = c->endpoint("a");
    ASSERT_TRUE(e);
    ASSERT_EQ(e->codecs.size(), 2u);
    EXPECT_EQ(e->codecs[0].name, "alaw");
    EXPECT_EQ(e->codecs[1].name, "g722");
    EXPECT_EQ(e->codecs[1].ptime, 40u);
    EXPECT_EQ(e->caller_id.number.text, "12");
    EXPECT_EQ(e->caller_id.name.text, "Ann");
    EXPECT_EQ(e->dtmf, media::DtmfMode::info);
    ASSERT_EQ(e->variables.size(), 2u);
    EXPECT_EQ(e->variables[1].second, "2=3");
    EXPECT_EQ(e->session->rel100, sip::SessionSettings::Reliable::no);
    EXPECT_EQ(e->session->timers, sip::SessionSettings::Timers::always);
    EXPECT_EQ(e->session->contact_user, "asterisk");
    EXPECT_EQ(c->aor("a")->qualify_timeout, std::chrono::milliseconds(2500));
    EXPECT_EQ(c->identifies.at("id")->networks.size(), 2u);
    EXPECT_EQ(c->identifies.at("id")->hosts, Names{"example.com"});
    EXPECT_EQ(c->registrations.at("r")->settings.credentials->at(0).password, "secret");
}

TEST(PjsipConfig, NamesWhatIsWrongWithItsLine) {
    config::Report report;
    (void)(load("[a]\ntype=endpoint\nrtp_timeout=soon\n[b]\ntype=aor\ncontact=nonsense\n", report));
    const std::string text = report.text();
    EXPECT_NE(text.find("pjsip.conf:3: rtp_timeout: 'soon' is not a whole number"), std::string::npos) << text;
    EXPECT_NE(text.find("contact 'nonsense' is no SIP URI"), std::string::npos) << text;
}

TEST(PjsipConfig, AtTheStartAnObjectWithAnErrorIsLeftOut) {
    config::Report report;
    const std::string text =
        "[a]\ntype=endpoint\nrtp_timeout=soon\n[b]\ntype=endpoint\nallow=ulaw\n[c]\ntype=aor\ncontact=nonsense\n";
    const auto made = load(text, report);
    ASSERT_TRUE(made);
    EXPECT_FALSE(report.ok());
    EXPECT_FALSE(made->endpoints.contains("a"));
    EXPECT_TRUE(made->endpoints.contains("b"));
    EXPECT_FALSE(made->aors.contains("c"));
    EXPECT_NE(report.text().find("[a] of type endpoint is not loaded"), std::string::npos);
    config::Report again;
    const auto good = load("[b]\ntype=endpoint\n", again);
    EXPECT_EQ(load(text, again, good.get()), nullptr) << "a reload changes nothing";
}

// Two of one name and type: nobody knows which is meant, and Asterisk takes none of that type.
TEST(PjsipConfig, ANameThatIsThereTwiceRefusesItsType) {
    static constexpr std::string_view one_of_each =
        "[x]\ntype=aor\n[x]\ntype=auth\n[x]\ntype=endpoint\n[x]\ntype=identify\nendpoint=x\nmatch=127.0.0.1\n"
        "[x]\ntype=registration\nserver_uri=sip:127.0.0.1:5079\nclient_uri=sip:me@127.0.0.1\n"
        "[x]\ntype=transport\nbind=127.0.0.1\n";
    for (const std::string type : {"aor", "auth", "endpoint", "identify", "registration", "transport"}) {
        config::Report report;
        const auto made = load(std::string(one_of_each) + "[x]\ntype=" + type + "\nbind=127.0.0.1\n", report);
        ASSERT_TRUE(made) << type;
        EXPECT_NE(report.text().find("there is already a [x] of type " + type), std::string::npos) << report.text();
        EXPECT_EQ(made->aors.empty(), type == "aor") << type;
        EXPECT_EQ(made->auths.empty(), type == "auth") << type;
        EXPECT_EQ(made->endpoints.empty(), type == "endpoint") << type;
        EXPECT_EQ(made->identifies.empty(), type == "identify") << type;
        EXPECT_EQ(made->registrations.empty(), type == "registration") << type;
        EXPECT_EQ(made->transports.empty(), type == "transport") << type;
    }
}

TEST(PjsipConfig, WarnsOnceOfWhatHasNoEffectAndSuggestsNames) {
    config::Report report;
    EXPECT_TRUE(load(
        "[a]\ntype=endpoint\nt38_udptl=yes\ncontxt=x\n[b]\ntype=endpoint\nt38_udptl=yes\nt38_udptl_nat=no\n", report));
    const std::string text = report.text();
    EXPECT_NE(text.find("pjsip.conf:3: option 't38_udptl' has no effect here"), std::string::npos) << text;
    EXPECT_EQ(text.find("pjsip.conf:7"), std::string::npos) << text;
    EXPECT_EQ(text.find("t38_udptl_nat"), std::string::npos) << text;
    EXPECT_NE(text.find("did you mean 'context'?"), std::string::npos) << text;
}

TEST(PjsipConfig, KeepsWhatDidNotChange) {
    config::Report report;
    const std::string first =
        "[a]\ntype=endpoint\nallow=ulaw\n[b]\ntype=endpoint\noutbound_auth=x\n[x]\ntype=auth\nusername=1\n";
    const auto before = load(first, report);
    ASSERT_TRUE(before) << report.text();
    const auto after = load(first + "password=2\n[c]\ntype=endpoint\n", report, before.get());
    ASSERT_TRUE(after) << report.text();
    EXPECT_EQ(before->endpoint("a"), after->endpoint("a"));
    EXPECT_NE(before->endpoint("b"), after->endpoint("b"));  // its password changed
    EXPECT_NE(before->auths.at("x"), after->auths.at("x"));
    EXPECT_TRUE(after->endpoint("c"));
}

TEST(PjsipConfig, PrintsValuesAsAsteriskDoes) {
    config::Report report;
    const auto c =
        load("[a]\ntype=endpoint\nallow=ulaw,alaw\nrtp_symmetric=1\ntrust_connected_line=0\ncallerid=A <5>\n", report);
    ASSERT_TRUE(c) << report.text();
    const auto& shown = c->endpoint("a")->shown;
    EXPECT_EQ(shown.get(Kind::endpoint, "allow"), "(ulaw|alaw)");
    EXPECT_EQ(shown.get(Kind::endpoint, "rtp_symmetric"), "true");
    EXPECT_EQ(shown.get(Kind::endpoint, "trust_connected_line"), "no");
    EXPECT_EQ(shown.get(Kind::endpoint, "callerid"), "\"A\" <5>");
    EXPECT_EQ(shown.get(Kind::endpoint, "context"), "default");
    const auto all = shown.all(Kind::endpoint);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](auto& x, auto& y) { return x.first < y.first; }));
    EXPECT_EQ(all.size(), 138u);
    EXPECT_EQ(ami_name("t38_udptl_ec"), "T38UdptlEc");
    EXPECT_EQ(ami_name("100rel"), "100rel");
}

TEST(PjsipConfig, AThousandEndpointsLoadQuickly) {
    std::string text;
    for (int i = 0; i < 1000; ++i) {
        const auto n = std::to_string(i);
        text += "[u" + n + "]\ntype=endpoint\ncontext=in\ndisallow=all\nallow=ulaw,alaw\nauth=u" + n + "\naors=u" + n +
                "\n[u" + n + "]\ntype=auth\nusername=u" + n + "\npassword=p\n[u" + n + "]\ntype=aor\nmax_contacts=1\n";
    }
    config::Report report;
    const auto c = load(text, report);
    ASSERT_TRUE(c) << report.text();
    EXPECT_EQ(c->endpoints.size(), 1000u);
}

}  // namespace
}  // namespace asterism::pjsip
