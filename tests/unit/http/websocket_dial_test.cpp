#include <gtest/gtest.h>

#include "interfaces/http/websocket_dial.hpp"
#include "interfaces/http/ws_frame.hpp"

namespace asterism::http {
namespace {

TEST(WebSocketUri, Parts) {
    const auto uri = parse_websocket_uri("wss://me:p%40ss@example.com:8443/ari?x=1#y");
    ASSERT_TRUE(uri);
    EXPECT_TRUE(uri->secure);
    EXPECT_EQ(uri->host, "example.com");
    EXPECT_EQ(uri->port, "8443");
    EXPECT_EQ(uri->path, "/ari?x=1");
    EXPECT_EQ(uri->username, "me");
    EXPECT_EQ(uri->password, "p@ss");
    EXPECT_EQ(uri->authority(), "example.com:8443");
    EXPECT_EQ(parse_websocket_uri("ws://[::1]")->authority(), "[::1]");
    EXPECT_EQ(parse_websocket_uri("ws://host?x")->path, "/?x");
    for (const char* bad :
         {"http://x", "ws://", "ws://x:99999999", "ws://x:p", "ws://x/a b", "ws://x/\r\nA: b", "ws://[::1"}) {
        EXPECT_FALSE(parse_websocket_uri(bad)) << bad;
    }
}

TEST(WebSocketHandshake, WhatTheServerMayAnswer) {
    const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
    const std::string good =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
    EXPECT_EQ(*check_handshake(good + "Sec-WebSocket-Protocol: ari\r\n", key, {"ari"}), "ari");
    EXPECT_EQ(*check_handshake(good, key, {}), "");
    EXPECT_EQ(*check_handshake(good, key, {"ari"}), "");
    EXPECT_FALSE(check_handshake(good + "Sec-WebSocket-Protocol: x\r\n", key, {"ari"}));
    EXPECT_FALSE(check_handshake(good, "other", {}));
    EXPECT_FALSE(check_handshake("HTTP/1.1 404 Not Found\r\n", key, {}));
    EXPECT_FALSE(check_handshake("", key, {}));
}

struct Collect final : FrameParser::Sink {
    std::string got;
    bool on_message(Opcode, std::string_view payload) override {
        got += payload;
        return true;
    }
};

TEST(WebSocketFrames, AClientMasksAndAServerDoesNot) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{126}, std::size_t{70000}}) {
        const std::string payload(size, 'x');
        auto header = frame_header(Opcode::text, size);
        const std::string plain = std::string(header.bytes.data(), header.size) + payload;
        const std::string masked = mask_frame(header, payload, {'\1', '\2', '\3', '\4'});
        const std::string sent = std::string(header.bytes.data(), header.size) + masked;
        const auto read = [](std::string bytes, FrameParser::Peer peer, std::string& into) {
            FrameParser parser(100000, peer);
            Collect sink;
            const auto code = parser.put(bytes, sink);
            into = sink.got;
            return code;
        };
        std::string got;
        EXPECT_EQ(read(sent, FrameParser::Peer::client, got), 0);
        EXPECT_EQ(got, payload);
        EXPECT_EQ(read(plain, FrameParser::Peer::server, got), 0);
        EXPECT_EQ(got, payload);
        EXPECT_EQ(read(sent, FrameParser::Peer::server, got), 1002);
        EXPECT_EQ(read(plain, FrameParser::Peer::client, got), 1002);
    }
}

}  // namespace
}  // namespace asterism::http
