// Scenarios: what the simulator is to play and what must come of it, as read from YAML. docs/simulate.md is their
// manual.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asterism/config/report.hpp"
#include "asterism/model/cause.hpp"
#include "asterism/runtime/time.hpp"

namespace asterism::simulator {

using Millis = std::chrono::milliseconds;
using Texts = std::vector<std::string>;
using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// One thing that a party does. Steps wait for one another.
struct Step {
    std::optional<Millis> at;  ///< since the call began (a destination's: since it answered)
    std::string after;         ///< when this prompt has been heard to its end or was broken off
    std::string during;        ///< when this prompt begins
    Millis wait{0};            ///< and then so much later
    std::string press{};       ///< digits
    std::string say{};         ///< a text message within the call
    bool hang_up = false;
    std::optional<bool> hold;  ///< puts the other side on hold, or takes it back
    config::Origin origin{};
};

/// What one call to a destination meets, in times since it was called.
struct Behaviour {
    std::optional<Millis> progress, ring, answer, busy, congestion, reject;
    Cause cause = Cause::call_rejected;  ///< of reject
    bool unavailable = false;            ///< there is no channel at all
    std::string forward{};               ///< a destination that it sends the call on to
    std::vector<Step> steps{};           ///< after it has answered
};
struct Destination {
    std::string name;                ///< "PJSIP/bob"; may have * in it
    std::vector<Behaviour> calls{};  ///< the last one goes on for ever
    std::string state{};             ///< its device state; empty: what its calls make of it
    config::Origin origin{};
};

/// Answers of a function or an application that the world outside would give.
struct Answer {
    std::string value{};
    bool fails = false;
    Millis takes{0};
    NamedTexts sets{};  ///< variables, of an application
    bool hang_up = false;
};
struct Scripted {
    std::string name;                      ///< "CURL", "System"
    std::optional<std::string> arguments;  ///< these only; may have * in it
    std::vector<Answer> answers{};         ///< one after the other, the last for ever
    config::Origin origin{};
};

/// What a script says to AGI.
struct AgiLine {
    std::string command{};              ///< empty: only a wait
    std::optional<std::string> expect;  ///< the reply that must come
    Millis wait{0};
    config::Origin origin{};
};
struct AgiScript {
    std::string name;  ///< the URL or file in AGI's first argument; may have * in it
    bool not_found = false, fails = false;
    std::vector<AgiLine> lines{};
    config::Origin origin{};
};

/// The world that a scenario plays in.
struct Given {
    std::string config{};    ///< folder of extensions.conf
    std::string dialplan{};  ///< its text instead
    std::string clock{};     ///< "2026-11-23 10:00[:00]", in `timezone`
    std::string timezone{};
    NamedTexts globals{}, database{};
    std::vector<Destination> destinations{};
    std::vector<Scripted> functions{}, applications{};
    std::vector<AgiScript> agi{};
    std::map<std::string, Millis> prompts{};  ///< length of a prompt, by its name
    bool assume_prompts = true;               ///< all are there and last a second; false: as the files say
    Millis limit{std::chrono::hours(1)};      ///< of virtual time
};

/// Values to compare with: `*` stands for anything.
struct Wanted {
    std::string name, value;
    bool unset = false;
    config::Origin origin{};
};
struct WantedTexts {
    Texts texts{};
    config::Origin origin{};
};
struct TimeRange {
    Millis least{0}, most{Millis::max()};
    std::string text;
};

/// What must come of one call.
struct Expect {
    std::optional<WantedTexts> ran, ran_exactly, not_ran, heard, heard_exactly, not_heard, called, not_called, log;
    std::vector<Wanted> variables{};
    std::optional<bool> answered;
    std::optional<std::string> talks_to, ends_at, ends_by, cause;
    std::optional<TimeRange> took;
    config::Origin origin{};
};

struct Call {
    std::string from;  ///< "PJSIP/alice"
    std::string number{}, name{};
    std::string context = "default", exten = "s", language = "en";
    Millis at{0};
    NamedTexts variables{};
    std::vector<Step> steps{};
    Expect expect{};
    config::Origin origin{};
};

struct Scenario {
    std::string name;
    Given given;
    std::vector<Call> calls{};
    std::vector<Wanted> globals{}, database{};  ///< when all is over
    bool no_warnings = false;
    config::Origin origin{};
};

/// All scenarios of a file. What is wrong is in `report`, with its line; then the result is not to be run.
[[nodiscard]] std::vector<Scenario> read_scenarios(const std::string& text, const std::string& file,
                                                   config::Report& report);

/// "3", "3s", "500ms", "2m", "1m30s", up to a week.
[[nodiscard]] std::optional<Millis> parse_span(std::string_view text);
/// "4s", "4.25s", "1m05s": as traces show it.
[[nodiscard]] std::string span_text(Millis time);
/// Whether `text` is what `pattern` says: `*` stands for anything, `\*` for a star.
[[nodiscard]] bool like(std::string_view pattern, std::string_view text);

}  // namespace asterism::simulator
