// A file of scenarios: what they share on top, then each.
#include <algorithm>
#include <cctype>

#include "core/simulator/read_parts.hpp"

namespace asterism::simulator {

namespace {

constexpr std::size_t max_scenarios = 1000, max_calls = 200;

void read_given(YamlMap& map, Given& into, Findings& findings) {
    if (map.text("config", into.config)) into.dialplan.clear();
    if (map.text("dialplan", into.dialplan)) into.config.clear();
    map.text("clock", into.clock);
    map.text("timezone", into.timezone);
    map.named("globals", into.globals);
    map.named("database", into.database);
    if (const Yaml* part = map.take("destinations")) read_destinations(*part, into.destinations, findings);
    if (const Yaml* part = map.take("functions")) read_scripted(*part, false, into.functions, findings);
    if (const Yaml* part = map.take("applications")) read_scripted(*part, true, into.applications, findings);
    if (const Yaml* part = map.take("agi")) read_agi(*part, into.agi, findings);
    NamedTexts prompts;
    if (map.named("prompts", prompts)) {
        for (const auto& [name, length] : prompts) {
            const auto time = parse_span(length);
            if (time)
                into.prompts[name] = *time;
            else
                findings.error(0, "prompts: " + name + ": '" + length + "' is no time like 2.5s");
        }
    }
    std::string sounds;
    if (map.text("sounds", sounds)) {
        if (sounds != "assumed" && sounds != "files")
            findings.error(0, "sounds: '" + sounds + "' is neither assumed nor files");
        into.assume_prompts = sounds != "files";
    }
    map.span("limit", into.limit);
}

/// `Alice <1000>`, `1000`, `"Alice" <1000>`.
void set_caller(const std::string& text, Call& call) {
    const auto open = text.find('<');
    if (open == std::string::npos) {
        call.number = text;
        return;
    }
    const auto close = text.find('>', open);
    call.number = text.substr(open + 1, close == std::string::npos ? close : close - open - 1);
    std::string name = text.substr(0, open);
    std::erase(name, '"');
    while (name.ends_with(' ')) name.pop_back();
    while (name.starts_with(' ')) name.erase(0, 1);
    call.name = name;
}

Call read_call(const Yaml& yaml, Scenario* of_all, Findings& findings) {
    YamlMap map(yaml, "a call", findings);
    Call call;
    call.origin = findings.at(yaml.line);
    call.from = "PJSIP/caller";
    if (map.text("from", call.from) && (call.from.find('/') == std::string::npos || call.from.starts_with('/')))
        findings.error(yaml, "from: '" + call.from + "' is no channel: a technology, a slash and a name");
    std::string caller;
    if (map.text("callerid", caller)) set_caller(caller, call);
    map.text("context", call.context);
    map.text("exten", call.exten);
    map.text("language", call.language);
    map.span("at", call.at);
    map.named("variables", call.variables);
    if (const Yaml* steps = map.take("does")) read_steps(*steps, call.steps, findings);
    if (const Yaml* expect = map.take("expect")) read_expect(*expect, call.expect, of_all, findings);
    map.finish();
    return call;
}

void read_scenario(const Yaml& yaml, const Given& given, std::vector<Scenario>& into, Findings& findings) {
    YamlMap map(yaml, "a scenario", findings);
    Scenario made{.name = "scenario " + std::to_string(into.size() + 1), .given = given};
    made.origin = findings.at(yaml.line);
    map.text("name", made.name);
    read_given(map, made.given, findings);
    const Yaml* call = map.take("call");
    const Yaml* calls = map.take("calls");
    if (!call == !calls) findings.error(yaml, "'" + made.name + "' has either call or calls");
    if (call) made.calls.push_back(read_call(*call, &made, findings));
    if (calls && calls->list()) {
        for (const Yaml& item : calls->items) made.calls.push_back(read_call(item, nullptr, findings));
    }
    if (calls && (!calls->list() || calls->items.empty())) findings.error(*calls, "calls is a list of calls");
    if (made.calls.size() > max_calls) findings.error(yaml, "more than " + std::to_string(max_calls) + " calls");
    if (made.calls.empty()) made.calls.emplace_back();
    // With one call the steps and expectations may stand beside it.
    Call& first = made.calls.front();
    if (const Yaml* steps = map.take("does")) read_steps(*steps, first.steps, findings);
    if (const Yaml* expect = map.take("expect")) read_expect(*expect, first.expect, &made, findings);
    map.finish();
    into.push_back(std::move(made));
}

}  // namespace

std::vector<Scenario> read_scenarios(const std::string& text, const std::string& file, config::Report& report) {
    Findings findings(file, report);
    const auto yaml = parse_yaml(text);
    if (!yaml) {
        findings.error(yaml.error().line, yaml.error().what);
        return {};
    }
    YamlMap map(*yaml, "a file of scenarios", findings);
    Given given;
    read_given(map, given, findings);
    std::vector<Scenario> made;
    const Yaml* scenarios = map.take("scenarios");
    if (!scenarios || !scenarios->list() || scenarios->items.empty()) {
        findings.error(scenarios ? scenarios->line : 0, "scenarios is a list of scenarios");
    } else if (scenarios->items.size() > max_scenarios) {
        findings.error(*scenarios, "more than " + std::to_string(max_scenarios) + " scenarios");
    } else {
        for (const Yaml& item : scenarios->items) read_scenario(item, given, made, findings);
    }
    map.finish();
    return made;
}

}  // namespace asterism::simulator
