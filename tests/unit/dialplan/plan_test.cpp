#include <gmock/gmock.h>

#include "asterism/dialplan/builder.hpp"
#include "asterism/dialplan/function.hpp"
#include "core/dialplan/pattern.hpp"
#include "unit/config/map_source.hpp"

namespace asterism::dialplan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Planning : testing::Test {
    config::Report report;
    std::shared_ptr<const Plan> plan;

    void compile(const std::string& text) {
        config::MapSource source;
        source.files["/extensions.conf"] = text;
        const auto file = config::read(source, "extensions.conf", {.directory = "/"}, report);
        ASSERT_TRUE(file);
        plan = Plan::from(*file, report);
        ASSERT_TRUE(plan) << report.text();
    }
    /// Name of the extension that is found.
    std::string found(std::string_view exten, std::string_view caller = {}, std::string_view context = "c",
                      int priority = 1) {
        const Found f = plan->find({.context = context, .exten = exten, .caller = caller, .now = {}}, priority);
        return f ? f.extension->name + (f.extension->caller ? "/" + *f.extension->caller : "") : "-";
    }
    bool more(std::string_view exten) {
        return plan->more_match({.context = "c", .exten = exten, .caller = {}, .now = {}});
    }
    bool can(std::string_view exten) {
        return plan->can_match({.context = "c", .exten = exten, .caller = {}, .now = {}});
    }
    std::vector<std::string> lines(std::string_view context, std::string_view exten) {
        std::vector<std::string> out;
        const Found f = plan->find({.context = context, .exten = exten, .caller = {}, .now = {}});
        if (!f) return out;
        for (const auto& p : f.extension->priorities) {
            out.push_back(std::to_string(p.number) + (p.label.empty() ? "" : "(" + p.label + ")") + " " +
                          p.application + "(" + p.data.text() + ")");
        }
        return out;
    }
};

TEST_F(Planning, PrioritiesAndLabels) {
    compile(
        "[c]\nexten => 100,1,NoOp(a,b)\n same => n(here),Set(X=${EXTEN:1})\n same => n+10,Wait(1)\nexten => "
        "100,50(there),Hangup\nexten => 100,n,Dial,SIP/x,20\nexten => 100,s+1,NoOp()\n");
    EXPECT_THAT(lines("c", "100"), ElementsAre("1 NoOp(a,b)", "2(here) Set(X=${EXTEN:1})", "13 Wait(1)",
                                               "50(there) Hangup()", "51 Dial(SIP/x,20)", "52 NoOp()"));
    EXPECT_TRUE(report.findings().empty()) << report.text();
    EXPECT_EQ(plan->find_label({.context = "c", .exten = "100", .caller = {}, .now = {}}, "here").priority->number, 2);
    EXPECT_FALSE(plan->find_label({.context = "c", .exten = "100", .caller = {}, .now = {}}, "none"));
}

TEST_F(Planning, ArgumentsKeepTheirParentheses) {
    compile("[c]\nexten => 1,1,Set(X=${CUT(a,(,1)}) ; comment\nexten => 2,1, NoOp ( spaced ) \n");
    EXPECT_THAT(lines("c", "1"), ElementsAre("1 Set(X=${CUT(a,(,1)})"));
    EXPECT_THAT(lines("c", "2"), ElementsAre("1 NoOp( spaced )"));
}

TEST_F(Planning, TheMoreSpecificPatternWins) {
    compile(
        "[c]\nexten => _X.,1,A\nexten => _NXX,1,A\nexten => _2XX,1,A\nexten => _[2-4]XX,1,A\nexten => 234,1,A\nexten "
        "=> _ZXX,1,A\nexten => _!,1,A\nexten => _23X,1,A\nexten => _1!,1,A\n");
    EXPECT_EQ(found("234"), "234");
    EXPECT_EQ(found("235"), "_23X");
    EXPECT_EQ(found("245"), "_2XX");
    EXPECT_EQ(found("345"), "_[2-4]XX");
    EXPECT_EQ(found("545"), "_NXX");
    EXPECT_EQ(found("145"), "_1!");
    EXPECT_EQ(found("1"), "_1!");
    EXPECT_EQ(found("045"), "_X.");
    EXPECT_EQ(found("0"), "_!");
    EXPECT_EQ(found("abc"), "_!");
    EXPECT_EQ(found(""), "_!");
    std::vector<std::string> order;
    for (const Extension* e : plan->context("c")->extensions()) order.push_back(e->name);
    EXPECT_THAT(order, ElementsAre("234", "_1!", "_23X", "_2XX", "_[2-4]XX", "_NXX", "_ZXX", "_X.", "_!"));
}

TEST_F(Planning, PatternLettersAndDashes) {
    compile("[c]\nexten => _555-12XX,1,A\nexten => _[a-c]x[5-79],1,A\nexten => 800-FLOWERS,1,A\nexten => _+1NXX,1,A\n");
    EXPECT_EQ(found("5551234"), "_555-12XX");
    EXPECT_EQ(found("555-1234"), "_555-12XX");
    EXPECT_EQ(found("b16"), "_[a-c]x[5-79]");
    EXPECT_EQ(found("b18"), "-");
    EXPECT_EQ(found("800FLOWERS"), "800-FLOWERS");
    EXPECT_EQ(found("+1234"), "_+1NXX");
}

TEST_F(Planning, CallersChoose) {
    compile(
        "[c]\nexten => 100,1,A\nexten => 100/2000,1,A\nexten => 100/_3XXX,1,A\nexten => 100/,1,A\nexten => "
        "_9X/5,1,A\nexten => _9X,1,A\n");
    EXPECT_EQ(found("100", "1"), "100");
    EXPECT_EQ(found("100", "2000"), "100/2000");
    EXPECT_EQ(found("100", "3456"), "100/_3XXX");
    EXPECT_EQ(found("100", ""), "100/");
    EXPECT_EQ(found("91", "5"), "_9X/5");
    EXPECT_EQ(found("91", "6"), "_9X");
    EXPECT_FALSE(plan->find({.context = "c", .exten = "100", .caller = "1", .now = {}}).first_choice);
}

TEST_F(Planning, MoreDigits) {
    compile(
        "[c]\nexten => 123,1,A\nexten => 12345,1,A\nexten => _9XX,1,A\nexten => _7.,1,A\nexten => _8!,1,A\nexten => "
        "_8123,1,A\n");
    EXPECT_TRUE(more(""));
    EXPECT_TRUE(more("12"));
    EXPECT_TRUE(more("123"));
    EXPECT_FALSE(more("12345"));
    EXPECT_FALSE(more("13"));
    EXPECT_TRUE(more("9"));
    EXPECT_TRUE(more("95"));
    EXPECT_FALSE(more("955"));
    EXPECT_TRUE(more("7"));
    EXPECT_TRUE(more("71"));   // `.` always takes another
    EXPECT_TRUE(more("8"));    // 8123
    EXPECT_FALSE(more("82"));  // `!` is content
    EXPECT_TRUE(can("123"));
    EXPECT_TRUE(can("82"));
    EXPECT_TRUE(can("9"));
    EXPECT_FALSE(can("6"));
}

TEST_F(Planning, IncludesAreSearchedInOrderAndMayBeCircular) {
    compile(
        "[c]\ninclude => d\ninclude => e\nexten => 1,1,A\n[d]\nexten => 2,1,A\nexten => 3,1,FromD\ninclude => "
        "c\n[e]\nexten => 3,1,FromE\nexten => 1,1,A\nexten => 1,2,A\n");
    EXPECT_EQ(found("1"), "1");
    EXPECT_EQ(found("2"), "2");
    EXPECT_THAT(lines("c", "3"), ElementsAre("1 FromD()"));
    EXPECT_EQ(found("4"), "-");
    EXPECT_EQ(found("1", "", "c", 2), "1");  // a priority that only an included context has
    EXPECT_TRUE(more(""));
}

TEST_F(Planning, IncludesWithTimes) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    compile(
        "[c]\ninclude => day,9:00-17:00,mon-fri,*,*\ninclude => night|17:01-8:59|*|*|*\n[day]\nexten => "
        "1,1,Day\n[night]\nexten => 1,1,Night\n");
    EXPECT_TRUE(report.findings().empty()) << report.text();
    const auto at = [&](long long seconds) {
        const Found f =
            plan->find({.context = "c", .exten = "1", .caller = {}, .now = WallTime(std::chrono::seconds(seconds))});
        return f ? f.priority->application : "-";
    };
    constexpr long long saturday = 1'795'219'200;  // 2026-11-21 00:00 UTC
    EXPECT_EQ(at(saturday + 12 * 3600), "-");
    EXPECT_EQ(at(saturday + 20 * 3600), "Night");
    EXPECT_EQ(at(saturday + 2 * 3600), "Night");
    EXPECT_EQ(at(saturday + 2 * 86400 + 12 * 3600), "Day");
}

TEST_F(Planning, TimingsParse) {
    EXPECT_TRUE(Timing::parse("*,*,*,*"));
    EXPECT_TRUE(Timing::parse("08:00-12:00&13:00-17:00,mon&wed-fri,1-7&15,jan-mar&dec,Europe/Berlin"));
    EXPECT_EQ(Timing::parse("25:00-26:00,*,*,*").error(), "bad time '25:00-26:00'");
    EXPECT_EQ(Timing::parse("*,moo,*,*").error(), "bad weekday 'moo'");
    EXPECT_EQ(Timing::parse("*,*,32,*").error(), "bad day of the month '32'");
    EXPECT_EQ(Timing::parse("*,*,*,foo").error(), "bad month 'foo'");
}

TEST_F(Planning, Hints) {
    compile(
        "[c]\nexten => 1,hint,PJSIP/a&PJSIP/b,CustomPresence:x\nexten => 1,1,NoOp()\nexten => "
        "_2X,hint,PJSIP/${EXTEN}\n");
    ASSERT_EQ(plan->hints().size(), 1u);
    EXPECT_THAT(plan->hints()[0].devices, ElementsAre("PJSIP/a", "PJSIP/b"));
    EXPECT_EQ(plan->hints()[0].presence, "CustomPresence:x");
    EXPECT_EQ(plan->find_hint({.context = "c", .exten = "25", .caller = {}, .now = {}}).extension->hint,
              "PJSIP/${EXTEN}");
    EXPECT_FALSE(plan->find_hint({.context = "c", .exten = "3", .caller = {}, .now = {}}));
}

TEST_F(Planning, IgnorePatternsGlobalsAndGeneral) {
    compile(
        "[general]\nautofallthrough=no\nclearglobalvars=yes\n[globals]\nEXT=777\nA=${EXT}8\n[c]\nignorepat => "
        "9\nignorepat => _8X\nexten => ${A},1,NoOp()\n");
    EXPECT_TRUE(plan->ignore_pattern("c", "9"));
    EXPECT_TRUE(plan->ignore_pattern("c", "85"));
    EXPECT_FALSE(plan->ignore_pattern("c", "7"));
    EXPECT_EQ(found("7778"), "7778");
    EXPECT_FALSE(plan->general().auto_fallthrough);
    EXPECT_TRUE(plan->general().clear_globals);
    EXPECT_EQ(plan->globals().size(), 2u);
}

TEST_F(Planning, MistakesAreNamedAndTheRestLoads) {
    compile(
        "[c]\nsame => n,NoOp()\nexten => 1,n,NoOp()\nexten => 1,1,NoOp(\nexten => 1,1,NoOp(again)\nexten => "
        "_[12,1,NoOp()\nexten => 2\nexten => 3,abc,NoOp()\n"
        "exten => 4,1\nswitch => DUNDi/x\nfoo => bar\ninclude => d,99:00,*,*,*\nexten => 5,1,NoOp(${X)\nexten => "
        "6,1,Fine()\n");
    EXPECT_EQ(report.text(),
              "extensions.conf:2: same => without an exten before it in context 'c'\n"
              "extensions.conf:3: priority n on the first extension of a context\n"
              "extensions.conf:4: no closing ')' in 'NoOp('\n"
              "extensions.conf:5: priority 1 of '1' in 'c' is there already, from extensions.conf:4\n"
              "extensions.conf:6: no closing ']' in pattern '_[12'\n"
              "extensions.conf:7: exten => 2: a priority and an application are missing\n"
              "extensions.conf:8: bad priority 'abc'\n"
              "extensions.conf:9: an application is missing\n"
              "extensions.conf:10: switch => DUNDi/x is not supported: extensions behind it are not found\n"
              "extensions.conf:11: unknown 'foo' in context 'c': exten, same, include, ignorepat, switch and autohints "
              "are known\n"
              "extensions.conf:12: include => d,99:00,*,*,*: bad time '99:00'\n"
              "extensions.conf:13: no closing '}' in '${X'\n");
    EXPECT_EQ(found("6"), "6");
}

TEST_F(Planning, ThingsCanBeAddedAndTakenAway) {
    compile("[c]\nexten => 1,1,NoOp(a)\nexten => 1,2,NoOp(b)\ninclude => d\n[d]\n");
    PlanBuilder builder(*plan);
    std::string error;
    EXPECT_TRUE(builder.add({.context = "new", .exten = "9", .application = "NoOp", .registrar = "CLI"}, error));
    EXPECT_FALSE(builder.add({.context = "c", .exten = "1", .application = "NoOp"}, error));
    EXPECT_THAT(error, HasSubstr("extensions.conf:2"));
    EXPECT_TRUE(
        builder.add({.context = "c", .exten = "1", .application = "NoOp", .data = "new", .replace = true}, error));
    EXPECT_EQ(builder.remove("c", "1", 2), 1u);
    EXPECT_TRUE(builder.remove_include("c", "d"));
    const auto old = plan;
    plan = builder.build();
    EXPECT_THAT(lines("c", "1"), ElementsAre("1 NoOp(new)"));
    EXPECT_EQ(found("9", "", "new"), "9");
    EXPECT_TRUE(plan->context("c")->includes().empty());
    EXPECT_EQ(old->context("c")->extensions()[0]->priorities.size(), 2u);
}

}  // namespace
}  // namespace asterism::dialplan
