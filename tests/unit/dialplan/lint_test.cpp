// What --check finds in a dialplan, and what it leaves alone.
#include "asterism/dialplan/lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asterism/config/map_source.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/function.hpp"

namespace asterism::dialplan {
namespace {

using testing::HasSubstr;
using testing::Not;

class Linting : public testing::Test {
  protected:
    Linting() {
        for (const char* name :
             {"NoOp",  "Goto",      "GotoIf",     "GotoIfTime", "Gosub",  "GosubIf", "Return",    "Hangup",
              "Dial",  "Playback",  "BackGround", "Read",       "Set",    "MSet",    "ExecIf",    "TryExec",
              "While", "EndWhile",  "If",         "Else",       "EndIf",  "Answer",  "WaitExten", "Record",
              "Busy",  "Originate", "AGI",        "Log",        "Verbose"})
            applications.add({.name = name, .synopsis = "", .syntax = ""});
        for (const char* name :
             {"LEN", "CALLERID", "CHANNEL", "DB", "IF", "CUT", "GLOBAL", "EXISTS", "REGEX", "FILTER"})
            functions.add({.name = name, .synopsis = "", .syntax = ""});
        knowledge.has_prompt = [](std::string_view name) { return !name.starts_with("no-"); };
    }
    /// All findings of a text, as lines.
    std::string linted(const std::string& text) {
        config::Report report;
        config::MapSource source;
        source.files["/e.conf"] = text;
        const auto file = config::read(source, "e.conf", {.directory = "/"}, report);
        const auto plan = Plan::from(*file, report);
        EXPECT_EQ(report.text(), "");
        lint(*plan, applications, functions, report, knowledge);
        if (!report.text().empty()) {
            EXPECT_FALSE(report.ok());
        }
        return report.text();
    }
    Applications applications;
    Functions functions;
    LintKnowledge knowledge;
};

TEST_F(Linting, UnknownNames) {
    EXPECT_EQ(linted("[c]\nexten => 1,1,NoOpp(${LNE(x)})\n same => n,NoOp($[${FOO(1)} + 1])\n same => n,Set(BAR(x)=1)\n"
                     " same => n,Set(A=${LEN(${BAZ(${X})})})\n same => n,ExecIf($[1]?Nope(x):NoOp())\n"
                     " same => n,MSet(A=1,QUUX(2)=3)\n"),
              "e.conf:2: no application NoOpp, did you mean NoOp?\n"
              "e.conf:2: no function LNE, did you mean LEN?\n"
              "e.conf:3: no function FOO\n"
              "e.conf:4: no function BAR\n"
              "e.conf:5: no function BAZ\n"
              "e.conf:6: no application Nope, did you mean NoOp?\n"
              "e.conf:7: no function QUUX\n");
}

TEST_F(Linting, JumpsToNowhere) {
    EXPECT_EQ(linted("[c]\nexten => 1,1,NoOp()\n same => n,GotoIf($[1]?nowhere,1,1)\n same => n,GotoIf($[1]?2,1)\n"
                     " same => n,GotoIf($[1]?99,1)\n same => n,GotoIf($[1 = 1]?ok:missing)\n"
                     " same => n(ok),Goto(${X},1)\nexten => 2,1,Goto(1,ok)\n"),
              "e.conf:3: GotoIf to context 'nowhere', which does not exist\n"
              "e.conf:5: GotoIf to '99,1', which does not exist\n"
              "e.conf:6: GotoIf to 'missing', which '1' does not have\n");
    EXPECT_EQ(
        linted(
            "[c]\nexten => 1,1,Gosub(sub,s,1(a,b))\n same => n,Gosub(sub,x,1)\n same => n,GosubIf($[1]?sub,s,end:s,2)\n"
            " same => n,Dial(PJSIP/a,20,tG(sub^s^1)b(sub^q^1(${X})))\n same => "
            "n,Dial(Local/7@sub&Local/s@sub/n&Local/1@gone)\n"
            "[sub]\nexten => s,1,Return()\n"),
        "e.conf:3: Gosub to 'sub,x,1', which does not exist\n"
        "e.conf:4: GosubIf to 'sub,s,end', which does not exist\n"
        "e.conf:4: GosubIf to 's,2', which does not exist\n"
        "e.conf:5: Dial's b() to 'sub^q^1', which does not exist\n"
        "e.conf:6: Dial: context 'sub' has no extension 7\n"
        "e.conf:6: Dial names context 'gone', which does not exist\n");
}

TEST_F(Linting, Includes) {
    EXPECT_EQ(linted("[a]\ninclude => b\ninclude => gone\n[b]\ninclude => c\n[c]\ninclude => a\n[d]\ninclude => "
                     "d\n[e]\ninclude => parkedcalls\n"),
              "e.conf:2: 'a' includes 'b', which includes it again\n"
              "e.conf:3: 'a' includes 'gone', which does not exist\n"
              "e.conf:5: 'b' includes 'c', which includes it again\n"
              "e.conf:7: 'c' includes 'a', which includes it again\n"
              "e.conf:9: 'd' includes 'd', which includes it again\n"
              "e.conf:11: 'e' includes 'parkedcalls', which does not exist\n");
    knowledge.contexts = {"parkedcalls"};
    EXPECT_EQ(linted("[e]\ninclude => parkedcalls\n"), "");
    knowledge.contexts_elsewhere = true;
    EXPECT_EQ(linted("[e]\ninclude => gone\nexten => 1,1,Goto(fromlua,s,1)\n"), "");
}

TEST_F(Linting, WhatIsNeverReached) {
    EXPECT_EQ(
        linted("[c]\nexten => 1,1,Hangup()\n same => n,NoOp()\n same => n,NoOp()\n same => n(ok),NoOp()\n"
               "exten => 2,1,GotoIf($[${X}]?a:b)\n same => n,NoOp()\n same => n(a),Return()\n same => n(b),Hangup()\n"
               "exten => 3,1,Dial(PJSIP/a)\nexten => 3,102,NoOp()\n"
               "exten => 4,1,GotoIf($[${X}]?:b)\n same => n,NoOp()\n same => n(b),NoOp()\n"),
        "e.conf:3: priority 2 of '1' in 'c' is never reached: after Hangup\n"
        "e.conf:7: priority 2 of '2' in 'c' is never reached: after GotoIf\n"
        "e.conf:11: priority 102 of '3' in 'c' is never reached: there is no priority 101\n");
    // Jumps by number or by as many priorities, blocks and loops, the one called by Dial's G.
    EXPECT_EQ(linted("[c]\nexten => 1,1,GotoIf($[${X}]?3)\n same => n,Hangup()\n same => n,Hangup()\n"
                     "exten => 2,1,If($[${X}])\n same => n,Hangup()\n same => n,Else()\n same => n,Hangup()\n same => "
                     "n,EndIf()\n same => n,NoOp()\n"
                     "exten => 3,1,While($[${X}])\n same => n,Hangup()\n same => n,EndWhile()\n same => n,NoOp()\n"
                     "exten => 5,1,Dial(PJSIP/a,,F(3))\n same => n,Hangup()\n same => n,NoOp()\n"
                     "exten => 6,1,Busy()\n same => n,Hangup()\n"
                     "exten => 4,1,Dial(PJSIP/a,,G(c^4^there))\n same => n,Hangup()\n same => n(there),Hangup()\n same "
                     "=> n,Hangup()\n"),
              "");
    // A computed jump may go anywhere.
    EXPECT_EQ(linted("[c]\nexten => 1,1,Goto(${WHERE})\n same => n,NoOp()\n"), "");
}

TEST_F(Linting, MissingPrompts) {
    const std::string text =
        "[c]\nexten => 1,1,Playback(hello&no-such&digits/1,skip)\n same => n,BackGround(no-menu,,,c)\n"
        " same => n,Read(X,no-beep,4)\n same => n,Playback(/tmp/no-where)\n same => n,Playback(no-${X})\n"
        " same => n,Record(no-own.wav,3)\n same => n,Playback(no-own)\n same => n,Read(X,no-tone,4,i)\n";
    EXPECT_EQ(linted(text),
              "e.conf:2: no prompt no-such in any language\n"
              "e.conf:3: no prompt no-menu in any language\n"
              "e.conf:4: no prompt no-beep in any language\n");
    knowledge.has_prompt = nullptr;
    EXPECT_EQ(linted(text), "");
}

/// Written as people write them: nothing in it is wrong.
TEST_F(Linting, AWildDialplanIsLeftAlone) {
    knowledge.contexts = {"parkedcalls"};
    EXPECT_EQ(linted(R"([general]
static=yes
[globals]
TRUNK=PJSIP/trunk
DEFAULTCTX=internal
[internal]
include => parkedcalls
include => features
include => daytime,08:00-18:00,mon-fri,*,*
include => outbound
ignorepat => 9
exten => _1XX,hint,PJSIP/${EXTEN}
exten => _1XX,1,NoOp(Call from ${CALLERID(name)} <${CALLERID(num)}> to ${EXTEN})
 same => n,Set(CHANNEL(language)=de)
 same => n,GotoIf($["${DB(cfwd/${EXTEN})}" != ""]?forward)
 same => n,Dial(PJSIP/${EXTEN},${IF($[${LEN(${RINGTIME})} > 0]?${RINGTIME}:20)},tTkK)
 same => n,Goto(s-${DIALSTATUS},1)
 same => n(forward),Dial(Local/${DB(cfwd/${EXTEN})}@${CONTEXT}/n)
 same => n,Hangup()
exten => _s-.,1,Playback(vm-nobodyavail)
 same => n,Hangup(17)
exten => s-BUSY,1,Busy(10)
exten => 150/2001,1,Goto(151,1)
exten => 150,1,Answer
 same => n,Goto(151,start)
exten => 151,1,Answer()
 same => n(start),BackGround(main-menu)
 same => n,WaitExten(5)
exten => i,1,Goto(151,start)
exten => t,1,Hangup
exten => h,1,Gosub(log,s,1(${CDR_STATE}))
exten => _*9X.,1,Set(DB(cfwd/${CALLERID(num)})=${EXTEN:2})
 same => n,Playback(beep&auth-thankyou)
exten => 4444,1,Goto(${DEFAULTCTX},100,1)
exten => 4445,1,Gosub(sub-${X},s,1)
exten => 4446,1,GotoIfTime(8:00-17:59,mon-fri,*,*?open)
 same => n,Goto(closed,s,1)
 same => n(open),Goto(151,1)
[features]
exten => *8,1,NoOp(pickup)
[daytime]
exten => 0,1,Goto(internal,100,1)
[closed]
exten => s,1,Playback(closed)
 same => n,Hangup
[outbound]
exten => _9NXXXXXX,1,Set(CALLERID(num)=5551234)
 same => n,Dial(${TRUNK}/${EXTEN:1},60,b(headers^addheader^1(${X})))
 same => n,Hangup()
exten => _9NXXXXXX,n,NoOp(never the less)
exten => 911,1,Goto(_9NXXXXXX,1)
[headers]
exten => addheader,1,NoOp(${ARG1})
 same => n,Return()
[log]
exten => s,1,ExecIf($["${ARG1}" = ""]?Set(X=none):Set(X=${ARG1}))
 same => n,Verbose(2,"quoted, text (with parens")
 same => n,Log(NOTICE,${X}: ${FILTER(0-9,${EXTEN})})
 same => n,Return
[elsewhere]
switch => Loopback/${EXTEN}@internal
exten => 1,1,Goto(elsewhere,77,1)
[loops]
exten => s,1,Set(i=1)
 same => n(loop),GotoIf($[${i} > 10]?done)
 same => n,Set(i=$[${i} + 1])
 same => n,Goto(loop)
 same => n(done),Hangup()
)"),
              "e.conf:50: priority 4 of '_9NXXXXXX' in 'outbound' is never reached: after Hangup\n");
}

}  // namespace
}  // namespace asterism::dialplan
