#include "core/simulator/yaml_map.hpp"

#include <algorithm>

#include "asterism/config/options.hpp"

namespace asterism::simulator {

YamlMap::YamlMap(const Yaml& yaml, std::string what, Findings& findings)
    : yaml_(yaml), what_(std::move(what)), findings_(findings) {
    if (!yaml.map() && !yaml.null()) findings.error(yaml, what_ + " is a map of names and values");
}

const Yaml* YamlMap::take(std::string_view key) {
    known_.push_back(key);
    return yaml_.map() ? yaml_.find(key) : nullptr;
}

const Yaml* YamlMap::scalar(std::string_view key) {
    const Yaml* found = take(key);
    if (!found) return nullptr;
    if (found->scalar()) return found;
    findings_.error(*found, found->null() ? std::string(key) + " has no value" : std::string(key) + " is one value");
    return nullptr;
}

bool YamlMap::text(std::string_view key, std::string& into) {
    const Yaml* found = scalar(key);
    if (found) into = found->text;
    return found != nullptr;
}

bool YamlMap::text(std::string_view key, std::optional<std::string>& into) {
    std::string value;
    if (!text(key, value)) return false;
    into = std::move(value);
    return true;
}

bool YamlMap::flag(std::string_view key, bool& into) {
    const Yaml* found = scalar(key);
    if (!found) return false;
    const auto value = config::parse_bool(found->text);
    if (!value) findings_.error(*found, std::string(key) + ": '" + found->text + "' is neither yes nor no");
    into = value.value_or(into);
    return value.has_value();
}

bool YamlMap::flag(std::string_view key, std::optional<bool>& into) {
    bool value = false;
    if (!flag(key, value)) return false;
    into = value;
    return true;
}

bool YamlMap::span(std::string_view key, Millis& into) {
    const Yaml* found = scalar(key);
    if (!found) return false;
    const auto value = parse_span(found->text);
    if (!value)
        findings_.error(*found, std::string(key) + ": '" + found->text + "' is no time like 500ms, 3s or 1m30s");
    into = value.value_or(into);
    return value.has_value();
}

bool YamlMap::span(std::string_view key, std::optional<Millis>& into) {
    Millis value{0};
    if (!span(key, value)) return false;
    into = value;
    return true;
}

bool YamlMap::texts(std::string_view key, Texts& into) {
    const Yaml* found = take(key);
    if (!found) return false;
    into.clear();
    if (found->scalar()) into.push_back(found->text);
    if (found->map()) {
        findings_.error(*found, std::string(key) + " is a list of texts");
        return false;
    }
    for (const Yaml& item : found->items) {
        if (item.scalar())
            into.push_back(item.text);
        else
            findings_.error(item, std::string(key) + " is a list of texts (one with ': ' or '{' in it wants quotes)");
    }
    return true;
}

bool YamlMap::named(std::string_view key, NamedTexts& into) {
    const Yaml* found = take(key);
    if (!found) return false;
    if (!found->map() && !found->null()) {
        findings_.error(*found, std::string(key) + " is a map of names and values");
        return false;
    }
    for (const auto& [name, value] : found->entries) {
        if (!value.scalar() && !value.null()) {
            findings_.error(value, name + " is one value");
            continue;
        }
        const auto there = std::ranges::find(into, name, &std::pair<std::string, std::string>::first);
        if (there != into.end())
            there->second = value.text;
        else
            into.emplace_back(name, value.text);
    }
    return true;
}

void YamlMap::finish() {
    for (const auto& [name, value] : yaml_.entries) {
        if (std::ranges::find(known_, name) != known_.end()) continue;
        const std::string_view near = config::nearest(name, known_);
        findings_.error(value, what_ + " has no '" + name + "'" +
                                   (near.empty() ? std::string() : ", did you mean " + std::string(near) + "?"));
    }
}

}  // namespace asterism::simulator
