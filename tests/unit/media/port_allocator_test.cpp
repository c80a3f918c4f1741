// RTP ports are opened some at a time, and what waits for its call is deaf.
#include "media/port_allocator.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "asterism/runtime/random.hpp"
#include "media/rtp_sockets.hpp"
#include "phone.hpp"
#include "worker_fixture.hpp"

namespace asterism::media {
namespace {

class PortAllocatorTest : public WorkerTest {
  protected:
    /// A range of our own, below the ephemeral ports, on an address that nobody else uses.
    static PortRange range(unsigned pairs) {
        const auto first = static_cast<std::uint16_t>(8000 + getpid() % 64 * 400);
        return {first, static_cast<std::uint16_t>(first + 2 * pairs - 1)};
    }
    bool bindable(std::uint16_t port) {
        auto address = *SocketAddress::parse({options.bind_ip, port});
        const int fd = socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const bool bound = bind(fd, address.raw(), address.size()) == 0;
        close(fd);
        return bound;
    }
    SystemRandom random;
    RtpOptions options{.bind_ip = "127.0.92.9"};
};

TEST_F(PortAllocatorTest, OpensSomeAtOnceAndGivesThemInOrder) {
    const PortRange ports = range(128);  // so small a range keeps one ready
    PortAllocator allocator(ports, random, worker);
    auto first = allocator.open(options);
    ASSERT_TRUE(first) << first.error();
    const auto after = static_cast<std::uint16_t>(first->port + 2 <= ports.last ? first->port + 2 : ports.first);
    EXPECT_FALSE(bindable(after));
    auto second = allocator.open(options);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->port, after);
    // Nothing that another kind of call may have.
    RtpOptions marked = options;
    marked.tos = 184;
    auto third = allocator.open(marked);
    ASSERT_TRUE(third);
    int tos = 0;
    socklen_t size = sizeof tos;
    getsockopt(third->sockets->rtp(), IPPROTO_IP, IP_TOS, &tos, &size);
    EXPECT_EQ(tos, 184);
}

TEST_F(PortAllocatorTest, WhatCameBeforeTheCallIsNotTheCalls) {
    PortAllocator allocator(range(128), random, worker);
    auto first = allocator.open(options);
    ASSERT_TRUE(first) << first.error();
    Phone stranger;
    auto second_port = static_cast<std::uint16_t>(first->port + 2);
    if (bindable(second_port)) second_port = range(128).first;
    stranger.to({options.bind_ip, second_port});
    stranger.say(0, 1);
    worker.turn(0);
    auto second = allocator.open(options);
    ASSERT_TRUE(second);
    ASSERT_EQ(second->port, second_port);
    char byte = 0;
    EXPECT_LT(recv(second->sockets->rtp(), &byte, 1, MSG_DONTWAIT), 0);
    EXPECT_FALSE(second->sockets->traffic());
}

TEST_F(PortAllocatorTest, ANewRangeGivesTheOldPortsBack) {
    PortAllocator allocator(range(128), random, worker);
    auto first = allocator.open(options);
    ASSERT_TRUE(first) << first.error();
    auto next = static_cast<std::uint16_t>(first->port + 2);
    if (bindable(next)) next = range(128).first;
    ASSERT_FALSE(bindable(next));
    allocator.set_range({10, 9});
    worker.turn(0);
    EXPECT_TRUE(bindable(next));
    EXPECT_FALSE(allocator.open(options));
}

TEST_F(PortAllocatorTest, AFewPortsAreNotHoarded) {
    PortAllocator allocator(range(2), random, worker);
    ASSERT_TRUE(allocator.open(options));
    EXPECT_TRUE(bindable(range(2).first) || bindable(static_cast<std::uint16_t>(range(2).first + 2)));
}

}  // namespace
}  // namespace asterism::media
