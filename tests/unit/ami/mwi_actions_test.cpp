// Actions on mailboxes that another program keeps.
#include "harness.hpp"

namespace asterism {
namespace {

class MwiActions : public ManagerTest {
  public:
    MwiActions() : admin(client()) { admin.login("admin"); }
    std::string ask(std::string_view headers) { return admin.ask("Action: " + std::string(headers) + "\r\n\r\n"); }
    Client admin;
};

std::string error(std::string_view message) {
    return "Response: Error\r\nMessage: " + std::string(message) + "\r\n\r\n";
}

TEST_F(MwiActions, UpdateGetDelete) {
    constexpr std::string_view done = "Response: Success\r\n\r\n";
    constexpr std::string_view list = "Response: Success\r\nEventList: start\r\nMessage: Mailboxes will follow\r\n\r\n";
    EXPECT_EQ(ask("MWIUpdate\r\nMailbox: 1000@default\r\nNewMessages: 2\r\nOldMessages: 1"), done);
    EXPECT_EQ(ask("MWIGet\r\nMailbox: 1000@default"), list);
    EXPECT_EQ(admin.block(), "Event: MWIGet\r\nMailbox: 1000@default\r\nOldMessages: 1\r\nNewMessages: 2\r\n\r\n");
    EXPECT_EQ(admin.block(), "Event: MWIGetComplete\r\nEventList: Complete\r\nListItems: 1\r\n\r\n");
    EXPECT_EQ(ask("MWIGet\r\nMailbox: /^1.*t$/"), list);
    admin.block();
    EXPECT_EQ(admin.block(), "Event: MWIGetComplete\r\nEventList: Complete\r\nListItems: 1\r\n\r\n");
    EXPECT_EQ(ask("MWIDelete\r\nMailbox: /^2/"), done);
    EXPECT_EQ(ask("MWIDelete\r\nMailbox: /^1/"), done);
    EXPECT_EQ(ask("MWIGet\r\nMailbox: 1000@default"), list);
    EXPECT_EQ(admin.block(), "Event: MWIGetComplete\r\nEventList: Complete\r\nListItems: 0\r\n\r\n");
}

TEST_F(MwiActions, WhatIsWrong) {
    EXPECT_EQ(ask("MWIUpdate\r\nNewMessages: 2"), error("Missing mailbox parameter in request"));
    EXPECT_EQ(ask("MWIGet"), error("Missing mailbox parameter in request"));
    EXPECT_EQ(ask("MWIDelete"), error("Missing mailbox parameter in request"));
    EXPECT_EQ(ask("MWIUpdate\r\nMailbox: a\r\nNewMessages: -2"), error("Invalid NewMessages parameter"));
    EXPECT_EQ(ask("MWIUpdate\r\nMailbox: a\r\nOldMessages: many"), error("Invalid OldMessages parameter"));
    EXPECT_EQ(ask("MWIGet\r\nMailbox: /(/"), error("Mailbox regular expression could not be compiled"));
}

TEST_F(MwiActions, NobodyWatchesWithoutSip) {
    EXPECT_EQ(ask("PJSIPShowSubscriptionsInbound"),
              "Response: Success\r\nEventList: start\r\n"
              "Message: Following are Events for each inbound Subscription\r\n\r\n");
    EXPECT_EQ(admin.block(), "Event: InboundSubscriptionDetailComplete\r\nEventList: Complete\r\nListItems: 0\r\n\r\n");
    EXPECT_EQ(ask("PJSIPShowSubscriptionsOutbound"),
              "Response: Success\r\nEventList: start\r\n"
              "Message: Following are Events for each outbound Subscription\r\n\r\n");
    EXPECT_EQ(admin.block(),
              "Event: OutboundSubscriptionDetailComplete\r\nEventList: Complete\r\nListItems: 0\r\n\r\n");
}

}  // namespace
}  // namespace asterism
