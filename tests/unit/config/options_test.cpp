#include "asterism/config/options.hpp"

#include <gmock/gmock.h>

#include "asterism/config/settings.hpp"
#include "unit/config/map_source.hpp"

namespace asterism::config {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

enum class Mode { first, second };
struct Sample {
    bool enabled;
    std::uint16_t port;
    std::chrono::milliseconds idle;
    std::chrono::seconds wait;
    Mode mode;
    std::vector<std::string> codecs;
    SocketAddress bind;
    std::string name;
    Acl acl;
    std::vector<std::string> extra;
};

const Options<Sample>& table() {
    static const Options<Sample> options(
        "a.conf", "general",
        {boolean("enabled", "no", "", &Sample::enabled), integer("port", "5060", 1, 65535, "", &Sample::port),
         milliseconds("idle", "1500", "", &Sample::idle), seconds("wait", "30", "", &Sample::wait),
         one_of("mode", "second", {"first", "second"}, "", &Sample::mode),
         list("allow", "ulaw,alaw", "", &Sample::codecs), address("bindaddr", "0.0.0.0:5060", "", &Sample::bind),
         string("name", "x", "", &Sample::name), permit("permit", &Sample::acl), deny("deny", &Sample::acl),
         acl("acl", &Sample::acl), unused("legacy"),
         prefixed("set_var", "string", "", [](Sample& s, std::string_view n, std::string_view v) -> Set {
             s.extra.push_back(std::string(n) + "=" + std::string(v));
             return {};
         })});
    return options;
}

Section section(std::vector<std::pair<std::string, std::string>> pairs) {
    Section out{.name = "general", .origin = {}, .is_template = false, .inherits = {}, .variables = {}};
    auto file = std::make_shared<std::string>("a.conf");
    int line = 1;
    for (auto& [name, value] : pairs) out.variables.push_back({name, value, {file, ++line}, false});
    return out;
}

TEST(Options, DefaultsComeFromTheTable) {
    const Sample s = table().defaults();
    EXPECT_FALSE(s.enabled);
    EXPECT_EQ(s.port, 5060);
    EXPECT_EQ(s.idle, 1500ms);
    EXPECT_EQ(s.wait, 30s);
    EXPECT_EQ(s.mode, Mode::second);
    EXPECT_THAT(s.codecs, ElementsAre("ulaw", "alaw"));
    EXPECT_EQ(s.bind.text(), "0.0.0.0:5060");
}

TEST(Options, ValuesAreTyped) {
    Report report;
    const Sample s = table().read(section({{"ENABLED", "On"},
                                           {"port", "7"},
                                           {"mode", "FIRST"},
                                           {"allow", " g722 , opus"},
                                           {"bindaddr", "[::1]:99"},
                                           {"set_var_a", "1"},
                                           {"name", ""}}),
                                  report);
    EXPECT_TRUE(report.findings().empty()) << report.text();
    EXPECT_TRUE(s.enabled);
    EXPECT_EQ(s.port, 7);
    EXPECT_EQ(s.mode, Mode::first);
    EXPECT_THAT(s.codecs, ElementsAre("g722", "opus"));
    EXPECT_EQ(s.bind.text(), "[::1]:99");
    EXPECT_THAT(s.extra, ElementsAre("set_var_a=1"));
    EXPECT_EQ(s.name, "");
}

TEST(Options, FindingsNameLineAndNearestOption) {
    Report report;
    (void)table().read(section({{"enabeld", "yes"},
                                {"port", "70000"},
                                {"mode", "third"},
                                {"legacy", "1"},
                                {"legacy", "2"},
                                {"qqqqqqqq", "1"},
                                {"enabled", "maybe"},
                                {"idle", "1x"}}),
                       report);
    EXPECT_EQ(report.text(),
              "a.conf:2: unknown option 'enabeld' in [general], did you mean 'enabled'?\n"
              "a.conf:3: port: 70000 is not between 1 and 65535\n"
              "a.conf:4: mode: 'third' is none of first, second\n"
              "a.conf:5: option 'legacy' in [general] has no effect here\n"
              "a.conf:7: unknown option 'qqqqqqqq' in [general]\n"
              "a.conf:8: enabled: 'maybe' is neither yes nor no\n"
              "a.conf:9: idle: '1x' is not a whole number\n");
    EXPECT_FALSE(report.ok());
}

TEST(Acls, LastMatchDecides) {
    Report report;
    const Sample s = table().read(section({{"deny", "0.0.0.0/0.0.0.0"},
                                           {"permit", "10.0.0.0/8, !10.9.0.0/255.255.0.0"},
                                           {"permit", "2001:db8::/32"}}),
                                  report);
    EXPECT_TRUE(report.ok()) << report.text();
    const auto allows = [&](const char* text) { return s.acl.allows(*IpAddress::parse(text)); };
    EXPECT_TRUE(allows("10.1.2.3"));
    EXPECT_FALSE(allows("10.9.2.3"));
    EXPECT_FALSE(allows("11.0.0.1"));
    EXPECT_TRUE(allows("::ffff:10.1.2.3"));
    EXPECT_TRUE(allows("2001:db8:1::1"));
    EXPECT_TRUE(allows("2001:db9::1"));  // no rule speaks of it
}

TEST(Acls, NamedListsMustAllExistAndAllow) {
    MapSource source;
    source.files["acl.conf"] = "[inside]\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n";
    Report report;
    auto file = read(source, "acl.conf", {}, report);
    const auto named = NamedAcls::from(*file, report);
    Acl acl;
    acl.add_named("inside");
    EXPECT_TRUE(acl.allows(*IpAddress::parse("192.0.2.7"), &named));
    EXPECT_FALSE(acl.allows(*IpAddress::parse("192.0.3.7"), &named));
    acl.add_named("missing");
    EXPECT_FALSE(acl.allows(*IpAddress::parse("192.0.2.7"), &named));
}

TEST(Acls, BadEntriesSayWhich) {
    Acl acl;
    EXPECT_EQ(acl.add(Acl::Sense::permit, "10.0.0.0/33").error(),
              "'10.0.0.0/33' has a prefix that is not between 0 and 32");
    EXPECT_EQ(acl.add(Acl::Sense::permit, "host.example").error(), "'host.example' is not an address");
    EXPECT_EQ(acl.add(Acl::Sense::permit, "10.0.0.0/ffff::").error(), "'10.0.0.0/ffff::' has a bad netmask");
}

TEST(Addresses, ParseAndPrint) {
    EXPECT_EQ(SocketAddress::parse("127.0.0.1:80")->text(), "127.0.0.1:80");
    EXPECT_EQ(SocketAddress::parse("::")->text(), "::");
    EXPECT_EQ(SocketAddress::parse("[::]:5060")->text(), "[::]:5060");
    EXPECT_FALSE(SocketAddress::parse("1.2.3.4:70000"));
    EXPECT_FALSE(SocketAddress::parse("1.2.3"));
    EXPECT_FALSE(SocketAddress::parse("::1:x"));
    EXPECT_FALSE(SocketAddress::parse(""));
}

TEST(Settings, DirectoriesFollowVarLibUnlessSet) {
    MapSource source;
    source.files["asterisk.conf"] =
        "[directories](!)\nastvarlibdir => /srv/pbx/\nastdatadir => /usr/share/asterisk\n[options]\nverbose = "
        "3\nmaxload=0.9\n";
    Report report;
    // Asterisk's own sample marks [directories] as a template, and still reads it.
    auto file = read(source, "asterisk.conf", {.templates_too = true}, report);
    const auto settings = Settings::from(*file, report);
    EXPECT_TRUE(report.findings().empty()) << report.text();
    EXPECT_EQ(settings.db_file(), "/srv/pbx/astdb.sqlite3");
    EXPECT_EQ(settings.agi_dir, "/srv/pbx/agi-bin");
    EXPECT_EQ(settings.sounds_dir(), "/usr/share/asterisk/sounds");
    EXPECT_EQ(settings.verbose, 3);
    EXPECT_DOUBLE_EQ(settings.max_load, 0.9);
    EXPECT_EQ(settings.control_socket(), "/var/run/asterisk/asterisk.ctl");
}

TEST(Settings, TheHostsNameIsTheSystemsOnlyWhenAskedAndNoneIsGiven) {
    const auto named = [](const std::string& options) {
        MapSource source;
        source.files["asterisk.conf"] = "[options]\n" + options;
        Report report;
        return Settings::from(*read(source, "asterisk.conf", {}, report), report).system_name;
    };
    EXPECT_EQ(named("autosystemname = no\n"), "");
    EXPECT_NE(named("autosystemname = yes\n"), "");
    EXPECT_EQ(named("systemname = west\nautosystemname = yes\n"), "west");
}

TEST(Settings, WhatIsNoNumberIsRefused) {
    for (const char* text : {"nan", "inf", "-inf", "1e999", "x", "-1"}) {
        MapSource source;
        source.files["asterisk.conf"] = std::string("[options]\nmaxload = ") + text + "\n";
        Report report;
        (void)Settings::from(*read(source, "asterisk.conf", {}, report), report);
        EXPECT_EQ(report.findings().size(), 1U) << text;
    }
}

}  // namespace
}  // namespace asterism::config
