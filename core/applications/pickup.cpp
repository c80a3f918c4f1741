// Pickup and PickupChan: answer a call that rings elsewhere.
#include <algorithm>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/features/pickup.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

template <class Match>
Channel* find_ringing(Channel& picker, Match match) {
    auto& channels = *picker.pbx().channels;
    for (const auto id : channels.ids()) {
        auto* channel = channels.find(id);
        if (channel && channel != &picker && features::can_pick_up(*channel) && match(*channel)) return channel;
    }
    return nullptr;
}

/// "exten[@context]", or "mark@PICKUPMARK".
Channel* find_target(Channel& picker, std::string_view text) {
    const auto at = text.find('@');
    const auto exten = text.substr(0, at);
    const auto context =
        at == std::string_view::npos ? std::string_view(picker.location().context) : text.substr(at + 1);
    if (functions::lower(context) == "pickupmark")
        return find_ringing(picker, [&](Channel& channel) {
            const auto* mark = channel.variable("PICKUPMARK");
            return mark && *mark == exten;
        });
    return find_ringing(picker, [&](Channel& channel) {
        return channel.location().exten == exten && channel.location().context == context;
    });
}

/// Whether a group of the one that rings is among those that the picker may take from.
bool share_group(Channel& picker, Channel& target) {
    const auto of = [](Channel& channel, const char* item) {
        auto set = dialplan::get_variable(channel.pbx(), &channel, std::string("CHANNEL(") + item + ")").value_or("");
        return set.empty() ? channel.driver().read(item).value_or("") : set;
    };
    const auto among = [](const std::string& rings, const std::string& takes) {
        const auto groups = functions::split(takes, ',');
        return std::ranges::any_of(functions::split(rings, ','), [&](std::string_view one) {
            return std::ranges::any_of(
                groups, [&](std::string_view other) { return functions::trim(one) == functions::trim(other); });
        });
    };
    return among(of(target, "namedcallgroup"), of(picker, "namedpickupgroup")) ||
           among(of(target, "callgroup"), of(picker, "pickupgroup"));
}

Task<AppResult> take(Channel& channel, Channel* target) {
    if (!target) {
        log::notice("No target channel found for {} to pick up", channel.name());
        co_return AppResult::go_on();
    }
    co_await features::pick_up(channel, *target);
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

Task<AppResult> pickup(Channel& channel, std::string data) {
    const auto targets = split_names(data);
    if (targets.empty())
        co_return co_await take(channel,
                                find_ringing(channel, [&](Channel& target) { return share_group(channel, target); }));
    for (const auto& text : targets)
        if (auto* target = find_target(channel, text)) co_return co_await take(channel, target);
    co_return co_await take(channel, nullptr);
}

Task<AppResult> pickup_channel(Channel& channel, std::string data) {
    const Arguments args(data, ',', 2);
    const bool prefix = OptionLetters(args[1]).has('p');
    for (const auto& name : split_names(args[0])) {
        const auto wanted = functions::lower(name);
        auto* target = find_ringing(channel, [&](const Channel& one) {
            const auto has = functions::lower(one.name());
            return prefix ? has.starts_with(wanted) : has == wanted || one.uniqueid() == name;
        });
        if (target) co_return co_await take(channel, target);
    }
    co_return co_await take(channel, nullptr);
}

}  // namespace

void add_pickup_applications(dialplan::Applications& all) {
    all.add({.name = "Pickup",
             .synopsis = "answer a call that rings elsewhere",
             .syntax = "Pickup([extension[@context][&...]])",
             .parameters = {{"extension",
                             "that was dialled, in its context (this one's); mark@PICKUPMARK: a call with "
                             "that variable; nothing: a call of the channel's pickup groups"}},
             .run = pickup,
             .module = "app_directed_pickup"});
    all.add({.name = "PickupChan",
             .synopsis = "answer a call that rings on a channel",
             .syntax = "PickupChan(channel[&...][,options])",
             .parameters = {{"channel", "its name or unique id"}, {"options", "p: the beginning of its name"}},
             .run = pickup_channel,
             .module = "app_directed_pickup"});
}

}  // namespace asterism::applications
