// dialplan show|reload|set.
#include "asterism/dialplan/dialplan.hpp"

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/variables.hpp"
#include "asterism/pbx.hpp"
#include "asterism/process.hpp"
#include "interfaces/cli/commands.hpp"

namespace asterism::cli {

namespace {

using dialplan::Extension;

struct Totals {
    std::size_t extensions = 0, priorities = 0, contexts = 0;
};

std::string_view plural(std::size_t n, std::string_view one, std::string_view many) { return n == 1 ? one : many; }

std::string place(const config::Origin& origin, const std::string& registrar) {
    if (origin.line == 0) return registrar;
    const std::string_view file = origin.name();
    return fmt::format("{}:{}", file.substr(file.rfind('/') + 1), origin.line);
}

void show_extension(Context& context, const Extension& extension, Totals& totals) {
    ++totals.extensions;
    std::string head = fmt::format("'{}' =>", extension.name);
    if (extension.caller) head = fmt::format("'{}' (CID match '{}') => ", extension.name, *extension.caller);
    const auto row = [&](std::string_view begin, const std::string& what, const std::string& where) {
        context.print("  {:<17} {:<45} [{}]\n", begin, what, where);
    };
    if (!extension.hint.empty()) {
        ++totals.priorities;
        row(head, "hint: " + extension.hint, place(extension.hint_origin, extension.hint_registrar));
        head.clear();
    }
    for (const auto& priority : extension.priorities) {
        ++totals.priorities;
        if (head.empty() && !priority.label.empty()) head = fmt::format("   [{}]", priority.label);
        row(head, fmt::format("{}. {}({})", priority.number, priority.application, priority.data.text()),
            place(priority.origin, priority.registrar));
        head.clear();
    }
}

void show_context(Context& context, const dialplan::Context& shown, Totals& totals) {
    ++totals.contexts;
    context.print("[ Context '{}' created by '{}' ]\n", shown.name(), shown.registrar());
    for (const Extension* extension : shown.extensions()) show_extension(context, *extension, totals);
    for (const auto& include : shown.includes()) {
        context.print("  {:<17} {:<45} [{}]\n", "Include =>", fmt::format("'{}'", include.text), include.registrar);
    }
    for (const auto& pattern : shown.ignore_patterns()) {
        context.print("  {:<17} {:<45} [{}]\n", "Ignore pattern =>", fmt::format("'{}'", pattern), shown.registrar());
    }
    for (const auto& other : shown.switches()) {
        context.print("  {:<17} {:<45} [{}]\n", "Alt. Switch =>", fmt::format("'{}'", other.text), other.registrar);
    }
    context.print("\n");
}

void show_totals(Context& context, const Totals& totals) {
    context.print("-= {} {} ({} {}) in {} {}. =-\n", totals.extensions,
                  plural(totals.extensions, "extension", "extensions"), totals.priorities,
                  plural(totals.priorities, "priority", "priorities"), totals.contexts,
                  plural(totals.contexts, "context", "contexts"));
}

Result show_one_extension(Context& context, Pbx& pbx, std::string_view exten, std::string_view name) {
    const auto& plan = *pbx.dialplan->plan();
    Totals totals;
    for (const auto& shown : plan.contexts()) {
        if (!name.empty() && shown->name() != name) continue;
        const dialplan::Plan::Query query{
            .context = shown->name(), .exten = exten, .caller = "", .now = pbx.loop->clock().wall()};
        auto found = plan.find(query);
        if (!found) found = plan.find_hint(query);
        if (!found) continue;
        ++totals.contexts;
        context.print("[ {} '{}' created by '{}' ]\n", found.context == shown.get() ? "Context" : "Included context",
                      found.context->name(), found.context->registrar());
        show_extension(context, *found.extension, totals);
        context.print("\n");
    }
    if (totals.contexts == 0) {
        context.print("There is no existence of {}@{} extension\n", exten, name.empty() ? "any" : name);
        return Result::failure;
    }
    show_totals(context, totals);
    return Result::success;
}

Result show(Context& context, Pbx& pbx) {
    if (context.arguments() > 1) return Result::usage;
    const std::string_view what = context.argument(0);
    if (const auto at = what.find('@'); at != what.npos) {
        return show_one_extension(context, pbx, what.substr(0, at), what.substr(at + 1));
    }
    const auto& plan = *pbx.dialplan->plan();
    Totals totals;
    for (const auto& shown : plan.contexts()) {
        if (what.empty() || shown->name() == what) show_context(context, *shown, totals);
    }
    if (totals.contexts == 0 && !what.empty()) {
        context.print("There is no existence of '{}' context\n", what);
        return Result::failure;
    }
    show_totals(context, totals);
    return Result::success;
}

Result show_globals(Context& context, Pbx& pbx) {
    const auto& all = pbx.globals->all();
    for (auto entry = all.rbegin(); entry != all.rend(); ++entry)
        context.print("   {}={}\n", entry->name, entry->value);
    context.print("\n    -- {} variable(s)\n", all.size());
    return Result::success;
}

Task<Result> reload(Context& context, Pbx& pbx) {
    auto box = std::make_shared<Mailbox<ReloadResult>>(*pbx.loop);
    pbx.process->reload("pbx_config", [weak = std::weak_ptr(box)](ReloadResult result) {
        if (auto waiting = weak.lock()) waiting->send(result);
    });
    if (co_await box->next() == ReloadResult::done) {
        context.print("Dialplan reloaded.\n");
        co_return Result::success;
    }
    context.print("The dialplan was not reloaded: see the log.\n");
    co_return Result::failure;
}

}  // namespace

void add_dialplan_commands(Registry& registry, Pbx& pbx) {
    const auto contexts = [&pbx](const Completion&) {
        std::vector<std::string> names;
        for (const auto& context : pbx.dialplan->plan()->contexts()) names.push_back(context->name());
        return names;
    };
    registry.add({.name = "dialplan show",
                  .summary = "Show dialplan",
                  .usage = "[[exten@]context]\n       Shows the dialplan, one context of it, or one extension.\n",
                  .run = [&pbx](Context& c) { return show(c, pbx); },
                  .complete = contexts});
    registry.add({.name = "dialplan show globals",
                  .summary = "Show global dialplan variables",
                  .usage = "\n       Lists the global variables and their values.\n",
                  .run = [&pbx](Context& c) { return show_globals(c, pbx); }});
    registry.add({.name = "dialplan show chanvar",
                  .summary = "Show channel variables",
                  .usage = "<channel>\n       Lists the variables of a channel.\n",
                  .run =
                      [&pbx](Context& c) {
                          if (c.arguments() != 1) return Result::usage;
                          Channel* channel = pbx.channels->find(c.argument(0));
                          if (!channel) {
                              c.print("Channel '{}' not found\n", c.argument(0));
                              return Result::failure;
                          }
                          for (const auto& entry : channel->variables().all())
                              c.print("{}={}\n", entry.name, entry.value);
                          return Result::success;
                      },
                  .complete = [&pbx](const Completion&) { return channel_names(pbx); }});
    registry.add({.name = "dialplan set global",
                  .summary = "Set global dialplan variable",
                  .usage = "<name> <value>\n       Sets a global variable.\n",
                  .run = [&pbx](Context& c) {
                      if (c.arguments() != 2) return Result::usage;
                      dialplan::set_global(pbx, c.argument(0), c.argument(1));
                      c.print("\n    -- Global variable '{}' set to '{}'\n", c.argument(0), c.argument(1));
                      return Result::success;
                  }});
    registry.add({.name = "dialplan set chanvar",
                  .summary = "Set a channel variable",
                  .usage = "<channel> <varname> <value>\n       Sets a variable of a channel.\n",
                  .run = [&pbx](Context& c) {
                      if (c.arguments() != 3) return Result::usage;
                      Channel* channel = pbx.channels->find(c.argument(0));
                      if (!channel) {
                          c.print("Channel '{}' not found\n", c.argument(0));
                          return Result::failure;
                      }
                      channel->set_variable(c.argument(1), c.argument(2));
                      c.print("\n    -- Channel variable '{}' set to '{}' for '{}'\n", c.argument(1), c.argument(2),
                              channel->name());
                      return Result::success;
                  }});
    registry.add({.name = "dialplan eval function",
                  .summary = "Evaluate dialplan function",
                  .usage = "<name(args)>\n       Shows what a function gives outside of any call.\n",
                  .run = [&pbx](Context& c) {
                      if (c.arguments() != 1) return Result::usage;
                      const auto value = dialplan::get_variable(pbx, nullptr, c.argument(0));
                      c.print("Return Value: {} ({})\nResult: {}\n", value ? "Success" : "Failure", value ? 0 : -1,
                              value.value_or(""));
                      return Result::success;
                  }});
    registry.add({.name = "dialplan reload",
                  .summary = "Reload extensions and *only* extensions",
                  .usage = "\n       Reads extensions.conf again.\n",
                  .run_async = [&pbx](Context& c) { return reload(c, pbx); }});
}

}  // namespace asterism::cli
