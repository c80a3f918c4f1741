// core show application(s)|function(s): the dialplan's tables.
#include <strings.h>

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/pbx.hpp"
#include "interfaces/cli/commands.hpp"
#include "interfaces/cli/pattern.hpp"

namespace asterism::cli {

namespace {

bool contains(const std::string& text, const std::string& part) {
    return part.empty() || strcasestr(text.c_str(), part.c_str()) != nullptr;
}

void describe(Context& context, std::string_view kind, const std::string& name, const std::string& synopsis,
              const std::string& syntax, const std::vector<dialplan::Parameter>& parameters,
              const std::string& module) {
    context.print("\n  -= Info about {} '{}' =- \n\n[Synopsis]\n{} \n\n[Syntax]\n{}\n\n[Arguments]\n", kind, name,
                  synopsis, syntax.empty() ? name : syntax);
    if (parameters.empty()) context.print("Not available\n");
    for (const auto& parameter : parameters) context.print("{}\n    {}\n", parameter.name, parameter.meaning);
    context.print("\n[Provided By]\n{}\n\n", module.empty() ? "Not available" : module);
}

Result show_applications(Context& context, Pbx& pbx) {
    const bool like = context.name_words > 3 && context.word(3) == "like";
    const bool describing = context.name_words > 3 && !like;
    if (context.arguments() != (like || describing ? 1u : 0u)) return Result::usage;
    const std::string part(context.argument(0));
    const bool all = part.empty();
    context.print("    -= {} Asterisk Applications =-\n", all ? "Registered" : "Matching");
    std::size_t shown = 0;
    for (const auto* application : pbx.applications->all()) {
        if (like && !contains(application->name, part)) continue;
        if (describing && !contains(application->synopsis, part)) continue;
        ++shown;
        context.print("{:>20}: {}\n", application->name,
                      application->synopsis.empty() ? "<Synopsis not available>" : application->synopsis);
    }
    context.print("    -= {} Applications {} =-\n", shown, all ? "Registered" : "Matching");
    return Result::success;
}

Result show_application(Context& context, Pbx& pbx) {
    if (context.arguments() < 1) return Result::usage;
    bool any = false;
    for (std::size_t i = 0; i < context.arguments(); ++i) {
        const auto* found = pbx.applications->find(context.argument(i));
        if (!found) continue;
        any = true;
        describe(context, "Application", found->name, found->synopsis, found->syntax, found->parameters, found->module);
    }
    if (any) return Result::success;
    context.print("Your application(s) is (are) not registered\n");
    return Result::failure;
}

Result show_functions(Context& context, Pbx& pbx) {
    const bool like = context.name_words > 3;
    if (context.arguments() != (like ? 1u : 0u)) return Result::usage;
    const std::string part(context.argument(0));
    context.print("{} Custom Functions:\n{:-<80}\n", like ? "Matching" : "Installed", "");
    std::size_t shown = 0;
    for (const auto* function : pbx.functions->all()) {
        if (!contains(function->name, part)) continue;
        ++shown;
        context.print("{:<20.20}  {:<35.35}  {}\n", function->name, function->syntax, function->synopsis);
    }
    context.print("{} {}custom functions installed.\n", shown, like ? "matching " : "");
    return Result::success;
}

Result show_function(Context& context, Pbx& pbx) {
    if (context.arguments() < 1) return Result::usage;
    const auto* found = pbx.functions->find(context.argument(0));
    if (!found) {
        context.print("No function by that name registered.\n");
        return Result::failure;
    }
    describe(context, "Function", found->name, found->synopsis, found->syntax, found->parameters, found->module);
    return Result::success;
}

}  // namespace

void add_help_commands(Registry& registry, Pbx& pbx) {
    const auto applications = [&pbx](const Completion&) {
        std::vector<std::string> names;
        for (const auto* application : pbx.applications->all()) names.push_back(application->name);
        return names;
    };
    const auto functions = [&pbx](const Completion&) {
        std::vector<std::string> names;
        for (const auto* function : pbx.functions->all()) names.push_back(function->name);
        return names;
    };
    registry.add(
        {.name = "core show applications [like|describing]",
         .summary = "Shows registered dialplan applications",
         .usage = "<text>\n       Lists the applications, or those with a text in their name or their description.\n",
         .run = [&pbx](Context& c) { return show_applications(c, pbx); }});
    registry.add({.name = "core show application",
                  .summary = "Describe a specific dialplan application",
                  .usage = "<application> [<application> [<application> [...]]]\n       Describes applications.\n",
                  .run = [&pbx](Context& c) { return show_application(c, pbx); },
                  .complete = applications});
    registry.add({.name = "core show functions [like]",
                  .summary = "Shows registered dialplan functions",
                  .usage = "<text>\n       Lists the functions, or those with a text in their name.\n",
                  .run = [&pbx](Context& c) { return show_functions(c, pbx); }});
    registry.add({.name = "core show function",
                  .summary = "Describe a specific dialplan function",
                  .usage = "<function>\n       Describes a function.\n",
                  .run = [&pbx](Context& c) { return show_function(c, pbx); },
                  .complete = functions});
}

}  // namespace asterism::cli
