#include "asterism/features/messages.hpp"

#include <gmock/gmock.h>

#include "unit/functions/function_test.hpp"

using namespace asterism;
using features::TextMessage;
using testing::ElementsAre;

namespace {

using MessageFunctions = FunctionTest;

TEST_F(MessageFunctions, ReadAndSet) {
    EXPECT_EQ(read("${MESSAGE(body)}|${MESSAGE_DATA(X-A)}"), "|");
    EXPECT_TRUE(set("MESSAGE(body)", "call me, maybe"));
    EXPECT_TRUE(set("MESSAGE(to)", "pjsip:bob"));
    EXPECT_TRUE(set("MESSAGE(from)", "sip:alice"));
    EXPECT_EQ(read("${MESSAGE(body)}|${MESSAGE(to)}|${MESSAGE(from)}"), "call me, maybe|pjsip:bob|sip:alice");
    EXPECT_TRUE(set("MESSAGE_DATA(X-A)", "1"));
    EXPECT_TRUE(set("MESSAGE_DATA(x-a)", "2"));
    EXPECT_EQ(read("${MESSAGE_DATA(X-A)}"), "2");
    EXPECT_TRUE(channel().extra<features::TextMessage>().data.at(0).outbound);
    EXPECT_TRUE(set("MESSAGE(custom_data)", "clear_all_outbound"));
    EXPECT_FALSE(channel().extra<features::TextMessage>().data.at(0).outbound);
    EXPECT_TRUE(set("MESSAGE(custom_data)", "mark_all_outbound"));
    EXPECT_TRUE(channel().extra<features::TextMessage>().data.at(0).outbound);
    EXPECT_TRUE(set("MESSAGE_DATA(X-A)", ""));
    EXPECT_EQ(read("${MESSAGE_DATA(X-A)}"), "");
}

TEST_F(MessageFunctions, WhatIsNoPart) {
    EXPECT_EQ(read("${MESSAGE(subject)}|${MESSAGE()}|${MESSAGE_DATA()}"), "||");
    EXPECT_FALSE(set("MESSAGE(subject)", "x"));
    EXPECT_FALSE(set("MESSAGE(custom_data)", "x"));
    EXPECT_FALSE(set("MESSAGE_DATA()", "x"));
    EXPECT_FALSE(set("MESSAGE_DATA(X)", "a\r\nB: c"));
}

TEST_F(MessageFunctions, MessagesThatComeInRunOneAfterTheOther) {
    pbx.extensions("[in]\nexten => a,1,Set(GLOBAL(SEEN)=${SEEN}${CHANNEL}:${MESSAGE(body)}:${MESSAGE_DATA(x-h)}\\;)\n");
    pbx.applications.add({.name = "Set",
                          .synopsis = "sets",
                          .syntax = "Set(name=value)",
                          .run_now = [](Channel& on, std::string_view data) {
                              const auto equals = data.find('=');
                              (void)dialplan::set_variable(on.pbx(), &on, data.substr(0, equals),
                                                           data.substr(equals + 1));
                              return dialplan::AppResult::go_on();
                          }});
    features::MessageQueue queue(pbx.pbx);
    for (const char* body : {"one", "two"}) {
        features::TextMessage message;
        message.body = body;
        message.data.push_back({"X-H", "h", false});
        EXPECT_TRUE(queue.add(message, {"in", "a", 1}));
    }
    pbx.loop.run();
    EXPECT_EQ(*pbx.globals.find("SEEN"), "Message/ast_msg_queue:one:h;Message/ast_msg_queue:two:h;");
    EXPECT_EQ(pbx.channels.size(), 0u);
}

}  // namespace
