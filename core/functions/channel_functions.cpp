// CHANNEL(item) and the functions that list channels.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "asterism/channels/local.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/math.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/model/operations.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

/// What CHANNEL() keeps that no part of the channel has; nothing: what the technology says, else nothing at all.
struct Settings : ChannelExtra {
    using Value = std::optional<std::string>;
    Value parking_lot, tone_zone, dtmf_features, call_group, pickup_group, named_call_group, named_pickup_group,
        transfer_capability = "SPEECH", secure_signaling, secure_media, max_forwards = "20", after_bridge;
};

struct Item {
    std::string_view name;
    std::string (*read)(Channel&) = nullptr;
    void (*write)(Channel&, std::string_view) = nullptr;
};

constexpr std::string_view item_of(Settings::Value Settings::* member) {
    if (member == &Settings::call_group) return "callgroup";
    if (member == &Settings::pickup_group) return "pickupgroup";
    if (member == &Settings::named_call_group) return "namedcallgroup";
    if (member == &Settings::named_pickup_group) return "namedpickupgroup";
    if (member == &Settings::tone_zone) return "tonezone";
    if (member == &Settings::dtmf_features) return "dtmf_features";
    return {};
}

template <Settings::Value Settings::* Member>
std::string kept(Channel& channel) {
    if (const auto& own = channel.extra<Settings>().*Member) return *own;
    constexpr auto item = item_of(Member);
    return item.empty() ? std::string{} : channel.driver().read(item).value_or(std::string{});
}
template <Settings::Value Settings::* Member>
void keep(Channel& channel, std::string_view value) {
    (channel.extra<Settings>().*Member).emplace(value);
}

void push_handler(Channel& channel, std::string_view value) {
    if (!value.empty()) dialplan::push_hangup_handler(channel, std::string(value));
}
void pop_handler(Channel& channel, std::string_view value) {
    auto& handlers = channel.extra<dialplan::HangupHandlers>().handlers;
    if (!handlers.empty()) handlers.pop_back();
    push_handler(channel, value);
}
void wipe_handlers(Channel& channel, std::string_view value) {
    channel.extra<dialplan::HangupHandlers>().handlers.clear();
    push_handler(channel, value);
}

void set_ama(Channel& channel, std::string_view value) {
    const auto name = lower(value);
    int flags = 3;
    if (name == "omit")
        flags = 1;
    else if (name == "billing")
        flags = 2;
    else if (const auto number = parse_number(value); number && *number >= 1 && *number <= 3)
        flags = static_cast<int>(*number);
    channel.set_ama_flags(flags);
}

template <media::Side Where>
void set_gain(Channel& channel, std::string_view value) {
    const auto decibel = parse_number(value).value_or(0);
    if (channel.pbx().media && channel.leg())
        channel.pbx().media->gain(channel.leg(), Where, std::pow(10.0, std::clamp(decibel, -60.0, 60.0) / 20));
}

std::string format_read(Channel& channel) { return channel.driver().native_format(); }

constexpr std::array items{
    Item{"accountcode", [](Channel& c) { return c.account_code(); },
         [](Channel& c, std::string_view v) { c.set_account_code(v); }},
    Item{"after_bridge_goto", kept<&Settings::after_bridge>, keep<&Settings::after_bridge>},
    Item{"amaflags", [](Channel& c) { return std::to_string(c.ama_flags()); }, set_ama},
    Item{"appdata", [](Channel& c) { return c.application_data(); }},
    Item{"appname", [](Channel& c) { return c.application(); }},
    Item{"audionativeformat",
         [](Channel& c) {
             const auto formats = c.driver().native_formats();
             return "(" + (formats.empty() ? "nothing" : formats) + ")";
         }},
    Item{"audioreadformat", format_read},
    Item{"audiowriteformat", format_read},
    Item{"callgroup", kept<&Settings::call_group>, keep<&Settings::call_group>},
    Item{"callid", [](Channel& c) { return c.call() ? fmt::format("[C-{:08x}]", c.call().value) : std::string{}; }},
    Item{"channame", [](Channel& c) { return c.name(); }},
    Item{"channeltype", [](Channel& c) { return std::string(c.technology()); }},
    Item{"checkhangup", [](Channel& c) { return truth(c.hangup_requested()); }},
    Item{"context", [](Channel& c) { return c.location().context; }},
    Item{"creationtime",
         [](Channel& c) {
             return std::to_string(
                 std::chrono::duration_cast<std::chrono::seconds>(c.created().time_since_epoch()).count());
         }},
    Item{"dtmf_features", kept<&Settings::dtmf_features>, keep<&Settings::dtmf_features>},
    Item{"exten", [](Channel& c) { return c.location().exten; }},
    Item{"hangup_handler_pop", nullptr, pop_handler},
    Item{"hangup_handler_push", nullptr, push_handler},
    Item{"hangup_handler_wipe", nullptr, wipe_handlers},
    Item{"hangupsource", [](Channel& c) { return c.hangup_source(); }},
    Item{"language", [](Channel& c) { return c.language(); },
         [](Channel& c, std::string_view v) { c.set_language(v); }},
    Item{"lastcontext", [](Channel& c) { return c.location().context; }},
    Item{"lastexten", [](Channel& c) { return c.location().exten; }},
    Item{"linkedid", [](Channel& c) { return c.linkedid(); }},
    Item{"max_forwards", kept<&Settings::max_forwards>, keep<&Settings::max_forwards>},
    Item{"musicclass", [](Channel& c) { return c.music_class(); },
         [](Channel& c, std::string_view v) { c.set_music_class(v); }},
    Item{"name", [](Channel& c) { return c.name(); }},
    Item{"namedcallgroup", kept<&Settings::named_call_group>, keep<&Settings::named_call_group>},
    Item{"namedpickupgroup", kept<&Settings::named_pickup_group>, keep<&Settings::named_pickup_group>},
    Item{"onhold", [](Channel& c) { return truth(c.on_hold()); }},
    Item{"parkinglot", kept<&Settings::parking_lot>, keep<&Settings::parking_lot>},
    Item{"peeraccount", [](Channel& c) { return c.peer_account(); },
         [](Channel& c, std::string_view v) { c.set_peer_account(v); }},
    Item{"pickupgroup", kept<&Settings::pickup_group>, keep<&Settings::pickup_group>},
    Item{"rxgain", nullptr, set_gain<media::Side::in>},
    Item{"secure_bridge_media", kept<&Settings::secure_media>, keep<&Settings::secure_media>},
    Item{"secure_bridge_signaling", kept<&Settings::secure_signaling>, keep<&Settings::secure_signaling>},
    Item{"state", [](Channel& c) { return std::string(to_string(c.state())); }},
    Item{"tenantid", [](Channel& c) { return c.tenant_id(); },
         [](Channel& c, std::string_view v) { c.set_tenant_id(v); }},
    Item{"tonezone", kept<&Settings::tone_zone>, keep<&Settings::tone_zone>},
    Item{"transfercapability", kept<&Settings::transfer_capability>, keep<&Settings::transfer_capability>},
    Item{"txgain", nullptr, set_gain<media::Side::out>},
    Item{"uniqueid", [](Channel& c) { return c.uniqueid(); }},
    Item{"userfield", [](Channel& c) { return c.user_field(); },
         [](Channel& c, std::string_view v) { c.set_user_field(v); }},
    Item{"videonativeformat", [](Channel&) { return std::string("(nothing)"); }},
};

const Item* find_item(std::string_view name) {
    const auto wanted = lower(name);
    for (const auto& item : items)
        if (item.name == wanted) return &item;
    return nullptr;
}

Text channel_read(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    const auto* item = find_item(call.args);
    if (item && item->read) return item->read(*channel);
    auto value = channel->driver().read(call.args);
    return value ? std::move(value) : failed(call, "the channel has no such item");
}

/// Whether what is set on one half of a Local channel is set on the other, too.
bool crosses(std::string_view item) {
    static constexpr std::array<std::string_view, 4> names{"accountcode", "peeraccount", "amaflags", "userfield"};
    return std::ranges::find(names, item) != names.end();
}

bool channel_write(FunctionCall& call, std::string_view value) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    const auto* item = find_item(call.args);
    if (item && item->write) {
        item->write(*channel, value);
        // A Local channel's halves stand for one party: accounts cross as those of two in a bridge, some items go
        // along.
        Channel* other = crosses(item->name) ? local::other_half(*channel) : nullptr;
        if (other) {
            const auto* across = item->name == "accountcode"   ? find_item("peeraccount")
                                 : item->name == "peeraccount" ? find_item("accountcode")
                                                               : item;
            if (across && across->write) across->write(*other, value);
        }
        return true;
    }
    return channel->driver().write(call.args, value) || refused(call, "the channel has no such item to set");
}

Text channels(FunctionCall& call) {
    std::string list;
    for (const auto id : call.pbx.channels->ids()) {
        const auto* channel = call.pbx.channels->find(id);
        if (!channel) continue;
        if (!call.args.empty()) {
            const auto found = regex_match(call.args, channel->name());
            if (!found) return failed(call, found.error());
            if (!*found) continue;
        }
        if (!list.empty()) list += ' ';
        list += channel->name();
    }
    return list;
}

Text channel_exists(FunctionCall& call) { return truth(call.pbx.channels->find(call.args) != nullptr); }

}  // namespace

void add_channel_functions(dialplan::Functions& all) {
    std::string names;
    for (const auto& item : items) {
        if (!names.empty()) names += ", ";
        names += item.name;
    }
    all.add({.name = "CHANNEL",
             .synopsis = "an item of the channel",
             .syntax = "CHANNEL(item)",
             .parameters = {{"item", names + ", and what its technology has"}},
             .read = channel_read,
             .write = channel_write,
             .module = "func_channel"});
    all.add({.name = "CHANNELS",
             .synopsis = "names of channels, those that match a pattern",
             .syntax = "CHANNELS([regular_expression])",
             .parameters = {{"regular_expression", "POSIX extended"}},
             .read = channels,
             .module = "func_channel"});
    all.add({.name = "CHANNEL_EXISTS",
             .synopsis = "1 if there is a channel of a name or unique id",
             .syntax = "CHANNEL_EXISTS(name_or_uid)",
             .read = channel_exists,
             .module = "func_channel"});
}

}  // namespace asterism::functions
