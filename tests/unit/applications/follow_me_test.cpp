// FollowMe in virtual time: numbers are Local channels whose dialplan plays the called parties.
#include "asterism/applications/follow_me.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "support/test_pbx.hpp"

namespace asterism::applications {
namespace {

config::File parse(const std::string& text, config::Report& report) {
    config::MapSource source;
    source.files["/followme.conf"] = text;
    const auto file = config::read(source, "followme.conf", {.directory = "/"}, report);
    return file ? *file : config::File();
}

class FollowMeTest : public testing::Test {
  protected:
    FollowMeTest() {
        functions::add_functions(pbx.pbx);
        add_applications(pbx.pbx);
        add_dial(pbx.applications);
        follow_me.emplace(pbx.pbx);
        configure("[me]\ncontext = numbers\nnumber => busy,20\nnumber => slow&quick,20\n");
        pbx.watch_events();
    }
    void configure(const std::string& text) {
        config::Report report;
        const auto file = parse(text, report);
        follow_me->configure(&file, report);
        ASSERT_TRUE(report.ok()) << report.text();
    }
    void dialplan(const std::string& options) {
        pbx.extensions(
            "[default]\nexten => 1,1,FollowMe(me," + options +
            ")\n same => n,Set(after=yes)\n same => n,Wait(60)\n"
            "[sub]\nexten => caller,1,Set(GLOBAL(caller)=${CHANNEL(name)})\n same => n,Return()\n"
            "exten => callee,1,Set(GLOBAL(callees)=$[0${GLOBAL(callees)} + 1])\n same => n,Return()\n"
            "[numbers]\nexten => busy,1,Busy()\nexten => slow,1,Ringing()\n same => n,Wait(100)\n"
            "exten => quick,1,Wait(2)\n same => n,Answer()\n same => n,Wait(3)\n same => n,SendDTMF(${digit})\n"
            " same => n,Wait(30)\n");
    }
    Channel& call(const std::string& options, const std::string& digit) {
        dialplan(options);
        pbx.globals.set("digit", digit);
        return pbx.phones.call_in("a", "default", "1");
    }
    std::size_t called() {
        const std::string* count = pbx.globals.find("callees");
        return count ? std::stoul(*count) : 0;
    }
    TestPbx pbx;
    std::optional<FollowMe> follow_me;
};

TEST_F(FollowMeTest, the_steps_run_one_after_another_until_somebody_takes_the_call) {
    Channel& caller = call("dB(sub^caller^1)b(sub^callee^1)", "1");
    const ChannelId id = caller.id();
    pbx.loop.advance(1s);
    EXPECT_TRUE(caller.up());
    EXPECT_EQ(*pbx.globals.find("caller"), "Test/a-00000000");
    EXPECT_EQ(called(), 3U);
    EXPECT_FALSE(caller.bridge());
    pbx.loop.advance(20s);
    EXPECT_TRUE(caller.bridge());
    EXPECT_EQ(caller.application(), "FollowMe");
    pbx.loop.advance(30s);  // the party hangs up
    EXPECT_EQ(pbx.channels.find(id), nullptr);
    EXPECT_EQ(pbx.channels.size(), 0U);
    EXPECT_EQ(pbx.bridges.size(), 0U);
    EXPECT_EQ(pbx.media.open_legs(), 0U);
}

TEST_F(FollowMeTest, whoever_declines_ends_it) {
    Channel& caller = call("dn", "2");
    pbx.loop.advance(30s);
    EXPECT_EQ(caller.application(), "Wait");
    EXPECT_NE(caller.variable("after"), nullptr);
    EXPECT_EQ(pbx.channels.size(), 1U);
}

TEST_F(FollowMeTest, whoever_says_nothing_is_not_reached) {
    Channel& caller = call("d", "9");
    pbx.loop.advance(50s);
    EXPECT_NE(caller.variable("after"), nullptr);
}

TEST_F(FollowMeTest, without_the_question_the_answer_takes_the_call) {
    configure("[general]\nenable_callee_prompt = no\n[me]\ncontext = numbers\nnumber => quick\n");
    Channel& caller = call("N", "");
    pbx.loop.advance(1s);
    EXPECT_FALSE(caller.up());
    EXPECT_TRUE(pbx.phones.told("Test/a-00000000 ringing"));
    pbx.loop.advance(2s);
    EXPECT_TRUE(caller.up());
    EXPECT_TRUE(caller.bridge());
}

TEST_F(FollowMeTest, nobody_in_time_and_the_caller_gives_up) {
    configure("[me]\ncontext = numbers\nnumber => slow,5\nnumber => slow,5\n");
    Channel& one = call("d", "");
    pbx.loop.advance(4s);
    EXPECT_EQ(pbx.channels.size(), 3U);
    pbx.loop.advance(5s);
    EXPECT_EQ(one.variable("after"), nullptr);
    pbx.loop.advance(2s);
    EXPECT_NE(one.variable("after"), nullptr);
    EXPECT_EQ(pbx.channels.size(), 1U);
    Channel& two = call("d", "");
    pbx.loop.advance(2s);
    two.party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(pbx.channels.size(), 1U);
}

TEST_F(FollowMeTest, an_unknown_profile_goes_on) {
    pbx.extensions("[default]\nexten => 1,1,FollowMe(nobody)\n same => n,Wait(60)\n");
    pbx.phones.call_in("a", "default", "1");
    pbx.loop.run();
    EXPECT_EQ(pbx.channels.find("Test/a-00000000")->application(), "Wait");
}

TEST(FollowMeConfig, general_is_what_profiles_begin_with_and_steps_have_an_order) {
    config::Report report;
    const auto profiles = read_follow_me(parse("[general]\ntakecall = 11\nsorry-prompt = sad\n[a]\nnumber => "
                                               "1,10,3\nnumber => 2&3,20,1\n[b]\ntakecall=5\n",
                                               report),
                                         report);
    EXPECT_TRUE(report.ok()) << report.text();
    const auto& a = profiles.at("a");
    EXPECT_EQ(a.take_digits, "11");
    EXPECT_EQ(a.sorry_prompt, "sad");
    ASSERT_EQ(a.steps.size(), 2U);
    EXPECT_EQ(a.steps[0].numbers, (std::vector<std::string>{"2", "3"}));
    EXPECT_EQ(a.steps[1].timeout, 10s);
    EXPECT_EQ(profiles.at("b").take_digits, "5");
}

TEST(FollowMeConfig, mistakes_are_errors_with_their_line) {
    config::Report report;
    (void)read_follow_me(parse("[a]\nnumber => ,10\n", report), report);
    EXPECT_FALSE(report.ok());
    EXPECT_THAT(report.text(), testing::HasSubstr("followme.conf:2"));
}

}  // namespace
}  // namespace asterism::applications
