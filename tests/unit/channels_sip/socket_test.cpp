// The real sockets, on loopback: one datagram and one stream each way.
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <string>

#include "asterism/runtime/asio_loop.hpp"
#include "core/channels/sip/asio_net.hpp"

namespace asterism::pjsip {
namespace {

namespace asio = boost::asio;

/// Answers everything with what it got, and remembers it.
struct Echo final : NetUser {
    explicit Echo(AsioLoop& l) : loop(l) {}
    void on_bytes(const sip::Flow& flow, std::string_view bytes) override {
        got.emplace_back(bytes);
        flow.transport->send(flow.remote, bytes);
    }
    void on_accepted(const sip::Flow& flow) override { accepted = flow; }
    void on_closed(const sip::Flow&, std::string_view why) override {
        closed = why;
        loop.stop();
    }
    AsioLoop& loop;
    std::vector<std::string> got;
    sip::Flow accepted;
    std::string closed;
};

constexpr std::string_view message = "OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n";

TransportConfigPtr bound_to(const std::string& name, const std::string& protocol, const std::string& address) {
    auto config = std::make_shared<TransportConfig>();
    config->name = name;
    config->protocol = protocol;
    config->bind = *config::SocketAddress::parse(address);
    return config;
}

/// A free port: bound once to learn its number.
std::uint16_t free_port(AsioLoop& loop, const char* address) {
    return asio::ip::tcp::acceptor(loop.context(), {asio::ip::make_address(address), 0}).local_endpoint().port();
}

/// Runs the loop until it is stopped, at most five seconds.
void run(AsioLoop& loop) {
    Timer guard(loop);
    guard.start(5s, [&loop] {
        ADD_FAILURE() << "nothing happened in five seconds";
        loop.stop();
    });
    loop.run();
}

TEST(AsioNet, DatagramsGoThereAndBack) {
    AsioLoop loop;
    auto net = make_asio_net(loop);
    Echo echo(loop);
    net->set_user(&echo);
    auto udp = net->open_udp(bound_to("u", "udp", "127.0.7.1"));  // port 0: any
    ASSERT_TRUE(udp) << udp.error();
    EXPECT_NE((*udp)->local().port, 0);

    asio::ip::udp::socket phone(loop.context(), {asio::ip::make_address("127.0.7.2"), 0});
    const asio::ip::udp::endpoint to(asio::ip::make_address("127.0.7.1"), (*udp)->local().port);
    for (int i = 0; i < 3; ++i) phone.send_to(asio::buffer(message), to);
    std::array<char, 512> buffer;
    int left = 3;
    std::function<void()> next = [&] {
        phone.async_receive(asio::buffer(buffer), [&](boost::system::error_code error, std::size_t size) {
            if (error) return;
            EXPECT_EQ(std::string_view(buffer.data(), size), message);
            if (--left == 0) return loop.stop();
            next();
        });
    };
    next();
    run(loop);
    EXPECT_EQ(left, 0);
    EXPECT_EQ((*udp)->advertised(*sip::SocketAddress::parse("127.0.7.2", 1)),
              "127.0.7.1:" + std::to_string((*udp)->local().port));
    net->close(*udp);
    EXPECT_FALSE((*udp)->send(*sip::SocketAddress::parse("127.0.7.2", 9), "x"));
}

TEST(AsioNet, ABusySocketLosesNothingAndKeepsTheOrder) {
    AsioLoop loop;
    auto net = make_asio_net(loop);
    Echo echo(loop);
    net->set_user(&echo);
    auto udp = net->open_udp(bound_to("u", "udp", "127.0.7.1"));
    ASSERT_TRUE(udp) << udp.error();
    asio::ip::udp::socket phone(loop.context(), {asio::ip::make_address("127.0.7.2"), 0});
    const asio::ip::udp::endpoint to(asio::ip::make_address("127.0.7.1"), (*udp)->local().port);
    // The first two bursts are more than one reading takes and make the socket busy; the rest come as they are
    // answered.
    constexpr int all = 120;
    int sent = 0, back = 0;
    const auto send = [&](int count) {
        for (; count > 0 && sent < all; --count) phone.send_to(asio::buffer(std::to_string(sent++)), to);
    };
    std::array<char, 16> buffer;
    std::function<void()> next = [&] {
        phone.async_receive(asio::buffer(buffer), [&](boost::system::error_code error, std::size_t size) {
            if (error) return;
            EXPECT_EQ(std::string_view(buffer.data(), size), std::to_string(back));
            if (++back == all) return loop.stop();
            if (back == 20) send(20);
            if (back > 40) send(3);
            if (back == sent) send(1);
            next();
        });
    };
    send(20);
    next();
    run(loop);
    EXPECT_EQ(back, all);
    net->close(*udp);
    EXPECT_FALSE((*udp)->send(*sip::SocketAddress::parse("127.0.7.2", 9), "x"));
}

TEST(AsioNet, OneAddressOnce) {
    AsioLoop loop;
    auto net = make_asio_net(loop);
    auto first = net->open_udp(bound_to("u", "udp", "127.0.7.1"));
    ASSERT_TRUE(first);
    auto again = net->open_udp(bound_to("v", "udp", "127.0.7.1:" + std::to_string((*first)->local().port)));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(), "Address already in use");
    net->close(*first);
}

TEST(AsioNet, StreamsAreCutIntoMessages) {
    AsioLoop loop;
    auto net = make_asio_net(loop);
    Echo echo(loop);
    net->set_user(&echo);
    const auto port = free_port(loop, "127.0.7.3");
    auto listener = net->listen(bound_to("t", "tcp", "127.0.7.3:" + std::to_string(port)));
    ASSERT_TRUE(listener) << listener.error();
    asio::ip::tcp::socket phone(loop.context());
    phone.connect({asio::ip::make_address("127.0.7.3"), port});
    const std::string half(message.substr(0, 20));
    const std::string rest = std::string(message.substr(20)) + std::string(message) + "\r\n\r\n";
    phone.send(asio::buffer(half));
    phone.send(asio::buffer(rest));
    std::string back;
    std::array<char, 512> buffer;
    std::function<void()> next = [&] {
        phone.async_receive(asio::buffer(buffer), [&](boost::system::error_code error, std::size_t size) {
            if (error) return;
            back.append(buffer.data(), size);
            if (back.size() < 2 * message.size() + 2) return next();
            phone.close();  // and the other side notices
        });
    };
    next();
    run(loop);
    EXPECT_EQ(back, std::string(message) + std::string(message) + "\r\n");
    EXPECT_EQ(echo.got.size(), 2u);
    EXPECT_EQ(echo.closed, "closed by the peer");
}

TEST(AsioNet, ConnectsAndSaysWhenItCannot) {
    AsioLoop loop;
    auto net = make_asio_net(loop);
    Echo echo(loop);
    net->set_user(&echo);
    const auto port = free_port(loop, "127.0.7.3");
    const auto flow = net->connect(bound_to("t", "tcp", "127.0.7.9"), *sip::SocketAddress::parse("127.0.7.3", port));
    EXPECT_EQ(flow.transport->local().ip_text(), "127.0.7.9");  // where it will come from, before it is connected
    EXPECT_TRUE(flow.transport->send(flow.remote, message));    // kept until it is connected
    run(loop);
    EXPECT_EQ(echo.closed, "Connection refused");
    EXPECT_FALSE(flow.transport->send(flow.remote, message));
}

TEST(AsioNet, GarbageEndsAStream) {
    AsioLoop loop;
    auto net = make_asio_net(loop);
    Echo echo(loop);
    net->set_user(&echo);
    const auto port = free_port(loop, "127.0.7.3");
    auto listener = net->listen(bound_to("t", "tcp", "127.0.7.3:" + std::to_string(port)));
    ASSERT_TRUE(listener);
    asio::ip::tcp::socket phone(loop.context());
    phone.connect({asio::ip::make_address("127.0.7.3"), port});
    phone.send(asio::buffer(std::string("INVITE x\r\nContent-Length: many\r\n\r\n")));
    run(loop);
    EXPECT_FALSE(echo.closed.empty());
    EXPECT_TRUE(echo.got.empty());
}

}  // namespace
}  // namespace asterism::pjsip
