// The manager as its clients see it: over loopback sockets.
#include <fmt/format.h>

#include "harness.hpp"

namespace asterism {
namespace {

using AmiSession = ManagerTest;

TEST_F(AmiSession, GreetingLoginPingLogoff) {
    auto c = client();
    EXPECT_EQ(c.line(), "Asterisk Call Manager/11.0.0\r\n");
    EXPECT_EQ(c.ask("Action: Login\r\nActionID: 1\r\nUsername: admin\r\nSecret: pw\r\n\r\n"),
              "Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n");
    auto booted = c.block();
    EXPECT_TRUE(booted.starts_with("Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: ")) << booted;
    EXPECT_TRUE(booted.ends_with("Status: Fully Booted\r\n\r\n")) << booted;
    auto auth = c.block();
    EXPECT_TRUE(auth.starts_with("Event: SuccessfulAuth\r\nPrivilege: security,all\r\nEventTV: ")) << auth;
    EXPECT_NE(auth.find("Service: AMI\r\nEventVersion: 1\r\nAccountID: admin\r\nSessionID: 0x"), std::string::npos);
    EXPECT_NE(auth.find("\r\nUsingPassword: 0\r\nSessionTV: "), std::string::npos);
    auto pong = c.ask("Action: Ping\r\nActionID: 2\r\n\r\n");
    EXPECT_TRUE(pong.starts_with("Response: Success\r\nActionID: 2\r\nPing: Pong\r\nTimestamp: ")) << pong;
    EXPECT_EQ(c.ask("Action: Logoff\r\nActionID: 3\r\n\r\n"),
              "Response: Goodbye\r\nActionID: 3\r\nMessage: Thanks for all the fish.\r\n\r\n");
    EXPECT_TRUE(c.closed());
}

TEST_F(AmiSession, BeforeLoginEverythingIsDenied) {
    auto c = client();
    c.line();
    EXPECT_EQ(c.ask("Action: Ping\r\nActionID: a\r\n\r\n"),
              "Response: Error\r\nActionID: a\r\nMessage: Permission denied\r\n\r\n");
    EXPECT_EQ(c.ask("Action: NoSuch\r\n\r\n"), "Response: Error\r\nMessage: Permission denied\r\n\r\n");
    EXPECT_EQ(c.ask("Action: Challenge\r\nAuthType: SHA1\r\n\r\n"),
              "Response: Error\r\nMessage: Must specify AuthType\r\n\r\n");
}

TEST_F(AmiSession, FailedLoginsAreAllTheSameAndClose) {
    for (std::string headers :
         {"Username: admin\r\nSecret: no\r\n", "Username: nobody\r\nSecret: pw\r\n", "",
          "Username: denied\r\nSecret: pw\r\n", "AuthType: MD5\r\nUsername: admin\r\nKey: 1\r\n"}) {
        auto c = client();
        c.line();
        EXPECT_EQ(c.ask("Action: Login\r\nActionID: x\r\n" + headers + "\r\n"),
                  "Response: Error\r\nActionID: x\r\nMessage: Authentication failed\r\n\r\n")
            << headers;
        EXPECT_TRUE(c.closed());
    }
}

TEST_F(AmiSession, SecondLoginOfASingleUser) {
    auto first = client();
    first.login("single");
    auto second = client();
    second.line();
    EXPECT_EQ(second.ask("Action: Login\r\nUsername: single\r\nSecret: pw\r\n\r\n"),
              "Response: Error\r\nMessage: Login Already In Use\r\n\r\n");
    EXPECT_TRUE(second.closed());
    EXPECT_EQ(first.ask("Action: Login\r\nUsername: single\r\nSecret: wrong\r\n\r\n"),
              "Response: Success\r\nMessage: Already authenticated\r\n\r\n");
}

TEST_F(AmiSession, UnknownAndMissingActions) {
    auto c = client();
    c.login("admin");
    EXPECT_EQ(c.ask("Action: Frobnicate\r\nActionID: 1\r\n\r\n"),
              "Response: Error\r\nActionID: 1\r\nMessage: Invalid/unknown command: Frobnicate. Use Action: "
              "ListCommands to show available commands.\r\n\r\n");
    EXPECT_EQ(c.ask("ActionID: 2\r\nX: y\r\n\r\n"),
              "Response: Error\r\nActionID: 2\r\nMessage: Missing action in request\r\n\r\n");
}

TEST_F(AmiSession, ClassesDecideWhatMayBeDone) {
    auto c = client();
    c.login("limited", "");
    EXPECT_EQ(c.ask("Action: CoreStatus\r\n\r\n"), "Response: Error\r\nMessage: Permission denied\r\n\r\n");
    EXPECT_EQ(c.ask("Action: Hangup\r\n\r\n"), "Response: Error\r\nMessage: No channel specified\r\n\r\n");
    auto commands = c.ask("Action: ListCommands\r\n\r\n");
    EXPECT_NE(commands.find("\r\nPing: "), std::string::npos);
    EXPECT_NE(commands.find("  (Priv: system,call,reporting,all)\r\n"), std::string::npos);
    EXPECT_EQ(commands.find("\r\nCommand: "), std::string::npos);
}

TEST_F(AmiSession, EventMasks) {
    auto c = client();
    c.login("admin");
    EXPECT_EQ(c.ask("Action: Events\r\nEventMask: call,system\r\n\r\n"), "Response: Success\r\nEvents: On\r\n\r\n");
    EXPECT_EQ(c.ask("Action: Events\r\nEventMask: bogus\r\n\r\n"), "Response: Success\r\nEvents: Off\r\n\r\n");
    EXPECT_EQ(c.ask("Action: Events\r\n\r\n"), "Response: Error\r\nMessage: Invalid event mask\r\n\r\n");
    EXPECT_EQ(c.ask("Action: Events\r\nEventMask: user\r\n\r\n"), "Response: Success\r\nEvents: On\r\n\r\n");
    publish_user_event("Seen");
    EXPECT_EQ(c.block(), "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Seen\r\n\r\n");
}

TEST_F(AmiSession, TheReplyComesBeforeTheEventsItCaused) {
    auto c = client();
    c.login("admin");
    c.ask("Action: Events\r\nEventMask: user\r\n\r\n");
    EXPECT_EQ(c.ask("Action: UserEvent\r\nActionID: u\r\nUserEvent: Hello\r\nK1: v1\r\n\r\n"),
              "Response: Success\r\nActionID: u\r\nMessage: Event Sent\r\n\r\n");
    EXPECT_EQ(c.block(),
              "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Hello\r\nActionID: u\r\nK1: v1\r\n\r\n");
}

TEST_F(AmiSession, PipelinedRequestsAreAnsweredInOrder) {
    auto c = client();
    c.login("admin");
    std::string all;
    for (int i = 0; i < 500; ++i) all += fmt::format("Action: Ping\r\nActionID: {}\r\n\r\n", i);
    c.send(all);
    for (int i = 0; i < 500; ++i) {
        ASSERT_TRUE(c.block().starts_with(fmt::format("Response: Success\r\nActionID: {}\r\n", i)));
    }
}

TEST_F(AmiSession, LongLineAndGarbage) {
    auto c = client();
    c.login("admin");
    EXPECT_EQ(c.ask("Action: Ping\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"),
              "Response: Error\r\nMessage: Failed to parse message: line too long\r\n\r\n");
    std::string garbage;
    for (int i = 0; i < 5000; ++i) garbage.push_back(static_cast<char>(i * 37 % 251));
    c.send(garbage);
    c.send("\r\n\r\nAction: Ping\r\nActionID: alive\r\n\r\n");
    EXPECT_NE(c.until("ActionID: alive\r\n").find("ActionID: alive"), std::string::npos);
}

TEST_F(AmiSession, LineWithoutEndIsToldOnceAndKeepsNothing) {
    auto c = client();
    c.login("admin");
    c.send(std::string(1'000'000, 'x'));
    EXPECT_EQ(c.block(), "Response: Error\r\nMessage: Failed to parse message: line too long\r\n\r\n");
    c.send("\r\n\r\n");
    EXPECT_TRUE(c.ask("Action: Ping\r\nActionID: 9\r\n\r\n").starts_with("Response: Success\r\nActionID: 9\r\n"));
}

TEST_F(AmiSession, FiltersOfTheConfigurationAndOfTheSession) {
    auto c = client();
    c.login("filtered", "");
    c.block();  // FullyBooted is not filtered
    publish_user_event("A", {{"K1", "drop"}});
    publish_user_event("B", {{"K1", "keep"}});
    EXPECT_NE(c.block().find("UserEvent: B"), std::string::npos);
    EXPECT_EQ(c.ask("Action: Filter\r\nOperation: Add\r\nFilter: !K2: no\r\n\r\n"),
              "Response: Success\r\nMessage: Success\r\n\r\n");
    publish_user_event("C", {{"K2", "no"}});
    publish_user_event("D");
    EXPECT_NE(c.block().find("UserEvent: D"), std::string::npos);
    EXPECT_EQ(c.ask("Action: Filter\r\nOperation: Add\r\nFilter: [bad\r\n\r\n"),
              "Response: Error\r\nMessage: Filter did not compile.  Check the syntax of the filter given.\r\n\r\n");
    EXPECT_EQ(c.ask("Action: Filter\r\nOperation: Drop\r\nFilter: x\r\n\r\n"),
              "Response: Error\r\nMessage: Unknown operation\r\n\r\n");
}

TEST_F(AmiSession, WaitEventGivesWhatCame) {
    auto c = client();
    c.login("admin", "Events: user\r\n");
    c.send("Action: WaitEvent\r\nActionID: w\r\nTimeout: 60\r\n\r\n");
    // A ping behind it is answered only when it has ended.
    c.send("Action: Ping\r\nActionID: p\r\n\r\n");
    auto other = client();
    other.login("admin");
    other.ask("Action: UserEvent\r\nUserEvent: Now\r\n\r\n");
    EXPECT_EQ(c.block(), "Response: Success\r\nActionID: w\r\nMessage: Waiting for Event completed.\r\n\r\n");
    EXPECT_EQ(c.block(), "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Now\r\n\r\n");
    EXPECT_EQ(c.block(), "Event: WaitEventComplete\r\nActionID: w\r\n\r\n");
    EXPECT_TRUE(c.block().starts_with("Response: Success\r\nActionID: p\r\n"));
}

TEST_F(AmiSession, WaitEventEndsByItsTimeout) {
    auto c = client();
    c.login("admin");
    EXPECT_EQ(c.ask("Action: WaitEvent\r\nTimeout: 0\r\n\r\n"),
              "Response: Success\r\nMessage: Waiting for Event completed.\r\n\r\n");
    EXPECT_EQ(c.block(), "Event: WaitEventComplete\r\n\r\n");
}

TEST_F(AmiSession, ReloadKeepsSessionsAndEndsThoseOfRemovedUsers) {
    auto kept = client();
    kept.login("admin");
    auto gone = client();
    gone.login("limited");
    on_loop([&] {
        return configure("[general]\nenabled = yes\nport = 5038\nbindaddr = 127.0.0.1\n[admin]\nsecret = other\n");
    });
    EXPECT_TRUE(gone.closed());
    EXPECT_TRUE(kept.ask("Action: Ping\r\n\r\n").starts_with("Response: Success\r\n"));
    auto late = client();
    late.line();
    EXPECT_EQ(late.ask("Action: Login\r\nUsername: admin\r\nSecret: pw\r\n\r\n"),
              "Response: Error\r\nMessage: Authentication failed\r\n\r\n");
}

TEST_F(AmiSession, AReloadWithAnErrorChangesNothing) {
    EXPECT_FALSE(on_loop([&] { return configure("[general]\nenabled = yes\nport = 99999\n"); }));
    EXPECT_NE(problems.find("manager.conf:3"), std::string::npos) << problems;
    auto c = client();
    c.login("admin");
}

TEST_F(AmiSession, ListCommandsNamesItselfOnce) {
    auto c = client();
    c.login("admin");
    auto text = c.ask("Action: ListCommands\r\nActionID: l\r\n\r\n");
    EXPECT_TRUE(text.starts_with("Response: Success\r\nActionID: l\r\nAbsoluteTimeout: ")) << text.substr(0, 200);
    auto at = text.find("\r\nListCommands: ");
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(text.find("\r\nListCommands: ", at + 1), std::string::npos);
}

TEST_F(AmiSession, AuthTimeoutClosesSilently) {
    on_loop(
        [&] { return configure("[general]\nenabled = yes\nport = 5038\nbindaddr = 127.0.0.1\nauthtimeout = 0\n"); });
    auto c = client();
    EXPECT_TRUE(c.closed());
}

TEST_F(AmiSession, AuthLimitRefusesMore) {
    on_loop([&] {
        return configure(
            "[general]\nenabled = yes\nport = 5038\nbindaddr = 127.0.0.1\nauthlimit = 2\n[admin]\n"
            "secret = pw\nread = all\nwrite = all\n");
    });
    auto a = client();
    auto b = client();
    a.line();
    b.line();
    auto refused = client();
    EXPECT_TRUE(refused.closed());
    a.ask("Action: Login\r\nUsername: admin\r\nSecret: pw\r\nEvents: off\r\n\r\n");
    auto now = client();
    EXPECT_EQ(now.line(), "Asterisk Call Manager/11.0.0\r\n");
    EXPECT_EQ(on_loop([&] { return manager->stats().refused_sessions; }), 1u);
}

}  // namespace
}  // namespace asterism
