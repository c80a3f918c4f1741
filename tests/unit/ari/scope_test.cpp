// What a user's scope lets through and what not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asterism/config/file.hpp"
#include "asterism/model/bridge.hpp"
#include "harness.hpp"
#include "interfaces/ari/scope.hpp"
#include "unit/config/map_source.hpp"

namespace asterism::ari {
namespace {

using testing::Harness;
using ::testing::HasSubstr;
using testing::Listener;

constexpr const char* plan =
    "[default]\n"
    "exten => mine,1,Stasis(sales-one)\n"
    "exten => theirs,1,Stasis(support)\n"
    "exten => offer,1,StasisBroadcast(1000,.*)\n"
    "exten => 100,1,Wait(10)\n"
    "[phones]\n"
    "exten => 100,1,Wait(10)\n";

struct Scopes : ::testing::Test {
    Scopes() {
        h.pbx.extensions(plan);
        h.service->applications.attach("sales-one", false, mine);
        h.service->applications.attach("support", false, theirs);
    }
    ~Scopes() override {
        h.service->applications.detach(mine);
        h.service->applications.detach(theirs);
    }
    void scope(Scope given) {
        Config config = h.service->config();
        config.users.front().scope = std::move(given);
        h.service->apply(std::move(config));
    }
    std::string enter(const char* exten) {
        Channel& channel = h.pbx.phones.call_in("alice", "default", exten);
        h.pbx.loop.run();
        return channel.uniqueid();
    }
    std::string refused(const std::string& target, const std::string& body = {}) {
        const Reply reply = h.request(target, body);
        return reply.status == 403 ? reply.body : "status " + std::to_string(reply.status);
    }
    static std::string because(const std::string& what) {
        return R"({"message":"Outside the user's scope: )" + what + "\"}";
    }
    Harness h;
    Listener mine, theirs;
};

TEST_F(Scopes, ResourcesAndVerbs) {
    scope({.applications = {}, .contexts = {}, .resources = {"channels", "bridges"}, .verbs = {"GET", "POST"}});
    EXPECT_EQ(h.status("GET /channels"), 200);
    EXPECT_EQ(h.status("POST /bridges"), 200);
    EXPECT_EQ(refused("GET /asterisk/info"), because("resource 'asterisk'"));
    EXPECT_EQ(refused("DELETE /channels/nosuch"), because("verb 'DELETE'"));
    EXPECT_EQ(h.status("GET /nosuch"), 404) << "what isn't there is no secret";
    EXPECT_EQ(outside(h.service->config().users.front().scope, {"app"}, false),
              "Outside the user's scope: resource 'events'");
}

TEST_F(Scopes, ApplicationsAndTheirChannels) {
    scope({.applications = {"sales-*"}, .contexts = {}, .resources = {}, .verbs = {}});
    const auto own = enter("mine");
    const auto other = enter("theirs");
    const auto all = h.json("GET /channels");
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0]["id"], own);
    EXPECT_EQ(h.json("GET /applications").size(), 1U);
    EXPECT_EQ(h.status("POST /channels/" + own + "/ring"), 204);
    for (const std::string& target :
         {"GET /channels/" + other, "DELETE /channels/" + other, "POST /channels/" + other + "/play?media=sound:beep",
          "POST /bridges/b1/addChannel?channel=" + own + "," + other,
          "POST /channels?endpoint=Test/bob&app=sales-one&originator=" + other}) {
        EXPECT_EQ(refused(target), because("channel '" + other + "'")) << target;
    }
    for (const std::string target : {"GET /applications/support", "POST /channels?endpoint=Test/bob&app=support",
                                     "POST /events/user/x?application=support"}) {
        EXPECT_EQ(refused(target), because("application 'support'")) << target;
    }
    EXPECT_EQ(refused("POST /channels/" + own + "/move?app=support"), because("application 'support'"));
    EXPECT_EQ(refused("POST /channels", R"({"endpoint":"Test/bob","app":"support"})"),
              because("application 'support'"));
    // What happens to the channels of others.
    for (const std::string source : {"channel:", "bridge:", "endpoint:PJSIP", "endpoint:PJSIP/alice"}) {
        EXPECT_EQ(refused("POST /applications/sales-one/subscription?eventSource=" + source),
                  because("event source '" + source + "'"));
    }
    EXPECT_EQ(refused("POST /applications/sales-one/subscription?eventSource=channel:" + other),
              because("channel '" + other + "'"));
    EXPECT_EQ(h.status("POST /applications/sales-one/subscription?eventSource=channel:" + own), 200);
    EXPECT_EQ(h.status("POST /applications/sales-one/subscription?eventSource=deviceState:x"), 200);
    const Scope& now = h.service->config().users.front().scope;
    EXPECT_EQ(outside(now, {"sales-one", "sales-two"}, false), std::nullopt);
    EXPECT_EQ(outside(now, {"sales-one", "sale"}, false), "Outside the user's scope: application 'sale'");
    EXPECT_EQ(outside(now, {"sales-one"}, true), "Outside the user's scope: parameter 'subscribeAll'");
}

TEST_F(Scopes, BridgesAndPlaybacksOfOthers) {
    const auto other = enter("theirs");
    ASSERT_EQ(h.status("POST /bridges?bridgeId=b1"), 200);
    ASSERT_EQ(h.status("POST /bridges/b1/addChannel?channel=" + other), 204);
    ASSERT_EQ(h.status("POST /channels/" + other + "/play/p1?media=sound:beep"), 201);
    scope({.applications = {"sales-*"}, .contexts = {}, .resources = {}, .verbs = {}});
    EXPECT_EQ(refused("DELETE /bridges/b1"), because("bridge 'b1'"));
    EXPECT_EQ(h.json("GET /bridges").size(), 0U);
    EXPECT_EQ(h.status("POST /bridges?bridgeId=b2"), 200);
    EXPECT_EQ(h.status("DELETE /bridges/b2"), 204);
    EXPECT_EQ(refused("DELETE /playbacks/p1"), because("channel '" + other + "'"));
}

TEST_F(Scopes, WhatIsOnOfferMayBeClaimed) {
    scope({.applications = {"sales-*"}, .contexts = {}, .resources = {}, .verbs = {}});
    const auto id = enter("offer");
    EXPECT_EQ(refused("GET /channels/" + id), because("channel '" + id + "'"));
    const std::string claim = "POST /events/claim?channelId=" + id + "&application=";
    EXPECT_EQ(refused(claim + "support"), because("application 'support'"));
    EXPECT_EQ(h.status(claim + "sales-one"), 204);
    EXPECT_EQ(h.status("GET /channels/" + id), 200);
    const auto other = enter("theirs");
    EXPECT_EQ(h.status("POST /events/claim?channelId=" + other + "&application=sales-one"), 404);
}

TEST_F(Scopes, Contexts) {
    scope({.applications = {}, .contexts = {"phones"}, .resources = {}, .verbs = {}});
    const auto own = enter("mine");
    EXPECT_EQ(refused("POST /channels?endpoint=Test/bob&context=default&extension=100"), because("context 'default'"));
    EXPECT_EQ(refused("POST /channels?endpoint=Test/bob&extension=100"), because("context 'default'"));
    EXPECT_EQ(refused("POST /channels?endpoint=local/100@default/n&app=sales-one"), because("context 'default'"));
    EXPECT_EQ(refused("POST /channels/create?endpoint=Local/100&app=sales-one"), because("context 'default'"));
    EXPECT_EQ(refused("POST /channels/" + own + "/continue?extension=100"), because("context 'default'"));
    EXPECT_EQ(h.status("POST /channels?endpoint=Test/bob&context=phones&extension=100"), 200);
    EXPECT_EQ(h.status("POST /channels/" + own + "/continue?context=phones&extension=100&priority=1"), 204);
}

TEST(ScopeConfig, IsReadAndChecked) {
    const auto read = [](const std::string& lines, config::Report& report) {
        config::MapSource source;
        source.files["/etc/ari.conf"] =
            "[general]\nstasis_grace = 1500\nresume_events = 5\n[me]\npassword = x\n" + lines;
        return read_config(*config::read(source, "ari.conf", {.directory = "/etc"}, report), report);
    };
    config::Report good;
    const auto config = read(
        "scope_applications = a, b*\nscope_contexts = phones\nscope_resources = channels,events\n"
        "scope_verbs = GET\n",
        good);
    EXPECT_TRUE(good.ok()) << good.text();
    const Scope& scope = config.users.front().scope;
    EXPECT_EQ(scope.applications, (std::vector<std::string>{"a", "b*"}));
    EXPECT_EQ(scope.contexts, std::vector<std::string>{"phones"});
    EXPECT_EQ(scope.resources, (std::vector<std::string>{"channels", "events"}));
    EXPECT_EQ(scope.verbs, std::vector<std::string>{"GET"});
    EXPECT_EQ(config.stasis_grace, std::chrono::milliseconds(1500));
    EXPECT_EQ(config.resume_events, 5U);
    config::Report bad;
    (void)read("scope_resources = channel\n", bad);
    EXPECT_THAT(bad.text(), HasSubstr("'channel' is not known"));
    config::Report worse;
    (void)read("scope_verbs = LOOK\n", worse);
    EXPECT_FALSE(worse.ok()) << worse.text();
}

}  // namespace
}  // namespace asterism::ari
