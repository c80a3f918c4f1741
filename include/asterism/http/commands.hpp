// http show status
#pragma once

namespace asterism::cli {
class Registry;
}

namespace asterism::http {

class Router;
class Server;

/// All given live longer than the registry's use of them.
void add_commands(cli::Registry& registry, const Server& server, const Router& router);

}  // namespace asterism::http
