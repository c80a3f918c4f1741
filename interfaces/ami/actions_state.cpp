// Actions on the states of extensions, devices and presence.
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/features/extension_states.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/store/astdb.hpp"
#include "core.hpp"

namespace asterism::ami {

namespace {

void state_headers(Block& block, std::string_view exten, std::string_view context, std::string_view hint,
                   ExtensionState state, std::string_view text) {
    block.header("Exten", exten).header("Context", context).header("Hint", hint);
    block.header("Status", static_cast<int>(state)).header("StatusText", text).end();
}

void extension_state(Exchange& x) {
    auto exten = x.get("Exten"), context = x.get("Context");
    if (exten.empty()) return x.error("Extension not specified");
    if (context.empty()) context = "default";
    auto block = x.reply();
    block.header("Message", "Extension Status");
    auto found = x.pbx().extension_states ? x.pbx().extension_states->find(context, exten) : std::nullopt;
    if (!found) return state_headers(block, exten, context, "", ExtensionState::none, "Unknown");
    state_headers(block, exten, context, found->hint, found->state, to_string(found->state));
}

void extension_state_list(Exchange& x) {
    auto all = x.pbx().extension_states ? x.pbx().extension_states->all() : std::vector<features::ExtensionInfo>();
    x.list("Extension Statuses will follow");
    for (const auto& one : all) {
        auto item = x.item("ExtensionStatus");
        state_headers(item, one.exten, one.context, one.hint, one.state, to_string(one.state));
    }
    x.complete("ExtensionStateListComplete", all.size()).end();
}

void device_state_list(Exchange& x) {
    auto states =
        x.pbx().device_states ? x.pbx().device_states->all() : std::vector<std::pair<std::string, DeviceState>>();
    x.list("Device State Changes will follow");
    for (const auto& [device, state] : states) {
        x.item("DeviceStateChange").header("Device", device).header("State", to_string(state)).end();
    }
    x.complete("DeviceStateListComplete", states.size()).end();
}

struct Presence {
    std::string state, subtype, message;
};

/// Nothing for a provider that does not exist.
std::optional<Presence> presence_of(Pbx& pbx, std::string_view provider) {
    auto field = [&](std::string_view name) {
        return dialplan::get_variable(pbx, nullptr, fmt::format("PRESENCE_STATE({},{})", provider, name)).value_or("");
    };
    constexpr std::string_view custom = "CustomPresence:";
    if (!pbx.db || !provider.starts_with(custom)) return std::nullopt;
    if (!pbx.db->exists("CustomPresence", provider.substr(custom.size()))) return std::nullopt;
    return Presence{field("value"), field("subtype"), field("message")};
}

void presence_state(Exchange& x) {
    auto provider = x.get("Provider");
    if (provider.empty()) return x.error("No provider specified");
    auto presence = presence_of(x.pbx(), provider);
    if (!presence) return x.error(fmt::format("Invalid provider {} or provider in invalid state", provider));
    auto block = x.reply();
    block.header("Message", "Presence State").header("State", presence->state);
    if (!presence->subtype.empty()) block.header("Subtype", presence->subtype);
    if (!presence->message.empty()) block.header("Message", presence->message);
    block.end();
}

void presence_state_list(Exchange& x) {
    auto entries = x.pbx().db ? x.pbx().db->tree("CustomPresence") : std::vector<store::AstDb::Entry>();
    x.list("Presence State Changes will follow");
    for (const auto& [path, value] : entries) {
        auto provider = fmt::format("CustomPresence:{}", std::string_view(path).substr(path.find('/', 1) + 1));
        auto presence = presence_of(x.pbx(), provider).value_or(Presence());
        auto item = x.item("PresenceStateChange");
        item.header("Presentity", provider).header("Status", presence.state);
        item.header("Subtype", presence.subtype).header("Message", presence.message).end();
    }
    x.complete("PresenceStateListComplete", entries.size()).end();
}

}  // namespace

Actions state_actions() {
    constexpr auto look = cls::call | cls::reporting;
    return {
        {"ExtensionState", look, "Exten*,Context*", "Show the state behind an extension's hint.", extension_state},
        {"ExtensionStateList", look, "", "List the states of all hints.", extension_state_list},
        {"DeviceStateList", look, "", "List the states of all known devices.", device_state_list},
        {"PresenceState", look, "Provider*", "Show a presence state.", presence_state},
        {"PresenceStateList", look, "", "List all presence states.", presence_state_list},
    };
}

}  // namespace asterism::ami
