// Dial's less common options, RetryDial, and what a called channel's hangup handlers do, in virtual time.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "core/applications/dial.hpp"
#include "support/test_pbx.hpp"

namespace asterism {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class DialOptions : public testing::Test {
  protected:
    DialOptions() {
        functions::add_functions(pbx.pbx);
        applications::add_applications(pbx.pbx);
        applications::add_dial(pbx.applications);
        pbx.watch_events();
    }
    Channel* like(const std::string& begin) {
        for (const ChannelId id : pbx.channels.ids()) {
            if (Channel* channel = pbx.channels.find(id); channel->name().starts_with(begin)) return channel;
        }
        return nullptr;
    }
    /// Calls extension 1 of [default], whose first line is this.
    Channel& dial(const std::string& line, const std::string& more = {}) {
        pbx.extensions("[default]\nexten => 1,1," + line +
                       "\n same => n,Set(GLOBAL(DS)=${DIALSTATUS})\n same => n,Wait(60)\n" + more);
        Channel& caller = pbx.phones.call_in("caller", "default", "1");
        caller_ = caller.id();
        pbx.loop.run();
        return caller;
    }
    Channel* caller() { return pbx.channels.find(caller_); }
    void answer(const std::string& who) {
        like(who)->answered();
        pbx.loop.run();
    }
    std::string global(const std::string& name) {
        const auto* value = pbx.globals.find(name);
        return value ? *value : "(unset)";
    }
    bool played(const std::string& prompt) { return pbx.media.called("/" + prompt + "."); }
    TestPbx pbx;
    ChannelId caller_;
};

TEST_F(DialOptions, WhomTheCalleeIsShown) {
    dial("Dial(Test/a,,o(\"Boss\" <77>)s(tag7))");
    EXPECT_EQ(like("Test/a")->caller().id.number.text, "77");
    EXPECT_EQ(like("Test/a")->caller().id.tag, "tag7");
    EXPECT_EQ(like("Test/a")->connected().id.number.text, "1000");
}

TEST_F(DialOptions, CallerIdOfForwardedCalls) {
    dial("Dial(Test/a,,f)");
    EXPECT_EQ(like("Test/a")->connected().id.number.text, "1000");
    like("Test/a")->forwarded("Test/b");
    pbx.loop.run();
    EXPECT_EQ(like("Test/b")->connected().id.number.text, "1");
    caller()->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    dial("Dial(Test/z,,f(<88>)u(prohib))");
    EXPECT_EQ(like("Test/z")->connected().id.number.text, "88");
    EXPECT_FALSE(like("Test/z")->connected().id.number.presentation.allowed());
}

TEST_F(DialOptions, AForwardIsTold) {
    dial("Dial(Test/a)");
    like("Test/a")->forwarded("Test/b@somewhere");
    pbx.loop.run();
    const auto* next = like("Test/b");
    ASSERT_NE(next, nullptr);
    EXPECT_EQ(next->redirecting().from.number.text, "1");  // the extension by which the first one was called
    EXPECT_EQ(next->redirecting().to.number.text, "b");
    EXPECT_EQ(next->redirecting().reason.code, 15);
    EXPECT_EQ(next->redirecting().count, 1);
    EXPECT_EQ(caller()->redirecting(), next->redirecting());
}

TEST_F(DialOptions, AForwardMayEndTheTimeout) {
    dial("Dial(Test/a,10,z)");
    like("Test/a")->forwarded("Test/b");
    pbx.loop.advance(60s);
    EXPECT_NE(like("Test/b"), nullptr);
}

TEST_F(DialOptions, SomebodyHasToBeHeardInTime) {
    dial("Dial(Test/a,20^2)");
    pbx.loop.advance(3s);
    EXPECT_EQ(like("Test/a"), nullptr);
    EXPECT_EQ(global("DS"), "NOANSWER");
    dial("Dial(Test/b,20^2)");
    like("Test/b")->indicated(ChannelSignal::Kind::progress);
    pbx.loop.advance(10s);
    EXPECT_NE(like("Test/b"), nullptr);
    pbx.loop.advance(11s);
    EXPECT_EQ(like("Test/b"), nullptr);
}

TEST_F(DialOptions, DigitsAtProgressAndAtTheAnswer) {
    dial("Dial(Test/a,,D(12:34:56))");
    const auto leg = like("Test/a")->leg();
    like("Test/a")->indicated(ChannelSignal::Kind::progress);
    pbx.loop.advance(2s);
    EXPECT_EQ(pbx.media.leg(leg).written, "56");
    answer("Test/a");
    pbx.loop.advance(5s);
    EXPECT_EQ(pbx.media.leg(leg).written, "5612");
    EXPECT_EQ(pbx.media.leg(caller()->leg()).written, "34");
}

TEST_F(DialOptions, TheCalleesHRuns) {
    dial("Dial(Test/a,,e)", "exten => h,1,Set(GLOBAL(H)=${GLOBAL(H)}${CHANNEL:0:6})\n");
    answer("Test/a");
    like("Test/a")->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_THAT(global("H"), HasSubstr("Test/a"));
    EXPECT_EQ(pbx.channels.size(), 0U);
}

TEST_F(DialOptions, HangupHandlersOfACalledChannelRun) {
    dial("Dial(Test/a&Test/b,,b(sub^s^1))",
         "[sub]\nexten => s,1,Set(CHANNEL(hangup_handler_push)=bye,s,1(x))\n same => n,Return()\n"
         "[bye]\nexten => s,1,Set(GLOBAL(BYE)=${GLOBAL(BYE)}${CHANNEL:0:6}${ARG1} )\n same => n,Return()\n");
    like("Test/a")->indicated(ChannelSignal::Kind::busy);
    pbx.loop.run();
    EXPECT_EQ(global("BYE"), "Test/ax ");
    answer("Test/b");
    caller()->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(global("BYE"), "Test/ax Test/bx ");
    EXPECT_EQ(pbx.channels.size(), 0U);
}

TEST_F(DialOptions, AHangupHandlerThatWaitsHoldsItsChannelOnly) {
    dial("Dial(Test/a,,b(sub^s^1))",
         "[sub]\nexten => s,1,Set(CHANNEL(hangup_handler_push)=bye,s,1)\n same => n,Return()\n"
         "[bye]\nexten => s,1,Wait(5)\n same => n,Return()\n");
    caller()->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(caller(), nullptr);
    pbx.loop.advance(6s);
    EXPECT_EQ(pbx.channels.size(), 0U);
    EXPECT_EQ(pbx.loop.timers().size(), 0U);
}

TEST_F(DialOptions, AHangupHandlerStaysOnItsHalfOfALocalChannel) {
    dial("Dial(Local/2@default)",
         "exten => 2,1,Set(CHANNEL(hangup_handler_push)=bye,s,1)\n same => n,Hangup()\n"
         "[bye]\nexten => s,1,Set(GLOBAL(BYE)=${GLOBAL(BYE)}x)\n same => n,Return()\n");
    pbx.loop.run();
    EXPECT_EQ(global("BYE"), "x");
}

TEST_F(DialOptions, TestsAreToldHowATimeLimitEndsACall) {
    for (const auto& [options, way] :
         {std::pair{"L(10000)", "HANGUP_TIME"}, {"L(10000:5000)", "BRIDGE_TIMELIMIT"}, {"S(10)", "HANGUP_TIME"}}) {
        std::vector<std::string> states;
        const auto tests = pbx.bus.subscribe([&](const Event& event) {
            if (event.kind == EventKind::test) states.push_back(as<TestEvent>(event).state);
        });
        dial(std::string("Dial(Test/a,,") + options + ")");
        answer("Test/a");
        pbx.loop.advance(10s);
        EXPECT_THAT(states, testing::Contains(way)) << options;
        pbx.loop.advance(60s);
    }
}

TEST_F(DialOptions, WhoeverIsTakenFromABridgeIsNoLongerOnHold) {
    dial("Dial(Test/a)");
    answer("Test/a");
    Channel& callee = *like("Test/a");
    caller()->party_held(true);
    EXPECT_TRUE(pbx.phones.told(callee.name() + " hold"));
    EXPECT_FALSE(pbx.phones.told(callee.name() + " unhold"));
    pbx.bridges.find(callee.bridge())->remove(callee);
    EXPECT_TRUE(pbx.phones.told(callee.name() + " unhold"));
}

TEST_F(DialOptions, AHandlersPlaceIsThatWhereItWasPushed) {
    pbx.extensions(
        "[default]\nexten => 1,1,Set(CHANNEL(hangup_handler_push)=4)\n same => n,Goto(other,1,1)\n"
        "exten => 1,4,Set(GLOBAL(RAN)=${CONTEXT})\n same => n,Return()\n[other]\nexten => 1,1,Hangup()\n");
    pbx.phones.call_in("caller", "default", "1");
    pbx.loop.run();
    EXPECT_EQ(global("RAN"), "default");
}

TEST_F(DialOptions, RetryDialTriesAgain) {
    pbx.extensions("[default]\nexten => 1,1,RetryDial(,5,2,Test/a,3)\n same => n,Set(GLOBAL(DS)=${DIALSTATUS})\n");
    pbx.phones.call_in("caller", "default", "1");
    pbx.loop.advance(2s);
    EXPECT_NE(like("Test/a-00000001"), nullptr);
    pbx.loop.advance(4s);
    EXPECT_EQ(like("Test/a"), nullptr);
    pbx.loop.advance(3s);
    EXPECT_NE(like("Test/a-00000002"), nullptr);
    pbx.loop.advance(8s);
    EXPECT_NE(like("Test/a-00000003"), nullptr);
    pbx.loop.advance(10s);
    EXPECT_EQ(global("DS"), "NOANSWER");
    EXPECT_EQ(pbx.channels.size(), 0U);
}

// ---- privacy ----

class Screening : public DialOptions {
  protected:
    Screening() {
        pbx.settings.data_dir = (std::filesystem::path(testing::TempDir()) / "screening_test").string();
        std::filesystem::create_directories(pbx.settings.sounds_dir());
        for (const char* name : {"priv-recordintro", "beep", "vm-dialout", "priv-callpending", "priv-callee-options",
                                 "screen-callee-options"})
            std::ofstream(pbx.settings.sounds_dir() + "/" + name + ".wav") << std::string(1000, '\0');
        pbx.prompts.set_dirs({.dirs = {pbx.settings.sounds_dir()}, .cwd = ""});
    }
    ~Screening() override { std::filesystem::remove_all(pbx.settings.data_dir); }
    /// The caller says who it is, Test/a answers and presses this.
    void choose(const std::string& options, char digit) {
        dial("Dial(Test/a,,g" + options + ")");
        pbx.loop.advance(30s);
        if (!like("Test/a")) return;
        answer("Test/a");
        pbx.loop.advance(500ms);
        pbx.media.press(like("Test/a")->leg(), digit);
        pbx.loop.advance(1s);
    }
};

TEST_F(Screening, TheCalleeHearsWhoCallsAndTalks) {
    choose("p", '1');
    EXPECT_TRUE(pbx.media.called("priv-callerintros/1000"));
    EXPECT_TRUE(caller()->up());
    EXPECT_TRUE(caller()->bridge());
    EXPECT_FALSE(pbx.db.get("privacy", "1/1000"));
}

TEST_F(Screening, WhatIsChosenIsKept) {
    choose("P", '3');
    EXPECT_EQ(global("DS"), "TORTURE");
    EXPECT_EQ(pbx.db.get("privacy", "1/1000"), "torture");
    EXPECT_EQ(like("Test/a"), nullptr);
    caller()->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    pbx.phones.log.clear();
    dial("Dial(Test/a,,P)");
    EXPECT_EQ(global("DS"), "TORTURE");
    EXPECT_FALSE(pbx.phones.told("Test/a"));
}

TEST_F(Screening, SomeDaySomeWay) {
    choose("P(base)", '5');
    EXPECT_EQ(global("DS"), "NOANSWER");
    EXPECT_EQ(pbx.db.get("privacy", "base/1000"), "allow");
    choose("p", '4');
    EXPECT_EQ(global("DS"), "DONTCALL");
}

TEST_F(Screening, ACallerWithANumberNeedNotBeScreened) {
    dial("Dial(Test/a,,pN)");
    EXPECT_NE(like("Test/a"), nullptr);
    answer("Test/a");
    EXPECT_TRUE(caller()->bridge());
}

TEST_F(Screening, ACallerWhoHangsUpWhileItSaysItsNameCallsNobody) {
    dial("Dial(Test/a,,p)");
    caller()->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(caller(), nullptr);
    EXPECT_FALSE(pbx.phones.told("Test/a"));
}

}  // namespace
}  // namespace asterism
