// The dialplan applications AGI and DeadAGI.
#include "asterism/dialplan/application.hpp"
#include "asterism/config/settings.hpp"
#include "asterism/dialplan/arguments.hpp"
#include "asterism/runtime/log.hpp"
#include "interfaces/agi/agi.hpp"
#include "interfaces/agi/async_link.hpp"
#include "interfaces/agi/environment.hpp"
#include "interfaces/agi/session.hpp"

namespace asterism::agi {
namespace {

using dialplan::AppResult;

/// So that scripts need not know where this PBX is installed.
ProcessEnvironment process_environment(const config::Settings& s) {
    return {{"AST_CONFIG_DIR", s.etc_dir},
            {"AST_CONFIG_FILE", s.etc_dir + "/asterisk.conf"},
            {"AST_MODULE_DIR", s.module_dir},
            {"AST_SPOOL_DIR", s.spool_dir},
            {"AST_MONITOR_DIR", s.monitor_dir()},
            {"AST_VAR_DIR", s.var_lib_dir},
            {"AST_DATA_DIR", s.data_dir},
            {"AST_LOG_DIR", s.log_dir},
            {"AST_AGI_DIR", s.agi_dir},
            {"AST_KEY_DIR", s.key_dir},
            {"AST_RUN_DIR", s.run_dir}};
}

Task<LinkResult> open_async(Channel& channel) { co_return make_async_link(channel); }

Task<LinkResult> open(Linker& linker, Channel& channel, const Target& target,
                      const std::vector<std::string>& arguments) {
    if (target.kind == Target::Kind::async) return open_async(channel);
    if (target.kind == Target::Kind::fast) return linker.connect(target);
    const auto& settings = *channel.pbx().settings;
    auto path = target.script.starts_with('/') ? target.script : settings.agi_dir + "/" + target.script;
    return linker.spawn(std::move(path), arguments, process_environment(settings));
}

AppResult finish(Channel& channel, Outcome outcome) {
    channel.set_variable("AGISTATUS", to_string(outcome));
    return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

Task<AppResult> run(Linker& linker, std::shared_ptr<const Debugging> debugging, Channel& channel, std::string data) {
    const dialplan::Arguments words(data);
    if (!words.has(0)) {
        log::warning("AGI requires an argument (script)");
        co_return AppResult::hang_up();
    }
    const std::vector<std::string> arguments(words.all().begin() + 1, words.all().end());
    const auto target = parse_target(words[0]);
    if (!target) {
        log::warning("AGI '{}': {}", words[0], target.error());
        co_return finish(channel, Outcome::failure);
    }
    const auto& settings = *channel.pbx().settings;
    auto link = co_await open(linker, channel, *target, arguments);
    if (!link) {
        log::warning("AGI '{}' on {} failed: {}", words[0], channel.name(), link.error().text);
        co_return finish(channel, link.error().not_found ? Outcome::not_found : Outcome::failure);
    }
    log::verbose(3, "<{}> Launched AGI Script {}", channel.name(), words[0]);
    Outcome outcome = Outcome::failure;
    {
        Session session(channel, std::move(*link),
                        debugging);  // its end closes the link, before the dialplan sees AGISTATUS
        outcome = co_await session.run(environment(channel, *target, arguments, settings.reported_version));
    }
    log::verbose(3, "<{}> AGI Script {} completed, returning {}", channel.name(), words[0], to_string(outcome));
    co_return finish(channel, outcome);
}

}  // namespace

void add_applications(Pbx& pbx, Linker& linker) {
    const std::vector<dialplan::Parameter> parameters{
        {"command", "a file of astagidir or with its path, agi://host[:port][/script[?query]], or agi:async"},
        {"args", "passed to a file as arguments, and in the environment as agi_arg_1 and so on"},
    };
    const auto debugging = std::make_shared<Debugging>();
    add_console_commands(pbx, debugging);
    auto call = [&linker, debugging](Channel& channel, std::string data) {
        return run(linker, debugging, channel, std::move(data));
    };
    pbx.applications->add({.name = "AGI",
                           .synopsis = "let a script control the channel",
                           .syntax = "AGI(command[,arg1[,...]])",
                           .parameters = parameters,
                           .run = call,
                           .module = "res_agi"});
    pbx.applications->add({.name = "DeadAGI",
                           .synopsis = "AGI, which runs on channels that have hung up too",
                           .syntax = "DeadAGI(command[,arg1[,...]])",
                           .parameters = parameters,
                           .run = call,
                           .module = "res_agi"});
}

}  // namespace asterism::agi
