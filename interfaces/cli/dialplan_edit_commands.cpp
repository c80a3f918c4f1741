// dialplan add|remove|save, core show switches|hanguphandlers, say load.
#include <cstdio>
#include <fstream>

#include "asterism/config/settings.hpp"
#include "asterism/dialplan/builder.hpp"
#include "asterism/dialplan/edit.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/say_rules.hpp"
#include "asterism/pbx.hpp"
#include "interfaces/cli/commands.hpp"

namespace asterism::cli {

namespace {

constexpr std::string_view from_console = "pbx_config";  // as in Asterisk, gone with the next reload

/// "exten,priority,app,data" or "exten,priority,app(data)".
std::optional<dialplan::NewExtension> parse_extension(std::string_view text) {
    dialplan::NewExtension out;
    const std::size_t first = text.find(',');
    const std::size_t second = first == text.npos ? first : text.find(',', first + 1);
    if (second == text.npos) return std::nullopt;
    out.exten = text.substr(0, first);
    out.priority = text.substr(first + 1, second - first - 1);
    std::string_view action = text.substr(second + 1);
    const std::size_t open = action.find('('), comma = action.find(',');
    if (out.priority == "hint") {
        out.application = action;
    } else if (open < comma && action.ends_with(')')) {
        out.application = action.substr(0, open);
        out.data = action.substr(open + 1, action.size() - open - 2);
    } else {
        out.application = action.substr(0, comma);
        if (comma != action.npos) out.data = action.substr(comma + 1);
    }
    if (out.exten.empty() || out.application.empty()) return std::nullopt;
    return out;
}

void say_if_new(Context& context, const Pbx& pbx, std::string_view name, std::string_view what) {
    if (pbx.dialplan->plan()->context(name)) return;
    context.print("Context '{}' did not exist prior to {} - the context will be created.\n", name, what);
}

Result add_extension(Context& context, Pbx& pbx) {
    const bool replace = context.arguments() == 4 && context.argument(3) == "replace";
    if ((context.arguments() != 3 && !replace) || context.argument(1) != "into") return Result::usage;
    auto wanted = parse_extension(context.argument(0));
    if (!wanted) return Result::usage;
    wanted->context = context.argument(2);
    wanted->registrar = from_console;
    wanted->replace = replace;
    say_if_new(context, pbx, wanted->context, "add extension");
    const auto added = dialplan::add_extension(*pbx.dialplan, *wanted);
    if (added) {
        context.print("Extension '{},{},{}({})' added into '{}' context\n", wanted->exten, wanted->priority,
                      wanted->application, wanted->data, wanted->context);
        return Result::success;
    }
    switch (added.error()) {
        case dialplan::EditProblem::bad_priority:
            context.print("'{}' is not a valid priority\n", wanted->priority);
            break;
        case dialplan::EditProblem::exists:
            context.print("Extension {}@{} with priority {} already exists\n", wanted->exten, wanted->context,
                          wanted->priority);
            break;
        default:
            context.print("Failed to add '{},{},{}({})' extension into '{}' context\n", wanted->exten, wanted->priority,
                          wanted->application, wanted->data, wanted->context);
    }
    return Result::failure;
}

Result remove_extension(Context& context, Pbx& pbx) {
    if (context.arguments() < 1 || context.arguments() > 2) return Result::usage;
    const std::string_view what = context.argument(0), priority = context.argument(1);
    const std::size_t at = what.rfind('@');
    if (at == what.npos || at == 0) return Result::usage;
    const std::string_view exten = what.substr(0, at), name = what.substr(at + 1);
    const auto gone = dialplan::remove_extension(*pbx.dialplan, name, exten, priority);
    if (!gone) {
        context.print("'{}' is not a valid priority\n", priority);
        return Result::failure;
    }
    if (*gone == 0) {
        context.print("Failed to remove extension {}@{}\n", exten, name);
        return Result::failure;
    }
    if (priority.empty())
        context.print("Whole extension {}@{} removed\n", exten, name);
    else
        context.print("Extension {}@{} with priority {} removed\n", exten, name, priority);
    return Result::success;
}

/// `dialplan add|remove include|ignorepat X into|from CONTEXT`: what and where.
bool names_context(const Context& context, std::string_view word) {
    return context.arguments() == 3 && context.argument(1) == word;
}

Result add_include(Context& context, Pbx& pbx) {
    if (!names_context(context, "into")) return Result::usage;
    const std::string what(context.argument(0)), into(context.argument(2));
    say_if_new(context, pbx, into, "add include");
    dialplan::PlanBuilder builder(*pbx.dialplan->plan());
    std::string error;
    if (!builder.add_include(into, what, {}, std::string(from_console), error)) {
        context.print("{}\n", error);
        return Result::failure;
    }
    pbx.dialplan->set(builder.build());
    context.print("Context '{}' included in '{}' context\n", what, into);
    return Result::success;
}

Result remove_include(Context& context, Pbx& pbx) {
    if (!names_context(context, "from")) return Result::usage;
    const std::string_view what = context.argument(0), from = context.argument(2);
    dialplan::PlanBuilder builder(*pbx.dialplan->plan());
    if (!builder.remove_include(from, what)) {
        context.print("Failed to remove '{}' include from '{}' context\n", what, from);
        return Result::failure;
    }
    pbx.dialplan->set(builder.build());
    context.print("We are not including '{}' into '{}' now\n", what, from);
    return Result::success;
}

Result add_ignore_pattern(Context& context, Pbx& pbx) {
    if (!names_context(context, "into")) return Result::usage;
    const std::string what(context.argument(0)), into(context.argument(2));
    say_if_new(context, pbx, into, "add ignorepat");
    dialplan::PlanBuilder builder(*pbx.dialplan->plan());
    if (!builder.add_ignore_pattern(into, what)) {
        context.print("Ignore pattern '{}' already included in '{}' context\n", what, into);
        return Result::failure;
    }
    pbx.dialplan->set(builder.build());
    context.print("Ignore pattern '{}' added into '{}' context\n", what, into);
    return Result::success;
}

Result remove_ignore_pattern(Context& context, Pbx& pbx) {
    if (!names_context(context, "from")) return Result::usage;
    const std::string_view what = context.argument(0), from = context.argument(2);
    dialplan::PlanBuilder builder(*pbx.dialplan->plan());
    if (!builder.remove_ignore_pattern(from, what)) {
        context.print("There is no existence of '{}' ignore pattern in '{}' context\n", what, from);
        return Result::failure;
    }
    pbx.dialplan->set(builder.build());
    context.print("Ignore pattern '{}' removed from '{}' context\n", what, from);
    return Result::success;
}

Result remove_context(Context& context, Pbx& pbx) {
    if (context.arguments() != 1) return Result::usage;
    dialplan::PlanBuilder builder(*pbx.dialplan->plan());
    if (!builder.remove_context(context.argument(0))) {
        context.print("There is no existence of '{}' context\n", context.argument(0));
        return Result::failure;
    }
    pbx.dialplan->set(builder.build());
    context.print("Removed context '{}'\n", context.argument(0));
    return Result::success;
}

/// Empty: written; else why not. The old file is there until the new one is complete.
std::string write_file(const std::string& path, const std::string& text) {
    const std::string made = path + ".new";
    {
        std::ofstream out(made, std::ios::trunc | std::ios::binary);
        out << text;
        out.close();
        if (!out) {
            (void)std::remove(made.c_str());
            return "cannot be written";
        }
    }
    return std::rename(made.c_str(), path.c_str()) == 0 ? std::string() : std::string("cannot be replaced");
}

Task<Result> save(Context& context, Pbx& pbx) {
    if (context.arguments() > 1) {
        context.print("Usage: dialplan save [/path/to/extension/file]\n");
        co_return Result::failure;
    }
    const auto plan = pbx.dialplan->plan();
    const auto& general = plan->general();
    if (!general.is_static || general.write_protect) {
        context.print(
            "I can't save dialplan now: [general] of extensions.conf needs static=yes and writeprotect=no.\n");
        co_return Result::failure;
    }
    std::string path(context.argument(0));
    if (path.empty()) path = pbx.settings->etc_dir;
    if (!path.ends_with(".conf")) path += "/extensions.conf";
    const std::string problem = co_await run_blocking(
        *pbx.loop, [path, text = dialplan::to_extensions_conf(*plan)] { return write_file(path, text); });
    if (!problem.empty()) {
        context.print("Failed to save the dialplan: '{}' {}\n", path, problem);
        co_return Result::failure;
    }
    context.print("Dialplan successfully saved into '{}'\n", path);
    co_return Result::success;
}

void show_handlers_of(Context& context, Channel& channel) {
    context.print("{:<30} {}\n", "Channel", "Handler");
    const auto* pushed = channel.find_extra<dialplan::HangupHandlers>();
    if (!pushed) return;
    for (auto handler = pushed->handlers.rbegin(); handler != pushed->handlers.rend(); ++handler)
        context.print("{:<30} {}\n", channel.name(), *handler);
}

Result show_hangup_handlers(Context& context, Pbx& pbx) {
    if (context.arguments() != 1) return Result::usage;
    Channel* channel = pbx.channels->find(context.argument(0));
    if (!channel) {
        context.print("Channel does not exist.\n");
        return Result::failure;
    }
    show_handlers_of(context, *channel);
    return Result::success;
}

}  // namespace

void add_dialplan_edit_commands(Registry& registry, Pbx& pbx) {
    const auto add = [&](std::string name, std::string summary, std::string usage, auto run) {
        registry.add({.name = std::move(name),
                      .summary = std::move(summary),
                      .usage = std::move(usage),
                      .run = [&pbx, run](Context& c) { return run(c, pbx); }});
    };
    add("dialplan add extension", "Add new extension into context",
        "<exten>,<priority>,<app> into <context> [replace]\n       Adds a priority, until the next reload or for "
        "good with dialplan save.\n",
        add_extension);
    add("dialplan remove extension", "Remove a specified extension",
        "exten[/cid]@context [priority]\n       Removes an extension, or one of its priorities.\n", remove_extension);
    add("dialplan add include", "Include context in other context",
        "<context> into <context>\n       Includes a context in another one.\n", add_include);
    add("dialplan remove include", "Remove a specified include from context",
        "<context> from <context>\n       Removes an include.\n", remove_include);
    add("dialplan add ignorepat", "Add new ignore pattern",
        "<pattern> into <context>\n       Adds a pattern after which dial tone goes on.\n", add_ignore_pattern);
    add("dialplan remove ignorepat", "Remove ignore pattern from context",
        "<pattern> from <context>\n       Removes an ignore pattern.\n", remove_ignore_pattern);
    add("dialplan remove context", "Remove a specified context", "<context>\n       Removes a whole context.\n",
        remove_context);
    for (const char* name : {"dialplan set extenpatternmatchnew true", "dialplan set extenpatternmatchnew false"}) {
        add(name, "Choose the pattern matcher", "\n       All patterns are compiled: there is nothing to choose.\n",
            [](Context& c, Pbx&) {
                c.print("\n    -- All patterns are compiled: the setting changes nothing.\n");
                return Result::success;
            });
    }
    add("core show switches", "Show alternative switches", "\n       Lists what `switch =>` may name.\n",
        [](Context& c, Pbx&) {
            c.print(
                "\n    -= Registered Asterisk Alternative Switches =-\n"
                "Loopback: Loopback Dialplan Switch\nRealtime: Realtime Dialplan Switch\n");
            return Result::success;
        });
    registry.add({.name = "core show hanguphandlers",
                  .summary = "Show hangup handlers of a specified channel",
                  .usage = "<channel>\n       Lists the hangup handlers of a channel, the first to run first.\n",
                  .run = [&pbx](Context& c) { return show_hangup_handlers(c, pbx); },
                  .complete = [&pbx](const Completion&) { return channel_names(pbx); }});
    add("core show hanguphandlers all", "Show hangup handlers of all channels",
        "\n       Lists the hangup handlers of all channels.\n", [](Context& c, Pbx& all) {
            for (const ChannelId id : all.channels->ids()) {
                if (Channel* channel = all.channels->find(id)) show_handlers_of(c, *channel);
            }
            return Result::success;
        });
    add("say load [new|old]", "Set or show the say mode",
        "[new|old]\n       new: the rules of say.conf come first; old: what is built in. Without either: shows it.\n",
        [](Context& c, Pbx&) {
            const std::string_view mode = c.word(2);
            auto& config = functions::say_config();
            if (mode == "new" || mode == "old") {
                c.print("setting say mode from {} to {}\n", config.new_mode ? "new" : "old", mode);
                config.new_mode = mode == "new";
            } else {
                c.print("say mode is [{}]\n", config.new_mode ? "new" : "old");
            }
            return Result::success;
        });
    registry.add({.name = "dialplan save",
                  .summary = "Save current dialplan into a file",
                  .usage =
                      "[/path/to/extension/file]\n       Writes the dialplan to extensions.conf, without comments. "
                      "Asks for static=yes and\n       writeprotect=no.\n",
                  .run_async = [&pbx](Context& c) { return save(c, pbx); }});
}

}  // namespace asterism::cli
