// Actions on the states of extensions, devices and presence.
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/store/astdb.hpp"
#include "core.hpp"

namespace asterism::ami {

namespace {

ExtensionState state_of(Pbx& pbx, std::string_view hint) {
    auto devices = hint.substr(0, hint.find(','));
    if (devices.empty() || !pbx.device_states) return ExtensionState::unavailable;
    std::vector<DeviceState> states;
    while (!devices.empty()) {
        auto end = devices.find('&');
        states.push_back(pbx.device_states->state(devices.substr(0, end)));
        devices = end == std::string_view::npos ? std::string_view() : devices.substr(end + 1);
    }
    return to_extension_state(aggregate(states));
}

void state_headers(Block& block, std::string_view exten, std::string_view context, std::string_view hint,
                   ExtensionState state, std::string_view text) {
    block.header("Exten", exten).header("Context", context).header("Hint", hint);
    block.header("Status", static_cast<int>(state)).header("StatusText", text).end();
}

void extension_state(Exchange& x) {
    auto& pbx = x.pbx();
    auto exten = x.get("Exten");
    if (exten.empty()) return x.error("Extension not specified");
    auto context = x.get("Context");
    if (context.empty()) context = "default";
    auto block = x.reply();
    block.header("Message", "Extension Status");
    dialplan::Plan::Query query{context, exten, {}, x.core().loop().clock().wall()};
    auto found = pbx.dialplan ? pbx.dialplan->plan()->find_hint(query) : dialplan::Found{};
    if (!found) return state_headers(block, exten, context, "", ExtensionState::none, "Unknown");
    std::string hint = found.extension->hint;
    if (found.extension->pattern() || hint.find("${") != std::string::npos) {
        // A pattern's hint names its devices by ${EXTEN}.
        for (auto at = hint.find("${EXTEN}"); at != std::string::npos; at = hint.find("${EXTEN}", at + exten.size())) {
            hint.replace(at, 8, exten);
        }
        hint = dialplan::substitute(pbx, nullptr, hint);
    }
    auto state = state_of(pbx, hint);
    state_headers(block, exten, context, hint, state, to_string(state));
}

void extension_state_list(Exchange& x) {
    auto& pbx = x.pbx();
    std::size_t count = 0;
    x.list("Extension Statuses will follow");
    if (pbx.dialplan) {
        for (const auto& hint : pbx.dialplan->plan()->hints()) {
            if (hint.exten.starts_with('_')) continue;
            ++count;
            auto state = state_of(pbx, hint.text);
            auto item = x.item("ExtensionStatus");
            state_headers(item, hint.exten, hint.context, hint.text, state, to_string(state));
        }
    }
    x.complete("ExtensionStateListComplete", count).end();
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

Presence parse_presence(std::string_view value) {
    Presence made;
    auto comma = value.find(',');
    made.state = value.substr(0, comma);
    if (comma == std::string_view::npos) return made;
    value.remove_prefix(comma + 1);
    comma = value.find(',');
    made.subtype = value.substr(0, comma);
    if (comma != std::string_view::npos) made.message = value.substr(comma + 1);
    return made;
}

void presence_state(Exchange& x) {
    auto provider = x.get("Provider");
    if (provider.empty()) return x.error("No provider specified");
    constexpr std::string_view custom = "CustomPresence:";
    auto value = provider.starts_with(custom) && x.pbx().db
                     ? x.pbx().db->get("CustomPresence", provider.substr(custom.size()))
                     : std::nullopt;
    if (!value) return x.error(fmt::format("Invalid provider {} or provider in invalid state", provider));
    auto presence = parse_presence(*value);
    auto block = x.reply();
    block.header("Message", "Presence State").header("State", presence.state);
    if (!presence.subtype.empty()) block.header("Subtype", presence.subtype);
    if (!presence.message.empty()) block.header("Message", presence.message);
    block.end();
}

void presence_state_list(Exchange& x) {
    auto entries = x.pbx().db ? x.pbx().db->tree("CustomPresence") : std::vector<store::AstDb::Entry>();
    x.list("Presence State Changes will follow");
    for (const auto& [path, value] : entries) {
        auto presence = parse_presence(value);
        auto item = x.item("PresenceStateChange");
        item.format("Presentity", "CustomPresence:{}", std::string_view(path).substr(path.find('/', 1) + 1));
        item.header("Status", presence.state).header("Subtype", presence.subtype);
        item.header("Message", presence.message).end();
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
