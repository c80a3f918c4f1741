// Endpoints in maintenance: they get no new calls and make none, while those that are there go on.
#include "asterism/cli/registry.hpp"
#include "asterism/events/events.hpp"
#include "asterism/runtime/log.hpp"
#include "functions.hpp"
#include "technology.hpp"

namespace asterism::pjsip {

bool Pjsip::set_maintenance(std::string_view name, bool on) {
    if (!config_->endpoint(name)) return false;
    if (on)
        maintenance_.emplace(name);
    else if (const auto found = maintenance_.find(name); found != maintenance_.end())
        maintenance_.erase(found);
    log::notice("Endpoint '{}': maintenance is {}", name, on ? "on" : "off");
    if (!pbx_.bus->wanted(EventKind::generic)) return true;
    GenericEvent event;
    event.name = "PJSIPMaintenanceStatus";
    event.event_class = "system";
    event.headers = {{"Endpoint", std::string(name)}, {"Status", on ? "enabled" : "disabled"}};
    pbx_.bus->publish(std::move(event));
    return true;
}

std::vector<std::string> Pjsip::in_maintenance() const {
    std::vector<std::string> out;
    for (const auto& name : maintenance_)
        if (config_->endpoint(name)) out.push_back(name);
    return out;
}

namespace {

using cli::Context;
using cli::Result;

Result set(Pjsip& t, Context& c) {
    if (c.arguments() != 2 || (c.argument(0) != "on" && c.argument(0) != "off")) return Result::usage;
    const bool on = c.argument(0) == "on";
    const std::string name(c.argument(1));
    for (const auto& one : name == "all" ? t.endpoint_names() : std::vector{name}) {
        if (!t.set_maintenance(one, on)) {
            c.print("Unable to retrieve endpoint {}\n", one);
            return Result::failure;
        }
        c.print("Endpoint '{}': maintenance {}\n", one, on ? "enabled" : "disabled");
    }
    return Result::success;
}

Result show(Pjsip& t, Context& c) {
    if (c.arguments() > 1) return Result::usage;
    std::size_t shown = 0;
    for (const auto& name : t.in_maintenance()) {
        if (c.arguments() == 1 && c.argument(0) != name) continue;
        c.print("{}\n", name);
        ++shown;
    }
    c.print("{} endpoint{} in maintenance\n", shown, shown == 1 ? "" : "s");
    return Result::success;
}

}  // namespace

void add_maintenance_commands(Pjsip& t, cli::Registry& registry) {
    registry.add({.name = "pjsip set maintenance",
                  .summary = "Enable/Disable PJSIP maintenance mode",
                  .usage =
                      "{on|off} {<endpoint>|all}\n"
                      "       In maintenance an endpoint's new calls are refused with 503, and it is not called.\n",
                  .run = [&t](Context& c) { return set(t, c); },
                  .complete = [](const cli::Completion&) { return std::vector<std::string>{"on", "off"}; }});
    registry.add({.name = "pjsip show maintenance",
                  .summary = "Show PJSIP endpoints in maintenance mode",
                  .usage = "[<endpoint>]\n       Which endpoints are in maintenance.\n",
                  .run = [&t](Context& c) { return show(t, c); }});
}

}  // namespace asterism::pjsip
