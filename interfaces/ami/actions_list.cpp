// Lists of channels: Status, CoreShowChannels, CoreShowChannelMap.
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/runtime/loop.hpp"
#include "core.hpp"
#include "events.hpp"
#include "find.hpp"

namespace asterism::ami {

namespace {

std::int64_t age_seconds(Exchange& x, const Channel& channel) {
    return std::chrono::duration_cast<std::chrono::seconds>(x.core().loop().clock().wall() - channel.created()).count();
}

void show_channels(Exchange& x) {
    auto& channels = *x.pbx().channels;
    x.list("Channels will follow");
    std::size_t count = 0;
    for (auto id : channels.ids()) {
        auto* channel = channels.find(id);
        if (!channel) continue;
        ++count;
        const auto& shot = *channel->snapshot();
        auto item = x.item("CoreShowChannel");
        channel_headers(item, shot);
        auto seconds = age_seconds(x, *channel);
        item.header("Application", shot.application).header("ApplicationData", shot.application_data);
        item.format("Duration", "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        item.header("BridgeId", shot.bridge).end();
    }
    x.complete("CoreShowChannelsComplete", count).end();
}

struct StatusWish {
    std::vector<std::string_view> variables;
    bool all = false;
};

std::string_view or_null(const std::string& application, const std::string& text) {
    return application.empty() ? std::string_view("(null)") : std::string_view(text);
}

void status_of(Exchange& x, Channel& channel, const StatusWish& wish) {
    const auto shot = channel.snapshot();
    auto item = x.item("Status", true);
    item.header("Privilege", "Call");
    channel_headers(item, *shot);
    auto unknown = [](const std::string& text) {
        return text.empty() ? std::string_view("<unknown>") : std::string_view(text);
    };
    std::int64_t left = 0;
    if (const auto* timeouts = channel.find_extra<dialplan::Timeouts>(); timeouts && timeouts->absolute) {
        left = std::chrono::duration_cast<std::chrono::seconds>(*timeouts->absolute - x.core().loop().now()).count();
    }
    auto formats = channel.driver().native_formats();
    auto format = channel.driver().native_format();
    item.header("Type", shot->technology)
        .header("DNID", shot->caller_dnid)
        .header("EffectiveConnectedLineNum", unknown(shot->connected_number))
        .header("EffectiveConnectedLineName", unknown(shot->connected_name))
        .header("TimeToHangup", left)
        .header("BridgeID", shot->bridge)
        .header("Application", or_null(shot->application, shot->application))
        .header("Data", or_null(shot->application, shot->application_data))
        .format("Nativeformats", "({})", formats)
        .header("Readformat", format)
        .header("Readtrans", "")
        .header("Writeformat", format)
        .header("Writetrans", "")
        .header("Callgroup", 0)
        .header("Pickupgroup", 0)
        .header("Seconds", age_seconds(x, channel));
    if (wish.all) {
        for (const auto& entry : channel.variables().all()) item.format("Variable", "{}={}", entry.name, entry.value);
    }
    for (auto name : wish.variables) {
        auto value = dialplan::get_variable(x.pbx(), &channel, name);
        item.format("Variable", "{}={}", name, value.value_or("(null)"));
    }
    x.id();
    item.end();
}

void status(Exchange& x) {
    auto& channels = *x.pbx().channels;
    StatusWish wish;
    wish.all = x.request().is_true("AllVariables");
    auto list = x.get("Variables");
    for (std::size_t begin = 0, depth = 0, i = 0; i <= list.size(); ++i) {
        // Commas inside a function's parentheses belong to it.
        if (i < list.size() && list[i] == '(') ++depth;
        if (i < list.size() && list[i] == ')' && depth > 0) --depth;
        if (i < list.size() && (list[i] != ',' || depth > 0)) continue;
        if (i > begin) wish.variables.push_back(list.substr(begin, i - begin));
        begin = i + 1;
    }
    std::vector<ChannelId> ids;
    if (auto name = x.get("Channel"); !name.empty()) {
        auto* channel = find_channel(x.pbx(), name);
        if (!channel) return x.error("No such channel");
        ids.push_back(channel->id());
    } else {
        ids = channels.ids();
    }
    x.list("Channel status will follow");
    std::size_t count = 0;
    for (auto id : ids) {
        auto* channel = channels.find(id);
        if (!channel) continue;
        ++count;
        status_of(x, *channel, wish);
    }
    x.complete("StatusComplete", count).header("Items", count).end();
}

/// Everybody that a channel talks with, through bridges and Local channels, nearest first.
std::vector<Channel*> connected_to(Pbx& pbx, Channel& start) {
    std::vector<Channel*> reached{&start};
    auto reach = [&](Channel* channel) {
        if (channel && std::find(reached.begin(), reached.end(), channel) == reached.end()) reached.push_back(channel);
    };
    for (std::size_t i = 0; i < reached.size(); ++i) {
        auto* channel = reached[i];
        if (auto* bridge = channel->bridge() && pbx.bridges ? pbx.bridges->find(channel->bridge()) : nullptr) {
            for (auto id : bridge->members()) reach(pbx.channels->find(id));
        }
        const auto& name = channel->name();
        if (i > 0 && channel->technology() == "Local" && name.size() > 2 && name[name.size() - 2] == ';') {
            reach(pbx.channels->find(name.substr(0, name.size() - 1) + (name.back() == '1' ? '2' : '1')));
        }
    }
    reached.erase(reached.begin());
    return reached;
}

void show_channel_map(Exchange& x) {
    auto name = x.get("Channel");
    if (name.empty()) return x.error_lf("CoreShowChannelMap requires a channel.");
    auto* channel = find_channel(x.pbx(), name);
    if (!channel) return x.error_lf("Could not get channel snapshot");
    auto others = connected_to(x.pbx(), *channel);
    x.list("Channel map will follow");
    for (auto* other : others) {
        x.item("CoreShowChannelMap").header("Channel", channel->name()).header("ConnectedChannel", other->name()).end();
    }
    x.complete("CoreShowChannelMapComplete", others.size()).end();
}

}  // namespace

Actions list_actions() {
    return {
        {"CoreShowChannels", cls::system | cls::reporting, "", "List all channels.", show_channels},
        {"CoreShowChannelMap", cls::system | cls::reporting, "Channel", "List whom a channel is connected with.",
         show_channel_map},
        {"Status", cls::system | cls::call | cls::reporting, "Channel,Variables,AllVariables",
         "Show one channel, or all, in detail.", status},
    };
}

}  // namespace asterism::ami
