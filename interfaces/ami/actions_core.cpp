// Actions about the daemon: Command, CoreStatus, CoreSettings, modules, reload, user events.
#include <ctime>

#include "asterism/cli/registry.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/model/channel.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/logger.hpp"
#include "asterism/runtime/loop.hpp"
#include "core.hpp"

namespace asterism::ami {

namespace {

std::string clock_text(WallTime time, const char* format) {
    std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm t{};
    localtime_r(&seconds, &t);
    char text[32];
    return {text, std::strftime(text, sizeof text, format, &t)};
}

/// Console commands that the manager does not run, as in Asterisk.
bool forbidden(std::string_view line) {
    auto words = cli::split_line(line);
    auto begins = [&](std::string_view a, std::string_view b) {
        return words.size() >= 2 && same_name(words[0], a) && same_name(words[1], b);
    };
    return begins("module", "load") || begins("module", "unload") || begins("restart", "gracefully");
}

Task<void> command(Exchange& x) {
    std::string line(x.get("Command"));
    if (line.empty()) {
        x.error("No command provided");
        co_return;
    }
    if (!x.pbx().cli || forbidden(line)) {
        x.error("Command blacklisted");
        co_return;
    }
    auto result = co_await x.pbx().cli->execute(line);
    auto block = x.reply(result.error ? "Error" : "Success");
    block.header("Message", "Command output follows");
    std::string_view text = result.text;
    do {
        auto end = text.find('\n');
        block.header("Output", text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    } while (!text.empty());
    block.end();
}

void core_status(Exchange& x) {
    auto& pbx = x.pbx();
    x.reply()
        .header("CoreStartupDate", clock_text(pbx.started, "%Y-%m-%d"))
        .header("CoreStartupTime", clock_text(pbx.started, "%H:%M:%S"))
        .header("CoreReloadDate", clock_text(pbx.reloaded, "%Y-%m-%d"))
        .header("CoreReloadTime", clock_text(pbx.reloaded, "%H:%M:%S"))
        .header("CoreCurrentCalls", pbx.channels ? pbx.channels->size() : 0)
        .header("CoreProcessedCalls", pbx.channels ? pbx.channels->calls_processed() : 0)
        .end();
}

void core_settings(Exchange& x) {
    static const config::Settings fallback;
    const auto& settings = x.pbx().settings ? *x.pbx().settings : fallback;
    x.reply()
        .header("AMIversion", "11.0.0")
        .header("AsteriskVersion", settings.reported_version)
        .header("SystemName", settings.system_name)
        .header("CoreMaxCalls", settings.max_calls)
        .format("CoreMaxLoadAvg", "{:.6f}", settings.max_load)
        .header("CoreRunUser", settings.run_user)
        .header("CoreRunGroup", settings.run_group)
        .header("CoreMaxFilehandles", settings.max_files)
        .header("CoreRealTimeEnabled", "No")
        .header("CoreCDRenabled", "Yes")
        .header("CoreHTTPenabled", "Yes")
        .header("SoundsSearchCustomDir", settings.sounds_search_custom_dir ? "Yes" : "No")
        .end();
}

std::string_view reload_text(ReloadResult result) {
    switch (result) {
        case ReloadResult::done: return "Module Reloaded";
        case ReloadResult::no_such_module: return "No such module";
        case ReloadResult::error: return "An unknown error occurred";
        case ReloadResult::not_needed: return "Module does not support reload";
        case ReloadResult::in_progress: return "A reload is in progress";
    }
    return "";
}

/// The Status header of the Reload event.
int reload_status(ReloadResult result) {
    switch (result) {
        case ReloadResult::done: return 0;
        case ReloadResult::in_progress: return 1;
        case ReloadResult::no_such_module: return 2;
        case ReloadResult::error: return 3;
        case ReloadResult::not_needed: return 5;
    }
    return 3;
}

Task<ReloadResult> reload_module(Pbx& pbx, std::string module) {
    if (!pbx.process) co_return ReloadResult::no_such_module;
    // The answer may come when the client, and this coroutine, are gone.
    auto box = std::make_shared<Mailbox<ReloadResult>>(*pbx.loop);
    pbx.process->reload(module, [box](ReloadResult result) { box->send(result); });
    auto result = co_await box->next();
    SystemEvent event;
    event.name = "Reload";
    event.headers = {{"Module", module.empty() ? "All" : module}, {"Status", std::to_string(reload_status(result))}};
    pbx.bus->publish(std::move(event));
    co_return result;
}

Task<void> reload(Exchange& x) {
    auto result = co_await reload_module(x.pbx(), std::string(x.get("Module")));
    if (result == ReloadResult::done) {
        x.success(reload_text(result));
    } else {
        x.error(reload_text(result));
    }
}

void module_check(Exchange& x) {
    auto name = x.get("Module");
    auto found = x.pbx().process && !name.empty() ? x.pbx().process->module(name) : std::nullopt;
    if (!found || !found->running) return x.error("Module not loaded");
    x.reply().header("Version", "").end();
}

void module_event(Pbx& pbx, std::string_view name, std::string_view module) {
    SystemEvent event;
    event.name = name;
    event.headers = {{"Module", std::string(module)}, {"Status", "Success"}};
    pbx.bus->publish(std::move(event));
}

Task<void> module_load(Exchange& x) {
    std::string module(x.get("Module"));
    auto type = x.get("LoadType");
    auto& pbx = x.pbx();
    if (type.empty()) {
        // Asterisk answers three times here, and so do we.
        x.error("Incomplete ModuleLoad action.");
        if (module.empty()) x.error("Need module name");
        x.error("Incomplete ModuleLoad action.");
        co_return;
    }
    bool load = same_name(type, "load"), unload = same_name(type, "unload"), refresh = same_name(type, "refresh");
    if (module.empty() && (load || unload || refresh)) {
        x.error("Need module name");
        co_return;
    }
    if (same_name(type, "reload")) {
        auto result = co_await reload_module(pbx, module);
        if (result == ReloadResult::no_such_module) {
            x.error("No such module.");
        } else if (result == ReloadResult::done) {
            x.success(module.empty() ? "All modules reloaded" : "Module reloaded.");
        } else {
            x.error(reload_text(result));
        }
        co_return;
    }
    if (load) {
        if (!pbx.process || !pbx.process->set_running(module, true)) {
            x.error("Could not load module.");
            co_return;
        }
        module_event(pbx, "Load", module);
        x.success("Module loaded.");
    } else if (unload) {
        if (!pbx.process || !pbx.process->set_running(module, false)) {
            x.error("Could not unload module.");
            co_return;
        }
        module_event(pbx, "Unload", module);
        x.success("Module unloaded.");
    } else if (refresh) {
        if (!pbx.process || !pbx.process->set_running(module, false)) {
            x.error("Could not unload module.");
            co_return;
        }
        module_event(pbx, "Unload", module);
        pbx.process->set_running(module, true);
        module_event(pbx, "Load", module);
        x.success("Module unloaded and loaded.");
    } else {
        x.error("Incomplete ModuleLoad action.");
    }
}

void logger_rotate(Exchange& x) {
    if (!x.pbx().process) return x.error("Failed to reload the logger and rotate log files");
    x.pbx().process->logger().rotate();
    x.success("Reloaded the logger and rotated log files");
}

void user_event(Exchange& x) {
    UserEvent event;
    event.name = x.get("UserEvent");
    const auto& request = x.request();
    for (std::size_t i = 0; i < request.size(); ++i) {
        if (same_name(request.name(i), "Action") || same_name(request.name(i), "UserEvent")) continue;
        event.headers.emplace_back(request.name(i), request.value(i));
    }
    x.success("Event Sent");
    x.pbx().bus->publish(std::move(event));
}

}  // namespace

Actions core_actions() {
    return {
        {.name = "Command",
         .privilege = cls::command,
         .params = "Command*",
         .synopsis = "Run a console command.",
         .wait = command},
        {"CoreStatus", cls::system | cls::reporting, "", "Show start times and call counts.", core_status},
        {"CoreSettings", cls::system | cls::reporting, "", "Show settings of the daemon.", core_settings},
        {.name = "Reload",
         .privilege = cls::system | cls::config,
         .params = "Module",
         .synopsis = "Read configuration again.",
         .wait = reload},
        {"ModuleCheck", cls::system, "Module*", "Tell whether a module is loaded.", module_check},
        {.name = "ModuleLoad",
         .privilege = cls::system,
         .params = "Module,LoadType*,Recursive",
         .synopsis = "Load, unload, reload or refresh a module.",
         .wait = module_load},
        {"LoggerRotate", cls::system | cls::reporting, "", "Rotate the log files.", logger_rotate},
        {"UserEvent", cls::user, "UserEvent*,Header1,HeaderN", "Send an event of one's own.", user_event},
    };
}

}  // namespace asterism::ami
