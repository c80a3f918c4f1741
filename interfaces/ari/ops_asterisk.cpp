// /asterisk
#include <algorithm>

#include "asterisk_ops.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/model/variables.hpp"
#include "asterism/pbx.hpp"
#include "asterism/process.hpp"
#include "permission.hpp"
#include "service.hpp"

namespace asterism::ari {

using http::Method;

namespace {

void ping(Call& call, Reply& reply) {
    Json json;
    json.begin().put("ping", "pong").put("timestamp", call.service.now());
    json.put("asterisk_id", call.service.pbx.entity_id).end();
    reply.json(json.take());
}

void info(Call& call, Reply& reply) {
    const Pbx& pbx = call.service.pbx;
    const auto only = call.list("only");
    const auto wanted = [&only](std::string_view part) {
        return only.empty() || std::ranges::find(only, part) != only.end();
    };
    Json json;
    json.begin();
    if (wanted("build")) {
        const auto build = pbx.process != nullptr ? pbx.process->build() : BuildInfo{};
        json.key("build").begin().put("os", build.os).put("kernel", build.kernel).put("machine", build.machine);
        json.put("options", build.options).put("date", build.date).put("user", build.user).end();
    }
    if (wanted("system")) {
        json.key("system").begin();
        json.put("version", pbx.process != nullptr ? pbx.process->reported_version() : std::string());
        json.put("entity_id", pbx.entity_id).end();
    }
    if (wanted("config")) {
        const config::Settings none;
        const config::Settings& settings = pbx.settings != nullptr ? *pbx.settings : none;
        json.key("config").begin().put("name", pbx.system_name).put("default_language", settings.default_language);
        if (settings.max_calls > 0) json.put("max_channels", settings.max_calls);
        if (settings.max_files > 0) json.put("max_open_files", settings.max_files);
        if (settings.max_load > 0) json.key("max_load").raw(fmt::format("{}", settings.max_load));
        json.key("setid").begin().put("user", settings.run_user).put("group", settings.run_group).end().end();
    }
    if (wanted("status")) {
        json.key("status").begin().put("startup_time", pbx.started);
        json.put("last_reload_time", pbx.reloaded).end();
    }
    reply.json(json.end().take());
}

void get_variable(Call& call, Reply& reply) {
    const std::string& name = call.text("variable");
    if (name.empty()) {
        reply.error(400, "Variable name is required");
        return;
    }
    Pbx& pbx = call.service.pbx;
    if (!may_read(pbx, name)) {
        reply.error(500, "Unable to read provided function", "Error With Function");
        return;
    }
    const auto value = dialplan::get_variable(pbx, nullptr, name);
    Json json;
    reply.json(json.begin().put("value", value.value_or("")).end().take());
}

void set_variable(Call& call, Reply& reply) {
    const std::string& name = call.text("variable");
    if (name.empty()) {
        reply.error(400, "Variable name is required");
        return;
    }
    Pbx& pbx = call.service.pbx;
    if (!may_write(pbx, name)) {
        reply.error(403, "Function may not be written from outside");
        return;
    }
    dialplan::set_variable(pbx, nullptr, name, call.text("value"));
    reply.no_content();
}

// ---- modules ----

void append_module(Json& json, const ModuleInfo& module) {
    json.begin().put("name", module.name).put("description", module.description).put("use_count", module.use_count);
    json.put("status", module.running ? "Running" : "Not Running").put("support_level", module.support_level).end();
}

Process* require_process(Call& call, Reply& reply) {
    Process* process = call.service.pbx.process;
    if (process == nullptr) reply.error(503, "The system is starting");
    return process;
}

void list_modules(Call& call, Reply& reply) {
    Process* process = require_process(call, reply);
    if (process == nullptr) return;
    Json json;
    json.begin_list();
    for (const auto& module : process->modules()) append_module(json, module);
    reply.json(json.end_list().take());
}

void get_module(Call& call, Reply& reply) {
    Process* process = require_process(call, reply);
    if (process == nullptr) return;
    const auto module = process->module(call.text("moduleName"));
    if (!module || !module->running) {
        reply.error(404, "Module could not be found in running modules");
        return;
    }
    Json json;
    append_module(json, *module);
    reply.json(json.take());
}

void load_module(Call& call, Reply& reply) {
    Process* process = require_process(call, reply);
    if (process == nullptr) return;
    const auto module = process->module(call.text("moduleName"));
    if (module && module->running) {
        reply.error(409, "Module is already loaded");
    } else if (!module || !process->set_running(call.text("moduleName"), true)) {
        reply.error(409, "Module load declined");
    } else {
        reply.no_content();
    }
}

void unload_module(Call& call, Reply& reply) {
    Process* process = require_process(call, reply);
    if (process == nullptr) return;
    const auto module = process->module(call.text("moduleName"));
    if (!module || !module->running) {
        reply.error(404, "Module not found in running modules");
    } else if (!process->set_running(call.text("moduleName"), false)) {
        reply.error(409, "Module could not be unloaded");
    } else {
        reply.no_content();
    }
}

void reload_module(Call& call, Reply& reply) {
    Process* process = require_process(call, reply);
    if (process == nullptr) return;
    const auto module = process->module(call.text("moduleName"));
    if (!module || !module->running) {
        reply.error(404, "Module not found in running modules");
        return;
    }
    process->reload(call.text("moduleName"), [done = call.later()](ReloadResult result) {
        Reply later;
        switch (result) {
            case ReloadResult::done: later.no_content(); break;
            case ReloadResult::no_such_module: later.error(404, "Module not found in running modules"); break;
            case ReloadResult::not_needed: later.error(409, "Module does not support reloading"); break;
            case ReloadResult::in_progress: later.error(409, "Another reload is in progress"); break;
            case ReloadResult::error: later.error(409, "An unknown error occurred while reloading the module"); break;
        }
        done(std::move(later));
    });
}

}  // namespace

Resource asterisk_operations() {
    return {"asterisk",
            "Asterisk resources",
            {
                {Method::get,
                 "/asterisk/config/dynamic/{configClass}/{objectType}/{id}",
                 "getObject",
                 "Shows an object of dynamic configuration",
                 "List[ConfigTuple]",
                 {path("configClass"), path("objectType"), path("id")},
                 {404},
                 get_object},
                {Method::put,
                 "/asterisk/config/dynamic/{configClass}/{objectType}/{id}",
                 "updateObject",
                 "Creates or changes an object of dynamic configuration",
                 "List[ConfigTuple]",
                 {path("configClass"), path("objectType"), path("id"), body("fields")},
                 {400, 403, 404},
                 update_object},
                {Method::del,
                 "/asterisk/config/dynamic/{configClass}/{objectType}/{id}",
                 "deleteObject",
                 "Deletes an object of dynamic configuration",
                 "void",
                 {path("configClass"), path("objectType"), path("id")},
                 {403, 404},
                 delete_object},
                {Method::get,
                 "/asterisk/info",
                 "getInfo",
                 "Tells about this system",
                 "AsteriskInfo",
                 {query("only").many().among("build|system|config|status")},
                 {},
                 info},
                {Method::get, "/asterisk/ping", "ping", "Answers with a pong", "AsteriskPing", {}, {}, ping},
                {Method::get,
                 "/asterisk/modules",
                 "listModules",
                 "Lists the modules",
                 "List[Module]",
                 {},
                 {},
                 list_modules},
                {Method::get,
                 "/asterisk/modules/{moduleName}",
                 "getModule",
                 "Shows one module",
                 "Module",
                 {path("moduleName")},
                 {404, 409},
                 get_module},
                {Method::post,
                 "/asterisk/modules/{moduleName}",
                 "loadModule",
                 "Loads a module",
                 "void",
                 {path("moduleName")},
                 {409},
                 load_module},
                {Method::del,
                 "/asterisk/modules/{moduleName}",
                 "unloadModule",
                 "Unloads a module",
                 "void",
                 {path("moduleName")},
                 {404, 409},
                 unload_module},
                {Method::put,
                 "/asterisk/modules/{moduleName}",
                 "reloadModule",
                 "Reloads a module",
                 "void",
                 {path("moduleName")},
                 {404, 409},
                 reload_module},
                {Method::get,
                 "/asterisk/logging",
                 "listLogChannels",
                 "Lists the log channels",
                 "List[LogChannel]",
                 {},
                 {},
                 list_log_channels},
                {Method::post,
                 "/asterisk/logging/{logChannelName}",
                 "addLog",
                 "Adds a log channel",
                 "void",
                 {path("logChannelName"), query("configuration").should()},
                 {400, 409},
                 add_log},
                {Method::del,
                 "/asterisk/logging/{logChannelName}",
                 "deleteLog",
                 "Removes a log channel",
                 "void",
                 {path("logChannelName")},
                 {404},
                 delete_log},
                {Method::put,
                 "/asterisk/logging/{logChannelName}/rotate",
                 "rotateLog",
                 "Rotates a log channel",
                 "void",
                 {path("logChannelName")},
                 {404},
                 rotate_log},
                {Method::get,
                 "/asterisk/variable",
                 "getGlobalVar",
                 "Reads a global variable",
                 "Variable",
                 {query("variable").should()},
                 {400},
                 get_variable},
                {Method::post,
                 "/asterisk/variable",
                 "setGlobalVar",
                 "Sets a global variable",
                 "void",
                 {query("variable").should(), query("value")},
                 {400},
                 set_variable},
            }};
}

}  // namespace asterism::ari
