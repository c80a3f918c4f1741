// StoreDTMF and WaitForRing.
#include <gtest/gtest.h>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "support/test_pbx.hpp"

namespace asterism::applications {
namespace {

class StoreDtmf : public testing::Test {
  protected:
    StoreDtmf() {
        functions::add_functions(pbx.pbx);
        add_applications(pbx.pbx);
        add_dial(pbx.applications);
    }
    void press(Channel& channel, std::string_view digits) {
        for (const char digit : digits) channel.digit_end(digit, 100ms);
        pbx.loop.run();
    }
    TestPbx pbx;
};

TEST_F(StoreDtmf, both_directions_go_to_variables_of_their_own) {
    pbx.extensions(
        "[default]\nexten => 1,1,StoreDTMF(RX,mine,3)\n same => n,StoreDTMF(TX,GLOBAL(theirs))\n"
        " same => n,Dial(Test/b)\n");
    Channel& caller = pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    press(caller, "12");
    EXPECT_EQ(*caller.variable("mine"), "12");
    Channel* callee = pbx.channels.find("Test/b-00000001");
    press(*callee, "9");  // not in a bridge: nobody is sent it
    callee->answered();
    pbx.loop.run();
    press(caller, "345");
    press(*callee, "78");
    EXPECT_EQ(*caller.variable("mine"), "123");
    EXPECT_EQ(*pbx.globals.find("theirs"), "78");
}

TEST_F(StoreDtmf, what_the_channel_itself_sends_counts_and_remove_ends_it) {
    pbx.extensions(
        "[default]\nexten => 1,1,Answer()\n same => n,StoreDTMF(tx,sent)\n same => n,SendDTMF(42)\n"
        " same => n,StoreDTMF(remove)\n same => n,SendDTMF(1)\n same => n,StoreDTMF(sideways,x)\n"
        " same => n,StoreDTMF(RX)\n same => n,Wait(60)\n");
    Channel& channel = pbx.phones.call_in("a", "default", "1");
    pbx.loop.advance(20s);
    EXPECT_EQ(channel.application(), "Wait");
    EXPECT_EQ(*channel.variable("sent"), "42");
}

TEST_F(StoreDtmf, a_ring_ends_the_wait_once_the_time_is_over) {
    pbx.extensions("[default]\nexten => 1,1,WaitForRing(2)\n same => n,Wait(60)\n");
    Channel& channel = pbx.phones.call_in("a", "default", "1");
    pbx.loop.advance(1s);
    channel.indicated(ChannelSignal::Kind::ringing);
    pbx.loop.run();
    EXPECT_EQ(channel.application(), "WaitForRing");
    pbx.loop.advance(1s);
    channel.indicated(ChannelSignal::Kind::ringing);
    pbx.loop.run();
    EXPECT_EQ(channel.application(), "Wait");
}

TEST_F(StoreDtmf, jitter_buffers_take_their_parameters_and_refuse_others) {
    Channel& channel = pbx.phones.call_in("a", "default", "1");
    const auto set = [&](const char* name, const char* value) {
        return dialplan::set_variable(pbx.pbx, &channel, name, value);
    };
    EXPECT_TRUE(set("JITTERBUFFER(fixed)", "default"));
    EXPECT_TRUE(set("JITTERBUFFER(adaptive)", "200,,50"));
    EXPECT_TRUE(set("JITTERBUFFER(disabled)", ""));
    EXPECT_TRUE(set("JITTERBUFFER(fixed)", "120,-1"));
    EXPECT_FALSE(set("JITTERBUFFER(fixed)", "much"));
    EXPECT_FALSE(set("JITTERBUFFER(adaptive)", "-5"));
    EXPECT_FALSE(set("JITTERBUFFER(elastic)", "default"));
}

}  // namespace
}  // namespace asterism::applications
