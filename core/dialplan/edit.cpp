#include "asterism/dialplan/edit.hpp"

#include <fmt/format.h>

#include "asterism/config/options.hpp"
#include "asterism/dialplan/builder.hpp"

namespace asterism::dialplan {
namespace {

constexpr std::string_view from_file = "pbx_config";
constexpr int hint_priority = -1;

std::expected<int, EditProblem> parse_priority(std::string_view text) {
    if (config::equal_nocase(text, "hint")) return hint_priority;
    const auto number = config::parse_int(text);
    if (!number || *number < 1 || *number > 1'000'000) return std::unexpected(EditProblem::bad_priority);
    return static_cast<int>(*number);
}

struct Name {
    std::string exten;
    std::optional<std::string> caller;
};
/// "exten/caller" taken apart; a slash within a pattern's set belongs to the set.
Name parse_name(std::string_view text) {
    bool in_set = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '[') in_set = true;
        if (text[i] == ']') in_set = false;
        if (text[i] == '/' && !in_set) return {std::string(text.substr(0, i)), std::string(text.substr(i + 1))};
    }
    return {std::string(text), std::nullopt};
}

/// A semicolon would begin a comment.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == ';') out += '\\';
        out += c;
    }
    return out;
}

std::string_view yes_no(bool on) { return on ? "yes" : "no"; }

void write_extension(const Extension& extension, std::string& out) {
    std::string name = extension.name;
    if (extension.caller) name += "/" + *extension.caller;
    name = escaped(name);
    if (!extension.hint.empty() && extension.hint_registrar == from_file)
        out += fmt::format("exten => {},hint,{}\n", name, escaped(extension.hint));
    for (const auto& priority : extension.priorities) {
        if (priority.registrar != from_file) continue;
        const std::string label = priority.label.empty() ? std::string() : "(" + priority.label + ")";
        out += fmt::format("exten => {},{}{},{}({})\n", name, priority.number, label, priority.application,
                           escaped(priority.data.text()));
    }
}

std::string write_context(const Context& context) {
    std::string out;
    for (const auto& include : context.includes()) {
        if (include.registrar == from_file) out += fmt::format("include => {}\n", include.text);
    }
    for (const auto& pattern : context.ignore_patterns()) out += fmt::format("ignorepat => {}\n", pattern);
    for (const auto& other : context.switches()) out += fmt::format("switch => {}\n", escaped(other.text));
    if (context.auto_hints()) out += "autohints = yes\n";
    for (const Extension* extension : context.extensions()) write_extension(*extension, out);
    return out;
}

}  // namespace

std::expected<void, EditProblem> add_extension(Dialplan& dialplan, const NewExtension& wanted) {
    const auto number = parse_priority(wanted.priority);
    if (!number) return std::unexpected(number.error());
    auto [exten, caller] = parse_name(wanted.exten);
    PlanBuilder builder(*dialplan.plan());
    std::string error;
    const bool added = *number == hint_priority ? builder.add_hint(wanted.context, exten, wanted.application, {}, error)
                                                : builder.add({.context = wanted.context,
                                                               .exten = exten,
                                                               .caller = caller,
                                                               .number = *number,
                                                               .application = wanted.application,
                                                               .data = wanted.data,
                                                               .registrar = wanted.registrar,
                                                               .replace = wanted.replace},
                                                              error);
    if (!added) {
        const bool there = error.find("is there already") != std::string::npos;
        return std::unexpected(there ? EditProblem::exists : EditProblem::invalid);
    }
    dialplan.set(builder.build());
    return {};
}

std::expected<std::size_t, EditProblem> remove_extension(Dialplan& dialplan, std::string_view context,
                                                         std::string_view exten, std::string_view priority) {
    int number = 0;
    if (!priority.empty()) {
        const auto parsed = parse_priority(priority);
        if (!parsed) return std::unexpected(parsed.error());
        number = *parsed;
    }
    const auto [name, caller] = parse_name(exten);
    PlanBuilder builder(*dialplan.plan());
    const std::size_t gone =
        builder.remove(context, name, number, caller ? std::optional<std::string_view>(*caller) : std::nullopt);
    if (gone > 0) dialplan.set(builder.build());
    return gone;
}

std::string to_extensions_conf(const Plan& plan) {
    const auto& general = plan.general();
    std::string out = fmt::format(
        "[general]\nstatic={}\nwriteprotect={}\nautofallthrough={}\nclearglobalvars={}\nextenpatternmatchnew={}\n",
        yes_no(general.is_static), yes_no(general.write_protect), yes_no(general.auto_fallthrough),
        yes_no(general.clear_globals), yes_no(general.extended_pattern_match));
    out += "\n[globals]\n";
    for (const auto& variable : plan.globals())
        out += fmt::format("{} => {}\n", variable.name, escaped(variable.value));
    for (const auto& context : plan.contexts()) {
        const std::string body = write_context(*context);
        if (body.empty() && context->registrar() != from_file) continue;
        out += fmt::format("\n[{}]\n{}", context->name(), body);
    }
    return out;
}

}  // namespace asterism::dialplan
