// GROUP and its family: how many channels are in a group. DIALGROUP: a list of whom to call.
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/store/astdb.hpp"

namespace asterism::functions {
namespace {

/// The groups that a channel is in: one in each category.
struct Groups : ChannelExtra {
    struct One {
        std::string category, group;
    };
    std::vector<One> all;
    [[nodiscard]] const std::string* find(std::string_view category) const {
        for (const auto& one : all)
            if (one.category == category) return &one.group;
        return nullptr;
    }
};

struct Place {
    std::string_view group, category;
};
Place parse(std::string_view text) {
    const auto at = text.find('@');
    return {text.substr(0, at), at == std::string_view::npos ? std::string_view{} : text.substr(at + 1)};
}

Text group_read(FunctionCall& call) {
    auto* channel = channel_of(call);
    auto* groups = channel ? channel->find_extra<Groups>() : nullptr;
    const auto* group = groups ? groups->find(call.args) : nullptr;
    return group ? *group : std::string{};
}

bool group_write(FunctionCall& call, std::string_view value) {
    auto* channel = channel_of(call);
    if (!channel) return false;
    const auto place = parse(value);
    const std::string category(call.args.empty() ? place.category : call.args);
    auto& groups = channel->extra<Groups>();
    std::erase_if(groups.all, [&](const Groups::One& one) { return one.category == category; });
    if (!place.group.empty()) groups.all.push_back({category, std::string(place.group)});
    return true;
}

/// How many channels are in a group that `fits`.
template <class Fits>
std::size_t count(Pbx& pbx, std::string_view category, Fits fits) {
    std::size_t number = 0;
    for (const auto id : pbx.channels->ids()) {
        auto* channel = pbx.channels->find(id);
        auto* groups = channel ? channel->find_extra<Groups>() : nullptr;
        if (!groups) continue;
        for (const auto& one : groups->all)
            if ((category.empty() || one.category == category) && fits(one.group)) ++number;
    }
    return number;
}

Text group_count(FunctionCall& call) {
    auto place = parse(call.args);
    std::string group(place.group);
    if (group.empty() && call.channel) {
        const auto* groups = call.channel->find_extra<Groups>();
        if (const auto* own = groups ? groups->find(place.category) : nullptr) group = *own;
    }
    if (group.empty()) return failed(call, "the channel is in no group");
    return std::to_string(count(call.pbx, place.category, [&](const std::string& name) { return name == group; }));
}

Text group_match_count(FunctionCall& call) {
    const auto place = parse(call.args);
    if (const auto valid = regex_match(place.group, ""); !valid) return failed(call, valid.error());
    return std::to_string(count(call.pbx, place.category, [&](const std::string& name) {
        return regex_match(place.group, name).value_or(false);
    }));
}

Text group_list(FunctionCall& call) {
    auto* channel = channel_of(call);
    std::string list;
    if (const auto* groups = channel ? channel->find_extra<Groups>() : nullptr) {
        for (const auto& one : groups->all) {
            if (!list.empty()) list += ' ';
            list += one.group;
            if (!one.category.empty()) list += "@" + one.category;
        }
    }
    return list;
}

/// The groups live in the database, so that they outlive the daemon.
constexpr std::string_view dial_family = "dialgroup";

Text dial_group_read(FunctionCall& call) {
    if (call.args.empty()) return failed(call, "needs the name of a group");
    return call.pbx.db->get(dial_family, call.args).value_or(std::string{});
}

bool dial_group_write(FunctionCall& call, std::string_view value) {
    const dialplan::Arguments args(call.args, ',', 2);
    if (!args.has(0)) return refused(call, "needs the name of a group");
    const auto operation = lower(args[1]);
    const auto saved = call.pbx.db->get(dial_family, args[0]).value_or(std::string{});
    std::vector<std::string_view> members;
    if (!operation.empty()) members = split(saved, '&');
    for (const auto one : split(value, '&')) {
        if (operation.empty() || operation == "add") {
            if (!one.empty() && std::ranges::find(members, one) == members.end()) members.push_back(one);
        } else if (operation == "del") {
            std::erase(members, one);
        } else {
            return refused(call, "the operation is add or del");
        }
    }
    if (members.empty()) {
        (void)call.pbx.db->del(dial_family, args[0]);
        return true;
    }
    return call.pbx.db->put(dial_family, args[0], join(members, "&")) || refused(call, "the group's name is too long");
}

}  // namespace

void add_group_functions(dialplan::Functions& all) {
    const dialplan::Parameter category{"category", "groups of another category do not count"};
    all.add({.name = "GROUP",
             .synopsis = "the group that the channel is in",
             .syntax = "GROUP([category])",
             .parameters = {category},
             .read = group_read,
             .write = group_write,
             .module = "func_groupcount"});
    all.add({.name = "GROUP_COUNT",
             .synopsis = "how many channels are in a group",
             .syntax = "GROUP_COUNT([groupname][@category])",
             .parameters = {{"groupname", "nothing: the channel's own"}, category},
             .read = group_count,
             .module = "func_groupcount"});
    all.add({.name = "GROUP_MATCH_COUNT",
             .synopsis = "how many channels are in groups that match a pattern",
             .syntax = "GROUP_MATCH_COUNT(groupmatch[@category])",
             .parameters = {{"groupmatch", "POSIX extended"}, category},
             .read = group_match_count,
             .module = "func_groupcount"});
    all.add({.name = "GROUP_LIST",
             .synopsis = "the groups that the channel is in",
             .syntax = "GROUP_LIST()",
             .read = group_list,
             .module = "func_groupcount"});
    all.add({.name = "DIALGROUP",
             .synopsis = "a group of devices to dial, joined by &",
             .syntax = "DIALGROUP(group[,op])",
             .parameters = {{"group", "its name"}, {"op", "writing: add or del; without it the value replaces all"}},
             .read = dial_group_read,
             .write = dial_group_write,
             .module = "func_dialgroup"});
}

}  // namespace asterism::functions
