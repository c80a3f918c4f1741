// What parties and the world outside do.
#include <algorithm>

#include "core/simulator/read_parts.hpp"

namespace asterism::simulator {

namespace {

constexpr std::string_view digits_known = "0123456789*#ABCDabcdwW";

void read_step(const Yaml& yaml, std::vector<Step>& into, Findings& findings) {
    YamlMap map(yaml, "a step", findings);
    Step step;
    step.origin = findings.at(yaml.line);
    map.span("at", step.at);
    map.text("after", step.after);
    map.text("during", step.during);
    map.span("wait", step.wait);
    if (map.text("press", step.press) &&
        (step.press.empty() || step.press.find_first_not_of(digits_known) != std::string::npos))
        findings.error(yaml, "press: '" + step.press + "' are no digits (0-9 * # A-D, w waits half a second)");
    map.text("say", step.say);
    map.flag("hangup", step.hang_up);
    map.flag("hold", step.hold);
    map.finish();
    const int deeds = !step.press.empty() + !step.say.empty() + step.hang_up + step.hold.has_value();
    if (deeds > 1) findings.error(yaml, "a step does one thing: press, say, hangup or hold");
    if (deeds == 0 && step.wait == Millis{0} && step.after.empty() && step.during.empty() && !step.at)
        findings.error(yaml, "a step that does nothing: press, say, hangup or hold");
    if (!step.after.empty() + !step.during.empty() + step.at.has_value() > 1)
        findings.error(yaml, "a step begins at, after or during, not two of them");
    into.push_back(std::move(step));
}

std::optional<Behaviour> behaviour_word(std::string_view word) {
    Behaviour made;
    if (word == "answers")
        made.answer = Millis{0};
    else if (word == "rings")
        made.ring = Millis{0};
    else if (word == "busy")
        made.busy = Millis{0};
    else if (word == "congestion")
        made.congestion = Millis{0};
    else if (word == "rejects")
        made.reject = Millis{0};
    else if (word == "unavailable")
        made.unavailable = true;
    else if (word != "silent")
        return std::nullopt;
    return made;
}

Behaviour read_behaviour(const Yaml& yaml, Findings& findings) {
    if (yaml.scalar()) {
        if (auto made = behaviour_word(yaml.text)) return *made;
        findings.error(yaml, "'" + yaml.text +
                                 "' is nothing that a destination does: answers, rings, busy, congestion, rejects, "
                                 "unavailable, silent");
        return {};
    }
    YamlMap map(yaml, "a destination", findings);
    Behaviour made;
    map.span("progress", made.progress);
    map.span("ring", made.ring);
    map.span("answer", made.answer);
    map.span("busy", made.busy);
    map.span("congestion", made.congestion);
    map.span("reject", made.reject);
    map.flag("unavailable", made.unavailable);
    map.text("forward", made.forward);
    std::string cause;
    if (map.text("cause", cause)) {
        if (const auto known = parse_cause(cause))
            made.cause = *known;
        else
            findings.error(yaml, "cause: '" + cause + "' is no cause (0 to 127, or a name like USER_BUSY)");
    }
    if (const Yaml* steps = map.take("does")) read_steps(*steps, made.steps, findings);
    (void)map.take("state");  // the destination's
    (void)map.take("calls");
    map.finish();
    if (made.answer.has_value() + made.busy.has_value() + made.congestion.has_value() + made.reject.has_value() > 1)
        findings.error(yaml, "a call ends in one way: answer, busy, congestion or reject (several calls: a list)");
    if (!made.steps.empty() && !made.answer) findings.error(yaml, "only who answers does something afterwards");
    return made;
}

Answer read_answer(const Yaml& yaml, bool application, Findings& findings) {
    Answer answer;
    if (!yaml.map()) {
        if (yaml.list()) findings.error(yaml, "an answer is one value, or a map");
        if (yaml.scalar() && application)
            findings.error(yaml, "what an application does is a map: sets, takes, hangup");
        answer.value = yaml.text;
        return answer;
    }
    YamlMap map(yaml, "an answer", findings);
    if (!application) map.text("value", answer.value);
    if (!application) map.flag("fails", answer.fails);
    map.span("takes", answer.takes);
    if (application) map.named("sets", answer.sets);
    if (application) map.flag("hangup", answer.hang_up);
    map.finish();
    return answer;
}

void read_agi_line(const Yaml& yaml, AgiScript& script, Findings& findings) {
    AgiLine line;
    line.origin = findings.at(yaml.line);
    if (yaml.scalar()) {
        line.command = yaml.text;
    } else {
        YamlMap map(yaml, "a line of an AGI script", findings);
        map.text("send", line.command);
        map.text("expect", line.expect);
        map.span("wait", line.wait);
        map.finish();
    }
    if (line.command.find('\n') != std::string::npos) findings.error(yaml, "a command is one line");
    if (line.command.empty() && line.wait == Millis{0}) findings.error(yaml, "a line without a command");
    script.lines.push_back(std::move(line));
}

}  // namespace

void read_steps(const Yaml& yaml, std::vector<Step>& into, Findings& findings) {
    into.clear();
    if (!yaml.list()) return read_step(yaml, into, findings);
    for (const Yaml& item : yaml.items) read_step(item, into, findings);
}

void read_destinations(const Yaml& yaml, std::vector<Destination>& into, Findings& findings) {
    const YamlMap whole(yaml, "destinations", findings);
    for (const auto& [name, value] : yaml.entries) {
        Destination made{.name = name, .origin = findings.at(value.line)};
        if (name != "*" && (name.find('/') == std::string::npos || name.starts_with('/')))
            findings.error(value, "'" + name + "' is no destination: a technology, a slash and what follows it");
        if (value.list()) {
            for (const Yaml& item : value.items) made.calls.push_back(read_behaviour(item, findings));
        } else {
            made.calls.push_back(read_behaviour(value, findings));
            if (const Yaml* state = value.find("state")) made.state = state->text;
            if (const Yaml* calls = value.find("calls"); calls && calls->list()) {
                made.calls.clear();
                for (const Yaml& item : calls->items) made.calls.push_back(read_behaviour(item, findings));
            }
        }
        if (made.calls.empty()) findings.error(value, name + " does nothing");
        std::erase_if(into, [&](const Destination& d) { return d.name == name; });
        into.push_back(std::move(made));
    }
}

void read_scripted(const Yaml& yaml, bool application, std::vector<Scripted>& into, Findings& findings) {
    const YamlMap whole(yaml, application ? "applications" : "functions", findings);
    for (const auto& [key, value] : yaml.entries) {
        Scripted made{.name = key, .arguments = {}, .origin = findings.at(value.line)};
        if (const auto open = key.find('('); open != std::string::npos && key.ends_with(')')) {
            made.name = key.substr(0, open);
            made.arguments = key.substr(open + 1, key.size() - open - 2);
        }
        if (made.name.empty()) findings.error(value, "'" + key + "' has no name");
        if (value.list()) {
            for (const Yaml& item : value.items) made.answers.push_back(read_answer(item, application, findings));
        } else {
            made.answers.push_back(read_answer(value, application, findings));
        }
        if (made.answers.empty()) findings.error(value, key + " has no answer");
        std::erase_if(into, [&](const Scripted& s) { return s.name == made.name && s.arguments == made.arguments; });
        into.push_back(std::move(made));
    }
}

void read_agi(const Yaml& yaml, std::vector<AgiScript>& into, Findings& findings) {
    const YamlMap whole(yaml, "agi", findings);
    for (const auto& [name, value] : yaml.entries) {
        AgiScript made{.name = name, .origin = findings.at(value.line)};
        if (value.list()) {
            for (const Yaml& item : value.items) read_agi_line(item, made, findings);
        } else if (value.scalar() && value.text == "not found") {
            made.not_found = true;
        } else if (value.scalar() && value.text == "fails") {
            made.fails = true;
        } else if (!value.null()) {
            findings.error(value, name + " is a list of commands, 'not found' or 'fails'");
        }
        std::erase_if(into, [&](const AgiScript& s) { return s.name == name; });
        into.push_back(std::move(made));
    }
}

}  // namespace asterism::simulator
