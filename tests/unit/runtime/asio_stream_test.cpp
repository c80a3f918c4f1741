// The bounds of a stream, on one end of a socket pair; the test is the peer.
#include "asterism/runtime/asio_stream.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "asterism/runtime/asio_loop.hpp"

using namespace asterism;
using Socket = boost::asio::local::stream_protocol::socket;

namespace {

class AsioStreams : public testing::Test {
  protected:
    AsioStreams() {
        signal(SIGPIPE, SIG_IGN);
        boost::asio::local::connect_pair(ours, peer);
        ours.non_blocking(true);
        peer.non_blocking(true);
    }
    ~AsioStreams() override { stream->stop(); }
    /// Turns of the loop until `done`; it is asked after everything that happens to the stream.
    void until(std::function<bool()> done) {
        Timer limit(loop), again(loop);
        limit.start(5s, [this] {
            ADD_FAILURE() << "nothing happened";
            loop.stop();
        });
        std::function<void()> ask = [&] { done() ? loop.stop() : again.start(1ms, [&] { ask(); }); };
        ask();
        loop.run();
    }
    std::size_t send(const std::string& bytes) {
        boost::system::error_code full;
        return peer.write_some(boost::asio::buffer(bytes), full);
    }
    std::size_t receive(std::string& into) {
        std::array<char, 65536> chunk;
        boost::system::error_code nothing;
        const auto size = peer.read_some(boost::asio::buffer(chunk), nothing);
        into.append(chunk.data(), size);
        return size;
    }

    AsioLoop loop;
    Socket ours{loop.context()}, peer{loop.context()};
    using Stream = AsioStream<Socket, Socket>;
    std::shared_ptr<Stream> stream = std::make_shared<Stream>(
        ours, ours, StreamBounds{.peer = "the test", .read_limit = 10'000, .write_limit = 1 << 20});
};

TEST_F(AsioStreams, ReadsAheadUpToItsLimit) {
    std::size_t sent = 0, woken = 0;
    stream->wake = [&] { ++woken; };
    stream->read();
    while (const auto size = send(std::string(4096, 'x'))) sent += size;
    until([&] { return woken == 1; });  // 12288 bytes
    std::string got;
    EXPECT_TRUE(stream->take(got));
    EXPECT_EQ(got.size(), 3 * 4096u);
    EXPECT_FALSE(stream->take(got));
    until([&] {
        (void)stream->take(got);
        return got.size() == sent;
    });
    EXPECT_FALSE(stream->closed());
}

TEST_F(AsioStreams, WhatTheSystemDoesNotTakeFollowsInOrder) {
    std::string all, got;
    for (char c = 'a'; c < 'k'; ++c) {
        stream->write(std::string(100'000, c));
        all.append(100'000, c);
    }
    EXPECT_GT(stream->queued(), 0u);
    until([&] {
        while (receive(got) != 0) {
        }
        return got.size() == all.size();
    });
    EXPECT_EQ(got, all);
    EXPECT_EQ(stream->queued(), 0u);
}

TEST_F(AsioStreams, APeerThatDoesNotReadIsGivenUp) {
    for (int i = 0; i < 100 && !stream->closed(); ++i) stream->write(std::string(65536, 'x'));
    EXPECT_TRUE(stream->closed());
    EXPECT_LE(stream->queued(), 2u << 20);
}

TEST_F(AsioStreams, LastWordsOfAPeerThatHasGoneAreRead) {
    EXPECT_EQ(send("last words"), 10u);
    peer.close();
    stream->write("nobody reads this");
    EXPECT_FALSE(stream->closed());
    stream->read();
    until([&] { return stream->closed(); });
    std::string got;
    EXPECT_TRUE(stream->take(got));
    EXPECT_EQ(got, "last words");
}

// Both sides in one report of the system: Asio runs what is to be written first, and the loop waits again before it
// tells us to read.
TEST_F(AsioStreams, AnEndRightBehindTheLastWordsIsSeenWhileWritingGoesOn) {
    stream->read();
    while (stream->queued() == 0) stream->write(std::string(1000, 'x'));
    bool turned = false;
    loop.post([&] { turned = true; });
    until([&] { return turned; });  // both are waited for
    EXPECT_EQ(send("last words"), 10u);
    peer.shutdown(Socket::shutdown_send);
    std::string got;
    while (receive(got) != 0) {
    }
    until([&] { return stream->closed(); });
    EXPECT_EQ(stream->queued(), 0u);
}

TEST_F(AsioStreams, StoppedItTellsNobody) {
    stream->wake = [] { ADD_FAILURE() << "told"; };
    stream->read();
    stream->stop();
    const std::weak_ptr<Stream> alive = stream;
    (void)send("x");
    until([&] { return alive.use_count() == 1; });  // the read has ended
    EXPECT_TRUE(stream->closed());
}

}  // namespace
