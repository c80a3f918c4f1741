#include "interfaces/ami/config.hpp"

#include <gtest/gtest.h>

#include "harness.hpp"

using namespace asterism;
using namespace asterism::ami;

namespace {

ManagerConfig parse(const std::string& text, config::Report& report) {
    auto file = read_text(text, report);
    return file ? ManagerConfig::from(*file, report) : ManagerConfig();
}

TEST(AmiConfig, GeneralAndUsers) {
    config::Report report;
    auto made = parse(R"([general]
enabled = yes
port = 5999
bindaddr = 127.0.0.9
timestampevents = yes
channelvars = FOO,CDR(src)
disabledevents = VarSet,Newexten
authtimeout = 3
authlimit = 4
allowmultiplelogin = no

[crm]
secret = s3cret
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.0/255.0.0.0
read = call, dialplan
write = all
setvar = A = 1
eventfilter = !Channel: .*\;2
eventfilter(name(Hangup),method(none)) =
writetimeout = 5000

[other]
secret = x
allowmultiplelogin = yes
)",
                      report);
    EXPECT_TRUE(report.ok()) << report.text();
    EXPECT_TRUE(made.general.enabled);
    EXPECT_EQ(made.general.bind.port, 5999);
    EXPECT_EQ(made.general.bind.address.text(), "127.0.0.9");
    EXPECT_EQ(made.general.channel_variables, (std::vector<std::string>{"FOO", "CDR(src)"}));
    EXPECT_EQ(made.general.auth_timeout, std::chrono::seconds(3));
    auto user = made.find("crm");
    ASSERT_TRUE(user);
    EXPECT_EQ(user->read, cls::call | cls::dialplan);
    EXPECT_EQ(user->write, cls::all);
    EXPECT_FALSE(user->allow_multiple_login);
    EXPECT_TRUE(made.find("other")->allow_multiple_login);
    EXPECT_EQ(user->variables, (std::vector<std::pair<std::string, std::string>>{{"A", "1"}}));
    EXPECT_EQ(user->filters.size(), 2u);
    EXPECT_TRUE(user->acl.allows(*config::IpAddress::parse("127.1.2.3")));
    EXPECT_FALSE(user->acl.allows(*config::IpAddress::parse("192.0.2.1")));
    EXPECT_FALSE(made.find("CRM"));
}

TEST(AmiConfig, ErrorsNameTheirLine) {
    config::Report report;
    parse("[general]\nport = 70000\n[u]\nsecret = x\neventfilter = [bad\n", report);
    EXPECT_FALSE(report.ok());
    EXPECT_NE(report.text().find("manager.conf:2"), std::string::npos) << report.text();
    EXPECT_NE(report.text().find("manager.conf:5"), std::string::npos) << report.text();
}

TEST(AmiConfig, DefaultsAreAsterisks) {
    config::Report report;
    auto made = parse("", report);
    EXPECT_FALSE(made.general.enabled);
    EXPECT_EQ(made.general.bind.port, 5038);
    EXPECT_EQ(made.general.auth_timeout, std::chrono::seconds(30));
    EXPECT_EQ(made.general.auth_limit, 50u);
}

}  // namespace
