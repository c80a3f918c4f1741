#include "interfaces/agi/cli_commands.hpp"

#include "asterism/cli/registry.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/pbx.hpp"
#include "interfaces/agi/agi.hpp"
#include "interfaces/agi/commands.hpp"

namespace asterism::agi {
namespace {

using cli::Context;
using cli::Result;

std::string lower(std::string_view text) {
    std::string made(text);
    for (char& c : made)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return made;
}

void show_topic(Context& context, const Command& command) {
    context.print("{}\nCommand may be run on a dead channel: {}\n", command.usage(), command.runs_dead ? "Yes" : "No");
}

/// All, or those that begin with the words given; one that is named whole is explained.
Result show(Context& context) {
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < context.arguments(); ++i) words.push_back(context.argument(i));
    const bool topic = context.name_words > 3;
    if (topic && words.empty()) return Result::usage;
    if (const auto* command = find_command(words); topic && command && command->word_count == words.size()) {
        show_topic(context, *command);
        return Result::success;
    }
    std::string begin;
    for (const auto word : words) begin += (begin.empty() ? "" : " ") + lower(word);
    context.print("{:>5} {:>30}   {}\n", "Dead", "Command", "Description");
    std::size_t shown = 0;
    for (const auto& command : commands()) {
        const auto name = lower(command.words);
        if (!name.starts_with(begin)) continue;
        ++shown;
        context.print("{:>5} {:>30}   {}\n", command.runs_dead ? "Yes" : "No", name, command.summary);
    }
    if (shown == 0) context.print("No command begins with '{}'.\n", begin);
    return Result::success;
}

Result exec(Context& context, Pbx& pbx) {
    if (context.arguments() < 2) return Result::usage;
    auto* channel = pbx.channels->find(context.argument(0));
    if (!channel) {
        context.print("Channel {} does not exist.\n", context.argument(0));
        return Result::failure;
    }
    const std::string id(context.argument(2));
    if (!queue_async_command(*channel, std::string(context.argument(1)), id)) {
        context.print("Channel {} does not run AGI(agi:async), or too many commands wait for it.\n", channel->name());
        return Result::failure;
    }
    context.print("Added AGI command to channel {} queue\n", channel->name());
    return Result::success;
}

}  // namespace

void add_console_commands(Pbx& pbx, std::shared_ptr<Debugging> debugging) {
    if (pbx.cli == nullptr) return;
    pbx.cli->add(
        {.name = "agi show commands [topic]",
         .summary = "List AGI commands or specific help",
         .usage = "<topic>\n       Lists the AGI commands; with 'topic' and a command's name, what it takes.\n",
         .run = show,
         .complete = [](const cli::Completion&) {
             std::vector<std::string> names;
             for (const auto& command : commands()) names.push_back(lower(command.words));
             return names;
         }});
    pbx.cli->add({.name = "agi exec",
                  .summary = "Add AGI command to a channel in Async AGI",
                  .usage = "<channel name> <app and arguments> [id]\n"
                           "       Gives a command to a channel that runs AGI(agi:async), as AMI's action AGI does.\n"
                           "       Quote a command of several words: agi exec PJSIP/a-00000001 \"GET VARIABLE X\" 7\n",
                  .run = [&pbx](Context& c) { return exec(c, pbx); },
                  .complete =
                      [&pbx](const cli::Completion& asked) {
                          std::vector<std::string> names;
                          if (!asked.words.empty() && asked.words.size() > 2) return names;
                          for (const auto id : pbx.channels->ids())
                              if (const auto* channel = pbx.channels->find(id)) names.push_back(channel->name());
                          return names;
                      }});
    pbx.cli->add({.name = "agi set debug [on|off]",
                  .summary = "Enable/Disable AGI debugging",
                  .usage = "\n       Logs every command and answer of AGI scripts from now on, or no longer.\n",
                  .run = [debugging](Context& c) {
                      if (c.name_words < 4) return Result::usage;
                      debugging->on = c.word(3) == "on";
                      c.print("AGI Debugging {}\n", debugging->on ? "Enabled" : "Disabled");
                      return Result::success;
                  }});
}

}  // namespace asterism::agi
