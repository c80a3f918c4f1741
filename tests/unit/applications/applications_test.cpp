// Applications as a dialplan runs them, in virtual time. Each call leaves what it found in globals or in the log of
// events.
#include "core/applications/applications.hpp"

#include <gmock/gmock.h>

#include "asterism/functions/functions.hpp"
#include "support/test_pbx.hpp"

using namespace asterism;
using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;

namespace {

class Applications : public testing::Test {
  protected:
    Applications() {
        functions::add_functions(pbx.pbx);
        applications::add_applications(pbx.pbx);
        pbx.prompts.set_dirs({.dirs = {"/usr/share/asterisk/sounds/en_US_f_Allison"}, .cwd = ""});
        pbx.watch_events();
    }
    /// Runs extension 1 of [default] with these lines; the call may be over afterwards.
    ChannelId call(const std::vector<std::string>& lines, const std::string& more = {}) {
        std::string text = "[default]\nexten => 1,1,NoOp()\n";
        for (const auto& line : lines) text += " same => n" + (line.front() == '(' ? line : "," + line) + "\n";
        pbx.extensions(text + more);
        auto& channel = pbx.phones.call_in("alice", "default", "1");
        id_ = channel.id();
        pbx.loop.run();
        return id_;
    }
    Channel* channel() { return pbx.channels.find(id_); }
    std::string global(const std::string& name) {
        const auto* value = pbx.globals.find(name);
        return value ? *value : "(unset)";
    }
    void press(char digit) {
        channel()->digit_end(digit, 100ms);
        pbx.loop.run();
    }
    TestPbx pbx;

  private:
    ChannelId id_;
};

TEST_F(Applications, EveryEntrySaysWhatItIs) {
    for (const auto* app : pbx.applications.all()) {
        EXPECT_FALSE(app->synopsis.empty()) << app->name;
        EXPECT_TRUE(app->syntax.starts_with(app->name + "(")) << app->name;
        EXPECT_TRUE(app->run || app->run_now) << app->name;
    }
    EXPECT_GT(pbx.applications.all().size(), 70u);
}

TEST_F(Applications, ChanIsAvailTriesAChannel) {
    call({"ChanIsAvail(Test/a&Nosuch/b&Test/c,a)", "Set(GLOBAL(CHAN)=${AVAILCHAN})",
          "Set(GLOBAL(ORIG)=${AVAILORIGCHAN})", "ChanIsAvail(Nosuch/b)", "Set(GLOBAL(NONE)=${AVAILCHAN})",
          "Set(GLOBAL(CAUSE)=${AVAILCAUSECODE})", "ChanIsAvail(Test/a,t)", "Set(GLOBAL(STATE)=${AVAILCHAN})",
          "Wait(9)"});
    EXPECT_TRUE(global("CHAN").starts_with("Test/a-")) << global("CHAN");
    EXPECT_NE(global("CHAN").find("&Test/c-"), std::string::npos) << global("CHAN");
    EXPECT_EQ(global("ORIG"), "Test/a&Test/c");
    EXPECT_EQ(global("NONE"), "");
    EXPECT_EQ(global("CAUSE"), "66");
    EXPECT_EQ(global("STATE"), "Test/a");
    EXPECT_EQ(pbx.channels.size(), 1u);  // what was tried is gone
}

TEST_F(Applications, AnswerWaitHangup) {
    call({"Answer()", "Wait(2)", "Hangup(17)"});
    ASSERT_TRUE(channel());
    EXPECT_TRUE(channel()->up());
    pbx.loop.advance(2s);
    EXPECT_FALSE(channel());
    EXPECT_TRUE(pbx.phones.told("hangup 17"));
}

TEST_F(Applications, SilenceIsSentToWhoHearsNothingElse) {
    pbx.settings.transmit_silence = true;
    call({"Wait(1)", "Answer(,i)", "Wait(1)", "Playtones(dial)", "Wait(1)", "StopPlaytones()", "NoOp()", "Wait(1)"});
    const auto playing = [&]() -> std::string {
        const auto* op = pbx.media.playing(channel()->leg());
        return op ? op->kind + (op->play.silence == media::Millis::max() ? " silence" : "") : "nothing";
    };
    EXPECT_FALSE(channel()->up());  // not yet
    EXPECT_EQ(playing(), "nothing");
    pbx.loop.advance(1s);
    EXPECT_EQ(playing(), "play silence");
    pbx.loop.advance(1s);
    EXPECT_EQ(playing(), "tone");
    pbx.loop.advance(1s);
    EXPECT_EQ(playing(), "play silence");
    pbx.loop.advance(1s);
    EXPECT_FALSE(channel());
}

TEST_F(Applications, NoMoreCallsThanThereMayBe) {
    pbx.settings.max_calls = 2;
    call({"Wait(9)"});
    EXPECT_EQ(pbx.channels.calls(), 1U);
    const ChannelId second = pbx.phones.call_in("bob", "default", "1").id();
    const ChannelId third = pbx.phones.call_in("cat", "default", "1").id();
    pbx.loop.run();
    EXPECT_TRUE(pbx.channels.find(second));
    EXPECT_FALSE(pbx.channels.find(third));
    EXPECT_TRUE(pbx.phones.told("hangup 42"));
    pbx.loop.advance(9s);
    EXPECT_EQ(pbx.channels.calls(), 0U);

    pbx.settings.max_calls = 0;
    pbx.settings.min_free_memory_mb = 100'000'000;  // 100 TB
    const ChannelId fourth = pbx.phones.call_in("dan", "default", "1").id();
    pbx.loop.run();
    EXPECT_FALSE(pbx.channels.find(fourth));
}

TEST_F(Applications, AnswerWaitsForThePartyToBeHeard) {
    pbx.media.parties_speak = false;
    call({"Answer()", "Set(GLOBAL(G)=went on)", "Wait(9)"});
    EXPECT_TRUE(channel()->up());
    pbx.loop.advance(400ms);
    EXPECT_EQ(global("G"), "(unset)");
    pbx.media.event(channel()->leg(),
                    {.kind = media::LegEvent::Kind::first_media, .digit = 0, .duration = {}, .source = {}});
    pbx.loop.run();
    EXPECT_EQ(global("G"), "went on");
}

TEST_F(Applications, AnswerWaitsHalfASecondAtMost) {
    pbx.media.parties_speak = false;
    call({"Answer()", "Set(GLOBAL(G)=went on)", "Wait(9)"});
    pbx.loop.advance(499ms);
    EXPECT_EQ(global("G"), "(unset)");
    pbx.loop.advance(1ms);
    EXPECT_EQ(global("G"), "went on");
}

TEST_F(Applications, AnswerNeedNotWait) {
    pbx.media.parties_speak = false;
    call({"Answer(,i)", "Set(GLOBAL(G)=at once)", "Answer(1000)", "Set(GLOBAL(H)=was up)", "Wait(9)"});
    EXPECT_EQ(global("G"), "at once");
    EXPECT_EQ(global("H"), "was up");
}

TEST_F(Applications, AnswersDelayCountsFromTheAnswer) {
    pbx.media.parties_speak = false;
    call({"Answer(800)", "Set(GLOBAL(G)=went on)", "Wait(9)"});
    pbx.loop.advance(799ms);
    EXPECT_EQ(global("G"), "(unset)");
    pbx.loop.advance(1ms);
    EXPECT_EQ(global("G"), "went on");
}

TEST_F(Applications, SetKeepsWhatIsInParentheses) {
    call({"Set(A=x=y)", "Set(GLOBAL(G)=${A})", "MSet(B=1,C=\"2,3\")", "Set(GLOBAL(H)=${B}${C})", "Set(DB(f/k)=a=b)",
          "Set(GLOBAL(I)=${DB(f/k)})"});
    EXPECT_EQ(global("G"), "x=y");
    EXPECT_EQ(global("H"), "12,3");
    EXPECT_EQ(global("I"), "a=b");
}

TEST_F(Applications, GotoIfAndLabels) {
    call({"GotoIf($[1 = 2]?a:b)", "(a),Set(GLOBAL(G)=a)", "Hangup()", "(b),Set(GLOBAL(G)=b)", "GotoIf(0?a)",
          "Set(GLOBAL(H)=on)"});
    EXPECT_EQ(global("G"), "b");
    EXPECT_EQ(global("H"), "on");
}

TEST_F(Applications, GosubReturnsValueAndHidesArguments) {
    call({"Gosub(sub,s,1(x,y))", "Set(GLOBAL(G)=${GOSUB_RETVAL}-${ARG1})", "GosubIf(1?sub,s,1(z):sub,s,1(n))",
          "Set(GLOBAL(H)=${GOSUB_RETVAL})", "Return()", "Set(GLOBAL(I)=never)"},
         "[sub]\nexten => s,1,Set(LOCAL(V)=${ARG1}${ARG2})\n same => n,Return(${V}!)\n");
    EXPECT_EQ(global("G"), "xy!-");
    EXPECT_EQ(global("H"), "z!");
    EXPECT_EQ(global("I"), "(unset)");  // Return without Gosub ends the call
}

TEST_F(Applications, WhileLoops) {
    call({"Set(i=0)", "While($[${INC(i)} < 10])", "ExecIf($[${i} = 3]?ContinueWhile())", "Set(s=${s}${i})",
          "ExecIf($[${i} = 5]?ExitWhile())", "EndWhile()", "Set(GLOBAL(G)=${s})"});
    EXPECT_EQ(global("G"), "1245");
}

TEST_F(Applications, NestedWhileIsSkippedWhole) {
    call({"While(0)", "While(1)", "Set(GLOBAL(G)=in)", "EndWhile()", "EndWhile()", "Set(GLOBAL(H)=out)"});
    EXPECT_EQ(global("G"), "(unset)");
    EXPECT_EQ(global("H"), "out");
}

TEST_F(Applications, IfBranches) {
    for (const char* n : {"1", "2", "3"}) {
        call({std::string("Set(n=") + n + ")", "If($[${n} = 1])", "Set(GLOBAL(G)=one)", "ElseIf($[${n} = 2])", "If(1)",
              "Set(GLOBAL(G)=two)", "EndIf()", "Else()", "Set(GLOBAL(G)=many)", "EndIf()", "Set(GLOBAL(H)=${n})"});
        EXPECT_EQ(global("G"), n[0] == '1' ? "one" : n[0] == '2' ? "two" : "many");
        EXPECT_EQ(global("H"), n);
    }
}

TEST_F(Applications, ExecIfTakesTheRightOne) {
    call({"ExecIf(1?Set(GLOBAL(G)=a:b):Set(GLOBAL(G)=c))", "ExecIf(0?Set(GLOBAL(H)=a):Set(GLOBAL(H)=c))",
          "Exec(Set(GLOBAL(I)=x,y))", "TryExec(Nothing())", "Set(GLOBAL(J)=${TRYSTATUS})"});
    EXPECT_EQ(global("G"), "a:b");
    EXPECT_EQ(global("H"), "c");
    EXPECT_EQ(global("I"), "x,y");
    EXPECT_EQ(global("J"), "NOAPP");
}

TEST_F(Applications, PlaybackPlaysOneAfterTheOther) {
    call({"Playback(beep&no-such-prompt&beep)", "Set(GLOBAL(G)=${PLAYBACKSTATUS})", "Playback(beep)",
          "Set(GLOBAL(H)=${PLAYBACKSTATUS})"});
    EXPECT_TRUE(channel()->up());
    pbx.loop.run_until([&] { return !channel(); });
    EXPECT_EQ(global("G"), "FAILED");
    EXPECT_EQ(global("H"), "SUCCESS");
}

TEST_F(Applications, ADigitDuringBackgroundBeginsAnExtension) {
    call({"BackGround(demo-congrats)", "WaitExten(5)", "Set(GLOBAL(G)=late)"},
         "exten => 42,1,Set(GLOBAL(G)=${EXTEN})\n");
    press('4');
    press('2');
    EXPECT_EQ(global("G"), "42");
}

TEST_F(Applications, WaitExtenTimesOutToTheNextPriority) {
    call({"WaitExten(3)", "Set(GLOBAL(G)=next)"});
    EXPECT_EQ(global("G"), "(unset)");
    pbx.loop.advance(3s);
    EXPECT_EQ(global("G"), "next");
}

TEST_F(Applications, ControlPlaybackStopsAtItsKey) {
    call({"Answer()", "ControlPlayback(demo-congrats,1000,#,*,5,0)",
          "Set(GLOBAL(G)=${CPLAYBACKSTATUS} ${CPLAYBACKSTOPKEY})"});
    pbx.loop.advance(700ms);
    press('5');
    EXPECT_EQ(global("G"), "USERSTOPPED 5");
}

TEST_F(Applications, ReadCollectsDigits) {
    call({"Read(X,,3)", "Set(GLOBAL(G)=${X} ${READSTATUS})", "Read(Y)", "Set(GLOBAL(H)=${Y} ${READSTATUS})",
          "Read(Z,,,e)", "Set(GLOBAL(I)=${Z})", "Read(T,,,,,2)", "Set(GLOBAL(J)=${T} ${READSTATUS})"});
    for (char digit : std::string("123")) press(digit);
    EXPECT_EQ(global("G"), "123 OK");
    for (char digit : std::string("45#")) press(digit);
    EXPECT_EQ(global("H"), "45 OK");
    press('#');
    EXPECT_EQ(global("I"), "#");
    pbx.loop.advance(2s);
    EXPECT_EQ(global("J"), " TIMEOUT");
}

TEST_F(Applications, WaitDigitSaysHowItEnded) {
    call({"Answer()", "WaitDigit(5000ms,123)", "Set(GLOBAL(G)=${WAITDIGITSTATUS}${WAITDIGITRESULT})",
          "WaitDigit(invalid,123)", "Set(GLOBAL(H)=${WAITDIGITSTATUS})", "WaitDigit(100ms,123)",
          "Set(GLOBAL(I)=${WAITDIGITSTATUS})"});
    press('5');
    press('2');
    EXPECT_EQ(global("G"), "DTMF2");
    EXPECT_EQ(global("H"), "ERROR");
    pbx.loop.advance(100ms);
    EXPECT_EQ(global("I"), "TIMEOUT");
}

TEST_F(Applications, RecordTellsHowItEnded) {
    call({"Record(/tmp/asterism-test-record.wav,0,3,q)", "Set(GLOBAL(G)=${RECORD_STATUS} ${RECORDED_FILE})"});
    pbx.loop.advance(1s);
    press('#');
    EXPECT_EQ(global("G"), "DTMF /tmp/asterism-test-record");
}

TEST_F(Applications, BusyEndsAfterItsTime) {
    call({"Busy(4)"});
    EXPECT_TRUE(pbx.phones.told("busy"));
    EXPECT_EQ(channel()->state(), ChannelState::busy);
    pbx.loop.advance(4s);
    EXPECT_FALSE(channel());
    EXPECT_TRUE(pbx.phones.told("hangup 17"));
}

TEST_F(Applications, EchoUntilPound) {
    call({"Answer()", "Echo()", "Set(GLOBAL(G)=over)", "Wait(1)"});
    const auto leg = channel()->leg();
    EXPECT_TRUE(pbx.media.leg(leg).echo);
    press('#');
    EXPECT_EQ(global("G"), "over");
    EXPECT_FALSE(pbx.media.leg(leg).echo);
}

TEST_F(Applications, AHangupEndsAnyWait) {
    for (const char* app :
         {"Wait(100)", "Echo()", "Playback(demo-congrats)", "MusicOnHold()", "WaitExten(100)", "Read(X)",
          "Record(/tmp/asterism-test-record.wav)", "ReceiveText()", "Milliwatt()", "Busy()", "SendDTMF(wwwwwwww)"}) {
        call({"Answer()", app, "Set(GLOBAL(G)=went on)"});
        ASSERT_TRUE(channel()) << app;
        channel()->request_hangup(Cause::normal_clearing);
        pbx.loop.run();
        EXPECT_FALSE(channel()) << app;
        EXPECT_EQ(global("G"), "(unset)") << app;
    }
}

TEST_F(Applications, ARedirectEndsAnyWait) {
    for (const char* app : {"Wait(100)", "Echo()", "Playback(demo-congrats)", "WaitExten(100)", "Read(X)"}) {
        call({"Answer()", app, "Set(GLOBAL(G)=went on)"}, "exten => 2,1,Set(GLOBAL(H)=there)\n same => n,Wait(9)\n");
        channel()->redirect({"default", "2", 1});
        pbx.loop.run();
        EXPECT_EQ(global("H"), "there") << app;
        EXPECT_EQ(global("G"), "(unset)") << app;
        channel()->request_hangup(Cause::normal_clearing);
        pbx.loop.run();
        pbx.globals.clear();
    }
}

TEST_F(Applications, UserEventCarriesItsHeaders) {
    Headers headers;
    std::string name;
    auto subscription = pbx.bus.subscribe([&](const Event& event) {
        if (event.kind != EventKind::channel_user_event) return;
        name = as<UserEvent>(event).name;
        headers = as<UserEvent>(event).headers;
    });
    call({"UserEvent(Test,Result: pass,Other:x: y)"});
    EXPECT_EQ(name, "Test");
    ASSERT_EQ(headers.size(), 2u);
    EXPECT_EQ(headers[0], (std::pair<std::string, std::string>("Result", "pass")));
    EXPECT_EQ(headers[1].second, "x: y");
}

TEST_F(Applications, SayDigitsPlaysItsPrompts) {
    call({"Answer()", "SayDigits(12)", "SayNumber(21)"});
    pbx.loop.run_until([&] { return !channel(); });
    std::string all;
    for (const auto& line : pbx.media.calls) all += line + "\n";
    EXPECT_THAT(all, HasSubstr("digits/1."));
    EXPECT_THAT(all, HasSubstr("digits/20."));
}

TEST_F(Applications, ChannelRedirectAndSoftHangup) {
    pbx.extensions(
        "[default]\nexten => wait,1,Wait(100)\nexten => there,1,Set(GLOBAL(G)=moved)\n same => n,Wait(100)\n"
        "exten => act,1,ChannelRedirect(${OTHER},default,there,1)\n same => "
        "n,Set(GLOBAL(H)=${CHANNELREDIRECT_STATUS})\n"
        " same => n,ChannelRedirect(Test/none,default,there,1)\n same => n,Set(GLOBAL(I)=${CHANNELREDIRECT_STATUS})\n"
        " same => n,SoftHangup(${OTHER})\n");
    auto& other = pbx.phones.call_in("bob", "default", "wait");
    const auto other_id = other.id();
    pbx.globals.set("OTHER", other.name());
    pbx.phones.call_in("alice", "default", "act");
    pbx.loop.run();
    EXPECT_EQ(global("H"), "SUCCESS");
    EXPECT_EQ(global("I"), "NOCHANNEL");
    EXPECT_FALSE(pbx.channels.find(other_id));
}

TEST_F(Applications, BridgeJoinsTwoCalls) {
    pbx.extensions(
        "[default]\nexten => wait,1,Answer()\n same => n,Wait(100)\n same => n,Set(GLOBAL(G)=on)\n same => n,Wait(5)\n"
        "exten => join,1,Bridge(${OTHER})\n same => n,Set(GLOBAL(H)=${BRIDGERESULT})\n"
        "exten => lone,1,Bridge(Test/none)\n same => n,Set(GLOBAL(I)=${BRIDGERESULT})\n");
    auto& other = pbx.phones.call_in("bob", "default", "wait");
    pbx.loop.run();
    pbx.globals.set("OTHER", other.name());
    auto& asking = pbx.phones.call_in("alice", "default", "join");
    pbx.loop.run();
    EXPECT_TRUE(asking.bridge());
    EXPECT_EQ(asking.bridge(), other.bridge());
    asking.request_hangup(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_EQ(global("G"), "on");  // the other's dialplan goes on
    pbx.phones.call_in("carol", "default", "lone");
    pbx.loop.run();
    EXPECT_EQ(global("I"), "NONEXISTENT");
}

TEST_F(Applications, OriginateWaitsForTheAnswer) {
    call({"Originate(Test/nobody,app,Wait,1)", "Set(GLOBAL(G)=${ORIGINATE_STATUS})",
          "Originate(Local/2@default,app,Wait,1)", "Set(GLOBAL(H)=${ORIGINATE_STATUS})"},
         "exten => 2,1,Answer()\n same => n,Wait(5)\n");
    pbx.loop.advance(10s);
    EXPECT_EQ(global("G"), "FAILED");
    EXPECT_EQ(global("H"), "SUCCESS");
}

TEST_F(Applications, TransferWaitsForWhatComesOfIt) {
    const std::vector<std::string> lines{"Answer()", "Transfer(Test/2000)",
                                         "Set(GLOBAL(WAS)=${TRANSFERSTATUS} ${TRANSFERSTATUSPROTOCOL})", "Wait(9)"};
    const std::string after = "exten => h,1,Set(GLOBAL(WAS)=${TRANSFERSTATUS})\n";
    call(lines);
    EXPECT_EQ(global("WAS"), "UNSUPPORTED 0");
    pbx.phones.on_transfer = [](Channel&, std::string_view to) { return to == "2000"; };
    for (const auto& [code, status] : {std::pair{0, "SUCCESS 0"}, std::pair{486, "FAILURE 486"}}) {
        pbx.globals.set("WAS", "");
        call(lines);
        EXPECT_EQ(global("WAS"), "");
        channel()->transferred(code);
        pbx.loop.run();
        EXPECT_EQ(global("WAS"), status);
    }
    call(lines, after);
    channel()->party_hung_up({});
    pbx.loop.run();
    EXPECT_EQ(global("WAS"), "FAILURE");
    pbx.globals.set("WAS", "");
    call({"Transfer(SIP/2000)", "Set(GLOBAL(WAS)=${TRANSFERSTATUS})"});
    EXPECT_EQ(global("WAS"), "FAILURE");
}

TEST_F(Applications, SystemTellsItsStatus) {
    call({"TrySystem(true)", "Set(GLOBAL(G)=${SYSTEMSTATUS})", "TrySystem(false)", "Set(GLOBAL(H)=${SYSTEMSTATUS})",
          "TrySystem(/no/such/program 2>/dev/null)", "Set(GLOBAL(I)=${SYSTEMSTATUS})"});
    EXPECT_EQ(global("G"), "SUCCESS");
    EXPECT_EQ(global("H"), "APPERROR");
    EXPECT_EQ(global("I"), "FAILURE");
}

TEST_F(Applications, MissingArgumentsNeverBreak) {
    for (const auto* app : pbx.applications.all()) {
        for (const char* data : {"()", "(,,,,,,)", "(x)", "(\")", "(((((())"}) {
            call({app->name + std::string(data), "Wait(1)"});
            pbx.loop.advance(60s);
            if (channel()) channel()->request_hangup(Cause::normal_clearing);
            pbx.loop.advance(60s);
            EXPECT_FALSE(channel()) << app->name << data;
        }
    }
}

}  // namespace
