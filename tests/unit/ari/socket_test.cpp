// ARI through real loopback sockets: authentication, headers as they are on the wire, WebSockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asterism/ari/ari.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/variables.hpp"
#include "asterism/runtime/random.hpp"
#include "interfaces/ari/service.hpp"
#include "interfaces/http/ws_frame.hpp"
#include "support/fake_media.hpp"
#include "support/test_phone.hpp"
#include "unit/http/client.hpp"

namespace asterism::ari {
namespace {

using http::testing::Client;
using http::testing::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// As much of a PBX as ARI needs to say something.
struct Server {
    Server()
        : server([this](auto& s) {
              bus = std::make_unique<Bus>(s.loop().clock());
              media = std::make_unique<media::FakeEngine>(s.loop());
              pbx.loop = &s.loop();
              pbx.random = &random;
              pbx.bus = bus.get();
              pbx.media = media.get();
              pbx.globals = &globals;
              pbx.technologies = &technologies;
              pbx.entity_id = "02:fc:00:00:00:01";
              channels = std::make_unique<ChannelRegistry>(pbx);
              bridges = std::make_unique<BridgeRegistry>(pbx);
              pbx.channels = channels.get();
              pbx.bridges = bridges.get();
              technologies.add(phones);
              service = std::make_unique<Service>(pbx, s.router);
              config.allowed_origins = {"http://localhost"};
              config.users.push_back({.name = "ari", .password = "aripw", .acl = nullptr});
              config.users.push_back({.name = "ro", .password = "ropw", .read_only = true, .acl = nullptr});
              // "secret", by SHA-512 with 1000 rounds.
              config.users.push_back(
                  {.name = "crypted",
                   .password = "$6$rounds=1000$salt$HNxBeBnDfSfUrTj6KiLnmd7tGCvHEmcExh8kl/S0cZ5WrCciNZgfhbpkeFQ4JfkHX."
                               "8vPq45lY0iINnCx1Lkm.",
                   .crypted = true,
                   .acl = nullptr});
              service->apply(config);
          }) {}
    ~Server() {
        server.on_loop([this] {
            server.server().stop();
            service.reset();
            channels.reset();
            bridges.reset();
        });
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string get(const std::string& line, const std::string& headers = "Authorization: Basic YXJpOmFyaXB3\r\n",
                    const std::string& body = {}) {
        Client client(server.address());
        std::string text = line + " HTTP/1.1\r\nHost: h:1\r\n" + headers;
        if (!body.empty()) {
            text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
        }
        client.send(text + "\r\n" + body);
        std::string got = client.answer();
        const auto date = got.find("Date: ");
        if (date != std::string::npos) got.erase(date, got.find("\r\n", date) + 2 - date);
        return got;
    }

    Pbx pbx;
    SystemRandom random;
    std::unique_ptr<Bus> bus;
    std::unique_ptr<media::FakeEngine> media;
    Variables globals;
    Technologies technologies;
    TestTechnology phones{pbx};
    std::unique_ptr<ChannelRegistry> channels;
    std::unique_ptr<BridgeRegistry> bridges;
    Config config;
    std::unique_ptr<Service> service;
    RunningServer server;
};

std::string handshake(const std::string& query, const std::string& more = "Sec-WebSocket-Protocol: ari\r\n") {
    return "GET /ari/events?" + query +
           " HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Version: 13\r\n" +
           more + "\r\n";
}

std::string frame(std::string_view payload) {
    const auto header = http::frame_header(http::Opcode::text, payload.size());
    std::string out(header.bytes.data(), header.size);
    out[1] = static_cast<char>(out[1] | 0x80);
    return out.append(4, '\0').append(payload);
}

/// Reads until the text is there.
std::string until(Client& client, const std::string& text) {
    return client.read_until([&](const std::string& got) { return got.find(text) != std::string::npos; });
}

TEST(AriSocket, AuthenticatesAndOrdersHeadersAsAsterisk) {
    Server s;
    const std::string head = "Server: Asterisk\r\nCache-Control: no-cache, no-store\r\n";
    EXPECT_EQ(s.get("GET /ari/channels"),
              "HTTP/1.1 200 OK\r\n" + head + "Content-type: application/json\r\nContent-Length: 2\r\n\r\n[]");
    const std::string refused =
        "HTTP/1.1 401 Unauthorized\r\n" + head +
        "WWW-Authenticate: Basic realm=\"Asterisk REST Interface\"\r\nContent-type: application/json\r\n"
        "Content-Length: 37\r\n\r\n{\"message\":\"Authentication required\"}";
    EXPECT_EQ(s.get("GET /ari/channels", ""), refused);
    EXPECT_EQ(s.get("BOGUS /ari/channels", ""), refused);
    EXPECT_EQ(s.get("GET /ari/channels", "Authorization: Basic YXJpOmJhZA==\r\n"), refused);
    EXPECT_EQ(s.get("GET /ari/channels?api_key=ari%3Ano", ""), refused);
    EXPECT_THAT(s.get("GET /ari/channels?api_key=ari:aripw", ""), StartsWith("HTTP/1.1 200 OK"));
    EXPECT_THAT(s.get("GET /ari/channels", "Authorization: Basic cm86cm9wdw==\r\n"), StartsWith("HTTP/1.1 200 OK"));
    // A crypted password, checked on the pool the first time and remembered the second.
    for (int i = 0; i < 2; ++i) {
        EXPECT_THAT(s.get("GET /ari/channels", "Authorization: Basic Y3J5cHRlZDpzZWNyZXQ=\r\n"),
                    StartsWith("HTTP/1.1 200 OK"));
    }
    EXPECT_EQ(s.get("GET /ari/channels?api_key=crypted:Secret", ""), refused);
    EXPECT_EQ(s.get("POST /ari/bridges", "Authorization: Basic cm86cm9wdw==\r\n"),
              "HTTP/1.1 403 Forbidden\r\n" + head +
                  "Content-type: application/json\r\nContent-Length: 33\r\n\r\n{\"message\":\"Write access denied\"}");
    EXPECT_EQ(s.get("HEAD /ari/channels"),
              "HTTP/1.1 405 Method Not Allowed\r\n" + head +
                  "Allow: OPTIONS,GET,POST\r\nContent-type: application/json\r\nContent-Length: 28\r\n\r\n");
    EXPECT_EQ(s.get("OPTIONS /ari/channels",
                    "Authorization: Basic YXJpOmFyaXB3\r\nOrigin: http://localhost\r\n"
                    "Access-Control-Request-Method: POST\r\n"),
              "HTTP/1.1 204 No Content\r\n" + head +
                  "Access-Control-Allow-Origin: http://localhost\r\nAccess-Control-Allow-Credentials: true\r\n"
                  "Allow: OPTIONS,GET,POST\r\nAccess-Control-Allow-Methods: OPTIONS,GET,POST\r\n"
                  "Content-Length: 0\r\n\r\n");
    const std::string preflight = "Access-Control-Request-Method: POST\r\n";
    EXPECT_THAT(s.get("OPTIONS /ari/channels", preflight + "Origin: http://localhost\r\n"),
                AllOf(StartsWith("HTTP/1.1 204"), HasSubstr("Access-Control-Allow-Methods: OPTIONS,GET,POST")));
    EXPECT_EQ(s.get("OPTIONS /ari/channels", preflight + "Origin: http://evil\r\n"), refused);
    EXPECT_THAT(s.get("OPTIONS /ari/channels", "Authorization: Basic YXJpOmFyaXB3\r\nOrigin: http://evil\r\n"),
                Not(HasSubstr("Access-Control")));
    EXPECT_EQ(s.get("DELETE /ari/bridges/x"),
              "HTTP/1.1 404 Not found\r\n" + head +
                  "Content-type: application/json\r\nContent-Length: 30\r\n\r\n{\"message\":\"Bridge not found\"}");
    EXPECT_THAT(s.get("GET /ari/api-docs/resources.json"), HasSubstr("\"basePath\":\"http://h:1/ari\""));
    EXPECT_THAT(s.get("GET /ari/events?app=x"), StartsWith("HTTP/1.1 426 Upgrade Required"));
}

TEST(AriSocket, EventsAndRequestsOverOneSocket) {
    Server s;
    Client client(s.server.address());
    client.send(handshake("app=one,two&subscribeAll=true&api_key=ari:aripw"));
    EXPECT_THAT(until(client, "\r\n\r\n"), HasSubstr("Sec-WebSocket-Protocol: ari\r\n"));
    EXPECT_THAT(s.get("GET /ari/applications"),
                HasSubstr(R"({"name":"one","channel_ids":["__AST_CHANNEL_ALL_TOPIC"])"));
    // An event for two applications on one socket: twice, each with its name.
    s.get("POST /ari/bridges?bridgeId=b1");
    EXPECT_THAT(until(client, R"("application":"two")"), HasSubstr(R"("type":"BridgeCreated")"));
    EXPECT_THAT(client.buffer(), HasSubstr(R"("asterisk_id":"02:fc:00:00:00:01","application":"one"})"));
    client.buffer().clear();
    client.send(frame(R"({"type":"RESTRequest","request_id":"r1","method":"GET","uri":"bridges/nosuch"})"));
    EXPECT_THAT(until(client, R"("application":"one")"),
                HasSubstr(R"({"type":"RESTResponse","transaction_id":"","request_id":"r1","status_code":404,)"
                          R"("reason_phrase":"Not Found","uri":"bridges/nosuch","content_type":"application/json",)"
                          R"("message_body":"{\"message\":\"Bridge not found\"}","application":"one","timestamp":")"));
    client.buffer().clear();
    client.send(frame("{\"type\":\"bogus\"}") + frame("not json"));
    EXPECT_THAT(until(client, "Failed to parse"), HasSubstr("Unknown request type."));
    // Another client takes one of the applications.
    client.buffer().clear();
    Client second(s.server.address());
    second.send(handshake("app=two", "Authorization: Basic YXJpOmFyaXB3\r\n"));
    EXPECT_THAT(until(second, "\r\n\r\n"), Not(HasSubstr("Sec-WebSocket-Protocol")));
    EXPECT_THAT(until(client, "asterisk_id"), HasSubstr(R"({"type":"ApplicationReplaced","timestamp":")"));
}

TEST(AriSocket, RefusesSocketsWithoutApplicationOrPassword) {
    Server s;
    Client client(s.server.address());
    client.send(handshake("app=&api_key=ari:aripw"));
    EXPECT_THAT(client.answer(), HasSubstr("<p>HTTP request is missing param: [app]</p>"));
    client.send(handshake("app=x&api_key=ari:no"));
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 401 Unauthorized"));
}

TEST(AriSocket, AClientThatStopsReadingLosesItsSocketAndNothingElse) {
    Server s;
    s.server.on_loop([&] {
        s.config.queue_bytes = 64 << 10;
        s.service->apply(s.config);
    });
    Client stalled(s.server.address());
    stalled.send(handshake("app=stalled&subscribeAll=true&api_key=ari:aripw"));
    until(stalled, "\r\n\r\n");
    Client good(s.server.address());
    good.send(handshake("app=good&subscribeAll=true&api_key=ari:aripw"));
    until(good, "\r\n\r\n");
    std::thread reader([&] { until(good, "the last one"); });
    bool dropped = false;
    for (int i = 0; i < 100'000 && !dropped; ++i) {
        dropped = s.server.on_loop([&] {
            for (int k = 0; k < 10; ++k) s.bridges->create({.name = std::string(500, 'n')}).destroy();
            return s.service->counters().sockets_dropped > 0;
        });
        std::this_thread::yield();
    }
    EXPECT_TRUE(dropped);
    s.server.on_loop([&] { s.bridges->create({.name = "the last one"}); });
    reader.join();
    EXPECT_THAT(good.buffer(), HasSubstr("the last one"));
    EXPECT_THAT(s.get("GET /ari/applications"), Not(HasSubstr("stalled")));
    EXPECT_EQ(s.server.on_loop([&] { return s.service->counters().sockets_dropped; }), 1U);
}

}  // namespace
}  // namespace asterism::ari
