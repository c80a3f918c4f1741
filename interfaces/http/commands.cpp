#include "asterism/http/commands.hpp"

#include "asterism/cli/registry.hpp"
#include "asterism/http/server.hpp"

namespace asterism::http {

namespace {

cli::Result show_status(cli::Context& c, const Server& server, const Router& router) {
    const auto& config = server.config();
    const auto where = [](const Address& address) {
        return address.ip.find(':') == std::string::npos ? fmt::format("{}:{}", address.ip, address.port)
                                                         : fmt::format("[{}]:{}", address.ip, address.port);
    };
    c.print("HTTP Server Status:\nPrefix: {}\nServer: {}\n", config.prefix, config.server_name);
    if (server.address().port == 0)
        c.print("Server Disabled\n\n");
    else
        c.print("Server Enabled and Bound to {}\n\n", where(server.address()));
    if (server.tls_address().port != 0)
        c.print("HTTPS Server Enabled and Bound to {}\n\n", where(server.tls_address()));
    c.print("Enabled URI's:\n");
    if (router.routes().empty()) c.print("None.\n");
    for (const auto& route : router.routes()) {
        c.print("{}{}{} => {}\n", config.prefix, route.path, route.subtree ? "/..." : "", route.description);
    }
    c.print("\nEnabled Redirects:\n");
    if (router.redirects().empty()) c.print("  None.\n");
    for (const auto& [from, to] : router.redirects()) c.print("  {} => {}\n", from, to);
    c.print("\nPath Restrictions:\n");
    if (config.restrictions.empty()) c.print("  None.\n");
    for (const auto& [path, acl] : config.restrictions) c.print("  {}\n", path);
    return cli::Result::success;
}

}  // namespace

void add_commands(cli::Registry& registry, const Server& server, const Router& router) {
    registry.add({.name = "http show status",
                  .summary = "Display HTTP server status",
                  .usage = "\n       Shows where the HTTP server listens and which part answers which path.\n",
                  .run = [&server, &router](cli::Context& c) { return show_status(c, server, router); }});
}

}  // namespace asterism::http
