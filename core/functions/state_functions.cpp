// DEVICE_STATE, EXTENSION_STATE, HINT, PRESENCE_STATE, HANGUPCAUSE.
#include "asterism/dialplan/executor.hpp"
#include "asterism/features/hangup_causes.hpp"
#include "asterism/functions/functions.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/device_state.hpp"
#include "asterism/runtime/loop.hpp"
#include "core/functions/device_states.hpp"

namespace asterism::functions {
namespace {

using dialplan::Arguments;

Text device_read(FunctionCall& call) { return std::string(to_string(call.pbx.device_states->state(call.args))); }
bool device_write(FunctionCall& call, std::string_view value) {
    return set_custom_device(call.pbx, call.args, value) ||
           refused(call, "only devices of Custom: can be set, to a state that there is");
}

/// The hint of exten[@context], its variables replaced.
std::optional<std::string> hint_text(FunctionCall& call, std::string_view place) {
    const auto at = place.find('@');
    const auto exten = place.substr(0, at);
    const auto context = at == std::string_view::npos ? std::string_view("default") : place.substr(at + 1);
    const auto plan = call.pbx.dialplan->plan();
    const auto found =
        plan->find_hint({.context = context, .exten = exten, .caller = {}, .now = call.pbx.loop->clock().wall()});
    if (!found) return std::nullopt;
    std::string text = found.extension->hint;
    if (found.extension->pattern()) text = replace_text(text, "${EXTEN}", exten);
    return dialplan::substitute(call.pbx, nullptr, text);
}

std::string_view extension_name(ExtensionState state) {
    switch (state) {
        case ExtensionState::not_in_use: return "NOT_INUSE";
        case ExtensionState::in_use: return "INUSE";
        case ExtensionState::busy: return "BUSY";
        case ExtensionState::unavailable: return "UNAVAILABLE";
        case ExtensionState::ringing: return "RINGING";
        case ExtensionState::ring_in_use: return "RINGINUSE";
        case ExtensionState::on_hold: return "ONHOLD";
        case ExtensionState::in_use_on_hold: return "HOLDINUSE";
        case ExtensionState::removed:
        case ExtensionState::none: break;
    }
    return "UNKNOWN";
}

Text extension_state(FunctionCall& call) {
    const auto text = hint_text(call, call.args);
    if (!text) return "UNKNOWN";
    std::vector<DeviceState> states;
    for (auto device : split(std::string_view(*text).substr(0, text->find(',')), '&'))
        states.push_back(call.pbx.device_states->state(trim(device)));
    return std::string(extension_name(to_extension_state(aggregate(states))));
}

Text hint(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    const auto text = hint_text(call, args[0]);
    if (!text) return std::string{};
    const auto comma = text->find(',');
    if (!args[1].contains('n')) return text->substr(0, comma);
    return comma == std::string::npos ? std::string{} : text->substr(comma + 1);
}

Text presence_read(FunctionCall& call) {
    const Arguments args(call.args, ',', 3);
    const auto presence = presence_of(call.pbx, args[0]);
    const bool encode = args[2].contains('e');
    if (args[1] == "value") return presence.state;
    if (args[1] == "subtype") return encode ? base64_encode(presence.subtype) : presence.subtype;
    if (args[1] == "message") return encode ? base64_encode(presence.message) : presence.message;
    return failed(call, "only value, subtype and message are known");
}
bool presence_write(FunctionCall& call, std::string_view value) {
    return set_custom_presence(call.pbx, call.args, value) ||
           refused(call, "only providers of CustomPresence: can be set, to a state that there is");
}

Text hangup_cause(FunctionCall& call) {
    const Arguments args(call.args, ',', 2);
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    auto* causes = channel->find_extra<features::HangupCauses>();
    const auto* cause = causes ? causes->find(args[0]) : nullptr;
    const features::HangupCauses::One own{channel->name(), channel->technology_cause(), channel->cause()};
    if (!cause && args[0] == own.channel) cause = &own;
    if (!cause) return failed(call, "nothing is known of that channel");
    if (args[1] == "tech") return cause->technology;
    if (args[1] == "ast") return std::string(cause_text(cause->cause));
    return failed(call, "only tech and ast are known");
}

Text hangup_cause_keys(FunctionCall& call) {
    auto* channel = channel_of(call);
    if (!channel) return std::nullopt;
    std::string list;
    if (const auto* causes = channel->find_extra<features::HangupCauses>()) {
        for (const auto& cause : causes->all) {
            if (!list.empty()) list += ',';
            list += cause.channel;
        }
    }
    // A hangup handler asks about the channel that it runs on.
    if (!channel->technology_cause().empty()) {
        if (!list.empty()) list += ',';
        list += channel->name();
    }
    return list;
}

}  // namespace

void add_state_functions(dialplan::Functions& all) {
    all.add({.name = "DEVICE_STATE",
             .synopsis = "state of a device; sets one of Custom:",
             .syntax = "DEVICE_STATE(device)",
             .parameters = {{"device", "PJSIP/alice, Custom:lamp"}},
             .read = device_read,
             .write = device_write,
             .module = "func_devstate"});
    all.add({.name = "EXTENSION_STATE",
             .synopsis = "state of an extension's hint",
             .syntax = "EXTENSION_STATE(extension[@context])",
             .parameters = {{"extension", "with a hint"}, {"context", "default"}},
             .read = extension_state,
             .module = "func_extstate"});
    all.add({.name = "HINT",
             .synopsis = "an extension's hint",
             .syntax = "HINT(extension[@context][,options])",
             .parameters = {{"extension", "with a hint"}, {"options", "n: the name instead of the devices"}},
             .read = hint,
             .module = "func_devstate"});
    all.add({.name = "PRESENCE_STATE",
             .synopsis = "presence of a provider; sets one of CustomPresence:",
             .syntax = "PRESENCE_STATE(provider,field[,options])",
             .parameters = {{"provider", "CustomPresence:name"},
                            {"field", "value, subtype or message"},
                            {"options", "e: in base64"}},
             .read = presence_read,
             .write = presence_write,
             .module = "func_presencestate"});
    all.add(
        {.name = "HANGUPCAUSE",
         .synopsis = "why a channel that this one called ended",
         .syntax = "HANGUPCAUSE(channel,type)",
         .parameters = {{"channel", "a name of HANGUPCAUSE_KEYS"}, {"type", "tech: SIP 486 Busy Here; ast: in words"}},
         .read = hangup_cause,
         .module = "func_hangupcause"});
    all.add({.name = "HANGUPCAUSE_KEYS",
             .synopsis = "the channels of which HANGUPCAUSE knows",
             .syntax = "HANGUPCAUSE_KEYS()",
             .read = hangup_cause_keys,
             .module = "func_hangupcause"});
}

}  // namespace asterism::functions
