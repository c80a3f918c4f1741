#include "commands.hpp"

#include <ctime>

#include "asterism/cli/registry.hpp"
#include "asterism/pbx.hpp"
#include "asterism/process.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/whole.hpp"

namespace asterism::ami {

namespace {

using cli::Context;
using cli::Result;

const char* yes_no(bool on) { return on ? "Yes" : "No"; }

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts) text.append(text.empty() ? "" : ",").append(part);
    return text;
}

Result show_settings(Core& core, Context& c) {
    const auto& g = core.config().general;
    auto row = [&](std::string_view name, std::string_view value) { c.print("  {:<25}  {:<15}\n", name, value); };
    c.print("\nGlobal Settings:\n----------------\n");
    row("Manager (AMI):", yes_no(g.enabled));
    row("Web Manager (AMI/HTTP):", yes_no(g.web_enabled));
    row("TCP Bindaddress:", g.enabled ? g.bind.text() : "Disabled");
    row("HTTP Timeout (seconds):", std::to_string(g.http_timeout.count()));
    row("TLS Enable:", yes_no(g.tls_enabled));
    row("TLS Bindaddress:", "Disabled");
    row("TLS Certfile:", g.tls_certificate);
    row("TLS Privatekey:", g.tls_private_key);
    row("TLS Cipher:", g.tls_cipher);
    row("Allow multiple login:", yes_no(g.allow_multiple_login));
    row("Display connects:", yes_no(g.display_connects));
    row("Timestamp events:", yes_no(g.timestamp_events));
    row("Channel vars:", joined(g.channel_variables));
    row("Disabled events:", joined(g.disabled_events));
    row("Debug:", yes_no(core.debug));
    return Result::success;
}

Result show_users(Core& core, Context& c) {
    c.print("\nusername\n--------\n");
    for (const auto& [name, user] : core.config().users) c.print("{}\n", name);
    c.print("-------------------\n{} manager users configured.\n", core.config().users.size());
    return Result::success;
}

Result show_user(Core& core, Context& c) {
    if (c.arguments() != 1) return Result::usage;
    auto user = core.config().find(c.argument(0));
    if (!user) {
        c.print("There is no manager called {}\n", c.argument(0));
        return Result::success;
    }
    auto row = [&](std::string_view name, std::string_view value) { c.print("{:>18}: {}\n", name, value); };
    c.print("\n");
    row("username", user->name);
    row("secret", user->secret.empty() ? "<Not set>" : "<Set>");
    row("ACL", user->acl.empty() ? "no" : "yes");
    row("read perm", privilege_text(user->read));
    row("write perm", privilege_text(user->write));
    row("displayconnects", user->display_connects ? "yes" : "no");
    row("allowmultiplelogin", user->allow_multiple_login ? "yes" : "no");
    row("Variables", "");
    for (const auto& [name, value] : user->variables) c.print("                    {}={}\n", name, value);
    return Result::success;
}

Result show_connected(Core& core, Context& c) {
    constexpr std::string_view line = "  {:<15}  {:<55}  {:<10}  {:<10}  {:<8}  {:<8}  {:<10}  {:<10}\n";
    c.print(fmt::runtime(line), "Username", "IP Address", "Start", "Elapsed", "FileDes", "HttpCnt", "ReadPerms",
            "WritePerms");
    std::size_t count = 0;
    auto now = core.loop().clock().wall();
    for (const auto* session : core.sessions()) {
        if (!session->user()) continue;
        ++count;
        auto seconds = [](WallTime::duration time) {
            return std::chrono::duration_cast<std::chrono::seconds>(time).count();
        };
        c.print(fmt::runtime(line), session->user()->name, session->addresses().remote_ip.text(),
                seconds(session->begun().time_since_epoch()), seconds(now - session->begun()), session->number(),
                session->kind() == Session::Kind::http ? 1 : 0, session->user()->read, session->user()->write);
    }
    c.print("{} users connected.\n", count);
    return Result::success;
}

Result show_commands(Core& core, Context& c) {
    c.print("  {:<15}  {}\n  {:<15}  {}\n", "Action", "Synopsis", "------", "--------");
    for (const auto* action : core.all()) c.print("  {:<15}  {}\n", action->name, action->synopsis);
    return Result::success;
}

Result show_command(Core& core, Context& c) {
    if (c.arguments() == 0) return Result::usage;
    for (std::size_t i = 0; i < c.arguments(); ++i) {
        const auto* action = core.find(c.argument(i));
        if (!action) continue;
        c.print("[Action]\n{}\n\n[Synopsis]\n{}\n\n[Privilege]\n{}\n\n[Headers]\n", action->name, action->synopsis,
                privilege_text(action->privilege));
        std::string_view params = action->params;
        while (!params.empty()) {
            auto comma = params.find(',');
            auto name = params.substr(0, comma);
            params = comma == std::string_view::npos ? std::string_view() : params.substr(comma + 1);
            bool required = name.ends_with('*');
            if (required) name.remove_suffix(1);
            c.print("{}{}\n", name, required ? " (required)" : "");
        }
        c.print("\n");
    }
    return Result::success;
}

std::vector<std::string> action_names(const Core& core) {
    std::vector<std::string> names;
    for (const auto* action : core.all()) names.push_back(action->name);
    return names;
}

Result set_debug(Core& core, Context& c) {
    if (c.name_words < 4) {
        c.print("manager debug is {}\n", core.debug ? "on" : "off");
        return Result::success;
    }
    core.debug = c.word(3) == "on";
    return Result::success;
}

Result kick(Core& core, Context& c) {
    if (c.arguments() != 1) return Result::usage;
    const auto number = parse_whole<std::size_t>(c.argument(0));
    if (!number) return Result::usage;
    for (auto* session : core.sessions()) {
        if (!session->user() || session->number() != *number) continue;
        c.print("Kicking manager session connected using file descriptor {}\n", *number);
        session->finish(true);
        return Result::success;
    }
    c.print("No manager session found using file descriptor {}\n", *number);
    return Result::success;
}

Task<Result> reload(Core& core, Context& c) {
    if (c.arguments() > 0) co_return Result::usage;
    auto box = std::make_shared<Mailbox<ReloadResult>>(core.loop());
    core.pbx().process->reload("manager", [weak = std::weak_ptr(box)](ReloadResult result) {
        if (const auto waiting = weak.lock()) waiting->send(result);
    });
    const auto result = co_await box->next();
    if (result == ReloadResult::error) c.print("manager.conf has an error: nothing was changed, the log says where\n");
    co_return Result::success;
}

constexpr std::string_view names[] = {"manager show settings",      "manager show users",    "manager show user",
                                      "manager show connected",     "manager show commands", "manager show command",
                                      "manager set debug [on|off]", "manager kick session",  "manager reload"};

}  // namespace

void add_commands(Core& core) {
    auto* registry = core.pbx().cli;
    if (!registry) return;
    auto run = [&core](Result (*command)(Core&, Context&)) {
        return [&core, command](Context& c) { return command(core, c); };
    };
    registry->add({.name = "manager show settings",
                   .summary = "Show manager global settings",
                   .usage = "\n       Shows what [general] of manager.conf has set.\n",
                   .run = run(show_settings)});
    registry->add({.name = "manager show users",
                   .summary = "List configured manager users",
                   .usage = "\n       Lists the users of manager.conf.\n",
                   .run = run(show_users)});
    registry->add({.name = "manager show user",
                   .summary = "Display information on a specific manager user",
                   .usage = "<user>\n       Shows a user of manager.conf.\n",
                   .run = run(show_user),
                   .complete = [&core](const cli::Completion&) {
                       std::vector<std::string> users;
                       for (const auto& [name, user] : core.config().users) users.push_back(name);
                       return users;
                   }});
    registry->add({.name = "manager show connected",
                   .summary = "List connected manager interface users",
                   .usage = "\n       Lists the sessions that have logged in.\n",
                   .run = run(show_connected)});
    registry->add({.name = "manager show commands",
                   .summary = "List manager interface commands",
                   .usage = "\n       Lists the manager's actions.\n",
                   .run = run(show_commands)});
    registry->add({.name = "manager show command",
                   .summary = "Show a manager interface command",
                   .usage = "<actionname> [<actionname> ...]\n       Shows what a manager's action takes.\n",
                   .run = run(show_command),
                   .complete = [&core](const cli::Completion&) { return action_names(core); }});
    registry->add({.name = "manager set debug [on|off]",
                   .summary = "Show, enable, disable debugging of the manager code",
                   .usage = "\n       Logs which user asks for which action from now on, or no longer.\n",
                   .run = run(set_debug)});
    registry->add(
        {.name = "manager kick session",
         .summary = "Kick a connected manager interface connection",
         .usage = "<file descriptor>\n       Ends a session; the number is that of 'manager show connected'.\n",
         .run = run(kick)});
    registry->add({.name = "manager reload",
                   .summary = "Reload manager configurations",
                   .usage = "\n       Reads manager.conf again.\n",
                   .run_async = [&core](Context& c) { return reload(core, c); }});
}

void remove_commands(Core& core) {
    if (!core.pbx().cli) return;
    for (auto name : names) core.pbx().cli->remove(name);
}

}  // namespace asterism::ami
