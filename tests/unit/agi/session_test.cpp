// A whole AGI conversation in virtual time: the test is the script.
#include "interfaces/agi/session.hpp"

#include <gmock/gmock.h>

#include "asterism/functions/functions.hpp"
#include "core/applications/applications.hpp"
#include "interfaces/agi/agi.hpp"
#include "interfaces/agi/commands.hpp"
#include "support/test_pbx.hpp"
#include "unit/agi/wire.hpp"

using namespace asterism;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

using agi::TestLinker;
using agi::Wire;

class AgiSession : public testing::Test {
  protected:
    AgiSession() {
        functions::add_functions(pbx.pbx);
        applications::add_applications(pbx.pbx);
        agi::add_applications(pbx.pbx, linker);
        pbx.watch_events();
    }
    void start(const std::string& target = "agi://127.0.0.1/script?x=1,arg one,two", bool answered = true,
               const std::string& more = {}) {
        pbx.extensions("[default]\nexten => agi,1," + std::string(answered ? "Answer()" : "NoOp()") +
                       "\n same => n,AGI(" + target + ")\n same => n,Set(GLOBAL(G)=${AGISTATUS})\n" +
                       "exten => h,1,Set(GLOBAL(H)=${AGISTATUS})\n" + more +
                       "[sub]\nexten => s,1,Return(retval)\nexten => x,1,NoOp(x)\n same => n(lab),NoOp(y)\n");
        auto& channel = pbx.phones.call_in("alice", "default", "agi", "4411");
        id = channel.id();
        pbx.loop.run();
        environment = std::exchange(linker.wire->to_script, {});
    }
    /// Sends a line and gives what the PBX answers without time passing.
    std::string say(const std::string& line) {
        linker.wire->to_pbx += line + "\n";
        wake();
        return std::exchange(linker.wire->to_script, {});
    }
    void wake() {
        if (linker.wire->wake) linker.wire->wake();
        pbx.loop.run();
    }
    std::string later(Duration time) {
        pbx.loop.advance(time);
        return std::exchange(linker.wire->to_script, {});
    }
    void press(char digit) {
        pbx.channels.find(id)->digit_end(digit, 100ms);
        pbx.loop.run();
    }
    void leave() {
        linker.wire->script_gone = true;
        wake();
    }
    std::string global(const std::string& name) {
        const auto* value = pbx.globals.find(name);
        return value ? *value : "(unset)";
    }
    TestPbx pbx;
    TestLinker linker;
    ChannelId id;
    std::string environment;
};

constexpr auto usage = "520-Invalid command syntax.  Proper usage follows:\n";
constexpr auto dead = "511 Command Not Permitted on a dead channel or intercept routine\n";

TEST_F(AgiSession, EnvironmentInOrder) {
    start();
    EXPECT_THAT(environment, StartsWith("agi_network: yes\nagi_network_script: script?x=1\n"
                                        "agi_request: agi://127.0.0.1/script?x=1\nagi_channel: Test/alice-00000000\n"
                                        "agi_language: en\nagi_type: Test\nagi_uniqueid: "));
    EXPECT_THAT(environment, HasSubstr("agi_version: 22.11.0\nagi_callerid: 4411\nagi_calleridname: alice\n"
                                       "agi_callingpres: 0\nagi_callingani2: 0\nagi_callington: 0\n"
                                       "agi_callingtns: 0\nagi_dnid: agi\nagi_rdnis: unknown\nagi_context: default\n"
                                       "agi_extension: agi\nagi_priority: 2\nagi_enhanced: 0.0\nagi_accountcode: \n"
                                       "agi_threadid: "));
    EXPECT_TRUE(environment.ends_with("agi_arg_1: arg one\nagi_arg_2: two\n\n"));
    EXPECT_EQ(linker.wire->writes, 1);
}

TEST_F(AgiSession, SimpleCommands) {
    start();
    EXPECT_EQ(say("NOOP"), "200 result=0\n");
    EXPECT_EQ(say("noop some args"), "200 result=0\n");
    EXPECT_EQ(say("CHANNEL STATUS"), "200 result=6\n");
    EXPECT_EQ(say("CHANNEL STATUS nosuch"), "200 result=-1\n");
    EXPECT_EQ(say("ASYNCAGI BREAK"), "200 result=0\n");
    EXPECT_EQ(say("VERBOSE \"hello world\" 1"), "200 result=1\n");
    EXPECT_EQ(say("BOGUS COMMAND"), "510 Invalid or unknown command\n");
    EXPECT_EQ(say(""), "510 Invalid or unknown command\n");
    EXPECT_EQ(say("SAY"), "510 Invalid or unknown command\n");
    EXPECT_EQ(say("NOOP\r"), "510 Invalid or unknown command\n");
    const auto text = say("SAY NUMBER");
    EXPECT_THAT(text, StartsWith(usage));
    EXPECT_TRUE(text.ends_with("520 End of proper usage.\n"));
    for (const char* bad : {"SAY NUMBER abc \"\"", "SAY DIGITS abc \"\"", "VERBOSE", "DATABASE GET agif",
                            "GET VARIABLE", "SET PRIORITY nosuchlabel", "SET CONTEXT", "SET AUTOHANGUP x", "EXEC",
                            "GOSUB sub s", "SAY DATE x \"\"", "SAY DIGITS 1", "STREAM FILE", "GET DATA",
                            "WAIT FOR DIGIT x", "WAIT FOR DIGIT", "RECORD FILE x", "SEND TEXT"})
        EXPECT_THAT(say(bad), StartsWith(usage)) << bad;
}

TEST_F(AgiSession, Variables) {
    start();
    EXPECT_EQ(say("SET VARIABLE FOO \"bar baz\""), "200 result=1\n");
    EXPECT_EQ(say("GET VARIABLE FOO"), "200 result=1 (bar baz)\n");
    EXPECT_EQ(say("GET VARIABLE NOSUCH"), "200 result=0\n");
    EXPECT_EQ(say("GET VARIABLE CALLERID(num)"), "200 result=1 (4411)\n");
    EXPECT_EQ(say("SET VARIABLE EMPTY \"\""), "200 result=1\n");
    EXPECT_EQ(say("GET VARIABLE EMPTY"), "200 result=1 ()\n");
    EXPECT_EQ(say("GET FULL VARIABLE ${FOO}"), "200 result=1 (bar baz)\n");
    EXPECT_EQ(say("GET FULL VARIABLE ${CHANNEL(name)} Test/alice-00000000"), "200 result=1 (Test/alice-00000000)\n");
    EXPECT_EQ(say("GET FULL VARIABLE ${X} nosuchchan"), "200 result=0\n");
    EXPECT_EQ(say("GET FULL VARIABLE ${NOSUCH}"), "200 result=1 ()\n");
    EXPECT_EQ(say("SET VARIABLE PAR \"a(b)c\""), "200 result=1\n");
    EXPECT_EQ(say("GET VARIABLE PAR"), "200 result=1 (a(b)c)\n");
    EXPECT_EQ(say("SET CALLERID \"New Name <999>\""), "200 result=1\n");
    EXPECT_EQ(say("GET VARIABLE CALLERID(all)"), "200 result=1 (\"New Name\" <999>)\n");
    EXPECT_TRUE(pbx.happened("VarSet FOO=bar baz"));
}

TEST_F(AgiSession, Database) {
    start();
    EXPECT_EQ(say("DATABASE PUT agif k1 \"v one\""), "200 result=1\n");
    EXPECT_EQ(say("DATABASE GET agif k1"), "200 result=1 (v one)\n");
    EXPECT_EQ(say("DATABASE GET agif nosuch"), "200 result=0\n");
    EXPECT_EQ(say("DATABASE DEL agif k1"), "200 result=1\n");
    EXPECT_EQ(say("DATABASE DEL agif k1"), "200 result=1\n");
    EXPECT_EQ(say("DATABASE PUT agif t/1 a"), "200 result=1\n");
    EXPECT_EQ(say("DATABASE DELTREE agif"), "200 result=0\n");
    EXPECT_EQ(say("DATABASE DELTREE agif"), "200 result=1\n");
}

TEST_F(AgiSession, ExecAndGosub) {
    start();
    EXPECT_EQ(say("EXEC NoOp hello"), "200 result=0\n");
    EXPECT_EQ(say("EXEC NoSuchApp x"), "200 result=-2\n");
    EXPECT_EQ(say("EXEC Set A=1,B=2"), "200 result=0\n");
    EXPECT_EQ(say("GET VARIABLE A"), "200 result=1 (1,B=2)\n");
    EXPECT_EQ(say("GOSUB sub s 1 \"arg1,arg2\""), "100 result=0 Trying...\n200 result=0 Gosub complete\n");
    EXPECT_EQ(say("GET VARIABLE GOSUB_RETVAL"), "200 result=1 (retval)\n");
    EXPECT_EQ(say("GOSUB nosuch s 1"), "200 result=-1 Gosub label not found\n");
    EXPECT_EQ(say("GOSUB sub nosuchlabel x"), "200 result=-1 Gosub label not found\n");
}

TEST_F(AgiSession, TheDialplanGoesOnWhereTheScriptSays) {
    start("agi://h", true, "exten => other,1,NoOp()\nexten => other,2,Set(GLOBAL(P)=there)\n");
    EXPECT_EQ(say("SET EXTENSION other"), "200 result=0\n");
    EXPECT_EQ(say("SET PRIORITY 2"), "200 result=0\n");
    leave();
    EXPECT_EQ(global("P"), "there");
}

TEST_F(AgiSession, StreamFile) {
    start();
    pbx.media.default_duration = 425ms;
    EXPECT_EQ(say("STREAM FILE nosuchfile \"\""), "200 result=-1 endpos=0\n");
    EXPECT_EQ(say("STREAM FILE beep \"5\""), "");
    pbx.loop.advance(100ms);
    press('5');
    const auto reply = std::exchange(linker.wire->to_script, {});
    EXPECT_EQ(reply, "200 result=53 endpos=800\n");
}

TEST_F(AgiSession, ControlStreamFile) {
    start();
    pbx.media.default_duration = 425ms;
    EXPECT_EQ(say("CONTROL STREAM FILE nosuch \"\""), "200 result=-1 endpos=-1\n");
    EXPECT_EQ(say("CONTROL STREAM FILE beep \"\""), "");
    EXPECT_EQ(later(5s), "200 result=0 endpos=-1\n");
    EXPECT_EQ(say("CONTROL STREAM FILE demo-congrats \"6\" 3000 # * 0"), "");
    pbx.loop.advance(700ms);
    press('6');
    EXPECT_EQ(later(0ms), "200 result=54 endpos=700\n");
    EXPECT_EQ(say("GET VARIABLE CPLAYBACKSTATUS"), "200 result=1 (USERSTOPPED)\n");
}

TEST_F(AgiSession, RecordFile) {
    start();
    EXPECT_EQ(say("RECORD FILE /tmp/asterism-test-agi wav \"#\" 700"), "");
    EXPECT_THAT(later(700ms), StartsWith("200 result=0 (timeout) endpos="));
    EXPECT_EQ(say("RECORD FILE /tmp/asterism-test-agi wav \"#\" 5000 s=1"), "");
    press('#');
    EXPECT_THAT(later(0ms), StartsWith("200 result=35 (dtmf) endpos="));
    EXPECT_THAT(say("RECORD FILE x wav \"\" 500 nonsense"), StartsWith(usage));
    EXPECT_EQ(say("RECORD FILE /tmp/asterism-test-agi wav # " + std::string(1000, '3')), "");  // no limit
    EXPECT_EQ(later(60s), "");
    press('#');
    EXPECT_THAT(later(0ms), StartsWith("200 result=35 (dtmf)"));
}

TEST_F(AgiSession, DigitsAreAsked) {
    start();
    EXPECT_EQ(say("WAIT FOR DIGIT 300"), "");
    EXPECT_EQ(later(300ms), "200 result=0\n");
    EXPECT_EQ(say("WAIT FOR DIGIT 3000"), "");
    press('7');
    EXPECT_EQ(later(0ms), "200 result=55\n");
    EXPECT_EQ(say("GET DATA nosuch 300 1"), "200 result=-1\n");
    EXPECT_EQ(say("GET DATA beep 2000 2"), "");
    press('1');
    press('2');
    EXPECT_EQ(later(0ms), "200 result=12\n");
    EXPECT_EQ(say("GET DATA beep 2000 9"), "");
    press('4');
    press('#');
    EXPECT_EQ(later(0ms), "200 result=4\n");
    EXPECT_EQ(say("GET DATA beep 400 2"), "");
    EXPECT_EQ(later(5s), "200 result= (timeout)\n");
    EXPECT_EQ(say("RECEIVE CHAR 300"), "");
    EXPECT_EQ(later(300ms), "200 result=-1 (hangup)\n");
}

TEST_F(AgiSession, ADigitBetweenCommandsIsKept) {
    start();
    press('9');
    EXPECT_EQ(say("WAIT FOR DIGIT 1000"), "200 result=57\n");
}

TEST_F(AgiSession, PipelinedAndSplitCommands) {
    start();
    EXPECT_EQ(say("NOOP\nGET VARIABLE CHANNEL"), "200 result=0\n200 result=1 (Test/alice-00000000)\n");
    linker.wire->to_pbx = "CHANNEL STA";
    wake();
    EXPECT_EQ(say("TUS"), "200 result=6\n");
}

TEST_F(AgiSession, GarbageAndALineWithoutEnd) {
    start();
    linker.wire->to_pbx = std::string(agi::max_line_bytes * 3, 'x');
    wake();
    EXPECT_EQ(say(""), "510 Invalid or unknown command\n");
    EXPECT_EQ(say(std::string("\0\xff\"\\", 4)), "510 Invalid or unknown command\n");
    EXPECT_EQ(say("NOOP"), "200 result=0\n");
}

TEST_F(AgiSession, HangupIsSaidOnceAndDeadCommandsGoOn) {
    start();
    EXPECT_EQ(say("SET VARIABLE FOO bar"), "200 result=1\n");
    EXPECT_EQ(say("HANGUP nosuchchan"), "200 result=-1\n");
    EXPECT_EQ(say("HANGUP"), "200 result=1\nHANGUP\n");
    EXPECT_EQ(say("NOOP"), "200 result=0\n");
    EXPECT_EQ(say("CHANNEL STATUS"), dead);
    EXPECT_EQ(say("STREAM FILE beep \"\""), dead);
    EXPECT_EQ(say("GET VARIABLE FOO"), "200 result=1 (bar)\n");
    EXPECT_EQ(say("DATABASE PUT a b c"), "200 result=1\n");
    EXPECT_EQ(say("BOGUS"), "510 Invalid or unknown command\n");
    ASSERT_TRUE(pbx.channels.find(id));
    leave();
    EXPECT_FALSE(pbx.channels.find(id));
    EXPECT_EQ(global("H"), "HANGUP");
    EXPECT_TRUE(linker.wire->link_gone);
}

TEST_F(AgiSession, AHangupDuringACommandEndsIt) {
    start();
    EXPECT_EQ(say("STREAM FILE demo-congrats \"\""), "");
    pbx.loop.advance(500ms);
    pbx.channels.find(id)->party_hung_up(Cause::normal_clearing);
    EXPECT_THAT(later(0ms), StartsWith("200 result=-1 endpos="));
    leave();
    EXPECT_EQ(global("H"), "HANGUP");
}

TEST_F(AgiSession, AnIdleScriptIsToldOfTheHangup) {
    start();
    pbx.channels.find(id)->party_hung_up(Cause::normal_clearing);
    EXPECT_EQ(later(0ms), "HANGUP\n");
    EXPECT_EQ(later(10s), "");
    EXPECT_TRUE(pbx.channels.find(id));
    later(11min);  // a script that hangs does not keep the channel for ever
    EXPECT_FALSE(pbx.channels.find(id));
}

TEST_F(AgiSession, ExitOnHangup) {
    start();
    EXPECT_EQ(say("SET VARIABLE AGIEXITONHANGUP yes"), "200 result=1\n");
    pbx.channels.find(id)->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_TRUE(linker.wire->link_gone);
    EXPECT_EQ(global("H"), "HANGUP");
}

TEST_F(AgiSession, ARedirectTakesTheChannelAway) {
    start("agi://h", true, "exten => other,1,Set(GLOBAL(P)=there)\n same => n,Wait(5)\n");
    EXPECT_EQ(say("WAIT FOR DIGIT -1"), "");
    pbx.channels.find(id)->redirect({"default", "other", 1});
    pbx.loop.run();
    EXPECT_TRUE(linker.wire->link_gone);
    EXPECT_EQ(global("P"), "there");
}

TEST_F(AgiSession, Status) {
    start();
    leave();
    EXPECT_EQ(global("G"), "SUCCESS");

    linker.wire = std::make_shared<Wire>();
    linker.wire->status = 1;
    start("script.agi");
    EXPECT_EQ(linker.path, pbx.settings.agi_dir + "/script.agi");
    EXPECT_THAT(environment, StartsWith("agi_request: script.agi\n"));
    leave();
    EXPECT_EQ(global("G"), "FAILURE");

    linker.refuse = {.not_found = true, .text = "no such file"};
    start("i-do-not-exist.agi");
    EXPECT_EQ(global("G"), "NOTFOUND");

    linker.refuse = {.not_found = false, .text = "connection refused"};
    start("agi://127.0.0.1:1");
    EXPECT_EQ(global("G"), "FAILURE");
    start("agi://");
    EXPECT_EQ(global("G"), "FAILURE");
}

TEST_F(AgiSession, WhatAScriptWroteBeforeItWentIsRun) {
    start("nominal.agi");
    linker.wire->to_pbx = "SET VARIABLE GLOBAL(A) 1\nSET VARIABLE GLOBAL(B) 2\n";
    leave();
    EXPECT_EQ(global("A") + global("B") + global("G"), "12SUCCESS");
}

TEST_F(AgiSession, TheScriptSeesAnUnansweredCall) {
    start("agi://h", false);
    EXPECT_EQ(say("CHANNEL STATUS"), "200 result=4\n");
    EXPECT_EQ(say("ANSWER"), "200 result=0\n");
    EXPECT_EQ(say("CHANNEL STATUS"), "200 result=6\n");
}

TEST_F(AgiSession, AutoHangup) {
    start();
    EXPECT_EQ(say("SET AUTOHANGUP 10"), "200 result=0\n");
    EXPECT_EQ(later(9s), "");
    EXPECT_EQ(later(1s), "HANGUP\n");
}

TEST_F(AgiSession, CallersCannotAddLinesToTheEnvironment) {
    pbx.extensions("[default]\nexten => agi,1,AGI(agi://h)\n");
    auto& channel = pbx.phones.call_in("alice", "default", "agi", "1\nagi_evil: yes");
    id = channel.id();
    pbx.loop.run();
    EXPECT_THAT(linker.wire->to_script, HasSubstr("agi_callerid: 1 agi_evil: yes\n"));
}

TEST_F(AgiSession, AsyncAgi) {
    std::vector<std::string> seen;
    auto subscription = pbx.bus.subscribe([&](const Event& event) {
        if (event.kind != EventKind::generic) return;
        const auto& one = as<GenericEvent>(event);
        seen.push_back(one.name);
        for (const auto& [name, value] : one.headers)
            if (name != "Env") seen.back() += " " + name + "=" + value;
    });
    start("agi:async,first");
    auto& channel = *pbx.channels.find(id);
    EXPECT_TRUE(agi::queue_async_command(channel, "GET VARIABLE CHANNEL", "cmd1"));
    EXPECT_TRUE(agi::queue_async_command(channel, "GOSUB sub s 1", ""));
    EXPECT_TRUE(agi::queue_async_command(channel, "ASYNCAGI BREAK", "b"));
    pbx.loop.run();
    EXPECT_EQ(pbx.channels.find(id), nullptr);
    EXPECT_THAT(seen, ElementsAre("AsyncAGIStart",
                                  "AsyncAGIExec Result=200%20result%3D1%20(Test%2Falice-00000000)%0A CommandId=cmd1",
                                  "AsyncAGIExec Result=100%20result%3D0%20Trying...%0A200%20result%3D0%20Gosub%20"
                                  "complete%0A",
                                  "AsyncAGIExec Result=200%20result%3D0%0A CommandId=b", "AsyncAGIEnd"));
    EXPECT_EQ(global("G"), "SUCCESS");
}

TEST_F(AgiSession, AsyncAgiEndsWithTheCall) {
    start("agi:async");
    pbx.channels.find(id)->party_hung_up(Cause::normal_clearing);
    pbx.loop.run();
    EXPECT_FALSE(pbx.channels.find(id));
    EXPECT_EQ(global("H"), "HANGUP");
}

/// EAGI: what the caller says goes to the script's descriptor 3 for as long as the script runs.
TEST_F(AgiSession, AScriptHearsTheCaller) {
    pbx.extensions("[default]\nexten => agi,1,Answer()\n same => n,EAGI(listen.sh,one)\n same => n,Wait(5)\n");
    id = pbx.phones.call_in("alice", "default", "agi", "4411").id();
    pbx.loop.run();
    EXPECT_TRUE(linker.with_audio);
    EXPECT_THAT(linker.wire->to_script, HasSubstr("agi_enhanced: 1.0\n"));
    const auto caller = pbx.channels.find(id)->leg();
    media::FakeEngine::Leg* tap = nullptr;
    for (auto& [leg, one] : pbx.media.legs)
        if (one.kind == "tap") tap = &one;
    ASSERT_TRUE(tap);
    EXPECT_EQ(tap->other, caller);
    EXPECT_TRUE(tap->tap.spy_in && !tap->tap.spy_out && !tap->tap.whisper_in && !tap->tap.whisper_out);
    auto& out = pbx.media.leg(tap->peer);
    EXPECT_EQ(out.kind, "stream");
    EXPECT_EQ(out.stream_options.codec, media::CodecId::slin);
    media::StreamEvent said;
    said.bytes = std::make_shared<const std::string>("abcd");
    pbx.media.stream_event(out.id, said);
    pbx.loop.run();
    EXPECT_EQ(linker.wire->audio, "abcd");
    leave();
    EXPECT_TRUE(tap->closed && out.closed);
    EXPECT_FALSE(pbx.media.leg(caller).closed);
}

TEST_F(AgiSession, AnotherFormatForAScriptThatHears) {
    pbx.extensions(
        "[default]\nexten => agi,1,Set(EAGI_AUDIO_FORMAT=${F})\n same => n,EAGI(listen.sh)\n same => n,Wait(5)\n");
    const auto format = [&](const std::string& name) {
        pbx.globals.set("F", name);
        id = pbx.phones.call_in("alice", "default", "agi", "4411").id();
        pbx.loop.run();
        media::CodecId codec{};
        for (auto& [leg, one] : pbx.media.legs)
            if (one.kind == "stream" && !one.closed) codec = one.stream_options.codec;
        pbx.channels.find(id)->party_hung_up(Cause::normal_clearing);
        leave();
        linker.wire->script_gone = false;
        return codec;
    };
    EXPECT_EQ(format("slin16"), media::CodecId::slin16);
    EXPECT_EQ(format("ulaw"), media::CodecId::ulaw);
    EXPECT_EQ(format("opus"), media::CodecId::slin);     // no fixed frames
    EXPECT_EQ(format("slin192"), media::CodecId::slin);  // a frame does not fit into one write
    EXPECT_EQ(format("nonsense"), media::CodecId::slin);
}

TEST_F(AgiSession, AServerHasNoDescriptorForAudio) {
    pbx.extensions("[default]\nexten => agi,1,EAGI(agi://h)\n same => n,Wait(5)\nexten => h,1,EAGI(listen.sh)\n");
    id = pbx.phones.call_in("alice", "default", "agi", "4411").id();
    pbx.loop.run();
    EXPECT_THAT(linker.wire->to_script, HasSubstr("agi_enhanced: 1.0\n"));
    EXPECT_FALSE(pbx.media.called("open_tap"));
    pbx.channels.find(id)->party_hung_up(Cause::normal_clearing);
    leave();
    EXPECT_EQ(linker.path, "");  // nobody is there to be heard
}

TEST_F(AgiSession, WhatRunsAScriptIsNotForEveryOriginate) {
    for (const char* name : {"AGI", "DeadAGI", "EAGI", "ExternalIVR"}) {
        const auto* application = pbx.applications.find(name);
        ASSERT_NE(application, nullptr) << name;
        EXPECT_TRUE(application->dangerous) << name;
    }
}

TEST(AgiCommands, TableIsSortedAndComplete) {
    const auto all = agi::commands();
    EXPECT_EQ(all.size(), 47u);
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_FALSE(all[i].meaning.empty()) << all[i].words;
        if (i) EXPECT_LT(all[i - 1].words, all[i].words);
    }
}

}  // namespace
