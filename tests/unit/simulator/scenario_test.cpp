// Reading scenarios.
#include "asterism/simulator/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/simulator/yaml.hpp"

namespace asterism::simulator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Scenario> read(const std::string& text, config::Report& report) {
    return read_scenarios(text, "t.yaml", report);
}
std::string errors_of(const std::string& text) {
    config::Report report;
    (void)read(text, report);
    return report.text();
}

TEST(Spans, AreReadAndWritten) {
    EXPECT_EQ(parse_span("3"), Millis(3000));
    EXPECT_EQ(parse_span("3s"), Millis(3000));
    EXPECT_EQ(parse_span("1.5s"), Millis(1500));
    EXPECT_EQ(parse_span("250ms"), Millis(250));
    EXPECT_EQ(parse_span("1m30s"), Millis(90'000));
    EXPECT_EQ(parse_span("2h"), Millis(7'200'000));
    for (const char* bad : {"", "s", "-1s", "3x", "3 s", "1e9", "nan", "inf", "99999999h", "3s4", "5 5"})
        EXPECT_FALSE(parse_span(bad)) << bad;
    EXPECT_EQ(span_text(Millis(4000)), "4s");
    EXPECT_EQ(span_text(Millis(4250)), "4.25s");
    EXPECT_EQ(span_text(Millis(60'000)), "1m");
    EXPECT_EQ(span_text(Millis(65'500)), "1m5.5s");
}

TEST(Patterns, AStarStandsForAnything) {
    EXPECT_TRUE(like("abc", "abc"));
    EXPECT_FALSE(like("abc", "abcd"));
    EXPECT_TRUE(like("a*d", "abcd"));
    EXPECT_TRUE(like("*", ""));
    EXPECT_TRUE(like("a*b*c", "a-b-b-c"));
    EXPECT_FALSE(like("a*b*c", "a-c-b"));
    EXPECT_TRUE(like("\\*98", "*98"));
    EXPECT_FALSE(like("\\*98", "198"));
    EXPECT_TRUE(like("", ""));
    EXPECT_FALSE(like("", "x"));
    EXPECT_TRUE(like("*\\**", "1*2"));
}

TEST(Yaml, IsBounded) {
    EXPECT_FALSE(parse_yaml(std::string(100, 'x'), {.bytes = 99}));
    EXPECT_EQ(parse_yaml("a: [1, 2, 3, 4]", {.nodes = 5}).error().what, "more than 5 values");
    EXPECT_EQ(parse_yaml("a: {b: {c: {d: 1}}}", {.depth = 2}).error().what, "nested deeper than 2");
    std::string deep(10'000, '[');
    EXPECT_FALSE(parse_yaml(deep));
    // A billion laughs: small on disk, and counted when it is looked at.
    std::string laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
    for (char c = 'b'; c < 'k'; ++c) {
        laughs += std::string(1, c) + ": &" + c + " [";
        for (int i = 0; i < 10; ++i) laughs += std::string(i > 0 ? "," : "") + "*" + static_cast<char>(c - 1);
        laughs += "]\n";
    }
    EXPECT_THAT(parse_yaml(laughs).error().what, HasSubstr("more than"));
    EXPECT_EQ(parse_yaml("a: 1\na: 2\n").error().what, "'a' is there twice");
    EXPECT_EQ(parse_yaml("a: 1\na: 2\n").error().line, 2);
    EXPECT_FALSE(parse_yaml("a: \"open"));
    EXPECT_FALSE(parse_yaml(std::string("a: \0", 4)));
    EXPECT_EQ(parse_yaml("")->kind, Yaml::Kind::null);
}

TEST(Scenarios, ShareWhatStandsOnTop) {
    config::Report report;
    const auto all = read(R"(
config: ..
clock: 2026-11-23 10:00
globals: {A: 1, B: 2}
destinations:
  PJSIP/bob: answers
  PJSIP/*: busy
scenarios:
  - name: one
    call: {from: SIP/alice, callerid: '"Alice B" <1000>', exten: 100, context: in, at: 2s, variables: {X: y}}
    globals: {B: 3, C: 4}
    destinations: {PJSIP/bob: {ring: 1s, answer: 4s, does: [{at: 3s, press: 12#}, {hangup: yes}]}}
    does: {after: menu, wait: 500ms, press: 1}
    expect: {ran: [Answer, Dial(x)], dialstatus: BUSY, took: 1s..2s, variables: {GONE: ~}}
  - calls:
      - {exten: 1}
      - {exten: 2, expect: {answered: no}}
)",
                          report);
    ASSERT_TRUE(report.ok()) << report.text();
    ASSERT_EQ(all.size(), 2u);
    const Scenario& one = all[0];
    EXPECT_EQ(one.name, "one");
    EXPECT_EQ(one.origin.text(), "t.yaml:9");
    EXPECT_THAT(one.given.globals,
                ElementsAre(testing::Pair("A", "1"), testing::Pair("B", "3"), testing::Pair("C", "4")));
    ASSERT_EQ(one.given.destinations.size(), 2u);
    const Destination& bob = one.given.destinations[1];
    EXPECT_EQ(bob.name, "PJSIP/bob");
    EXPECT_EQ(bob.calls[0].answer, Millis(4000));
    EXPECT_EQ(bob.calls[0].steps.size(), 2u);
    const Call& call = one.calls.at(0);
    EXPECT_EQ(call.number, "1000");
    EXPECT_EQ(call.name, "Alice B");
    EXPECT_EQ(call.at, Millis(2000));
    EXPECT_EQ(call.steps.at(0).after, "menu");
    EXPECT_THAT(call.expect.ran->texts, ElementsAre("Answer", "Dial(x)"));
    EXPECT_EQ(call.expect.variables.size(), 2u);
    EXPECT_TRUE(call.expect.variables[0].unset);
    EXPECT_EQ(all[1].name, "scenario 2");
    EXPECT_EQ(all[1].given.globals.size(), 2u);
    EXPECT_EQ(all[1].calls.size(), 2u);
    EXPECT_EQ(all[1].calls[1].expect.answered, false);
}

TEST(Scenarios, SayWhatIsWrongAndWhere) {
    EXPECT_THAT(errors_of("scenarios:\n  - call: {extne: 100}\n"),
                HasSubstr("t.yaml:2: a call has no 'extne', did you mean exten?"));
    EXPECT_THAT(errors_of("scenarios:\n  - name: x\n"), HasSubstr("has either call or calls"));
    EXPECT_THAT(errors_of("scenarios: []\n"), HasSubstr("is a list of scenarios"));
    EXPECT_THAT(errors_of("scenarios: 3\nfoo: 1\n"), HasSubstr("t.yaml:2: a file of scenarios has no 'foo'"));
    EXPECT_THAT(errors_of("- 1\n"), HasSubstr("a file of scenarios is a map"));
    EXPECT_THAT(errors_of("scenarios:\n  - call: {exten: 1}\n    does:\n      - {press: hello}\n"),
                HasSubstr("t.yaml:4: press:"));
    EXPECT_THAT(errors_of("scenarios:\n  - call: {exten: 1}\n    does: {press: 1, hangup: yes}\n"),
                HasSubstr("a step does one thing"));
    EXPECT_THAT(errors_of("scenarios:\n  - call: {exten: 1}\n    does: {at: soon, press: 1}\n"),
                HasSubstr("'soon' is no time"));
    EXPECT_THAT(errors_of("destinations: {PJSIP/a: sleeps}\nscenarios:\n  - call: {exten: 1}\n"),
                HasSubstr("'sleeps' is nothing that a destination does"));
    EXPECT_THAT(errors_of("destinations: {bob: busy}\nscenarios:\n  - call: {exten: 1}\n"),
                HasSubstr("'bob' is no destination"));
    EXPECT_THAT(errors_of("scenarios:\n  - call: {exten: 1}\n    expect: {took: 5..1}\n"), HasSubstr("took:"));
    EXPECT_THAT(errors_of("scenarios:\n  - call: {exten: 1}\n    expect: {ran: [{a: b}]}\n"),
                HasSubstr("wants quotes"));
    EXPECT_THAT(errors_of("scenarios:\n  - call: {exten: 1}\n    agi: {x: soon}\n"),
                HasSubstr("'not found' or 'fails'"));
    EXPECT_THAT(errors_of("scenarios:\n  - call: {from: alice, exten: 1}\n"), HasSubstr("is no channel"));
    EXPECT_THAT(errors_of("a: [\n"), HasSubstr("t.yaml:2:"));
}

}  // namespace
}  // namespace asterism::simulator
