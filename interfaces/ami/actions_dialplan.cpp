// Actions on the dialplan's text: ShowDialPlan, DialplanExtensionAdd, DialplanExtensionRemove.
#include <charconv>

#include "asterism/dialplan/builder.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "core.hpp"

namespace asterism::ami {

namespace {

struct Shown {
    std::size_t items = 0, extensions = 0, priorities = 0, contexts = 0;
};

void show_extension(Exchange& x, const dialplan::Context& context, const dialplan::Extension& extension, Shown& shown) {
    ++shown.extensions;
    std::string name = extension.name;
    if (extension.caller) name.append("/").append(*extension.caller);
    auto row = [&](std::string_view label, std::string_view priority, std::string_view application,
                   std::string_view data, std::string_view registrar) {
        ++shown.items;
        auto item = x.item("ListDialplan");
        item.header("Context", context.name()).header("Extension", name);
        if (!label.empty()) item.header("ExtensionLabel", label);
        item.header("Priority", priority).header("Application", application).header("AppData", data);
        item.header("Registrar", registrar).end();
    };
    if (!extension.hint.empty()) {
        ++shown.priorities;
        row("", "hint", extension.hint, "", "pbx_config");
    }
    for (const auto& priority : extension.priorities) {
        ++shown.priorities;
        row(priority.label, std::to_string(priority.number), priority.application, priority.data.text(),
            priority.registrar);
    }
}

void show_context(Exchange& x, const dialplan::Context& context, std::string_view exten, Shown& shown) {
    ++shown.contexts;
    for (const auto* extension : context.extensions()) {
        if (exten.empty() || extension->name == exten) show_extension(x, context, *extension, shown);
    }
    auto row = [&](std::string_view header, std::string_view value, std::string_view registrar) {
        ++shown.items;
        auto item = x.item("ListDialplan");
        item.header("Context", context.name()).header(header, value).header("Registrar", registrar).end();
    };
    if (!exten.empty()) return;
    for (const auto& include : context.includes()) row("IncludeContext", include.text, include.registrar);
    for (const auto& pattern : context.ignore_patterns()) row("IgnorePattern", pattern, context.registrar());
    for (const auto& text : context.switches()) row("Switch", text, context.registrar());
}

void show_dialplan(Exchange& x) {
    auto wanted = x.get("Context"), exten = x.get("Extension");
    if (!x.pbx().dialplan) return x.error("Did not find any contexts");
    auto plan = x.pbx().dialplan->plan();
    if (!wanted.empty() && !plan->context(wanted)) return x.error(fmt::format("Did not find context {}", wanted));
    auto has = [&](const dialplan::Context& context) {
        for (const auto* extension : context.extensions()) {
            if (extension->name == exten) return true;
        }
        return false;
    };
    std::vector<const dialplan::Context*> chosen;
    for (const auto& context : plan->contexts()) {
        if (!wanted.empty() && context->name() != wanted) continue;
        if (exten.empty() || has(*context)) chosen.push_back(context.get());
    }
    if (chosen.empty() && !exten.empty()) {
        return x.error(wanted.empty() ? fmt::format("Did not find extension {}", exten)
                                      : fmt::format("Did not find extension {}@{}", exten, wanted));
    }
    x.list("DialPlan list will follow");
    Shown shown;
    for (const auto* context : chosen) show_context(x, *context, exten, shown);
    auto end = x.complete("ShowDialPlanComplete", shown.items);
    end.header("ListExtensions", shown.extensions).header("ListPriorities", shown.priorities);
    end.header("ListContexts", shown.contexts).end();
}

/// "hint" is -1; a number from 1; nothing for other text.
std::optional<int> parse_priority(std::string_view text) {
    if (same_name(text, "hint")) return -1;
    int number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
    return number;
}

/// "exten/caller" taken apart.
std::pair<std::string, std::optional<std::string>> split_caller(std::string_view exten) {
    auto slash = exten.find('/');
    if (slash == std::string_view::npos) return {std::string(exten), std::nullopt};
    return {std::string(exten.substr(0, slash)), std::string(exten.substr(slash + 1))};
}

void extension_add(Exchange& x) {
    auto context = x.get("Context"), exten = x.get("Extension"), priority = x.get("Priority");
    auto application = x.get("Application");
    if (context.empty() || exten.empty() || priority.empty() || application.empty() || !x.pbx().dialplan) {
        return x.error("Context, Extension, Priority, and Application must be defined for DialplanExtensionAdd.");
    }
    auto number = parse_priority(priority);
    if (!number) return x.error("The priority specified was invalid.");
    auto [name, caller] = split_caller(exten);
    dialplan::PlanBuilder builder(*x.pbx().dialplan->plan());
    std::string problem;
    bool added = *number == -1 ? builder.add_hint(std::string(context), name, std::string(application), {}, problem)
                               : builder.add({.context = std::string(context),
                                              .exten = name,
                                              .caller = caller,
                                              .number = *number,
                                              .application = std::string(application),
                                              .data = std::string(x.get("ApplicationData")),
                                              .registrar = "AMI",
                                              .replace = says_yes(x.get("Replace"))},
                                             problem);
    if (!added) return x.error("That extension and priority already exist at that context");
    x.pbx().dialplan->set(builder.build());
    x.success("Added requested extension");
}

void extension_remove(Exchange& x) {
    auto context = x.get("Context"), exten = x.get("Extension"), priority = x.get("Priority");
    if (context.empty() || exten.empty() || !x.pbx().dialplan) {
        return x.error("Context and Extension must be provided for DialplanExtensionRemove");
    }
    int number = 0;
    if (!priority.empty()) {
        auto parsed = parse_priority(priority);
        if (!parsed) return x.error("The priority specified was invalid.");
        number = *parsed;
    }
    auto [name, caller] = split_caller(exten);
    dialplan::PlanBuilder builder(*x.pbx().dialplan->plan());
    auto gone = builder.remove(context, name, number, caller ? std::optional<std::string_view>(*caller) : std::nullopt);
    if (gone == 0) return x.error("Failed to remove requested extension");
    x.pbx().dialplan->set(builder.build());
    x.success("Removed the requested extension");
}

}  // namespace

Actions dialplan_actions() {
    return {
        {"ShowDialPlan", cls::config | cls::reporting, "Extension,Context", "List the dialplan.", show_dialplan},
        {"DialplanExtensionAdd", cls::system, "Context*,Extension*,Priority*,Application*,ApplicationData,Replace",
         "Add a priority to the dialplan.", extension_add},
        {"DialplanExtensionRemove", cls::system, "Context*,Extension*,Priority",
         "Remove an extension or a priority from the dialplan.", extension_remove},
    };
}

}  // namespace asterism::ami
