// channel originate|redirect|request hangup: acting on calls.
#include <algorithm>

#include "asterism/features/dial.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/whole.hpp"
#include "interfaces/cli/commands.hpp"
#include "interfaces/cli/pattern.hpp"

namespace asterism::cli {

namespace {

Result originate(Context& context, Pbx& pbx) {
    if (context.arguments() < 2) return Result::usage;
    features::OriginateRequest request;
    request.destination = context.argument(0);
    if (!features::parse_destination(request.destination)) {
        context.print("*** No dial string in '{}' ***\n", request.destination);
        return Result::success;
    }
    if (equal_words(context.argument(1), "application")) {
        if (context.arguments() < 3) return Result::usage;
        request.application = context.argument(2);
        for (std::size_t i = 3; i < context.arguments(); ++i) {
            if (i > 3) request.data += ' ';
            request.data += context.argument(i);
        }
    } else if (equal_words(context.argument(1), "extension")) {
        const std::string_view where = context.argument(2);
        const auto at = where.find('@');
        Location location{"default", std::string(where.substr(0, at)), 1};
        if (at != where.npos && at + 1 < where.size()) location.context = where.substr(at + 1);
        if (location.exten.empty()) location.exten = "s";
        request.location = std::move(location);
    } else {
        return Result::usage;
    }
    request.failed_extension = true;
    (void)features::originate(pbx, std::move(request));  // what becomes of it, the log and the events say
    return Result::success;
}

Result request_hangup(Context& context, Pbx& pbx) {
    if (context.arguments() < 1) return Result::usage;
    if (equal_words(context.argument(0), "all")) {
        for (const ChannelId id : pbx.channels->ids()) {
            Channel* channel = pbx.channels->find(id);
            if (!channel) continue;
            context.print("Requested Hangup on channel '{}'\n", channel->name());
            channel->request_hangup(Cause::not_defined);
        }
        return Result::success;
    }
    for (std::size_t i = 0; i < context.arguments(); ++i) {
        Channel* channel = pbx.channels->find(context.argument(i));
        if (!channel) {
            context.print("{} is not a known channel\n", context.argument(i));
            continue;
        }
        context.print("Requested Hangup on channel '{}'\n", channel->name());
        channel->request_hangup(Cause::not_defined);
    }
    return Result::success;
}

Result redirect(Context& context, Pbx& pbx) {
    if (context.arguments() != 2) return Result::usage;
    Channel* channel = pbx.channels->find(context.argument(0));
    if (!channel) {
        context.print("Channel '{}' not found\n", context.argument(0));
        return Result::failure;
    }
    std::vector<std::string> parts;
    std::string_view rest = context.argument(1);
    for (;;) {
        const auto comma = rest.find(',');
        parts.emplace_back(rest.substr(0, comma));
        if (comma == rest.npos) break;
        rest.remove_prefix(comma + 1);
    }
    Location where = channel->location();
    const auto priority = parse_whole<int>(parts.back());
    if (parts.size() > 3 || !priority) return Result::usage;
    where.priority = *priority;
    if (parts.size() > 1) where.exten = parts[parts.size() - 2];
    if (parts.size() > 2) where.context = parts[0];
    channel->redirect(where);
    context.print("Channel '{}' successfully redirected to {}\n", channel->name(), context.argument(1));
    return Result::success;
}

}  // namespace

void add_call_commands(Registry& registry, Pbx& pbx) {
    const auto names = [&pbx](const Completion&) { return channel_names(pbx); };
    const auto names_or_all = [&pbx](const Completion&) {
        auto all = channel_names(pbx);
        all.emplace_back("all");
        return all;
    };
    registry.add({.name = "channel originate",
                  .summary = "Originate a call",
                  .usage = "<tech/data> application <appname> [appdata]\n"
                           "       channel originate <tech/data> extension [exten@][context]\n"
                           "       Calls a channel and runs an application, or the dialplan, on it when it answers.\n",
                  .run = [&pbx](Context& c) { return originate(c, pbx); },
                  .complete =
                      [](const Completion& asked) {
                          return asked.words.size() == 1 ? std::vector<std::string>{"application", "extension"}
                                                         : std::vector<std::string>{};
                      }});
    registry.add(
        {.name = "channel request hangup",
         .summary = "Request a hangup on a given channel",
         .usage = "<all>|<channel> [<channel> ...]\n       Asks whoever controls the channels to hang them up.\n",
         .run = [&pbx](Context& c) { return request_hangup(c, pbx); },
         .complete = names_or_all});
    registry.add({.name = "hangup request",
                  .summary = "Request a hangup on a given channel",
                  .run = [&pbx](Context& c) { return request_hangup(c, pbx); },
                  .hidden = true});
    registry.add(
        {.name = "channel redirect",
         .summary = "Redirect a call",
         .usage = "<channel> <[[context,]exten,]priority>\n       Sends a channel to another place in the dialplan.\n",
         .run = [&pbx](Context& c) { return redirect(c, pbx); },
         .complete = names});
}

}  // namespace asterism::cli
