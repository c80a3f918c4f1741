// logger show|rotate|reload|add|remove|set|mute
#include "asterism/pbx.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/log_groups.hpp"
#include "asterism/runtime/logger.hpp"
#include "interfaces/cli/commands.hpp"
#include "interfaces/cli/pattern.hpp"

namespace asterism::cli {

namespace {

// Asterisk's order of the levels, which is not that of ours.
constexpr log::Level shown_order[] = {log::Level::debug,   log::Level::trace, log::Level::notice,
                                      log::Level::warning, log::Level::error, log::Level::verbose,
                                      log::Level::dtmf,    log::level_fax,    log::Level::security};

std::string levels_text(const log::ChannelInfo& channel, const std::vector<std::string>& custom) {
    std::string text;
    const auto add = [&](log::Level level) {
        if (channel.levels & 1u << static_cast<unsigned>(level)) text += log::level_name(level, custom) + ' ';
    };
    for (const auto level : shown_order) add(level);
    for (unsigned n = 0; n < custom.size(); ++n) add(log::Level{log::first_custom_level + n});
    return text;
}

Result show_channels(Context& context, log::Logger& logger) {
    const auto custom = logger.custom_levels();
    context.print("Logger queue limit: {}\n\n", logger.queue_limit());
    context.print("{:<35} {:<8} {:<9}  {:<9} {}\n", "Channel", "Type", "Formatter", "Status", "Configuration");
    context.print("{:<35} {:<8} {:<9}  {:<9} {}\n", "-------", "----", "---------", "------", "-------------");
    for (const auto& channel : logger.channels()) {
        const char* formatter = channel.formatter == log::Formatter::json    ? "json"
                                : channel.formatter == log::Formatter::plain ? "plain"
                                                                             : "default";
        const std::string name = channel.type == "File" ? channel.path : channel.type == "Syslog" ? channel.name : "";
        context.print("{:<35.35} {:<8} {:<9}  {:<9}  - {}\n", name, channel.type, formatter,
                      channel.enabled ? "Enabled" : "Disabled", levels_text(channel, custom));
    }
    context.print("\n");
    return Result::success;
}

Result set_level(Context& context, log::Logger& logger) {
    if (context.arguments() != 2) return Result::usage;
    const auto level = logger.custom_level(context.argument(0));
    const bool on = equal_words(context.argument(1), "on");
    if (!level || (!on && !equal_words(context.argument(1), "off"))) return Result::usage;
    logger.set_level_enabled(*level, on);
    context.print("Logger status for '{}' has been set to '{}'.\n", log::level_name(*level, logger.custom_levels()),
                  on ? "on" : "off");
    return Result::success;
}

}  // namespace

void add_logger_commands(Registry& registry, Pbx& pbx) {
    registry.add({.name = "logger show channels",
                  .summary = "List configured log channels",
                  .usage = "\n       Lists the log channels and what they take.\n",
                  .run = [&pbx](Context& c) { return show_channels(c, pbx.process->logger()); }});
    registry.add({.name = "logger show levels",
                  .summary = "List configured log levels",
                  .usage = "\n       Lists the levels of the log.\n",
                  .run = [&pbx](Context& c) {
                      const auto custom = pbx.process->logger().custom_levels();
                      for (const auto level : shown_order) c.print("{}\n", log::level_name(level, custom));
                      for (const auto& name : custom) c.print("{}\n", name);
                      return Result::success;
                  }});
    registry.add({.name = "logger rotate",
                  .summary = "Rotates and reopens the log files",
                  .usage = "\n       Renames the log files as rotatestrategy says, and begins new ones.\n",
                  .run = [&pbx](Context&) {
                      pbx.process->logger().rotate();
                      return Result::success;
                  }});
    registry.add({.name = "logger reload",
                  .summary = "Reopens the log files",
                  .usage = "[<alt-conf>]\n       Reads logger.conf again.\n",
                  .run_async = [&pbx](Context& c) -> Task<Result> {
                      auto box = std::make_shared<Mailbox<ReloadResult>>(*pbx.loop);
                      pbx.process->reload("logger", [weak = std::weak_ptr(box)](ReloadResult result) {
                          if (auto waiting = weak.lock()) waiting->send(result);
                      });
                      if (co_await box->next() == ReloadResult::done) co_return Result::success;
                      c.print("Failed to reload the logger\n");
                      co_return Result::failure;
                  }});
    registry.add({.name = "logger add channel",
                  .summary = "Adds a new logging channel",
                  .usage = "<name> <levels>\n       Adds a log file until the daemon ends.\n",
                  .run = [&pbx](Context& c) {
                      if (c.arguments() < 2) return Result::usage;
                      auto& logger = pbx.process->logger();
                      const auto channel = log::parse_channel(c.argument(0), c.argument(1), logger.custom_levels());
                      if (logger.add_channel(channel)) return Result::success;
                      c.print("Error adding log channel '{}'\n", c.argument(0));
                      return Result::failure;
                  }});
    registry.add({.name = "logger remove channel",
                  .summary = "Removes a logging channel",
                  .usage = "<name>\n       Removes a log channel until logger.conf is read again.\n",
                  .run = [&pbx](Context& c) {
                      if (c.arguments() != 1) return Result::usage;
                      if (pbx.process->logger().remove_channel(c.argument(0))) {
                          c.print("Removed log channel '{}'\n", c.argument(0));
                          return Result::success;
                      }
                      c.print("Unable to find log channel '{}'\n", c.argument(0));
                      return Result::failure;
                  }});
    registry.add({.name = "logger set level",
                  .summary = "Enables/Disables a specific logging level for this console",
                  .usage = "{DEBUG|TRACE|NOTICE|WARNING|ERROR|VERBOSE|DTMF} {on|off}\n"
                           "       Switches one level of the log on or off.\n",
                  .run = [&pbx](Context& c) { return set_level(c, pbx.process->logger()); }});
    registry.add({.name = "logger filter changroup",
                  .summary = "Shows lines of a group of calls on consoles, and of no other calls",
                  .usage =
                      "<group> {on|off}\n"
                      "       Chooses a group that LOG_GROUP() has put calls into, or no longer. Lines that belong\n"
                      "       to no call are always shown, and files have all lines.\n",
                  .run = [](Context& c) {
                      const bool on = c.arguments() == 2 && equal_words(c.argument(1), "on");
                      if (c.arguments() != 2 || (!on && !equal_words(c.argument(1), "off"))) return Result::usage;
                      log::groups().choose(std::string(c.argument(0)), on);
                      c.print("Logging of channel group '{}' is {}\n", c.argument(0), on ? "on" : "off");
                      return Result::success;
                  }});
    registry.add({.name = "logger filter reset",
                  .summary = "Shows lines of all calls on consoles",
                  .usage = "\n       Forgets the groups that were chosen.\n",
                  .run = [](Context& c) {
                      log::groups().choose_all();
                      c.print("Log filters are reset\n");
                      return Result::success;
                  }});
    registry.add({.name = "logger filter show",
                  .summary = "Lists the groups of calls whose lines consoles show",
                  .usage = "\n       Lists the groups that were chosen.\n",
                  .run = [](Context& c) {
                      const auto chosen = log::groups().chosen();
                      for (const auto& group : chosen) c.print("{}\n", group);
                      if (chosen.empty()) c.print("No groups are chosen: the lines of all calls are shown\n");
                      return Result::success;
                  }});
    registry.add({.name = "logger mute",
                  .summary = "Toggle logging output to a console",
                  .usage = "\n       Stops or resumes log lines on this console.\n",
                  .run = [](Context& c) {
                      if (!c.console) {
                          c.print("Couldn't toggle the console's mute state.\n");
                          return Result::success;
                      }
                      c.console->mute(!c.console->muted());
                      c.print("Console {} muted.\n", c.console->muted() ? "is" : "is not");
                      return Result::success;
                  }});
}

}  // namespace asterism::cli
