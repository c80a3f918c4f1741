// Dial, Originate and Local channels through the whole model in virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asterism/features/bridging.hpp"
#include "asterism/features/dial.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/model/operations.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "support/test_pbx.hpp"

namespace asterism {
namespace {

class DialTest : public testing::Test {
  protected:
    DialTest() {
        applications::add_dial(pbx.applications);
        using dialplan::AppResult;
        pbx.applications.add(
            {.name = "Answer", .synopsis = "", .syntax = "", .run_now = [](Channel& channel, std::string_view) {
                 answer(channel);
                 return AppResult::go_on();
             }});
        pbx.applications.add({.name = "Wait",
                              .synopsis = "",
                              .syntax = "",
                              .run = [](Channel& channel, std::string data) -> Task<AppResult> {
                                  const OpResult end = co_await wait(channel, std::chrono::seconds(std::stoi(data)));
                                  co_return end.end == End::hangup ? AppResult::hang_up() : AppResult::go_on();
                              }});
        pbx.watch_events();
    }
    Channel* find(const std::string& name) { return pbx.channels.find(name); }
    /// The one channel whose name begins so.
    Channel* like(const std::string& begin) {
        for (const ChannelId id : pbx.channels.ids()) {
            if (Channel* channel = pbx.channels.find(id); channel->name().starts_with(begin)) return channel;
        }
        return nullptr;
    }
    TestPbx pbx;
};

TEST_F(DialTest, the_first_that_answers_wins_and_the_others_are_told_so) {
    pbx.extensions("[default]\nexten => 1,1,Dial(Test/a&Test/b,20)\n");
    Channel& caller = pbx.phones.call_in("caller", "default", "1");
    const ChannelId id = caller.id();
    pbx.loop.run();
    like("Test/a-")->indicated(ChannelSignal::Kind::ringing);
    pbx.loop.run();
    EXPECT_TRUE(pbx.phones.told("Test/caller-00000000 ringing"));
    like("Test/b-")->answered();
    pbx.loop.run();
    EXPECT_EQ(like("Test/a-"), nullptr);
    EXPECT_TRUE(pbx.phones.told("Test/a-00000001 hangup 26"));
    EXPECT_TRUE(pbx.happened("DialEnd Test/a-00000001 CANCEL"));
    EXPECT_TRUE(pbx.happened("DialEnd Test/b-00000002 ANSWER"));
    EXPECT_TRUE(caller.up());
    EXPECT_EQ(*caller.variable("DIALSTATUS"), "ANSWER");
    EXPECT_EQ(*caller.variable("DIALEDPEERNUMBER"), "b");
    EXPECT_EQ(pbx.media.leg(caller.leg()).peer, like("Test/b-")->leg());

    pbx.loop.advance(3s);
    like("Test/b-")->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(pbx.channels.find(id), nullptr);
    EXPECT_EQ(pbx.channels.size(), 0U);
    EXPECT_EQ(pbx.bridges.size(), 0U);
    EXPECT_EQ(pbx.media.open_legs(), 0U);
    EXPECT_TRUE(pbx.happened("VarSet ANSWEREDTIME=3"));
    EXPECT_EQ(pbx.loop.timers().size(), 0U);
}

TEST_F(DialTest, nobody_answers_in_time) {
    pbx.extensions("[default]\nexten => 1,1,Dial(Test/a,20)\n same => n,Wait(1)\n");
    Channel& caller = pbx.phones.call_in("caller", "default", "1");
    pbx.loop.advance(19s);
    EXPECT_NE(like("Test/a-"), nullptr);
    pbx.loop.advance(1s);
    EXPECT_EQ(like("Test/a-"), nullptr);
    EXPECT_EQ(*caller.variable("DIALSTATUS"), "NOANSWER");
    EXPECT_FALSE(caller.up());
    EXPECT_TRUE(pbx.happened("DialEnd Test/a-00000001 NOANSWER"));
    pbx.loop.advance(2s);
    EXPECT_EQ(pbx.channels.size(), 0U);
}

TEST_F(DialTest, busy_unknown_and_unreachable) {
    pbx.extensions(
        "[default]\nexten => 1,1,Dial(Test/a,20)\n same => n,Wait(5)\n"
        "exten => 2,1,Dial(Test/nobody)\n same => n,Wait(5)\nexten => 3,1,Dial(Nothing/x)\n same => n,Wait(5)\n");
    Channel& one = pbx.phones.call_in("one", "default", "1");
    pbx.loop.run();
    like("Test/a-")->party_hung_up(Cause::user_busy);
    pbx.loop.run();
    EXPECT_EQ(*one.variable("DIALSTATUS"), "BUSY");
    EXPECT_EQ(one.cause(), Cause::user_busy);
    Channel& two = pbx.phones.call_in("two", "default", "2");
    pbx.loop.run();
    EXPECT_EQ(*two.variable("DIALSTATUS"), "CHANUNAVAIL");
    Channel& three = pbx.phones.call_in("three", "default", "3");
    pbx.loop.run();
    EXPECT_EQ(*three.variable("DIALSTATUS"), "CHANUNAVAIL");
}

TEST_F(DialTest, the_caller_gives_up) {
    pbx.extensions("[default]\nexten => 1,1,Dial(Test/a&Test/b)\n");
    Channel& caller = pbx.phones.call_in("caller", "default", "1");
    pbx.loop.run();
    caller.party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(pbx.channels.size(), 0U);
    EXPECT_TRUE(pbx.happened("DialEnd Test/a-00000001 CANCEL"));
    EXPECT_TRUE(pbx.happened("VarSet DIALSTATUS=CANCEL"));
}

TEST_F(DialTest, g_goes_on_after_the_callee_and_S_ends_the_call) {
    pbx.extensions("[default]\nexten => 1,1,Dial(Test/a,,gS(7))\n same => n,Wait(60)\n");
    Channel& caller = pbx.phones.call_in("caller", "default", "1");
    pbx.loop.run();
    like("Test/a-")->answered();
    pbx.loop.advance(6s);
    EXPECT_NE(like("Test/a-"), nullptr);
    pbx.loop.advance(1s);
    EXPECT_EQ(like("Test/a-"), nullptr);
    EXPECT_EQ(caller.application(), "Wait");
}

TEST_F(DialTest, redirect_takes_the_caller_out_of_its_call) {
    pbx.extensions("[default]\nexten => 1,1,Dial(Test/a)\nexten => 2,1,Wait(60)\n");
    Channel& caller = pbx.phones.call_in("caller", "default", "1");
    pbx.loop.run();
    like("Test/a-")->answered();
    pbx.loop.run();
    caller.redirect({"default", "2", 1});
    pbx.loop.run();
    EXPECT_EQ(caller.application(), "Wait");
    EXPECT_EQ(like("Test/a-"), nullptr);
    EXPECT_EQ(pbx.bridges.size(), 0U);
}

TEST_F(DialTest, redirect_takes_the_callee_and_it_runs_the_dialplan) {
    pbx.extensions("[default]\nexten => 1,1,Dial(Test/a)\nexten => 2,1,Wait(60)\n");
    const ChannelId caller = pbx.phones.call_in("caller", "default", "1").id();
    pbx.loop.run();
    Channel* callee = like("Test/a-");
    callee->answered();
    pbx.loop.run();
    callee->redirect({"default", "2", 1});
    pbx.loop.run();
    ASSERT_EQ(like("Test/a-"), callee);
    EXPECT_EQ(callee->application(), "Wait");
    EXPECT_EQ(pbx.channels.find(caller), nullptr);
}

TEST_F(DialTest, originate_to_a_local_channel_runs_both_ends) {
    pbx.extensions("[default]\nexten => 1,1,Answer()\n same => n,Wait(10)\n");
    features::OriginateRequest request;
    request.destination = "Local/1@default";
    request.application = "Wait";
    request.data = "5";
    request.variables = {{"V1", "one"}, {"V2", "two"}};
    request.caller_id = PartyId::of("Cat", "55");
    std::optional<features::OriginateResult> result;
    ASSERT_TRUE(features::originate(pbx.pbx, std::move(request), [&](const auto& r) { result = r; }).has_value());
    EXPECT_FALSE(result);
    pbx.loop.run();
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->answered);
    EXPECT_EQ(result->reason, 4);
    EXPECT_EQ(result->channel, "Local/1@default-00000000;1");
    Channel* two = find("Local/1@default-00000000;2");
    ASSERT_NE(two, nullptr);
    EXPECT_EQ(*two->variable("V2"), "two");
    EXPECT_EQ(two->caller().id.number.text, "55");
    EXPECT_EQ(two->linkedid(), find("Local/1@default-00000000;1")->linkedid());
    EXPECT_LT(pbx.when("DialBegin Local/1@default-00000000;1"),
              pbx.when("Newexten Local/1@default-00000000;2 Answer()"));
    pbx.loop.advance(6s);
    EXPECT_EQ(pbx.channels.size(), 0U) << "one half ends the other";
}

TEST_F(DialTest, originate_to_nothing) {
    features::OriginateRequest request;
    request.destination = "Local/9@nowhere";
    std::optional<features::OriginateResult> result;
    pbx.extensions("[default]\nexten => 1,1,Answer()\n");
    ASSERT_TRUE(features::originate(pbx.pbx, request, [&](const auto& r) { result = r; }).has_value());
    pbx.loop.run();
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->answered);
    EXPECT_EQ(result->reason, 0);
    EXPECT_EQ(pbx.channels.size(), 0U);
    request.destination = "Test/nobody";
    EXPECT_EQ(features::originate(pbx.pbx, request).error(), Cause::no_route_destination);
    request.destination = "gibberish";
    EXPECT_EQ(features::originate(pbx.pbx, request).error(), Cause::chan_not_implemented);
}

TEST_F(DialTest, a_local_channel_between_two_phones_is_optimised_away) {
    pbx.extensions("[default]\nexten => 1,1,Dial(Local/2@default)\nexten => 2,1,Dial(Test/b)\n");
    Channel& caller = pbx.phones.call_in("caller", "default", "1");
    pbx.loop.run();
    Channel* callee = like("Test/b-");
    ASSERT_NE(callee, nullptr);
    callee->answered();
    pbx.loop.advance(1s);
    EXPECT_EQ(like("Local/"), nullptr);
    ASSERT_EQ(pbx.channels.size(), 2U);
    EXPECT_EQ(caller.bridge(), callee->bridge());
    EXPECT_EQ(pbx.media.leg(caller.leg()).peer, callee->leg());
    callee->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(pbx.channels.size(), 0U);
    EXPECT_EQ(pbx.bridges.size(), 0U);
}

TEST_F(DialTest, who_rings_is_shown_to_the_caller_and_who_calls_to_those_that_ring) {
    pbx.extensions("[default]\nexten => 1,1,Dial(Test/a)\nexten => 2,1,Dial(Test/a&Test/b)\n");
    const auto ring_as = [](Channel& callee, const char* number) {
        CallerParty party = callee.caller();
        party.id = PartyId::of("", number);
        callee.set_caller(std::move(party));
        callee.indicated(ChannelSignal::Kind::connected_line);
    };
    Channel& one = pbx.phones.call_in("one", "default", "1");
    pbx.loop.run();
    ring_as(*like("Test/a-"), "77");
    pbx.loop.run();
    EXPECT_EQ(one.connected().id.number.text, "77");
    EXPECT_TRUE(pbx.phones.told("Test/one-00000000 connected_line"));
    CallerParty caller = one.caller();
    caller.id = PartyId::of("", "88");
    one.set_caller(std::move(caller));
    one.indicated(ChannelSignal::Kind::connected_line);
    pbx.loop.run();
    EXPECT_EQ(like("Test/a-")->connected().id.number.text, "88");
    one.party_hung_up(Cause::normal_clearing);

    Channel& two = pbx.phones.call_in("two", "default", "2");
    pbx.loop.run();
    ring_as(*like("Test/a-"), "77");
    pbx.loop.run();
    EXPECT_EQ(two.connected().id.number.text, "") << "several ring: nobody knows yet who it will be";
    like("Test/a-")->answered();
    pbx.loop.run();
    EXPECT_EQ(two.connected().id.number.text, "77");
}

TEST_F(DialTest, whoever_is_left_alone_ends_with_the_others_cause) {
    pbx.extensions("[default]\nexten => 1,1,Dial(Test/a)\n");
    pbx.phones.call_in("caller", "default", "1");
    pbx.loop.run();
    like("Test/a-")->answered();
    pbx.loop.run();
    hang_up(*like("Test/a-"), Cause::not_defined, {});  // as AMI's Hangup without a cause
    pbx.loop.run();
    EXPECT_TRUE(pbx.phones.told("Test/caller-00000000 hangup 16"));
    pbx.phones.call_in("second", "default", "1");
    pbx.loop.run();
    like("Test/a-")->answered();
    pbx.loop.run();
    like("Test/second-")->party_hung_up(std::nullopt);
    pbx.loop.run();
    EXPECT_TRUE(pbx.phones.told("Test/a-00000003 hangup 16"));
}

TEST_F(DialTest, the_end_of_a_dialplan_is_told_before_h) {
    pbx.extensions("[default]\nexten => 1,1,Answer()\nexten => 2,1,Wait(9)\nexten => h,1,Wait(0)\n");
    std::vector<std::string> seen;
    const auto subscription = pbx.bus.subscribe([&](const Event& event) {
        if (event.kind == EventKind::channel_hangup_request) {
            seen.push_back(std::to_string(as<ChannelHangupRequest>(event).shown_cause().value_or(-1)));
        }
        if (event.kind == EventKind::channel_dialplan) seen.push_back(as<ChannelDialplan>(event).channel->exten);
    });
    pbx.phones.call_in("caller", "default", "1");
    pbx.loop.run();
    EXPECT_EQ(seen, (std::vector<std::string>{"1", "16", "h"}));
    seen.clear();
    Channel& second = pbx.phones.call_in("caller", "default", "2");
    pbx.loop.run();
    second.party_hung_up(std::nullopt);
    pbx.loop.run();
    EXPECT_THAT(seen, ::testing::ElementsAre("2", "-1", "16", "h")) << "a party that does not say why";
}

TEST_F(DialTest, an_originated_application_is_no_priority) {
    pbx.extensions("[default]\nexten => 1,1,Answer()\n same => n,Wait(2)\n");
    features::OriginateRequest request;
    request.destination = "Local/1@default";
    request.application = "Wait";
    request.data = "1";
    ASSERT_TRUE(features::originate(pbx.pbx, std::move(request)).has_value());
    pbx.loop.run();
    EXPECT_EQ(find("Local/1@default-00000000;1")->application(), "Wait");
    EXPECT_FALSE(pbx.happened("Newexten Local/1@default-00000000;1 Wait(1)"));
    EXPECT_TRUE(pbx.happened("Newexten Local/1@default-00000000;1 AppDial2((Outgoing Line))"));
}

TEST_F(DialTest, an_originated_call_follows_a_forward) {
    pbx.extensions("[default]\nexten => 77,1,Answer()\n same => n,Wait(100)\n");
    features::OriginateRequest request;
    request.destination = "Test/a";
    request.application = "Wait";
    request.data = "50";
    std::optional<features::OriginateResult> result;
    ASSERT_TRUE(features::originate(pbx.pbx, std::move(request), [&](const auto& r) { result = r; }).has_value());
    pbx.loop.run();
    like("Test/a-")->set_location({"default", "s", 1});
    like("Test/a-")->forwarded("77");
    pbx.loop.run();
    EXPECT_EQ(like("Test/a-"), nullptr);
    Channel* one = find("Local/77@default-00000000;1");
    ASSERT_NE(one, nullptr);
    EXPECT_EQ(*one->variable("FORWARDERNAME"), "Test/a-00000000");
    EXPECT_EQ(one->application(), "Wait");
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->answered);
    EXPECT_TRUE(pbx.happened("DialEnd Test/a-00000000 CANCEL"));
}

TEST_F(DialTest, accounts_follow_the_call) {
    pbx.extensions(
        "[default]\nexten => 1,1,Wait(1)\n same => n,Dial(Test/a)\n"
        "exten => 2,1,Wait(1)\n same => n,Dial(Local/3@default/n)\n"
        "exten => 3,1,Answer()\n same => n,Wait(100)\n");
    Channel& one = pbx.phones.call_in("one", "default", "1");
    one.set_account_code("mine");
    pbx.loop.advance(1s);
    EXPECT_EQ(like("Test/a-")->account_code(), "mine");
    EXPECT_EQ(like("Test/a-")->peer_account(), "mine");
    like("Test/a-")->answered();
    pbx.loop.run();
    EXPECT_EQ(one.peer_account(), "mine");
    Channel& two = pbx.phones.call_in("two", "default", "2");
    two.set_account_code("mine");
    two.set_peer_account("theirs");
    pbx.loop.advance(1s);
    EXPECT_EQ(find("Local/3@default-00000000;1")->account_code(), "theirs");
    EXPECT_EQ(find("Local/3@default-00000000;2")->account_code(), "mine");
    EXPECT_EQ(find("Local/3@default-00000000;2")->peer_account(), "theirs");
}

TEST_F(DialTest, amis_bridge_joins_two_that_are_busy_with_something_else) {
    pbx.extensions("[default]\nexten => 1,1,Answer()\n same => n,Wait(100)\n same => n,Wait(7)\n");
    Channel& a = pbx.phones.call_in("a", "default", "1");
    Channel& b = pbx.phones.call_in("b", "default", "1");
    pbx.loop.run();
    features::bridge_channels(a, b);
    pbx.loop.run();
    EXPECT_EQ(pbx.media.leg(a.leg()).peer, b.leg());
    EXPECT_TRUE(a.bridge());
    b.party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(a.application_data(), "7") << "goes on behind what it was taken from";
    EXPECT_EQ(pbx.bridges.size(), 0U);
}

TEST_F(DialTest, a_subroutine_runs_before_a_party_is_told_who_it_is_connected_with) {
    functions::add_functions(pbx.pbx);
    applications::add_applications(pbx.pbx);
    pbx.extensions(
        "[default]\nexten => 1,1,Set(CONNECTED_LINE_SEND_SUB=told,s,1)\n"
        " same => n,Set(CONNECTED_LINE_SEND_SUB_ARGS=9,x)\n same => n,Dial(Test/a)\n"
        "[told]\nexten => s,1,Set(CONNECTEDLINE(num,i)=${ARG1}${CONNECTEDLINE(num)})\n"
        " same => n,Set(second=${ARG2})\n same => n,Return()\n");
    Channel& caller = pbx.phones.call_in("caller", "default", "1");
    pbx.loop.run();
    Channel* callee = like("Test/a-");
    const auto named = [&](const std::string& number) {
        CallerParty party = callee->caller();
        party.id = PartyId::of("A", number);
        callee->set_caller(std::move(party));
        callee->indicated(ChannelSignal::Kind::connected_line);
        pbx.loop.run();
    };
    named("500");
    EXPECT_EQ(caller.connected().id.number.text, "9500");
    EXPECT_EQ(*caller.variable("second"), "x");
    EXPECT_TRUE(pbx.phones.told("Test/caller-00000000 connected_line"));
    callee->answered();
    pbx.loop.run();
    ASSERT_TRUE(caller.bridge());
    pbx.phones.log.clear();
    named("600");
    EXPECT_EQ(caller.connected().id.number.text, "9600");
    EXPECT_EQ(pbx.phones.log, (std::vector<std::string>{"Test/caller-00000000 connected_line"}));
    EXPECT_EQ(caller.application(), "Dial");
}

TEST_F(DialTest, a_redirection_behind_the_callee_is_told_to_the_caller_after_its_subroutine) {
    functions::add_functions(pbx.pbx);
    applications::add_applications(pbx.pbx);
    pbx.extensions(
        "[default]\nexten => 1,1,Set(REDIRECTING_SEND_SUB=told,s,1)\n"
        " same => n,Set(REDIRECTING_SEND_SUB_ARGS=45,4)\n same => n,Dial(Local/2@default)\n"
        "exten => 2,1,Set(REDIRECTING(to-num,i)=2000)\n same => n,Set(REDIRECTING(reason)=cfu)\n same => n,Wait(60)\n"
        "[told]\nexten => s,1,Set(REDIRECTING(to-num,i)=${ARG1}${REDIRECTING(to-num):-${ARG2}})\n"
        " same => n,Return()\n");
    Channel& caller = pbx.phones.call_in("caller", "default", "1");
    pbx.loop.run();
    EXPECT_EQ(caller.redirecting().to.number.text, "452000");
    EXPECT_TRUE(pbx.phones.told("Test/caller-00000000 redirecting"));
}

}  // namespace
}  // namespace asterism
