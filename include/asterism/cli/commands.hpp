// The console commands that no single part answers: the process, channels, the dialplan, the database, the log.
#pragma once

namespace asterism {
struct Pbx;
}

namespace asterism::cli {

/// Adds them to pbx.cli. Uses pbx.process, channels, bridges, db; all must be there and outlive the registry.
void register_core_commands(Pbx& pbx);

}  // namespace asterism::cli
