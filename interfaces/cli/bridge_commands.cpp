// bridge show|kick
#include "asterism/model/bridge.hpp"
#include "asterism/pbx.hpp"
#include "interfaces/cli/commands.hpp"

namespace asterism::cli {

namespace {

std::string duration(WallTime from, WallTime to) {
    const auto s = seconds_between(from, to).count();
    return fmt::format("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

Result show_all(Context& context, Pbx& pbx) {
    const WallTime now = pbx.loop->clock().wall();
    context.print("{:<36} {:<36} {:>5} {:<15} {:<15} {}\n", "Bridge-ID", "Name", "Chans", "Type", "Technology",
                  "Duration");
    for (const BridgeId id : pbx.bridges->ids()) {
        Bridge* bridge = pbx.bridges->find(id);
        if (!bridge) continue;
        const BridgeSnapshot& s = *bridge->snapshot();
        context.print("{:<36} {:<36} {:>5} {:<15} {:<15} {}\n", s.uniqueid, s.name.empty() ? "<unknown>" : s.name,
                      s.channels.size(), s.type, s.technology, duration(s.created, now));
    }
    return Result::success;
}

Result show_one(Context& context, Pbx& pbx) {
    if (context.arguments() != 1) return Result::usage;
    Bridge* bridge = pbx.bridges->find(context.argument(0));
    if (!bridge) {
        context.print("Bridge '{}' not found\n", context.argument(0));
        return Result::success;
    }
    const BridgeSnapshot& s = *bridge->snapshot();
    context.print(
        "Id: {}\nType: {}\nTechnology: {}\nSubclass: {}\nCreator: {}\nName: {}\nVideo-Mode: {}\nVideo-Source-Id: {}\n"
        "Num-Channels: {}\nNum-Active: {}\nDuration: {}\n",
        s.uniqueid, s.type, s.technology, s.type, s.creator, s.name, s.video_mode, s.video_source, s.channels.size(),
        s.channels.size(), duration(s.created, pbx.loop->clock().wall()));
    for (auto member = s.channels.rbegin(); member != s.channels.rend(); ++member) {
        const Channel* channel = pbx.channels->find_uniqueid(*member);
        context.print("Channel: {}\n", channel ? channel->name() : *member);
    }
    return Result::success;
}

Result kick(Context& context, Pbx& pbx) {
    if (context.arguments() != 2) return Result::usage;
    Bridge* bridge = pbx.bridges->find(context.argument(0));
    if (!bridge) {
        context.print("Bridge '{}' not found\n", context.argument(0));
        return Result::success;
    }
    if (context.argument(1) == "all") {
        for (const ChannelId id : std::vector(bridge->members())) {
            Channel* channel = pbx.channels->find(id);
            if (channel && bridge->has(id)) bridge->remove(*channel);
        }
        context.print("Kicking all channels from bridge '{}'\n", context.argument(0));
        return Result::success;
    }
    Channel* channel = pbx.channels->find(context.argument(1));
    if (!channel || !bridge->has(channel->id())) {
        context.print("Channel '{}' not found\n", context.argument(1));
        return Result::success;
    }
    context.print("Kicking channel '{}' from bridge '{}'\n", channel->name(), context.argument(0));
    bridge->remove(*channel);
    return Result::success;
}

}  // namespace

void add_bridge_commands(Registry& registry, Pbx& pbx) {
    registry.add({.name = "bridge show all",
                  .summary = "List all bridges",
                  .usage = "\n       Lists the bridges.\n",
                  .run = [&pbx](Context& c) { return show_all(c, pbx); }});
    registry.add({.name = "bridge show",
                  .summary = "Show information about a bridge",
                  .usage = "<bridge-id>\n       Shows one bridge and who is in it.\n",
                  .run = [&pbx](Context& c) { return show_one(c, pbx); }});
    registry.add({.name = "bridge kick",
                  .summary = "Kick a channel from a bridge",
                  .usage = "<bridge-id> <channel-name | all>\n       Takes a channel, or all, out of a bridge.\n",
                  .run = [&pbx](Context& c) { return kick(c, pbx); }});
}

}  // namespace asterism::cli
