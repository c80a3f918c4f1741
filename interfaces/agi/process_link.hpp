// Scripts that run as child processes of the daemon.
#pragma once

#include "asterism/runtime/asio_loop.hpp"
#include "interfaces/agi/link.hpp"

namespace asterism::agi {

/// Starts `path` with its standard input and output on the link, and with `audio` a pipe as descriptor 3; errors go to
/// the daemon's own. The child is told of a hangup by SIGHUP; when the link goes its pipes are closed. It is waited for
/// without polling.
Task<LinkResult> spawn_process(AsioLoop& loop, std::string path, std::vector<std::string> arguments,
                               ProcessEnvironment environment, bool audio);

}  // namespace asterism::agi
