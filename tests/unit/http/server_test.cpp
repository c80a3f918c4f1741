// The server over loopback sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.hpp"
#include "interfaces/http/ws_frame.hpp"

namespace asterism::http {
namespace {

using testing::Client;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RunningServer;
using ::testing::StartsWith;

void add_echo(Router& router) {
    router.add({"/echo", true, "echo", [](const Request& request, Responder responder) {
                    responder.response().body = std::string(request.method_name()) + " " + std::string(request.path) +
                                                " [" + request.body + "]";
                    responder.response().add_header("Content-type", "text/plain");
                    responder.send();
                }});
}

std::string without_date(std::string text) {
    const auto at = text.find("Date: ");
    if (at != std::string::npos) text.erase(at, text.find("\r\n", at) + 2 - at);
    return text;
}

TEST(HttpServer, AnswersWithHeadersInAsterisksOrder) {
    RunningServer server([](auto& s) { add_echo(s.router); });
    Client client(server.address());
    client.send("GET /echo/a%20b HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(without_date(client.answer()),
              "HTTP/1.1 200 OK\r\nServer: Asterisk\r\nCache-Control: no-cache, no-store\r\nContent-type: text/plain\r\n"
              "Content-Length: 18\r\n\r\nGET /echo/a%20b []");
    client.send("GET /nosuch HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(
        without_date(client.read_all()),
        "HTTP/1.1 404 Not Found\r\nServer: Asterisk\r\nConnection: close\r\nCache-Control: no-cache, no-store\r\n"
        "Content-type: text/html\r\nContent-Length: 240\r\n\r\n"
        "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\r\n<html><head>\r\n<title>404 Not Found</title>\r\n"
        "</head><body>\r\n<h1>Not Found</h1>\r\n<p>The requested URL was not found on this server.</p>\r\n<hr />\r\n"
        "<address>Asterisk</address>\r\n</body></html>\r\n");
    EXPECT_TRUE(client.closed());
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
    RunningServer server([](auto& s) { add_echo(s.router); });
    Client client(server.address());
    std::string all;
    for (int i = 0; i < 200; ++i) {
        all += "POST /echo/" + std::to_string(i) + " HTTP/1.1\r\nContent-Length: 2\r\n\r\nab";
    }
    client.send(all);
    for (int i = 0; i < 200; ++i) {
        ASSERT_THAT(client.answer(), EndsWith("POST /echo/" + std::to_string(i) + " [ab]"));
    }
}

TEST(HttpServer, GoesOnAfterAnAnswerLargerThanItsBuffer) {
    RunningServer server([](auto& s) {
        s.router.add({"/big", false, "", [](const Request&, Responder responder) {
                          responder.response().body.assign(200'000, 'b');
                          responder.send();
                      }});
    });
    Client client(server.address());
    client.send("GET /big HTTP/1.1\r\n\r\nGET /big HTTP/1.1\r\n\r\nGET /nosuch HTTP/1.1\r\n\r\n");
    EXPECT_GT(client.answer().size(), 200'000U);
    EXPECT_GT(client.answer().size(), 200'000U);
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 404"));
}

TEST(HttpServer, SendsABodyThatManyAnswersShareFromWhereItIs) {
    const auto shared = std::make_shared<const std::string>(3'000'000, 's');
    RunningServer server([&](auto& s) {
        add_echo(s.router);
        s.router.add({"/shared", false, "", [&](const Request&, Responder responder) {
                          responder.response().shared_body = shared;
                          responder.send();
                      }});
    });
    {
        Client client(server.address());
        client.send(
            "GET /echo HTTP/1.1\r\n\r\nGET /shared HTTP/1.1\r\n\r\nGET /shared HTTP/1.1\r\n\r\n"
            "HEAD /shared HTTP/1.1\r\n\r\n");
        EXPECT_THAT(client.answer(), EndsWith("GET /echo []"));
        for (int i = 0; i < 2; ++i) {
            const auto answer = client.answer();
            EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
            EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, shared->size());
        }
        client.send("GET /echo HTTP/1.1\r\nConnection: close\r\n\r\n");
        const auto rest = client.read_all();
        EXPECT_THAT(rest, HasSubstr("Content-Length: 3000000\r\n\r\nHTTP/1.1 200 OK\r\n"));
        EXPECT_THAT(rest, EndsWith("GET /echo []"));
    }
    // One that goes in the middle of it holds it no longer.
    Client gone(server.address());
    gone.send("GET /shared HTTP/1.1\r\n\r\n");
    gone.read_until([](const std::string& text) { return !text.empty(); });
    ::shutdown(gone.fd(), SHUT_RDWR);
    while (server.on_loop([&] { return server.server().sessions(); }) != 0) std::this_thread::yield();
    server.on_loop([] {});
    EXPECT_EQ(shared.use_count(), 1);
}

TEST(HttpServer, TakesChunkedBodiesAndAnnouncedOnes) {
    RunningServer server([](auto& s) { add_echo(s.router); });
    Client client(server.address());
    client.send("PUT /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    EXPECT_THAT(client.answer(), EndsWith("PUT /echo [abc]"));
    client.send("PUT /echo HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    client.read_until([](const std::string& text) { return text.ends_with("\r\n\r\n"); });
    EXPECT_EQ(client.buffer(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.buffer().clear();
    client.send("xyz");
    EXPECT_THAT(client.answer(), EndsWith("PUT /echo [xyz]"));
}

TEST(HttpServer, AnswersLaterAndAnswersForHandlersThatForget) {
    std::vector<Responder> kept;
    RunningServer server([&](auto& s) {
        s.router.add({"/later", false, "", [&](const Request&, Responder r) { kept.push_back(std::move(r)); }});
        s.router.add({"/forget", false, "", [](const Request&, Responder) {}});
        s.router.add({"/throw", false, "", [](const Request&, Responder) { throw std::runtime_error("oops"); }});
    });
    Client client(server.address());
    client.send("GET /later HTTP/1.1\r\n\r\nGET /forget HTTP/1.1\r\n\r\nGET /throw HTTP/1.1\r\n\r\n");
    while (server.on_loop([&] { return kept.empty(); })) std::this_thread::yield();
    server.on_loop([&] {
        kept[0].response().body = "now";
        kept[0].send();
        kept.clear();
    });
    EXPECT_THAT(client.answer(), EndsWith("now"));
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 500 Internal Server Error"));
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 500 Internal Server Error"));
}

TEST(HttpServer, GarbageAndEndlessLinesEndOnlyTheirConnection) {
    RunningServer server([](auto& s) { add_echo(s.router); });
    Client good(server.address());
    Client garbage(server.address());
    garbage.send("\x16\x03\x01\x02 this is not HTTP\r\n\r\n");
    EXPECT_THAT(garbage.read_all(), StartsWith("HTTP/1.1 400 Bad Request"));
    Client endless(server.address());
    endless.send("GET /" + std::string(100'000, 'a'));
    EXPECT_THAT(endless.read_all(), StartsWith("HTTP/1.1 431 "));
    Client big(server.address());
    big.send("POST /echo HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n");
    EXPECT_THAT(big.read_all(), StartsWith("HTTP/1.1 413 "));
    good.send("GET /echo HTTP/1.1\r\n\r\n");
    EXPECT_THAT(good.answer(), EndsWith("GET /echo []"));
    EXPECT_EQ(server.counters().bad_requests, 3U);
}

TEST(HttpServer, SlowClientsTimeOut) {
    RunningServer server([](auto& s) { s.config.session_inactivity = std::chrono::milliseconds(50); });
    Client client(server.address());
    client.send("GET /ec");
    client.read_all();
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.counters().timeouts, 1U);
}

TEST(HttpServer, KeepsToTheSessionLimit) {
    RunningServer server([](auto& s) {
        add_echo(s.router);
        s.config.session_limit = 1;
    });
    Client first(server.address());
    first.send("GET /echo HTTP/1.1\r\n\r\n");
    EXPECT_THAT(first.answer(), EndsWith("GET /echo []"));
    Client second(server.address());
    EXPECT_EQ(second.read_all(), "");
    EXPECT_TRUE(second.closed());
    EXPECT_EQ(server.counters().refused_limit, 1U);
}

TEST(HttpServer, PrefixRedirectsAndStatusPage) {
    RunningServer server([](auto& s) {
        s.config.prefix = "/pbx";
        s.config.redirects = {{"/", "/pbx/echo"}};
        s.config.enable_status = true;
    });
    Client client(server.address());
    client.send("GET /httpstatus HTTP/1.1\r\n\r\nGET /pbx/httpstatus HTTP/1.1\r\n\r\nGET /pbx/ HTTP/1.1\r\n\r\n");
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 404"));
    const auto page = client.answer();
    EXPECT_THAT(page, HasSubstr("<tr><td><i>Prefix</i></td><td><b>/pbx</b></td></tr>\r\n"));
    EXPECT_THAT(page, Not(HasSubstr("Content-type")));
    EXPECT_THAT(client.answer(), HasSubstr("\r\nLocation: /pbx/echo\r\n"));
}

// ---- WebSocket ----

struct Talk final : WebSocketHandler {
    std::shared_ptr<WebSocket> socket;
    std::string heard;
    int ends = 0;
    WebSocketEnd why{};
    std::uint16_t code = 0;
    void on_text(WebSocket& s, std::string_view text) override {
        heard += text;
        s.send(std::make_shared<const std::string>("echo " + std::string(text)));
    }
    void on_end(WebSocket&, WebSocketEnd end, std::uint16_t c) override {
        ++ends;
        why = end;
        code = c;
    }
};

void add_talk(Router& router, Talk& talk, WebSocketLimits limits = {}) {
    router.add({"/talk", false, "", [&talk, limits](const Request& request, Responder responder) {
                    talk.socket = responder.accept_websocket(request, {"ari"}, limits, talk);
                }});
}

constexpr std::string_view handshake =
    "GET /talk HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ari\r\n\r\n";

std::string frame(Opcode opcode, std::string_view payload) {
    const auto header = frame_header(opcode, payload.size());
    std::string out(header.bytes.data(), header.size);
    out[1] = static_cast<char>(out[1] | 0x80);
    out += std::string(4, '\0');
    return out.append(payload);
}

TEST(WebSocketServer, TalksAndCloses) {
    Talk talk;
    RunningServer server([&](auto& s) { add_talk(s.router, talk); });
    Client client(server.address());
    // The first frame comes right behind the handshake.
    client.send(std::string(handshake) + frame(Opcode::text, "one"));
    const std::string want =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: ari\r\n\r\n\x81\x08"
        "echo one";
    client.read_until([&](const std::string& text) { return text.size() >= want.size(); });
    EXPECT_EQ(client.buffer(), want);
    client.buffer().clear();
    client.send(frame(Opcode::ping, "abc") + frame(Opcode::close, "\x03\xe8"));
    EXPECT_EQ(client.read_all(), std::string("\x8a\x03"
                                             "abc"
                                             "\x88\x02\x03\xe8",
                                             9));
    EXPECT_TRUE(client.closed());
    server.on_loop([&] {
        EXPECT_EQ(talk.ends, 1);
        EXPECT_EQ(talk.why, WebSocketEnd::client_closed);
        EXPECT_EQ(talk.code, 1000);
        EXPECT_FALSE(talk.socket->open());
        EXPECT_FALSE(talk.socket->send(std::make_shared<const std::string>("x")));
    });
}

TEST(WebSocketServer, RefusesBadHandshakes) {
    Talk talk;
    RunningServer server([&](auto& s) { add_talk(s.router, talk); });
    Client client(server.address());
    client.send("GET /talk HTTP/1.1\r\n\r\n");
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 426 Upgrade Required\r\n"));
    client.send(
        "GET /talk HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhl\r\nSec-WebSocket-Version: 99\r\n"
        "Sec-WebSocket-Protocol: ari\r\n\r\n");
    EXPECT_EQ(without_date(client.answer()),
              "HTTP/1.1 400 Bad Request\r\nServer: Asterisk\r\nCache-Control: no-cache, no-store\r\n"
              "Sec-WebSocket-Version: 7, 8, 13\r\nContent-Length: 0\r\n\r\n");
    client.send(
        "GET /talk HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhl\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: bogus\r\n\r\n");
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 400 Bad Request"));
}

TEST(WebSocketServer, AClientThatStopsReadingIsDroppedAtItsBound) {
    Talk stalled;
    RunningServer server([&](auto& s) {
        WebSocketLimits limits;
        limits.queue_bytes = 256 << 10;
        add_talk(s.router, stalled, limits);
    });
    Client client(server.address());
    client.send(handshake);
    client.read_until([](const std::string& text) { return text.ends_with("\r\n\r\n"); });
    const auto message = std::make_shared<const std::string>(8000, 'x');
    std::size_t most = 0;
    bool alive = true;
    // Each round is a turn of its own, so that what the kernel takes is gone.
    for (int i = 0; i < 100'000 && alive; ++i) {
        alive = server.on_loop([&] {
            const bool took = stalled.socket->send(message);
            most = std::max(most, stalled.socket->queued_bytes());
            return took;
        });
    }
    EXPECT_FALSE(alive);
    EXPECT_LE(most, std::size_t{256 << 10} + 16);
    server.on_loop([&] {
        EXPECT_EQ(stalled.ends, 1);
        EXPECT_EQ(stalled.why, WebSocketEnd::too_slow);
        EXPECT_EQ(stalled.socket->queued_bytes(), 0U);
    });
    EXPECT_EQ(server.counters().websockets_dropped, 1U);
}

TEST(WebSocketServer, ManyThatStopReadingShareOneBudget) {
    auto budget = std::make_shared<QueueBudget>();
    budget->limit_bytes = 1 << 20;
    WebSocketLimits limits;
    limits.budget = budget;
    std::vector<std::unique_ptr<Talk>> talks;
    RunningServer server([&](auto& s) {
        s.router.add({"/talk", false, "", [&](const Request& request, Responder responder) {
                          talks.push_back(std::make_unique<Talk>());
                          talks.back()->socket = responder.accept_websocket(request, {"ari"}, limits, *talks.back());
                      }});
    });
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(std::make_unique<Client>(server.address()));
        clients.back()->send(handshake);
        clients.back()->read_until([](const std::string& text) { return text.ends_with("\r\n\r\n"); });
    }
    Client& good = *clients.front();
    const auto bytes = std::make_shared<const std::string>(20'000, 'x');
    std::size_t most = 0;
    std::size_t received = 0;
    int slow = 0;
    std::thread reader([&] {
        good.buffer().clear();
        good.read_until([&](std::string& text) {
            received += text.size();
            text.clear();
            return good.closed();
        });
    });
    for (int i = 0; i < 100'000 && slow == 0; ++i) {
        server.on_loop([&] {
            EXPECT_LE(budget->sockets, 8U);
            // The one that reads is given time to.
            if (talks[0]->socket->queued_bytes() > budget->fair_share() / 2) return;
            for (auto& talk : talks) {
                talk->socket->send(bytes);
                slow += talk->ends != 0 && talk->why == WebSocketEnd::too_slow ? 1 : 0;
            }
            most = std::max(most, budget->used_bytes);
        });
        std::this_thread::yield();
    }
    ::shutdown(good.fd(), SHUT_RDWR);
    reader.join();
    server.on_loop([&] {
        EXPECT_LE(most, budget->limit_bytes + 8 * (bytes->size() + 16));
        EXPECT_GE(slow, 1);
        EXPECT_NE(talks[0]->why, WebSocketEnd::too_slow);
        for (auto& talk : talks) {
            if (talk->socket->open()) talk->socket->detach();
        }
    });
    clients.clear();
    while (server.on_loop([&] { return server.server().sessions(); }) != 0) std::this_thread::yield();
    server.on_loop([&] {
        for (auto& talk : talks) talk->socket.reset();
    });
    server.on_loop([&] {
        EXPECT_EQ(budget->used_bytes, 0U);
        EXPECT_EQ(budget->sockets, 0U);
    });
}

TEST(WebSocketServer, ABurstInOneTurnReachesAClientThatReads) {
    Talk talk;
    RunningServer server([&](auto& s) {
        WebSocketLimits limits;
        limits.queue_count = 10;
        add_talk(s.router, talk, limits);
    });
    Client client(server.address());
    client.send(handshake);
    client.read_until([](const std::string& text) { return text.ends_with("\r\n\r\n"); });
    client.buffer().clear();
    server.on_loop([&] {
        for (int i = 0; i < 1000; ++i) talk.socket->send(std::make_shared<const std::string>("0123456789"));
    });
    client.read_until([](const std::string& text) { return text.size() >= 12000; });
    EXPECT_EQ(client.buffer().size(), 12000U);
}

TEST(WebSocketServer, GarbageIsAProtocolError) {
    Talk talk;
    RunningServer server([&](auto& s) { add_talk(s.router, talk); });
    Client client(server.address());
    client.send(handshake);
    client.read_until([](const std::string& text) { return text.ends_with("\r\n\r\n"); });
    client.buffer().clear();
    client.send("\xff\xff\xff garbage");
    EXPECT_EQ(client.read_all(), "\x88\x02\x03\xea");
    server.on_loop([&] { EXPECT_EQ(talk.why, WebSocketEnd::protocol_error); });
}

}  // namespace
}  // namespace asterism::http
