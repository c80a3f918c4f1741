#include "commands.hpp"

#include <algorithm>
#include <ctime>

#include "asterism/cli/registry.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/whole.hpp"
#include "auth.hpp"
#include "outbound.hpp"
#include "service.hpp"
#include "session.hpp"

namespace asterism::ari {

namespace {

using cli::Context;
using cli::Result;

std::vector<std::string> app_names(const Service& service) {
    std::vector<std::string> names;
    for (const auto& app : service.apps()) names.push_back(app.name);
    return names;
}

void show_subscriptions(Context& c, std::string_view title, const Subscriptions& subscriptions) {
    c.print("  {}:\n", title);
    for (const auto& [id, count] : subscriptions.all()) c.print("    {} ({})\n", id.empty() ? "(all)" : id, count);
}

Result show_app(Service& service, Context& c) {
    if (c.arguments() != 1) return Result::usage;
    const App* app = service.applications.find(c.argument(0));
    if (app == nullptr) {
        c.print("No such ARI application '{}'\n", c.argument(0));
        return Result::failure;
    }
    const std::span<const std::string> name(&app->name, 1);
    c.print("Name: {}\n  Debug: {}\n  Active: {}\n  Subscription Model: {}\n", app->name,
            service.debugging.wants(name) ? "Yes" : "No", app->active() ? "Yes" : "No",
            app->subscribe_all ? "Global Resource Subscription" : "Application Explicit Resource Subscription");
    show_subscriptions(c, "Channels", app->channels);
    show_subscriptions(c, "Bridges", app->bridges);
    show_subscriptions(c, "Endpoints", app->endpoints);
    show_subscriptions(c, "Device states", app->devices);
    return Result::success;
}

Result set_debug(Service& service, Context& c) {
    if (c.arguments() != 2 || (c.argument(1) != "on" && c.argument(1) != "off")) return Result::usage;
    const bool on = c.argument(1) == "on";
    const std::string name(c.argument(0));
    if (name == "all") {
        service.debugging.all = on;
        if (!on) service.debugging.apps.clear();
    } else if (service.applications.find(name) == nullptr) {
        c.print("No such ARI application '{}'\n", name);
        return Result::failure;
    } else if (on) {
        service.debugging.apps.insert(name);
    } else {
        service.debugging.apps.erase(name);
    }
    c.print("Debugging on '{}' {}\n", name, on ? "enabled" : "disabled");
    return Result::success;
}

/// Hashing takes its time: on the pool.
Task<Result> make_password(Service& service, Context& c) {
    if (c.arguments() != 1) co_return Result::usage;
    auto box = std::make_shared<Mailbox<std::string>>(*service.pbx.loop);
    auto hash = std::make_shared<std::string>();
    service.pbx.loop->blocking([hash, password = std::string(c.argument(0))] { *hash = make_crypt(password); },
                               [hash, weak = std::weak_ptr(box)] {
                                   if (const auto waiting = weak.lock()) waiting->send(*hash);
                               });
    const auto made = co_await box->next();
    if (made.empty()) {
        c.print("The password could not be hashed\n");
        co_return Result::failure;
    }
    c.print("; Copy the following two lines into ari.conf\npassword_format = crypt\npassword = {}\n", made);
    co_return Result::success;
}

Result show_sessions(Service& service, Context& c) {
    c.print("{:<6} {:<10} {:<24} {:<16} {}\n", "ID", "Type", "RemoteAddr", "ARI User", "Applications");
    std::size_t count = 0;
    service.each_session([&](const Session& session) {
        std::string apps;
        for (const auto& app : session.apps()) apps += (apps.empty() ? "" : ",") + app;
        c.print("{:<6} {:<10} {:<24} {:<16} {}\n", session.number(), session.outbound() ? "outbound" : "inbound",
                session.remote(), session.user().name, apps);
        ++count;
    });
    c.print("{} websocket sessions\n", count);
    return Result::success;
}

/// By its number in `ari show websocket sessions`, or an outbound connection by its name.
Result shut_session(Service& service, Context& c) {
    if (c.arguments() != 1) return Result::usage;
    const auto text = c.argument(0);
    if (service.outbounds->stop(text)) {
        c.print("Shutdown scheduled for websocket session '{}'\n", text);
        return Result::success;
    }
    Session* found = nullptr;
    if (const auto number = parse_whole<std::uint64_t>(text)) {
        service.each_session([&](Session& session) {
            if (session.number() == *number) found = &session;
        });
    }
    if (found == nullptr) {
        c.print("Websocket session '{}' not found\n", text);
        return Result::failure;
    }
    found->close();
    c.print("Shutdown scheduled for websocket session '{}'\n", text);
    return Result::success;
}

}  // namespace

void add_commands(Service& service) {
    auto* registry = service.pbx.cli;
    if (registry == nullptr) return;
    const auto run = [&service](Result (*command)(Service&, Context&)) {
        return [&service, command](Context& c) { return command(service, c); };
    };
    registry->add({.name = "ari show app",
                   .summary = "Display details of a registered ARI application",
                   .usage = "<application>\n       Shows what an application is subscribed to.\n",
                   .run = run(show_app),
                   .complete = [&service](const cli::Completion&) { return app_names(service); }});
    registry->add({.name = "ari set debug",
                   .summary = "Enable/disable debugging of an ARI application",
                   .usage = "<application|all> <on|off>\n"
                            "       Logs the events of one application, or of all with requests and answers.\n",
                   .run = run(set_debug),
                   .complete = [&service](const cli::Completion& asked) {
                       if (asked.words.size() > 3) return std::vector<std::string>{"on", "off"};
                       auto names = app_names(service);
                       names.emplace_back("all");
                       return names;
                   }});
    registry->add({.name = "ari mkpasswd",
                   .summary = "Encrypts a password",
                   .usage = "<password>\n       Hashes a password for ari.conf's password_format = crypt.\n",
                   .run_async = [&service](Context& c) { return make_password(service, c); }});
    registry->add(
        {.name = "ari show websocket sessions",
         .summary = "Show websocket sessions",
         .usage = "\n       Lists the WebSockets of applications, those that they opened and those that we did.\n",
         .run = run(show_sessions)});
    registry->add({.name = "ari shutdown websocket session",
                   .summary = "Shutdown a websocket session",
                   .usage = "<id>\n       Ends one WebSocket, by its number or an outbound connection's name.\n",
                   .run = run(shut_session)});
}

}  // namespace asterism::ari
