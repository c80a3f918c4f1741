// A client that stops reading costs memory up to its bound and nothing else.
#include "harness.hpp"

namespace asterism {
namespace {

class AmiSlowReader : public ManagerTest {
  public:
    AmiSlowReader() : ManagerTest(small()) {}
    static ami::Manager::Limits small() {
        auto limits = fast();
        limits.queue_bytes = 64u << 10;
        limits.pause_bytes = 16u << 10;
        return limits;
    }
};

TEST_F(AmiSlowReader, IsDroppedAndTheOthersGetEveryEvent) {
    auto port = on_loop([&] { return manager->port(); });
    Client slow(port, 4096);
    slow.login("admin");
    slow.ask("Action: Events\r\nEventMask: user\r\n\r\n");
    auto good = client();
    good.login("admin");
    good.ask("Action: Events\r\nEventMask: user\r\n\r\n");
    std::string filler(900, 'f');
    int sent = 0;
    while (on_loop([&] { return manager->stats().dropped_sessions; }) == 0) {
        ASSERT_LT(sent, 100'000);
        publish_user_event("E" + std::to_string(sent), {{"Filler", filler}});
        ++sent;
        EXPECT_NE(good.block().find("UserEvent: E" + std::to_string(sent - 1) + "\r\n"), std::string::npos);
    }
    auto sessions = on_loop([&] { return manager->sessions(); });
    ASSERT_EQ(sessions.size(), 1u);
    EXPECT_LE(sessions[0].queued_bytes, 64u << 10);
    publish_user_event("Last");
    EXPECT_NE(good.block().find("UserEvent: Last"), std::string::npos);
}

TEST_F(AmiSlowReader, RequestsAreNotReadWhileItsRepliesWait) {
    auto port = on_loop([&] { return manager->port(); });
    Client slow(port, 4096);
    slow.login("admin");
    // Far more replies than the sockets' buffers take; written by another thread, since it will be made to wait.
    constexpr int count = 20'000;
    std::thread writer([&] {
        std::string all;
        for (int i = 0; i < count; ++i) all += "Action: Ping\r\n\r\n";
        slow.send(all);
    });
    std::size_t most = 0;
    int replies = 0;
    while (replies < count) {
        if (slow.block().empty()) break;
        ++replies;
        if (replies % 1000 == 0) {
            for (const auto& session : on_loop([&] { return manager->sessions(); })) {
                most = std::max(most, session.queued_bytes);
            }
        }
    }
    writer.join();
    EXPECT_EQ(replies, count);
    EXPECT_LE(most, 64u << 10);
}

TEST_F(AmiSlowReader, AClientThatVanishesLeavesNothing) {
    for (int i = 0; i < 20; ++i) {
        auto c = client();
        c.login("admin");
        c.send("Action: WaitEvent\r\nTimeout: 60\r\n\r\n");
    }
    auto last = client();
    last.login("admin");
    publish_user_event("Wakes");
    while (on_loop([&] { return manager->sessions().size(); }) > 1) {
        last.ask("Action: Ping\r\n\r\n");
    }
}

}  // namespace
}  // namespace asterism
