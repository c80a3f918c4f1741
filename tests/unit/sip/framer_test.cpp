#include "asterism/sip/framer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace asterism::sip {

namespace {
using Kind = StreamFramer::Kind;

const std::string one = "OPTIONS sip:s@h SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nContent-Length: 4\r\n\r\nbody";

std::vector<std::pair<Kind, std::string>> all(StreamFramer& framer) {
    std::vector<std::pair<Kind, std::string>> out;
    for (;;) {
        const auto item = framer.next();
        if (!item || item->kind == Kind::need_more) return out;
        out.emplace_back(item->kind, item->bytes);
    }
}
}  // namespace

TEST(Framer, AnyCutGivesTheSameMessages) {
    const std::string stream = one + "\r\n\r\n" + one + one + "\r\n";
    for (std::size_t cut = 0; cut < stream.size(); ++cut) {
        StreamFramer framer;
        framer.feed(stream.substr(0, cut));
        auto got = all(framer);
        framer.feed(stream.substr(cut));
        for (auto& item : all(framer)) got.push_back(std::move(item));
        std::vector<std::string> messages;
        int pings = 0, pongs = 0;
        for (auto& [kind, bytes] : got) {
            if (kind == Kind::message) messages.push_back(bytes);
            pings += kind == Kind::ping;
            pongs += kind == Kind::pong;
        }
        EXPECT_EQ(messages.size(), 3U) << cut;
        for (const std::string& m : messages) EXPECT_EQ(m, one);
        // A CRLF that arrives alone is taken for a pong, whatever follows it.
        EXPECT_TRUE(pings == 1 || pongs >= 2) << cut;
    }
}

TEST(Framer, ByteByByte) {
    StreamFramer framer;
    int messages = 0;
    for (char c : one + one) {
        framer.feed({&c, 1});
        messages += static_cast<int>(all(framer).size());
    }
    EXPECT_EQ(messages, 2);
    EXPECT_EQ(framer.buffered(), 0U);
}

TEST(Framer, WithoutLengthThereIsNoBody) {
    StreamFramer framer;
    framer.feed("A b SIP/2.0\r\nX: y\r\n\r\nA");
    const auto item = framer.next();
    ASSERT_TRUE(item);
    EXPECT_EQ(item->bytes, "A b SIP/2.0\r\nX: y\r\n\r\n");
}

TEST(Framer, Errors) {
    const auto error = [](std::string_view text) {
        StreamFramer framer;
        framer.feed(text);
        const auto item = framer.next();
        return item ? std::string("ok") : std::string(item.error().what);
    };
    EXPECT_EQ(error("A b SIP/2.0\r\nContent-Length: x\r\n\r\n"), "bad Content-Length");
    EXPECT_EQ(error("A b SIP/2.0\r\nContent-Length: 1\r\nl: 2\r\n\r\n"), "Content-Length headers differ");
    EXPECT_EQ(error("A b SIP/2.0\r\nContent-Length: 65535\r\n\r\n"), "message too long");
    EXPECT_EQ(error(std::string(70000, 'x')), "header without end");
    EXPECT_EQ(error(std::string(60000, 'x')), "ok");
}

}  // namespace asterism::sip
