#include "src/tables.hpp"

#include "interfaces/agi/commands.hpp"
#include "interfaces/ari/operation.hpp"
#include "src/parts.hpp"

namespace asterism {

namespace {

std::string_view method_name(http::Method method) {
    switch (method) {
        case http::Method::get: return "GET";
        case http::Method::post: return "POST";
        case http::Method::put: return "PUT";
        case http::Method::del: return "DELETE";
        default: return "OTHER";
    }
}

cli::Result show_tables(cli::Context& context, Parts& parts) {
    for (const auto* application : parts.applications.all()) context.print("application {}\n", application->name);
    for (const auto* function : parts.functions.all()) context.print("function {}\n", function->name);
    for (const auto& action : parts.manager->actions()) context.print("action {}\n", action.name);
    for (const auto& command : agi::commands()) context.print("agi {}\n", command.words);
    for (const auto& resource : ari::all_resources()) {
        for (const auto& operation : resource.operations) {
            if (operation.handler != nullptr || !operation.websocket_protocol.empty()) {
                context.print("ari {} {}\n", method_name(operation.method), operation.path);
            }
        }
    }
    for (const auto& name : parts.cli->names()) context.print("cli {}\n", name);
    return cli::Result::success;
}

}  // namespace

void add_tables_command(Parts& parts) {
    parts.cli->add({.name = "core show tables",
                    .summary = "List what the tables hold",
                    .run = [&parts](cli::Context& context) { return show_tables(context, parts); },
                    .hidden = true});
}

}  // namespace asterism
