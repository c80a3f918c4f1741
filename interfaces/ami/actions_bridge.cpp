// Actions on bridges.
#include "asterism/features/bridging.hpp"
#include "asterism/model/bridge.hpp"
#include "core.hpp"
#include "events.hpp"
#include "find.hpp"

namespace asterism::ami {

namespace {

void bridge(Exchange& x) {
    auto one_name = x.get("Channel1"), two_name = x.get("Channel2"), tone = x.get("Tone");
    if (one_name.empty() || two_name.empty()) return x.error("Missing channel parameter in request");
    auto* one = find_channel(x.pbx(), one_name);
    if (!one) return x.error(fmt::format("Channel1 does not exist: {}", one_name));
    auto* two = find_channel(x.pbx(), two_name);
    if (!two) return x.error(fmt::format("Channel2 does not exist: {}", two_name));
    if (one == two) return x.error("Unable to bridge channel to itself");
    std::string beep = same_name(tone, "Channel1")   ? "channel1"
                       : same_name(tone, "Channel2") ? "channel2"
                       : same_name(tone, "Both")     ? "both"
                                                     : "no";
    x.success("Channels have been bridged");
    features::bridge_channels(*one, *two, beep);
}

Bridge* find_bridge(Exchange& x) { return x.pbx().bridges ? x.pbx().bridges->find(x.get("BridgeUniqueid")) : nullptr; }

void bridge_list(Exchange& x) {
    auto type = x.get("BridgeType");
    std::size_t count = 0;
    x.list("Bridge listing will follow");
    for (auto id : x.pbx().bridges ? x.pbx().bridges->ids() : std::vector<BridgeId>()) {
        auto* found = x.pbx().bridges->find(id);
        if (!found || (!type.empty() && found->type() != type)) continue;
        ++count;
        auto item = x.item("BridgeListItem");
        bridge_headers(item, *found->snapshot());
        item.end();
    }
    x.complete("BridgeListComplete", count).end();
}

void bridge_info(Exchange& x) {
    if (x.get("BridgeUniqueid").empty()) return x.error("BridgeUniqueid must be provided");
    auto* found = find_bridge(x);
    if (!found) return x.error("Specified BridgeUniqueid not found");
    std::size_t count = 0;
    x.list("Bridge channel listing will follow");
    for (auto id : found->members()) {
        auto* channel = x.pbx().channels->find(id);
        if (!channel) continue;
        ++count;
        auto item = x.item("BridgeInfoChannel");
        channel_headers(item, *channel->snapshot());
        item.end();
    }
    auto end = x.complete("BridgeInfoComplete", count);
    bridge_headers(end, *found->snapshot());
    end.end();
}

void bridge_destroy(Exchange& x) {
    if (x.get("BridgeUniqueid").empty()) return x.error("BridgeUniqueid must be provided");
    auto* found = find_bridge(x);
    if (!found) return x.error("Specified BridgeUniqueid not found");
    x.success("Bridge has been destroyed");
    found->destroy();
}

void bridge_kick(Exchange& x) {
    auto name = x.get("Channel");
    if (name.empty()) return x.error("Channel must be provided");
    Bridge* from = nullptr;
    if (!x.get("BridgeUniqueid").empty()) {
        from = find_bridge(x);
        if (!from) return x.error("Bridge not found");
    }
    auto* channel = find_channel(x.pbx(), name);
    if (!channel) return x.error("Channel does not exist");
    auto* in = channel->bridge() && x.pbx().bridges ? x.pbx().bridges->find(channel->bridge()) : nullptr;
    if (!in || (from && in != from)) return x.error("Channel is not in a bridge");
    x.success("Channel has been kicked");
    in->remove(*channel);
}

struct Technology {
    std::string_view name, type;
    int priority;
};
constexpr Technology technologies[] = {
    {"native_rtp", "Native", 90},
    {"holding_bridge", "Holding", 50},
    {"simple_bridge", "1to1Mix", 50},
    {"softmix", "MultiMix", 10},
};

void technology_list(Exchange& x) {
    x.list("Bridge technology listing will follow");
    for (const auto& technology : technologies) {
        auto item = x.item("BridgeTechnologyListItem", true);
        item.header("BridgeTechnology", technology.name).header("BridgeType", technology.type);
        item.header("BridgePriority", technology.priority).header("BridgeSuspended", "No");
        x.id();
        item.end();
    }
    x.complete("BridgeTechnologyListComplete", std::size(technologies)).end();
}

}  // namespace

Actions bridge_actions() {
    return {
        {"Bridge", cls::call, "Channel1*,Channel2*,Tone", "Join two channels.", bridge},
        {"BridgeList", cls::none, "BridgeType", "List the bridges.", bridge_list},
        {"BridgeInfo", cls::none, "BridgeUniqueid*", "Show a bridge and its channels.", bridge_info},
        {"BridgeDestroy", cls::none, "BridgeUniqueid*", "End a bridge; its channels go on.", bridge_destroy},
        {"BridgeKick", cls::none, "BridgeUniqueid,Channel*", "Take a channel out of its bridge.", bridge_kick},
        {"BridgeTechnologyList", cls::none, "", "List the ways in which bridges mix.", technology_list},
    };
}

}  // namespace asterism::ami
