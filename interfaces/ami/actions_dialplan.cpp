// Actions on the dialplan's text: ShowDialPlan, DialplanExtensionAdd, DialplanExtensionRemove.
#include "asterism/dialplan/edit.hpp"
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
        row("", "hint", extension.hint, "", extension.hint_registrar);
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
    for (const auto& other : context.switches()) row("Switch", other.text, other.registrar);
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

void extension_add(Exchange& x) {
    auto context = x.get("Context"), exten = x.get("Extension"), priority = x.get("Priority");
    auto application = x.get("Application");
    if (context.empty() || exten.empty() || priority.empty() || application.empty() || !x.pbx().dialplan) {
        return x.error("Context, Extension, Priority, and Application must be defined for DialplanExtensionAdd.");
    }
    const auto added = dialplan::add_extension(*x.pbx().dialplan, {.context = std::string(context),
                                                                   .exten = std::string(exten),
                                                                   .priority = std::string(priority),
                                                                   .application = std::string(application),
                                                                   .data = std::string(x.get("ApplicationData")),
                                                                   .registrar = "AMI",
                                                                   .replace = says_yes(x.get("Replace"))});
    if (added) return x.success("Added requested extension");
    if (added.error() == dialplan::EditProblem::bad_priority) return x.error("The priority specified was invalid.");
    x.error("That extension and priority already exist at that context");
}

void extension_remove(Exchange& x) {
    auto context = x.get("Context"), exten = x.get("Extension"), priority = x.get("Priority");
    if (context.empty() || exten.empty() || !x.pbx().dialplan) {
        return x.error("Context and Extension must be provided for DialplanExtensionRemove");
    }
    const auto gone = dialplan::remove_extension(*x.pbx().dialplan, context, exten, priority);
    if (!gone) return x.error("The priority specified was invalid.");
    if (*gone == 0) return x.error("Failed to remove requested extension");
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
