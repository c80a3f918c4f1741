#include <gtest/gtest.h>

#include "asterism/config/file.hpp"
#include "fake_socket.hpp"
#include "interfaces/ari/outbound.hpp"
#include "unit/config/map_source.hpp"

namespace asterism::ari {
namespace {

using testing::FakeSocket;
using testing::Object;

class FakeDialer final : public http::WebSocketDialer {
  public:
    explicit FakeDialer(Loop& loop) : loop_(loop) {}
    void connect(http::WebSocketTarget target, const http::WebSocketLimits&, http::WebSocketHandler& handler,
                 http::WebSocketOpened opened) override {
        targets.push_back(target);
        loop_.defer([this, &handler, opened] {
            if (refuse) return opened(std::unexpected("refused"));
            sockets.push_back(std::make_shared<FakeSocket>(loop_, handler));
            opened(sockets.back());
        });
    }
    std::vector<http::WebSocketTarget> targets;
    std::vector<std::shared_ptr<FakeSocket>> sockets;
    bool refuse = false;

  private:
    Loop& loop_;
};

constexpr const char* ari_conf =
    "[general]\nenabled=yes\n[me]\ntype=user\npassword=x\n"
    "[out]\ntype=outbound_websocket\nwebsocket_client_id=peer\napps=bot\nlocal_ari_user=me\n";

config::File parse(const char* text) {
    config::MapSource source;
    source.files["/etc/x.conf"] = text;
    config::Report report;
    return *config::read(source, "x.conf", {.directory = "/etc"}, report);
}

Config read(const std::string& type) {
    const std::string clients =
        "[peer]\ntype=websocket_client\nuri=ws://127.0.0.1:9000/ari\nprotocols=ari\n"
        "username=u\npassword=p\nreconnect_interval=1000\nreconnect_attempts=2\n"
        "connection_type=" +
        type + "\n";
    const auto file = parse(clients.c_str());
    config::Report report;
    auto made = read_config(parse(ari_conf), report, &file);
    EXPECT_TRUE(report.ok()) << report.text();
    return made;
}

struct Outbound : ::testing::Test {
    Outbound() : dialer(pbx.loop) {
        pbx.pbx.entity_id = "02:fc:00:00:00:01";
        service = std::make_unique<Service>(pbx.pbx, router, nullptr, &dialer);
    }
    TestPbx pbx;
    http::Router router;
    FakeDialer dialer;
    std::unique_ptr<Service> service;
};

TEST_F(Outbound, APersistentOneComesBackAndSaysWhoItIs) {
    service->apply(read("persistent"));
    pbx.loop.run();
    ASSERT_EQ(dialer.sockets.size(), 1U);
    EXPECT_EQ(dialer.targets[0].username, "u");
    EXPECT_EQ(dialer.sockets[0]->types(), std::vector<std::string>{"ApplicationRegistered"});
    EXPECT_NE(service->applications.active("bot"), nullptr);
    dialer.sockets[0]->lose(http::WebSocketEnd::client_closed);
    pbx.loop.run();
    EXPECT_EQ(service->applications.active("bot"), nullptr);
    pbx.loop.advance(std::chrono::milliseconds(1001));
    ASSERT_EQ(dialer.sockets.size(), 2U);
    service->outbounds->stop_all(true);
    pbx.loop.run();
    EXPECT_EQ(dialer.sockets[1]->types(),
              (std::vector<std::string>{"ApplicationRegistered", "ApplicationUnregistered"}));
    pbx.loop.advance(std::chrono::seconds(10));
    EXPECT_EQ(dialer.sockets.size(), 2U);
}

TEST_F(Outbound, GivesUpAfterItsAttempts) {
    dialer.refuse = true;
    service->apply(read("persistent"));
    pbx.loop.advance(std::chrono::seconds(60));
    EXPECT_EQ(dialer.targets.size(), 3U) << "the first, and reconnect_attempts more";
}

TEST_F(Outbound, OnePerCallEndsWithIt) {
    service->apply(read("per_call_config"));
    pbx.loop.run();
    EXPECT_TRUE(dialer.targets.empty());
    pbx.extensions("[default]\nexten => go,1,Stasis(bot,x)\n");
    Channel& channel = pbx.phones.call_in("alice", "default", "go");
    pbx.loop.run();
    ASSERT_EQ(dialer.sockets.size(), 1U);
    const auto socket = dialer.sockets[0];
    EXPECT_EQ(socket->types(), (std::vector<std::string>{"ApplicationRegistered", "StasisStart"}));
    EXPECT_EQ(Object::parse(socket->texts[1])["application"], "bot-" + channel.uniqueid());
    channel.party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(socket->types().back(), "StasisEnd");
    EXPECT_FALSE(socket->open());
    EXPECT_EQ(pbx.channels.size(), 0U);
}

TEST_F(Outbound, WithoutTheOtherSideTheDialplanGoesOn) {
    dialer.refuse = true;
    service->apply(read("per_call_config"));
    pbx.extensions("[default]\nexten => go,1,Stasis(bot)\n same => n,Stasis(bot)\n");
    const Channel& channel = pbx.phones.call_in("alice", "default", "go");
    pbx.loop.advance(std::chrono::milliseconds(2500));
    ASSERT_NE(channel.variable("STASISSTATUS"), nullptr);
    EXPECT_EQ(*channel.variable("STASISSTATUS"), "FAILED");
}

}  // namespace
}  // namespace asterism::ari
