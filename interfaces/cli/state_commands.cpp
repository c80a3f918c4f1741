// core show hints, devstate, presencestate: what devices, presence and the hints over them say.
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/features/extension_states.hpp"
#include "asterism/pbx.hpp"
#include "asterism/store/astdb.hpp"
#include "interfaces/cli/commands.hpp"

namespace asterism::cli {

namespace {

constexpr std::string_view device_prefix = "Custom:", presence_prefix = "CustomPresence:";
constexpr std::string_view line = "---------------------------------------------------------------------\n";

Result show_hints(Context& context, const features::ExtensionStates& states, std::string_view exten) {
    if (exten.empty()) context.print("\n    -= Registered Asterisk Dial Plan Hints =-\n");
    std::size_t shown = 0;
    for (const auto& info : states.all()) {
        if (!exten.empty() && info.exten != exten) continue;
        ++shown;
        context.print("{:<30}: {:<60.60}  State:{:<15.15} Presence:{:<15.15} Watchers {:>2}\n",
                      info.exten + "@" + info.context, info.hint, to_string(info.state), states.presence_of(info), 0);
    }
    if (exten.empty())
        context.print("----------------\n- {} hints registered\n", shown);
    else if (shown == 0)
        context.print("No hints matching extension {}\n", exten);
    else
        context.print("{} hint{} matching extension {}\n", shown, shown == 1 ? "" : "s", exten);
    return Result::success;
}

/// What stands under a family, by its key.
std::string_view key_of(std::string_view path) { return path.substr(path.find('/', 1) + 1); }

std::string field(Pbx& pbx, std::string_view provider, std::string_view name) {
    return dialplan::get_variable(pbx, nullptr, fmt::format("PRESENCE_STATE({},{})", provider, name)).value_or("");
}

void heading(Context& context, std::string_view title) {
    context.print("\n{0}--- {1} {2}{0}---\n", line, title, line.substr(title.size() + 5));
}

Result list_devices(Context& context, Pbx& pbx) {
    heading(context, "Custom Device States");
    for (const auto& [path, value] : pbx.db->tree("CustomDevstate"))
        context.print("--- Name: '{}{}'  State: '{}'\n---\n", device_prefix, key_of(path), value);
    context.print("{0}{0}\n", line);
    return Result::success;
}

Result list_presence(Context& context, Pbx& pbx) {
    heading(context, "Custom Presence States");
    for (const auto& [path, value] : pbx.db->tree("CustomPresence")) {
        const std::string provider = fmt::format("{}{}", presence_prefix, key_of(path));
        context.print(
            "--- Name: '{}'\n    --- State: '{}'\n    --- Subtype: '{}'\n    --- Message: '{}'\n"
            "    --- Base64 Encoded: 'No'\n---\n",
            provider, field(pbx, provider, "value"), field(pbx, provider, "subtype"), field(pbx, provider, "message"));
    }
    context.print("{0}{0}\n", line);
    return Result::success;
}

Result change_device(Context& context, Pbx& pbx) {
    if (context.arguments() != 2) return Result::usage;
    const std::string_view device = context.argument(0), state = context.argument(1);
    if (!device.starts_with(device_prefix)) {
        context.print("The devstate command can only be used to set 'Custom' device states.\n");
        return Result::failure;
    }
    if (!dialplan::set_variable(pbx, nullptr, fmt::format("DEVICE_STATE({})", device), state)) {
        context.print(
            "'{}' is not a device state: UNKNOWN, NOT_INUSE, INUSE, BUSY, INVALID, UNAVAILABLE, RINGING, "
            "RINGINUSE, ONHOLD\n",
            state);
        return Result::failure;
    }
    context.print("Changing {} to {}\n", device.substr(device_prefix.size()), state);
    return Result::success;
}

Result change_presence(Context& context, Pbx& pbx) {
    if (context.arguments() != 2) return Result::usage;
    const std::string_view provider = context.argument(0), state = context.argument(1);
    if (!provider.starts_with(presence_prefix)) {
        context.print("The presencestate command can only be used to set 'CustomPresence' presence states.\n");
        return Result::failure;
    }
    if (!dialplan::set_variable(pbx, nullptr, fmt::format("PRESENCE_STATE({})", provider), state)) {
        context.print("'{}' is not a presence state: not_set, unavailable, available, away, xa, chat, dnd\n", state);
        return Result::failure;
    }
    context.print("Changing {} to {}\n", provider.substr(presence_prefix.size()), state);
    return Result::success;
}

}  // namespace

void add_state_commands(Registry& registry, Pbx& pbx) {
    registry.add({.name = "core show hints",
                  .summary = "Show dialplan hints",
                  .usage = "\n       Lists the hints and what their devices are doing.\n",
                  .run = [&pbx](Context& c) { return show_hints(c, *pbx.extension_states, ""); }});
    registry.add({.name = "core show hint",
                  .summary = "Show dialplan hint",
                  .usage = "<exten>\n       Shows the hints of an extension.\n",
                  .run = [&pbx](Context& c) {
                      return c.arguments() == 1 ? show_hints(c, *pbx.extension_states, c.argument(0)) : Result::usage;
                  }});
    registry.add({.name = "devstate list",
                  .summary = "List currently known custom device states",
                  .usage = "\n       Lists the Custom: devices and their states.\n",
                  .run = [&pbx](Context& c) { return list_devices(c, pbx); }});
    registry.add({.name = "devstate change",
                  .summary = "Change a custom device state",
                  .usage = "<device> <state>\n       Sets a Custom: device's state, e.g. Custom:lamp INUSE.\n",
                  .run = [&pbx](Context& c) { return change_device(c, pbx); }});
    registry.add({.name = "presencestate list",
                  .summary = "List currently known custom presence states",
                  .usage = "\n       Lists the CustomPresence: providers and their states.\n",
                  .run = [&pbx](Context& c) { return list_presence(c, pbx); }});
    registry.add({.name = "presencestate change",
                  .summary = "Change a custom presence state",
                  .usage = "<entity> <state>[,<subtype>[,message[,options]]]\n       Sets a CustomPresence: "
                           "provider's state, e.g. CustomPresence:desk away.\n",
                  .run = [&pbx](Context& c) { return change_presence(c, pbx); }});
}

}  // namespace asterism::cli
