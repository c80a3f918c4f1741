#include <gmock/gmock.h>

#include "unit/dialplan/mini_pbx.hpp"

namespace asterism::dialplan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;

struct Executing : testing::Test {
    MiniPbx pbx;
    Executing() { pbx.watch(); }
    std::vector<std::string>& ran() { return pbx.ran; }
};

TEST_F(Executing, PrioritiesInOrderThenTheEnd) {
    pbx.extensions(
        "[default]\nexten => 1,1,NoOp(one ${EXTEN})\n same => n,NoOp(two ${PRIORITY} ${CONTEXT})\n same => n,Set(X=a "
        "b)\n same => n,NoOp(${X})\n");
    pbx.call("1");
    EXPECT_THAT(ran(), ElementsAre("NoOp(one 1)", "NoOp(two 2 default)", "Set(X=a b)", "NoOp(a b)", "hangup 0"));
    EXPECT_EQ(pbx.channels.size(), 0u);
    EXPECT_EQ(pbx.channels.calls_processed(), 1u);
}

TEST_F(Executing, LoopsWithGotoIf) {
    pbx.extensions(
        "[default]\nexten => 1,1,Set(i=0)\n same => n(loop),Set(i=$[${i} + 1])\n same => n,GotoIf($[${i} < 50]?loop)\n "
        "same => n,NoOp(${i})\n");
    pbx.call("1");
    ASSERT_EQ(ran().size(), 103u);
    EXPECT_EQ(ran()[101], "NoOp(50)");
}

TEST_F(Executing, AnEndlessLoopLetsOthersRunAndEnds) {
    pbx.extensions("[default]\nexten => 1,1,Goto(1)\n");
    Channel& channel = pbx.phones.call_in("a", "default", "1");
    pbx.loop.post([&] { channel.request_hangup(Cause::normal_clearing); });
    pbx.loop.run();
    EXPECT_EQ(pbx.channels.size(), 0u);
}

TEST_F(Executing, UnknownPlacesFallBackToSAndDefault) {
    pbx.extensions("[default]\nexten => s,1,NoOp(default s)\n[other]\nexten => s,1,NoOp(other s)\n");
    pbx.call("99", "other");
    pbx.call("99", "nowhere");
    EXPECT_THAT(ran(), ElementsAre("NoOp(other s)", "hangup 0", "NoOp(default s)", "hangup 0"));
}

TEST_F(Executing, InvalidExtensionsGoToI) {
    pbx.extensions("[default]\nexten => 1,1,Goto(99,1)\nexten => i,1,NoOp(invalid ${INVALID_EXTEN})\n");
    pbx.call("1");
    EXPECT_THAT(ran(), ElementsAre("Goto(99,1)", "NoOp(invalid 99)", "hangup 0"));
}

TEST_F(Executing, ExceptionsGoToE) {
    pbx.extensions("[default]\nexten => 1,1,Goto(99,1)\nexten => e,1,NoOp(exception)\n");
    Channel& channel = pbx.call("1");
    (void)channel;
    EXPECT_THAT(ran(), ElementsAre("Goto(99,1)", "NoOp(exception)", "hangup 0"));
}

TEST_F(Executing, HangupRunsHAndHandlers) {
    pbx.extensions(
        "[default]\nexten => 1,1,Wait(60)\nexten => h,1,NoOp(h ${HANGUPCAUSE})\n same => n,Wait(1)\n same => "
        "n,NoOp(h2)\n"
        "exten => hh,1,NoOp(handler ${ARG1})\n same => n,Return()\n");
    Channel& channel = pbx.call("1");
    channel.extra<HangupHandlers>().handlers = {"default,hh,1(first)", "default,hh,1(second)"};
    channel.party_hung_up(Cause::user_busy);
    pbx.loop.advance(2s);
    EXPECT_THAT(ran(), ElementsAre("Wait(60)", "NoOp(h 17)", "Wait(1)", "NoOp(h2)", "NoOp(handler second)", "Return()",
                                   "NoOp(handler first)", "Return()", "hangup 17"));
    EXPECT_EQ(pbx.channels.size(), 0u);
}

TEST_F(Executing, HangupApplicationRunsHToo) {
    pbx.extensions("[default]\nexten => 1,1,Hangup()\nexten => h,1,NoOp(h)\n");
    pbx.call("1");
    EXPECT_THAT(ran(), ElementsAre("Hangup()", "NoOp(h)", "hangup 0"));
}

TEST_F(Executing, RedirectInterruptsAWait) {
    pbx.extensions("[default]\nexten => 1,1,Wait(60)\n[other]\nexten => 2,1,NoOp(there)\n same => n,Wait(5)\n");
    Channel& channel = pbx.call("1");
    channel.redirect({"other", "2", 1});
    pbx.loop.run();
    EXPECT_THAT(ran(), ElementsAre("Wait(60)", "NoOp(there)", "Wait(5)"));
    pbx.loop.advance(5s);
    EXPECT_EQ(pbx.channels.size(), 0u);
}

TEST_F(Executing, ATakeoverEndsAndTheDialplanGoesOn) {
    pbx.extensions(
        "[default]\nexten => 1,1,Wait(60)\n same => n,NoOp(after)\n same => n,Wait(9)\nexten => 2,1,NoOp(elsewhere)\n "
        "same => n,Wait(9)\n");
    Channel& channel = pbx.call("1");
    channel.take_over([](Channel& taken) -> Task<void> { (void)co_await wait(taken, 3s); });
    pbx.loop.advance(3s);
    EXPECT_THAT(ran(), ElementsAre("Wait(60)", "NoOp(after)", "Wait(9)"));
    channel.take_over([](Channel& taken) -> Task<void> {
        (void)co_await wait(taken, 1s);
        go_to(taken, Location{"default", "2", 1});
    });
    pbx.loop.advance(1s);
    EXPECT_THAT(ran(), ElementsAre("Wait(60)", "NoOp(after)", "Wait(9)", "NoOp(elsewhere)", "Wait(9)"));
}

TEST_F(Executing, DigitsMakeAnExtension) {
    pbx.extensions(
        "[default]\nexten => s,1,WaitExten()\nexten => 123,1,NoOp(got ${EXTEN})\nexten => 12,1,NoOp(short)\nexten => "
        "i,1,NoOp(no ${INVALID_EXTEN})\n");
    Channel& channel = pbx.call("s");
    for (const char digit : {'1', '2', '3'}) {
        channel.digit_end(digit, 100ms);
        pbx.loop.run();
    }
    EXPECT_THAT(ran(), Contains("NoOp(got 123)"));
    ran().clear();
    Channel& second = pbx.call("s");
    second.digit_end('1', 100ms);
    second.digit_end('2', 100ms);
    pbx.loop.advance(6s);  // the digit timeout decides for the shorter one
    EXPECT_THAT(ran(), ElementsAre("WaitExten()", "NoOp(short)", "hangup 0"));
    ran().clear();
    Channel& third = pbx.call("s");
    third.digit_end('9', 100ms);
    pbx.loop.run();
    EXPECT_THAT(ran(), ElementsAre("WaitExten()", "NoOp(no 9)", "hangup 0"));
}

TEST_F(Executing, NobodyTypesAnything) {
    pbx.extensions(
        "[default]\nexten => s,1,WaitExten()\nexten => t,1,NoOp(timeout)\n[cont]\nexten => s,1,WaitExten()\n same => "
        "n,NoOp(next)\n");
    pbx.call("s");
    pbx.loop.advance(10s);
    EXPECT_THAT(ran(), ElementsAre("WaitExten()", "NoOp(timeout)", "hangup 0"));
    ran().clear();
    pbx.call("s", "cont");
    pbx.loop.advance(10s);
    EXPECT_THAT(ran(), ElementsAre("WaitExten()", "NoOp(next)", "hangup 0"));
}

TEST_F(Executing, WithoutAutofallthroughItWaitsForDigits) {
    pbx.extensions(
        "[general]\nautofallthrough=no\n[default]\nexten => s,1,NoOp()\nexten => 5,1,NoOp(five)\n same => "
        "n,Hangup()\nexten => t,1,NoOp(t)\n same => n,Hangup()\n");
    Channel& channel = pbx.call("s");
    channel.digit_end('5', 100ms);
    pbx.loop.run();
    EXPECT_THAT(ran(), ElementsAre("NoOp()", "NoOp(five)", "Hangup()", "hangup 0"));
    ran().clear();
    pbx.call("s");
    pbx.loop.advance(10s);
    EXPECT_THAT(ran(), ElementsAre("NoOp()", "NoOp(t)", "Hangup()", "hangup 0"));
}

TEST_F(Executing, FallingThroughSaysWhatDialFound) {
    pbx.extensions("[default]\nexten => 1,1,Set(DIALSTATUS=BUSY)\nexten => 2,1,Set(DIALSTATUS=CONGESTION)\n");
    pbx.call("1");
    EXPECT_TRUE(pbx.phones.told("busy"));
    pbx.loop.advance(10s);
    EXPECT_THAT(ran().back(), EndsWith("17"));
    pbx.call("2");
    EXPECT_TRUE(pbx.phones.told("congestion"));
    pbx.loop.advance(10s);
    EXPECT_THAT(ran().back(), EndsWith("34"));
}

TEST_F(Executing, SubroutinesHideVariablesAndReturn) {
    pbx.extensions(
        "[default]\nexten => 1,1,Set(ARG1=mine)\n same => n,Gosub(sub,s,1(a,\"b,c\"))\n same => n,NoOp(${ARG1} ${ARG2} "
        "${GOSUB_RETVAL})\n"
        "[sub]\nexten => s,1,NoOp(${ARGC} ${ARG1} ${ARG2})\n same => n,Gosub(inner,1(x))\n same => n,NoOp(${ARG1} "
        "${ARG2})\n same => n,Return(ret)\n"
        "exten => inner,1,NoOp(${ARGC} ${ARG1} <${ARG2}>)\n same => n,Return()\n");
    pbx.call("1");
    EXPECT_THAT(ran(), ElementsAre("Set(ARG1=mine)", "Gosub(sub,s,1(a,\"b,c\"))", "NoOp(2 a \"b,c\")",
                                   "Gosub(inner,1(x))", "NoOp(1 x <>)", "Return()", "NoOp(a \"b,c\")", "Return(ret)",
                                   "NoOp(mine  ret)", "hangup 0"));
}

TEST_F(Executing, ApplicationsRunSubroutinesToTheirReturn) {
    pbx.extensions(
        "[default]\nexten => 1,1,CallSub(sub,s,1(a))\n same => n,NoOp(${RETURNED} ${PRIORITY})\n same => "
        "n,CallSub(sub,none,1)\n same => n,NoOp(${RETURNED})\n"
        "[sub]\nexten => s,1,Wait(1)\n same => n,Gosub(deep,1)\n same => n,Return()\nexten => deep,1,Return()\n");
    pbx.call("1");
    pbx.loop.advance(1s);
    EXPECT_THAT(ran(), ElementsAre("CallSub(sub,s,1(a))", "Wait(1)", "Gosub(deep,1)", "Return()", "Return()",
                                   "NoOp(yes 2)", "CallSub(sub,none,1)", "NoOp(no)", "hangup 0"));
}

TEST_F(Executing, EndlessRecursionEnds) {
    pbx.extensions("[default]\nexten => 1,1,Gosub(1,1(a,b))\n");
    pbx.call("1");
    EXPECT_EQ(pbx.channels.size(), 0u);
    EXPECT_LE(ran().size(), GosubStack::max_frames + 5);
}

TEST_F(Executing, ABrokenOrUnknownApplicationEndsItsCallOnly) {
    pbx.extensions("[default]\nexten => 1,1,Throw()\nexten => 2,1,NoSuchApp(x)\n");
    pbx.call("1");
    pbx.call("2");
    EXPECT_THAT(ran(), ElementsAre("Throw()", "hangup 0", "hangup 0"));
}

TEST_F(Executing, FunctionsMayWait) {
    pbx.extensions(
        "[default]\nexten => 1,1,NoOp(a ${SLOW(${LEN(xyz)}):0:6} $[1 + ${LEN(ab)}] ${NONE})\n same => "
        "n,Set(STORE(key)=${LEN(abc)})\n same => n,NoOp(${STORED})\n");
    pbx.call("1");
    EXPECT_TRUE(ran().empty());
    pbx.loop.advance(1s);
    EXPECT_THAT(ran(), ElementsAre("NoOp(a slow 3 3 )", "Set(STORE(key)=3)", "NoOp(key:3)", "hangup 0"));
}

TEST_F(Executing, AbsoluteTimeoutGoesToT) {
    pbx.extensions("[default]\nexten => 1,1,Wait(60)\nexten => T,1,NoOp(too long)\n[bare]\nexten => 1,1,Wait(60)\n");
    set_absolute_timeout(pbx.call("1"), 5s);
    set_absolute_timeout(pbx.call("1", "bare"), 7s);
    pbx.loop.advance(5s);
    EXPECT_THAT(ran(), ElementsAre("Wait(60)", "Wait(60)", "NoOp(too long)", "hangup 0"));
    pbx.loop.advance(2s);
    EXPECT_EQ(pbx.channels.size(), 0u);
}

TEST_F(Executing, AReloadIsSeenByTheNextJumpAndNeverTearsAnExtension) {
    pbx.extensions(
        "[default]\nexten => 1,1,Wait(5)\n same => n,NoOp(old)\n same => n,Goto(2,1)\nexten => 2,1,NoOp(old 2)\n");
    pbx.call("1");
    pbx.extensions("[default]\nexten => 1,1,NoOp(new)\nexten => 2,1,NoOp(new 2)\n");
    pbx.loop.advance(5s);
    EXPECT_THAT(ran(), ElementsAre("Wait(5)", "NoOp(old)", "Goto(2,1)", "NoOp(new 2)", "hangup 0"));
}

TEST_F(Executing, PrioritiesOfSeveralPatternsAddUp) {
    pbx.extensions(
        "[default]\nexten => _1XX,1,NoOp(any)\nexten => _1XX,2,NoOp(any 2)\nexten => 123,2,NoOp(exact 2)\nexten => "
        "_1XX,3,NoOp(any 3)\n");
    pbx.call("123");
    EXPECT_THAT(ran(), ElementsAre("NoOp(any)", "NoOp(exact 2)", "NoOp(any 3)", "hangup 0"));
}

TEST_F(Executing, GlobalsAndComputedVariables) {
    pbx.extensions(
        "[globals]\nTRUNK=PJSIP/x\nBOTH=${TRUNK}/y\n[default]\nexten => 1,1,NoOp(${BOTH} ${CHANNEL:0:6} "
        "${UNIQUEID:0:3} ${EPOCH} ${ASTETCDIR})\n");
    Channel& channel = pbx.phones.call_in("a", "default", "1");
    set_variable(pbx.pbx, &channel, "__INH", "1");
    EXPECT_EQ(get_variable(pbx.pbx, &channel, "INH"), "1");
    EXPECT_EQ(get_variable(pbx.pbx, &channel, "EXTEN"), "1");
    EXPECT_EQ(get_variable(pbx.pbx, nullptr, "TRUNK:0:5"), "PJSIP");
    EXPECT_EQ(get_variable(pbx.pbx, nullptr, "LEN(abc)"), "3");
    EXPECT_EQ(get_variable(pbx.pbx, nullptr, "NONE"), std::nullopt);
    EXPECT_FALSE(set_variable(pbx.pbx, &channel, "LEN(x)", "1"));
    pbx.loop.run();
    EXPECT_THAT(ran(), Contains("NoOp(PJSIP/x/y Test/a 179 1795288305 /etc/asterisk)"));
}

}  // namespace
}  // namespace asterism::dialplan
