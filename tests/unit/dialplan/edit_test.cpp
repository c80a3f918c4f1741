// Changes of a dialplan from outside, what `dialplan save` writes, and switches.
#include "asterism/dialplan/edit.hpp"

#include <gmock/gmock.h>

#include "unit/dialplan/mini_pbx.hpp"

namespace asterism::dialplan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Editing : testing::Test {
    MiniPbx pbx;
    std::string found(std::string_view exten, std::string_view context = "c") {
        const Found f = pbx.dialplan.plan()->find({.context = context, .exten = exten, .caller = {}, .now = {}});
        if (!f) return "-";
        std::string out = f.extension->name + " " + f.priority->application + "(" + f.priority->data.text() + ")";
        if (f.elsewhere) out += " at " + f.elsewhere->context + "," + f.elsewhere->exten;
        return out;
    }
};

TEST_F(Editing, AddsReplacesAndRemoves) {
    pbx.extensions("[c]\nexten => 1,1,NoOp(a)\n");
    auto& plan = pbx.dialplan;
    NewExtension wanted{
        .context = "c", .exten = "1", .priority = "1", .application = "NoOp", .data = "b", .registrar = "me"};
    EXPECT_EQ(add_extension(plan, wanted).error(), EditProblem::exists);
    EXPECT_EQ(found("1"), "1 NoOp(a)");
    wanted.replace = true;
    EXPECT_TRUE(add_extension(plan, wanted));
    EXPECT_EQ(found("1"), "1 NoOp(b)");
    wanted.priority = "zero";
    EXPECT_EQ(add_extension(plan, wanted).error(), EditProblem::bad_priority);
    wanted = {.context = "new", .exten = "_[1", .priority = "1", .application = "NoOp", .data = {}, .registrar = "me"};
    EXPECT_EQ(add_extension(plan, wanted).error(), EditProblem::invalid);
    wanted.exten = "_X./55";
    EXPECT_TRUE(add_extension(plan, wanted));
    EXPECT_EQ(found("9", "new"), "-");  // for caller 55 only
    EXPECT_EQ(remove_extension(plan, "c", "1", "2").value(), 0U);
    EXPECT_EQ(remove_extension(plan, "c", "1", "x").error(), EditProblem::bad_priority);
    EXPECT_EQ(remove_extension(plan, "c", "1", "").value(), 1U);
    EXPECT_EQ(found("1"), "-");
    EXPECT_EQ(remove_extension(plan, "nowhere", "1", "").value(), 0U);
}

TEST_F(Editing, AHintComesAndGoes) {
    auto& plan = pbx.dialplan;
    EXPECT_TRUE(add_extension(plan, {.context = "c",
                                     .exten = "1",
                                     .priority = "hint",
                                     .application = "Test/a&Test/b,CustomPresence:a",
                                     .data = {},
                                     .registrar = "me"}));
    ASSERT_EQ(plan.plan()->hints().size(), 1U);
    EXPECT_THAT(plan.plan()->hints()[0].devices, ElementsAre("Test/a", "Test/b"));
    EXPECT_EQ(plan.plan()->hints()[0].presence, "CustomPresence:a");
    EXPECT_EQ(remove_extension(plan, "c", "1", "hint").value(), 1U);
    EXPECT_TRUE(plan.plan()->hints().empty());
}

TEST_F(Editing, ACallInProgressKeepsItsExtension) {
    pbx.extensions("[default]\nexten => 1,1,Wait(5)\n same => n,NoOp(old)\n same => n,Goto(2,1)\n");
    pbx.watch();
    pbx.call("1");
    pbx.extensions(
        "[default]\nexten => 1,1,Wait(5)\n same => n,NoOp(new)\nexten => 2,1,NoOp(what is gone to is new)\n");
    pbx.loop.advance(std::chrono::seconds(6));
    EXPECT_THAT(pbx.ran, ElementsAre("Wait(5)", "NoOp(old)", "Goto(2,1)", "NoOp(what is gone to is new)", testing::_));
}

TEST_F(Editing, WhatIsSavedReadsAsItWas) {
    const std::string text =
        "[general]\nstatic=yes\nwriteprotect=no\n[globals]\ntest1=Alert-Info: \\;answer-after=0\n"
        "[c]\ninclude => d,9:00-17:00,mon-fri,*,*\nignorepat => 9\nswitch => Loopback/1${EXTEN}@d\n"
        "exten => 1,hint,Test/a\nexten => 1,1,NoOp(a,b)\n same => n(l),Set(X=${EXTEN:1}\\;y)\n"
        "exten => _2X/123,1,NoOp()\n[d]\n";
    EXPECT_TRUE(pbx.extensions(text).findings().empty());
    const std::string saved = to_extensions_conf(*pbx.dialplan.plan());
    EXPECT_THAT(saved, HasSubstr("test1 => Alert-Info: \\;answer-after=0\n"));
    EXPECT_THAT(saved, HasSubstr("exten => 1,2(l),Set(X=${EXTEN:1}\\;y)\n"));
    EXPECT_THAT(saved, HasSubstr("exten => _2X/123,1,NoOp()\n"));
    EXPECT_THAT(saved, HasSubstr("\n[d]\n"));
    EXPECT_TRUE(add_extension(pbx.dialplan, {.context = "guest",
                                             .exten = "1",
                                             .priority = "1",
                                             .application = "NoOp",
                                             .data = {},
                                             .registrar = "res_parking"}));
    pbx.extensions(saved);
    EXPECT_EQ(to_extensions_conf(*pbx.dialplan.plan()), saved);
    EXPECT_EQ(found("1", "guest"), "1 NoOp()");  // another's extension survives a reload and is not saved
}

TEST_F(Editing, ALoopbackSwitchLooksElsewhere) {
    pbx.extensions(
        "[c]\nexten => 1,1,NoOp(own)\nswitch => Loopback/12${EXTEN}@d\nswitch => Loopback/${EXTEN:1}@d:1/_9X.\n"
        "include => e\n[d]\nexten => 1234,1,NoOp(d)\nexten => 55,1,NoOp(dd)\nswitch => Loopback/@c\n"
        "[e]\nexten => 34,1,NoOp(include comes last)\nexten => 77,1,NoOp(e)\n");
    EXPECT_EQ(found("1"), "1 NoOp(own)");
    EXPECT_EQ(found("34"), "1234 NoOp(d) at d,1234");
    EXPECT_EQ(found("955"), "55 NoOp(dd) at d,55");
    EXPECT_EQ(found("855"), "-");
    EXPECT_EQ(found("77"), "77 NoOp(e)");
    const auto more = [&](std::string_view digits) {
        return pbx.dialplan.plan()->more_match({.context = "c", .exten = digits, .caller = {}, .now = {}});
    };
    EXPECT_TRUE(more("3"));
    EXPECT_TRUE(more("95"));
    EXPECT_FALSE(more("34"));
}

TEST_F(Editing, BehindASwitchTheCallGoesOnUnderItsNewName) {
    pbx.extensions(
        "[default]\nswitch => Loopback/${EXTEN:1}@d\n[d]\nexten => 5,1,NoOp(${CONTEXT} ${EXTEN})\n"
        " same => n,NoOp(${PRIORITY})\n");
    pbx.watch();
    pbx.call("95");
    EXPECT_THAT(pbx.ran, ElementsAre("NoOp(d 5)", "NoOp(2)", testing::_));
}

TEST_F(Editing, WarnsOfWhatNoLongerWorks) {
    const auto report = pbx.extensions(
        "[c]\nexten => 1,1,NoOp()\n same => n+101,NoOp()\nswitch => DUNDi/x\nswitch => Loopback/1@d/9X\n");
    EXPECT_THAT(report.text(), HasSubstr("+101"));
    EXPECT_THAT(report.text(), HasSubstr("switch => DUNDi/x is not supported"));
    EXPECT_THAT(report.text(), HasSubstr("'9X' is no pattern"));
}

}  // namespace
}  // namespace asterism::dialplan
