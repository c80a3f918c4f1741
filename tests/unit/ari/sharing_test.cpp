// Several sockets for one application; clients that come back; channels that wait for one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_socket.hpp"
#include "interfaces/ari/session.hpp"

namespace asterism::ari {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FakeSocket;
using testing::Harness;
using testing::Listener;
using ::testing::Not;
using testing::Object;

constexpr const char* plan =
    "[default]\n"
    "exten => stasis,1,Stasis(app,one)\n"
    " same => n,Set(AFTER=${STASISSTATUS})\n"
    " same => n,Wait(10)\n";

struct Sharing_ : ::testing::Test {
    Sharing_() { h.pbx.extensions(plan); }
    ~Sharing_() override {
        for (auto* listener : {&one, &two}) h.service->applications.detach(*listener);
    }
    void join(Sharing sharing) {
        h.service->applications.attach("app", false, one, {.sharing = sharing, .name = "w1"});
        h.service->applications.attach("app", false, two, {.sharing = sharing, .name = "w2"});
    }
    Channel& enter() {
        Channel& channel = h.pbx.phones.call_in("alice", "default", "stasis");
        h.pbx.loop.run();
        return channel;
    }
    void set(auto change) {
        Config config = h.service->config();
        change(config);
        h.service->apply(std::move(config));
    }
    /// A session of its own with the wishes that a client gave.
    std::shared_ptr<FakeSocket> open(const Session::Wishes& wishes) {
        auto session =
            std::make_unique<Session>(*h.service, h.service->config().users.front(), std::vector<std::string>{"app"});
        Session& kept = *session;
        auto socket = std::make_shared<FakeSocket>(h.pbx.loop, kept);
        h.service->keep(std::move(session));
        kept.start(socket, wishes);
        return socket;
    }
    static Session::Wishes since(std::optional<std::uint64_t> sequence) {
        return {.joining = {.numbered = true}, .since = sequence};
    }
    Harness h;
    Listener one, two;
};

TEST_F(Sharing_, BroadcastTellsAll) {
    join(Sharing::broadcast);
    Channel& channel = enter();
    EXPECT_EQ(one.types(), two.types());
    EXPECT_EQ(one.count("StasisStart"), 1U);
    EXPECT_EQ(h.json("GET /applications").size(), 1U);
    h.service->applications.detach(one);
    h.status("DELETE /channels/" + channel.uniqueid());
    EXPECT_EQ(one.count("StasisEnd"), 0U);
    EXPECT_EQ(two.count("StasisEnd"), 1U);
}

TEST_F(Sharing_, SharedGoesInTurnAndToTheOthersWhenOneGoes) {
    join(Sharing::shared);
    Channel& first = enter();
    Channel& second = enter();
    ASSERT_EQ(one.count("StasisStart"), 1U);
    ASSERT_EQ(two.count("StasisStart"), 1U);
    EXPECT_EQ(one.last("StasisStart")["channel"]["id"], first.uniqueid());
    EXPECT_EQ(two.last("StasisStart")["channel"]["id"], second.uniqueid());
    first.set_variable("X", "1");
    EXPECT_EQ(two.count("ChannelVarset"), 0U);
    ASSERT_EQ(h.status("POST /channels/" + first.uniqueid() + "/play/p1?media=sound:beep"), 201);
    EXPECT_EQ(one.count("PlaybackStarted"), 1U);
    EXPECT_EQ(two.count("PlaybackStarted"), 0U);
    h.service->applications.detach(one);
    EXPECT_EQ(two.count("StasisStart"), 2U);
    EXPECT_EQ(two.last("StasisStart")["resumed"], true);
    EXPECT_EQ(two.last("StasisStart")["args"].dump(), R"(["one"])");
    EXPECT_EQ(two.last("StasisStart")["channel"]["id"], first.uniqueid());
    h.status("DELETE /channels/" + first.uniqueid());
    EXPECT_EQ(two.count("StasisEnd"), 1U);
}

TEST_F(Sharing_, AClaimedChannelIsOnesOwn) {
    join(Sharing::claim);
    Channel& channel = enter();
    EXPECT_EQ(one.count("StasisStart"), 1U);
    EXPECT_EQ(two.count("StasisStart"), 1U);
    const std::string claim = "POST /events/claim?application=app&channelId=" + channel.uniqueid();
    EXPECT_EQ(h.request(claim).body, R"({"message":"Missing parameter socket"})");
    EXPECT_EQ(h.status(claim + "&socket=nobody"), 404);
    EXPECT_EQ(h.status(claim + "&socket=w2"), 204);
    EXPECT_EQ(h.status(claim + "&socket=w1"), 409);
    EXPECT_EQ(one.last("CallClaimed")["winner_app"], "app");
    EXPECT_EQ(two.count("CallClaimed"), 0U);
    channel.set_variable("X", "1");
    h.status("DELETE /channels/" + channel.uniqueid());
    EXPECT_EQ(one.count("StasisEnd"), 0U);
    EXPECT_EQ(two.count("StasisEnd"), 1U);
    // Who goes leaves its channels to be claimed again.
    Channel& next = enter();
    h.service->asking = &two;  // as a request over its socket does
    EXPECT_EQ(h.status("POST /events/claim?application=app&channelId=" + next.uniqueid()), 204);
    h.service->asking = nullptr;
    h.service->applications.detach(two);
    EXPECT_EQ(one.last("StasisStart")["resumed"], true);
    EXPECT_EQ(h.status("POST /events/claim?application=app&socket=w1&channelId=" + next.uniqueid()), 204);
}

TEST_F(Sharing_, ASocketWithoutAModeTakesTheirPlace) {
    join(Sharing::broadcast);
    const auto socket = open({});
    (void)enter();
    EXPECT_THAT(socket->types(), Contains("StasisStart"));
    EXPECT_THAT(one.types(), ElementsAre("ApplicationReplaced"));
    EXPECT_THAT(two.types(), ElementsAre("ApplicationReplaced"));
}

TEST_F(Sharing_, AChannelWaitsForAClientInTheGracePeriod) {
    set([](Config& config) { config.stasis_grace = std::chrono::seconds(5); });
    Channel& lost = h.pbx.phones.call_in("alice", "default", "stasis");
    h.pbx.loop.advance(std::chrono::seconds(4));
    EXPECT_EQ(lost.variable("AFTER"), nullptr);
    h.pbx.loop.advance(std::chrono::seconds(2));
    ASSERT_NE(lost.variable("AFTER"), nullptr);
    EXPECT_EQ(*lost.variable("AFTER"), "FAILED");

    Channel& gone = h.pbx.phones.call_in("alice", "default", "stasis");
    Channel& patient = h.pbx.phones.call_in("bob", "default", "stasis");
    h.pbx.loop.advance(std::chrono::seconds(2));
    gone.request_hangup(Cause::normal_clearing);
    h.pbx.loop.advance(std::chrono::seconds(1));
    h.service->applications.attach("other", false, two);
    h.pbx.loop.run();
    h.service->applications.attach("app", false, one);
    h.pbx.loop.run();
    EXPECT_EQ(one.count("StasisStart"), 1U);
    EXPECT_EQ(one.last("StasisStart")["channel"]["id"], patient.uniqueid());
}

TEST_F(Sharing_, WhoComesBackIsSentWhatItMissed) {
    const auto before = open(since(std::nullopt));
    ASSERT_EQ(before->types(), std::vector<std::string>{"ApplicationResumed"});
    const auto greeting = Object::parse(before->texts[0]);
    EXPECT_EQ(greeting["complete"], true);
    EXPECT_EQ(greeting["application"], "app");
    Channel& channel = enter();
    const auto start = Object::parse(before->texts.back());
    const std::uint64_t seen = start["sequence"];
    EXPECT_EQ(seen, greeting["sequence"].get<std::uint64_t>() + before->texts.size() - 1);
    before->lose(http::WebSocketEnd::lost);
    h.pbx.loop.run();
    channel.set_variable("MISSED", "1");
    Channel& missed = h.pbx.phones.call_in("bob", "default", "stasis");  // no client: it goes on
    h.pbx.loop.run();
    EXPECT_EQ(*missed.variable("AFTER"), "FAILED");

    const auto after = open(since(seen));
    ASSERT_GE(after->texts.size(), 3U);
    EXPECT_EQ(Object::parse(after->texts[0])["type"], "ApplicationResumed");
    EXPECT_EQ(Object::parse(after->texts[0])["complete"], true);
    const auto varset = Object::parse(after->texts[1]);
    EXPECT_EQ(varset["type"], "ChannelVarset");
    EXPECT_EQ(varset["sequence"], seen + 1);
    // The channel that it still has, whose StasisStart it has seen before; without a number, as it is its alone.
    const auto again = Object::parse(after->texts.back());
    EXPECT_EQ(again["type"], "StasisStart");
    EXPECT_EQ(again["resumed"], true);
    EXPECT_EQ(again["channel"]["id"], channel.uniqueid());
    EXPECT_EQ(again["application"], "app");
    EXPECT_FALSE(again.contains("sequence"));
    // From the beginning: its own StasisStart is among what is sent, so it isn't sent twice.
    const auto whole = open(since(greeting["sequence"].get<std::uint64_t>()));
    const auto types = whole->types();
    EXPECT_EQ(std::ranges::count(types, "StasisStart"), 1);
    EXPECT_THAT(after->types(), Contains("ApplicationReplaced"));
    // One that asks for nothing is sent no numbers.
    const auto plain = open({});
    channel.set_variable("X", "2");
    EXPECT_FALSE(Object::parse(plain->texts.back()).contains("sequence"));
    EXPECT_EQ(Object::parse(plain->texts.back())["type"], "ChannelVarset");
    plain->lose(http::WebSocketEnd::lost);
    h.pbx.loop.run();
}

TEST_F(Sharing_, WhatIsKeptHasBoundsInNumberBytesAndTime) {
    set([](Config& config) {
        config.resume_events = 3;
        config.resume_time = std::chrono::seconds(60);
    });
    auto socket = open(since(std::nullopt));
    const std::uint64_t begin = Object::parse(socket->texts[0])["sequence"];
    Channel& channel = enter();
    for (int i = 0; i < 10; ++i) channel.set_variable("X", std::to_string(i));
    const std::uint64_t last = Object::parse(socket->texts.back())["sequence"];
    socket->lose(http::WebSocketEnd::lost);
    h.pbx.loop.run();
    auto next = open(since(begin));
    EXPECT_EQ(Object::parse(next->texts[0])["complete"], false);
    EXPECT_EQ(next->texts.size(), 1U + 3U + 1U);
    EXPECT_EQ(Object::parse(next->texts[1])["sequence"], last - 2);
    next->lose(http::WebSocketEnd::lost);
    h.pbx.loop.run();
    h.pbx.loop.advance(std::chrono::seconds(59));
    EXPECT_TRUE(h.service->applications.find("app")->replay);
    h.pbx.loop.advance(std::chrono::seconds(2));
    EXPECT_FALSE(h.service->applications.find("app")->replay) << "it has its channel, but nothing is kept any more";
    next = open(since(last));
    EXPECT_EQ(Object::parse(next->texts[0])["complete"], false) << "numbers of before mean nothing now";
    h.status("DELETE /channels/" + channel.uniqueid());
    next->lose(http::WebSocketEnd::lost);
    h.pbx.loop.run();
    h.pbx.loop.advance(std::chrono::seconds(61));
    EXPECT_EQ(h.service->applications.find("app"), nullptr);
    Replay small({}, 100, 10);
    for (const char* text : {"12345", "12345", "12345"}) {
        small.keep(small.next(), std::make_shared<const std::string>(text), {});
    }
    EXPECT_EQ(small.items().size(), 2U);
    EXPECT_TRUE(small.reaches_back_to(1));
    EXPECT_FALSE(small.reaches_back_to(0));
    EXPECT_FALSE(small.reaches_back_to(4)) << "what was never sent";
}

TEST_F(Sharing_, ThoseWithoutAClientAreOnlySoMany) {
    for (int i = 0; i < 80; ++i) {
        auto session = std::make_unique<Session>(*h.service, h.service->config().users.front(),
                                                 std::vector<std::string>{"app" + std::to_string(i)});
        Session& kept = *session;
        auto socket = std::make_shared<FakeSocket>(h.pbx.loop, kept);
        h.service->keep(std::move(session));
        kept.start(socket, since(std::nullopt));
        socket->lose(http::WebSocketEnd::lost);
        h.pbx.loop.run();
    }
    h.pbx.loop.advance(std::chrono::seconds(1));
    std::size_t apps = 0;
    h.service->applications.each([&apps](const App&) { ++apps; });
    EXPECT_EQ(apps, 64U);
}

}  // namespace
}  // namespace asterism::ari
