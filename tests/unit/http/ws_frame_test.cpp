#include <gtest/gtest.h>

#include <vector>

#include "interfaces/http/ws_frame.hpp"

namespace asterism::http {
namespace {

std::string masked(Opcode opcode, std::string_view payload, bool final = true) {
    auto header = frame_header(opcode, payload.size());
    std::string out(header.bytes.data(), header.size);
    if (!final) out[0] = static_cast<char>(out[0] & 0x7F);
    out[1] = static_cast<char>(out[1] | 0x80);
    const std::string mask = "\x12\x34\x56\x78";
    out += mask;
    for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
    return out;
}

struct Collect final : FrameParser::Sink {
    std::vector<std::pair<Opcode, std::string>> got;
    bool on_message(Opcode opcode, std::string_view payload) override {
        got.emplace_back(opcode, payload);
        return true;
    }
};

TEST(WebSocketFrames, AcceptKeyOfTheRfc) {
    EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketFrames, PutsFragmentsTogetherWithControlFramesBetween) {
    const std::string bytes = masked(Opcode::text, "hel", false) + masked(Opcode::ping, "p") +
                              masked(Opcode::continuation, "lo") + masked(Opcode::binary, std::string(70000, 'x')) +
                              masked(Opcode::text, "");
    // Whole, and cut into every size of piece.
    for (std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1000}, bytes.size()}) {
        FrameParser parser(100000);
        Collect sink;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            std::string part = bytes.substr(at, piece);
            ASSERT_EQ(parser.put(part, sink), 0);
        }
        ASSERT_EQ(sink.got.size(), 4U);
        EXPECT_EQ(sink.got[0], std::make_pair(Opcode::ping, std::string("p")));
        EXPECT_EQ(sink.got[1], std::make_pair(Opcode::text, std::string("hello")));
        EXPECT_EQ(sink.got[2].second.size(), 70000U);
        EXPECT_EQ(sink.got[3].second, "");
    }
}

std::uint16_t outcome(std::string bytes, std::size_t limit = 1000) {
    FrameParser parser(limit);
    Collect sink;
    return parser.put(bytes, sink);
}

TEST(WebSocketFrames, RefusesWhatTheRfcForbids) {
    EXPECT_EQ(outcome(std::string("\x81\x01x", 3)), 1002);                  // not masked
    EXPECT_EQ(outcome(masked(Opcode::continuation, "x")), 1002);            // nothing to continue
    EXPECT_EQ(outcome(masked(Opcode::ping, std::string(126, 'x'))), 1002);  // control frame too long
    EXPECT_EQ(outcome(masked(Opcode::ping, "x", false)), 1002);             // control frame in pieces
    EXPECT_EQ(outcome(masked(static_cast<Opcode>(3), "x")), 1002);          // unknown
    EXPECT_EQ(outcome(masked(Opcode::text, "a", false) + masked(Opcode::text, "b")), 1002);
    EXPECT_EQ(outcome(masked(Opcode::text, "\xff")), 1007);
    EXPECT_EQ(outcome(masked(Opcode::text, std::string(1001, 'x'))), 1009);
    EXPECT_EQ(outcome(masked(Opcode::text, std::string(900, 'x'), false) +
                      masked(Opcode::continuation, std::string(200, 'x'))),
              1009);
    EXPECT_EQ(outcome(std::string("\xff\xff", 2)), 1002);
}

TEST(WebSocketFrames, KnowsUtf8) {
    EXPECT_TRUE(valid_utf8("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"));
    EXPECT_FALSE(valid_utf8("\xc0\x80"));
    EXPECT_FALSE(valid_utf8("\xed\xa0\x80"));
    EXPECT_FALSE(valid_utf8("\xe2\x82"));
    EXPECT_FALSE(valid_utf8("\xf5\x80\x80\x80"));
}

}  // namespace
}  // namespace asterism::http
