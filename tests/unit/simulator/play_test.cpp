// Playing scenarios, with a handful of applications.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/simulator/simulator.hpp"
#include "asterism/world/world.hpp"

namespace asterism::simulator {
namespace {

using dialplan::AppResult;
using testing::HasSubstr;
using testing::Not;

Task<AppResult> playback(Channel& channel, std::string data) {
    const OpResult end = co_await asterism::play(channel, {data});
    co_return end.over() ? AppResult::hang_up() : AppResult::go_on();
}
Task<AppResult> digit(Channel& channel, std::string) {
    const OpResult end = co_await wait_digit(channel, 10s);
    channel.set_variable("DIGIT", std::string(end.digit ? 1 : 0, end.digit));
    co_return end.over() ? AppResult::hang_up() : AppResult::go_on();
}
Task<AppResult> pause(Channel& channel, std::string data) {
    const OpResult end = co_await wait(
        channel, data.empty() ? std::nullopt : std::optional<Duration>(std::chrono::seconds(std::stoi(data))));
    co_return end.over() ? AppResult::hang_up() : AppResult::go_on();
}

void furnish(World& world, const Scenario&, Recorder&) {
    auto& apps = world.applications;
    apps.add({.name = "Answer", .synopsis = {}, .syntax = {}, .run_now = [](Channel& channel, std::string_view) {
                  answer(channel);
                  return AppResult::go_on();
              }});
    apps.add({.name = "Set", .synopsis = {}, .syntax = {}, .run_now = [](Channel& channel, std::string_view data) {
                  const auto equals = data.find('=');
                  dialplan::set_variable(channel.pbx(), &channel, data.substr(0, equals), data.substr(equals + 1));
                  return AppResult::go_on();
              }});
    apps.add({.name = "Goto", .synopsis = {}, .syntax = {}, .run_now = [](Channel& channel, std::string_view data) {
                  return dialplan::go_to(channel, data) ? AppResult::go_on() : AppResult::hang_up();
              }});
    apps.add({.name = "Hangup", .synopsis = {}, .syntax = {}, .run_now = [](Channel&, std::string_view) {
                  return AppResult::hang_up();
              }});
    apps.add({.name = "System", .synopsis = {}, .syntax = {}, .run_now = [](Channel&, std::string_view) {
                  ADD_FAILURE() << "System ran";
                  return AppResult::go_on();
              }});
    apps.add({.name = "Playback", .synopsis = {}, .syntax = {}, .run = playback});
    apps.add({.name = "Digit", .synopsis = {}, .syntax = {}, .run = digit});
    apps.add({.name = "Wait", .synopsis = {}, .syntax = {}, .run = pause});
}

/// All scenarios of the text; the traces with their differences.
std::string played(const std::string& text, bool* ok = nullptr) {
    config::Report report;
    const auto scenarios = read_scenarios(text, "t.yaml", report);
    EXPECT_TRUE(report.ok()) << report.text();
    std::string out;
    if (ok) *ok = true;
    for (const auto& scenario : scenarios) {
        const Result result = simulator::play(scenario, {.settings = config::Settings::defaults(), .furnish = furnish});
        out += to_text(result);
        if (ok) *ok = *ok && result.ok();
    }
    return out;
}

constexpr const char* menu = R"(
dialplan: |
  [default]
  exten => 100,1,Answer()
   same => n,Playback(welcome)
   same => n,Digit()
   same => n(end),Hangup()
  exten => 101,1,Goto(101,1)
  exten => 102,1,Wait()
  exten => 103,1,System(rm -rf /)
  exten => h,1,Set(H=1)
prompts: {welcome: 2.5s}
scenarios:
)";

TEST(Simulator, ATraceSaysWhatHappened) {
    bool ok = false;
    const auto text = played(std::string(menu) + R"(
  - name: a digit
    call: {from: PJSIP/alice, callerid: "1000", exten: 100}
    does: {after: welcome, wait: 1s, press: 5}
    expect:
      ran_exactly: [Answer, Playback(welcome), Digit(), Hangup, Set(H=1)]
      heard_exactly: [welcome]
      variables: {DIGIT: 5, H: 1, NONE: ~}
      answered: yes
      ends_at: 100,end
      ends_by: dialplan
      took: 3.6s
      cause: 0
)",
                             &ok);
    EXPECT_TRUE(ok) << text;
    EXPECT_THAT(text, HasSubstr("0.000  PJSIP/alice    calls 100 in default as 1000\n"));
    EXPECT_THAT(text, HasSubstr("default,100,2       Playback(welcome)\n"));
    EXPECT_THAT(text, HasSubstr("3.500  PJSIP/alice    presses 5\n"));
    EXPECT_THAT(text, HasSubstr("default,100,4(end)  Hangup()\n"));
}

TEST(Simulator, ADifferenceIsShownWithBothSides) {
    bool ok = true;
    const auto text = played(std::string(menu) + R"(
  - name: wrong
    call: {exten: 100, from: PJSIP/alice}
    does: {after: goodbye, press: 5}
    expect:
      ran: [Answer, Playback(goodbye), Hangup]
      variables: {DIGIT: 7}
      talks_to: PJSIP/bob
      took: <5s
      cause: 17
      ends_by: caller
)",
                             &ok);
    EXPECT_FALSE(ok);
    EXPECT_THAT(text, HasSubstr("FAIL wrong  (t.yaml:15)"));
    EXPECT_THAT(text, HasSubstr("! t.yaml:17: there was no time to press: 5 (it waited for goodbye)"));
    EXPECT_THAT(
        text, HasSubstr("! t.yaml:19: ran: no Playback(goodbye) after Answer\n      Answer()\n    - Playback(goodbye)\n"
                        "    - Hangup\n    + Playback(welcome)\n"));
    EXPECT_THAT(text, HasSubstr("DIGIT\n    - 7\n    + \n"));
    EXPECT_THAT(text, HasSubstr("never connected to anybody"));
    EXPECT_THAT(text, HasSubstr("took\n    - <5s\n    + 12.5s\n"));
    EXPECT_THAT(text, HasSubstr("cause\n    - 17\n    + 0 (Unknown)"));
    EXPECT_THAT(text, HasSubstr("ends_by\n    - caller\n    + dialplan"));
}

TEST(Simulator, EveryScenarioEnds) {
    EXPECT_THAT(played(std::string(menu) + "  - call: {exten: 101}\n"),
                HasSubstr("the call runs in circles: PJSIP/caller"));
    EXPECT_THAT(played(std::string(menu) + "  - call: {exten: 102}\n"), HasSubstr("goes on for ever: nobody hangs up"));
    EXPECT_THAT(
        played(std::string(menu) +
               "  - call: {exten: 102}\n    does: {at: 5s, hangup: yes}\n    expect: {took: 5s, ends_by: caller}\n"),
        HasSubstr("ok  "));
    EXPECT_THAT(played(std::string(menu) + "  - call: {exten: 102}\n    limit: 1m\n    does: {at: 5m, hangup: yes}\n"),
                HasSubstr("is not over"));
}

TEST(Simulator, NothingReachesOutside) {
    EXPECT_THAT(played(std::string(menu) + "  - call: {exten: 103}\n"),
                HasSubstr("System(rm -rf /) reaches outside and the scenario has no answer"));
    bool ok = false;
    const auto text = played(std::string(menu) + R"(
  - call: {exten: 103}
    applications: {System(rm*): {sets: {SYSTEMSTATUS: SUCCESS}, takes: 2s}}
    expect: {variables: {SYSTEMSTATUS: SUCCESS}, took: 2s}
)",
                             &ok);
    EXPECT_TRUE(ok) << text;
}

TEST(Simulator, FunctionsAnswerInTurn) {
    bool ok = false;
    const auto text = played(R"(
dialplan: |
  [default]
  exten => s,1,Set(A=${ODBC_X(1)}${ODBC_X(1)}${ODBC_X(2)})
   same => n,Set(ODBC_X(3)=w)
functions:
  ODBC_X(1): [a, b]
  ODBC_X: other
scenarios:
  - call: {}
    expect: {variables: {A: abother}}
)",
                             &ok);
    EXPECT_TRUE(ok) << text;
    EXPECT_THAT(text, HasSubstr("ODBC_X(3) is set to \"w\""));
}

TEST(Simulator, ABrokenDialplanIsSaid) {
    EXPECT_THAT(played("config: /nonexistent\nscenarios:\n  - call: {exten: 1}\n"), HasSubstr("FAIL"));
    EXPECT_THAT(played("dialplan: |\n  [a]\nclock: tomorrow\nscenarios:\n  - call: {exten: 1}\n"),
                HasSubstr("'tomorrow' is no time"));
    EXPECT_THAT(played("dialplan: |\n  [a]\n  exten => 1,1,Hangup\nscenarios:\n  - call: {exten: 2, context: a}\n    "
                       "expect: {cause: 1}\n"),
                testing::AllOf(HasSubstr("there is no 2 in a"), Not(HasSubstr("FAIL"))));
}

}  // namespace
}  // namespace asterism::simulator
