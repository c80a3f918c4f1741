#include "interfaces/agi/url.hpp"

#include <gtest/gtest.h>

using namespace asterism::agi;

TEST(AgiTarget, FastAgi) {
    auto t = parse_target("agi://127.0.0.1:26483/script?x=1");
    ASSERT_TRUE(t);
    EXPECT_EQ(t->kind, Target::Kind::fast);
    EXPECT_EQ(t->host, "127.0.0.1");
    EXPECT_EQ(t->port, 26483);
    EXPECT_EQ(t->script, "script?x=1");
    EXPECT_EQ(t->request, "agi://127.0.0.1:26483/script?x=1");
}

TEST(AgiTarget, HostAlone) {
    auto t = parse_target("agi://pbx.example");
    ASSERT_TRUE(t);
    EXPECT_EQ(t->host, "pbx.example");
    EXPECT_EQ(t->port, default_port);
    EXPECT_EQ(t->script, "");
}

TEST(AgiTarget, Ipv6) {
    EXPECT_EQ(parse_target("agi://[::1]:99/x")->host, "::1");
    EXPECT_EQ(parse_target("agi://[::1]:99/x")->port, 99);
    EXPECT_EQ(parse_target("agi://::1/x")->host, "::1");
}

TEST(AgiTarget, FilesAndAsync) {
    EXPECT_EQ(parse_target("balance.agi")->kind, Target::Kind::file);
    EXPECT_EQ(parse_target("/abs/x.py")->script, "/abs/x.py");
    EXPECT_EQ(parse_target("agi:async")->kind, Target::Kind::async);
    EXPECT_TRUE(parse_target("hagi://example.com/x")->by_service);
}

TEST(AgiTarget, Errors) {
    EXPECT_FALSE(parse_target(""));
    EXPECT_FALSE(parse_target("agi://"));
    EXPECT_FALSE(parse_target("agi://h:0/"));
    EXPECT_FALSE(parse_target("agi://h:66000/"));
    EXPECT_FALSE(parse_target("agi://[::1/x"));
}
