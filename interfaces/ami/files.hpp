// Which files of the configuration the manager may touch.
#pragma once

#include <string>

namespace asterism::ami {

class Exchange;

/// Whether a client may name this file: one below astetcdir, or any with live_dangerously. False without settings.
[[nodiscard]] bool file_allowed(Exchange& x, const std::string& name);
/// Its absolute path.
[[nodiscard]] std::string file_path(Exchange& x, const std::string& name);

}  // namespace asterism::ami
