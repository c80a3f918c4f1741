// What must come of a call.
#include "core/simulator/read_parts.hpp"

namespace asterism::simulator {

namespace {

std::optional<TimeRange> parse_range(std::string_view text) {
    TimeRange made{.text = std::string(text)};
    const auto trimmed = [](std::string_view part) {
        while (part.starts_with(' ')) part.remove_prefix(1);
        while (part.ends_with(' ')) part.remove_suffix(1);
        return parse_span(part);
    };
    constexpr Millis slack{50};  // prompts end within a frame or two of their length
    if (text.starts_with('<') || text.starts_with('>')) {
        const auto bound = trimmed(text.substr(1));
        if (!bound) return std::nullopt;
        (text.front() == '<' ? made.most : made.least) = *bound;
    } else if (const auto dots = text.find(".."); dots != std::string_view::npos) {
        const auto least = trimmed(text.substr(0, dots)), most = trimmed(text.substr(dots + 2));
        if (!least || !most || *least > *most) return std::nullopt;
        made.least = *least;
        made.most = *most;
    } else {
        const auto exactly = trimmed(text);
        if (!exactly) return std::nullopt;
        made.least = *exactly - slack;
        made.most = *exactly + slack;
    }
    return made;
}

}  // namespace

void read_wanted(const Yaml& yaml, std::vector<Wanted>& into, Findings& findings) {
    const YamlMap whole(yaml, "what is wanted", findings);
    for (const auto& [name, value] : yaml.entries) {
        if (!value.scalar() && !value.null()) {
            findings.error(value, name + " is one value");
            continue;
        }
        into.push_back({.name = name, .value = value.text, .unset = value.null(), .origin = findings.at(value.line)});
    }
}

void read_expect(const Yaml& yaml, Expect& into, Scenario* of_all, Findings& findings) {
    YamlMap map(yaml, "expect", findings);
    into.origin = findings.at(yaml.line);
    const auto texts = [&](std::string_view key, std::optional<WantedTexts>& field) {
        Texts list;
        const int line = map.has(key) ? yaml.find(key)->line : 0;
        if (map.texts(key, list)) field = WantedTexts{std::move(list), findings.at(line)};
    };
    texts("ran", into.ran);
    texts("ran_exactly", into.ran_exactly);
    texts("not_ran", into.not_ran);
    texts("heard", into.heard);
    texts("heard_exactly", into.heard_exactly);
    texts("not_heard", into.not_heard);
    texts("called", into.called);
    texts("not_called", into.not_called);
    texts("log", into.log);
    if (const Yaml* variables = map.take("variables")) read_wanted(*variables, into.variables, findings);
    std::string status;
    if (map.text("dialstatus", status)) into.variables.push_back({"DIALSTATUS", status, false, into.origin});
    map.flag("answered", into.answered);
    map.text("talks_to", into.talks_to);
    map.text("ends_at", into.ends_at);
    if (map.text("ends_by", into.ends_by) && *into.ends_by != "caller" && *into.ends_by != "dialplan")
        findings.error(yaml, "ends_by is caller or dialplan");
    map.text("cause", into.cause);
    std::string took;
    if (map.text("took", took)) {
        into.took = parse_range(took);
        if (!into.took) findings.error(yaml, "took: '" + took + "' is no time: 12s, 10s..15s, <20s or >5s");
    }
    if (of_all) {
        if (const Yaml* globals = map.take("globals")) read_wanted(*globals, of_all->globals, findings);
        if (const Yaml* database = map.take("database")) read_wanted(*database, of_all->database, findings);
        map.flag("no_warnings", of_all->no_warnings);
    }
    map.finish();
}

}  // namespace asterism::simulator
