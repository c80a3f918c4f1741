#include "core/functions/device_states.hpp"

#include <algorithm>
#include <array>

#include "asterism/dialplan/arguments.hpp"
#include "asterism/events/events.hpp"
#include "asterism/features/extension_states.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/pbx.hpp"
#include "asterism/store/astdb.hpp"

namespace asterism::functions {
namespace {

constexpr std::string_view device_family = "CustomDevstate";
constexpr std::string_view presence_family = "CustomPresence";

/// What follows "PREFIX:", compared without case.
std::optional<std::string_view> after_prefix(std::string_view text, std::string_view prefix) {
    if (text.size() <= prefix.size() || text[prefix.size()] != ':') return std::nullopt;
    if (lower(text.substr(0, prefix.size())) != lower(prefix)) return std::nullopt;
    return text.substr(prefix.size() + 1);
}

}  // namespace

void restore_device_states(Pbx& pbx) {
    if (!pbx.db || !pbx.device_states) return;
    for (const auto& [path, value] : pbx.db->tree(device_family))
        pbx.device_states->set("Custom:" + path.substr(device_family.size() + 2), parse_device_state(value));
}

bool set_custom_device(Pbx& pbx, std::string_view device, std::string_view state) {
    const auto name = after_prefix(device, "Custom");
    if (!name) return false;
    const auto parsed = parse_device_state(upper(state));
    if (parsed == DeviceState::unknown && upper(state) != "UNKNOWN") return false;
    (void)pbx.db->put(device_family, *name, to_string(parsed));
    pbx.device_states->set("Custom:" + std::string(*name), parsed);
    return true;
}

Presence presence_of(Pbx& pbx, std::string_view provider) {
    const auto name = after_prefix(provider, presence_family);
    if (!name) return {.state = "invalid", .subtype = {}, .message = {}};
    const auto saved = pbx.db->get(presence_family, *name);
    if (!saved) return {};
    const dialplan::Arguments parts(*saved, ',', 3);
    return {.state = parts[0], .subtype = base64_decode(parts[1]), .message = base64_decode(parts[2])};
}

bool set_custom_presence(Pbx& pbx, std::string_view provider, std::string_view value) {
    static constexpr std::array<std::string_view, 7> known{"not_set", "unavailable", "available", "away",
                                                           "xa",      "chat",        "dnd"};
    const auto name = after_prefix(provider, presence_family);
    if (!name) return false;
    // Cut at the commas and nothing else: a message keeps its quotes and backslashes.
    std::array<std::string, 4> parts;
    for (std::size_t i = 0; i < parts.size() && !value.empty(); ++i) {
        const auto comma = value.find(',');
        parts[i] = value.substr(0, comma);
        value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    }
    const auto state = lower(parts[0]);
    if (std::find(known.begin(), known.end(), state) == known.end()) return false;
    const bool encoded = parts[3].contains('e');
    const Presence next{.state = state,
                        .subtype = encoded ? base64_decode(parts[1]) : parts[1],
                        .message = encoded ? base64_decode(parts[2]) : parts[2]};
    const Presence before = presence_of(pbx, provider);
    (void)pbx.db->put(presence_family, *name,
                      next.state + "," + base64_encode(next.subtype) + "," + base64_encode(next.message));
    PresenceStateChanged event;
    event.provider = "CustomPresence:" + std::string(*name);
    event.state = next.state;
    event.subtype = next.subtype;
    event.message = next.message;
    // Hints first, and only of what is new, as Asterisk does.
    const bool same = before.state == next.state && before.subtype == next.subtype && before.message == next.message;
    if (pbx.extension_states && !same) pbx.extension_states->presence_changed(event);
    pbx.bus->publish(std::move(event));
    return true;
}

}  // namespace asterism::functions
