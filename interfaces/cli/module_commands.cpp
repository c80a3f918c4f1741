// module show|load|unload|reload: parts of the PBX under the names of Asterisk's modules.
#include <strings.h>

#include "asterism/pbx.hpp"
#include "asterism/process.hpp"
#include "interfaces/cli/commands.hpp"

namespace asterism::cli {

namespace {

Result show(Context& context, Pbx& pbx) {
    if (context.name_words == 2 ? context.arguments() > 0 : context.arguments() != 1) return Result::usage;
    const std::string like(context.argument(0));
    context.print("{:<30} {:<40.40} {:<10} {:<11} {:>13}\n", "Module", "Description", "Use Count", "Status",
                  "Support Level");
    int count = 0;
    for (const auto& module : pbx.process->modules()) {
        if (!like.empty() && strcasestr(module.name.c_str(), like.c_str()) == nullptr) continue;
        context.print("{:<30} {:<40.40} {:<10} {:<11} {:>13}\n", module.name, module.description, module.use_count,
                      module.running ? "Running" : "Not Running", module.support_level);
        ++count;
    }
    context.print("{} modules loaded\n", count);
    return Result::success;
}

Task<Result> reload(Context& context, Pbx& pbx) {
    std::vector<std::string> names(context.words.begin() + static_cast<std::ptrdiff_t>(context.name_words),
                                   context.words.end());
    if (names.empty()) names.emplace_back();
    for (const auto& name : names) {
        auto box = std::make_shared<Mailbox<ReloadResult>>(*pbx.loop);
        pbx.process->reload(name, [weak = std::weak_ptr(box)](ReloadResult result) {
            if (auto waiting = weak.lock()) waiting->send(result);
        });
        const ReloadResult result = co_await box->next();
        if (name.empty()) continue;
        switch (result) {
            case ReloadResult::done: context.print("Module '{}' reloaded successfully.\n", name); break;
            case ReloadResult::no_such_module: context.print("No such module '{}'\n", name); break;
            case ReloadResult::error: context.print("The module '{}' reported a reload failure.\n", name); break;
            case ReloadResult::not_needed: context.print("The module '{}' does not support reloads.\n", name); break;
            case ReloadResult::in_progress:
                context.print("A module reload request is already in progress; please be patient\n");
        }
    }
    co_return Result::success;
}

}  // namespace

void add_module_commands(Registry& registry, Pbx& pbx) {
    const auto names = [&pbx](const Completion&) {
        std::vector<std::string> all;
        for (auto& module : pbx.process->modules()) all.push_back(std::move(module.name));
        return all;
    };
    registry.add({.name = "module show [like]",
                  .summary = "List modules and info",
                  .usage = "keyword\n       Shows the parts of the PBX under the names of Asterisk's modules.\n",
                  .run = [&pbx](Context& c) { return show(c, pbx); },
                  .complete = names});
    registry.add({.name = "module reload",
                  .summary = "Reload configuration for one or more modules",
                  .usage = "[module ...]\n       Reads the configuration of the listed modules again, or of all.\n",
                  .run_async = [&pbx](Context& c) { return reload(c, pbx); },
                  .complete = names});
    registry.add({.name = "module load",
                  .summary = "Load a module by name",
                  .usage = "<module name>\n       Marks a module as running again that was unloaded.\n",
                  .run =
                      [&pbx](Context& c) {
                          if (c.arguments() != 1) return Result::usage;
                          if (pbx.process->set_running(c.argument(0), true)) {
                              c.print("Loaded {}\n", c.argument(0));
                              return Result::success;
                          }
                          c.print("Unable to load module {}\n", c.argument(0));
                          return Result::failure;
                      },
                  .complete = names});
    registry.add({.name = "module unload",
                  .summary = "Unload a module by name",
                  .usage = "[-f|-h] <module_1> [<module_2> ... ]\n       Marks modules as not running.\n",
                  .run =
                      [&pbx](Context& c) {
                          std::size_t at = c.argument(0).starts_with('-') ? 1 : 0;
                          if (at >= c.arguments()) return Result::usage;
                          for (; at < c.arguments(); ++at) {
                              if (!pbx.process->set_running(c.argument(at), false)) {
                                  c.print("Unable to unload resource {}\n", c.argument(at));
                                  return Result::failure;
                              }
                              c.print("Unloaded {}\n", c.argument(at));
                          }
                          return Result::success;
                      },
                  .complete = names});
}

}  // namespace asterism::cli
