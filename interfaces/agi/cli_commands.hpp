// agi show commands, agi exec, agi set debug.
#pragma once

#include <memory>

namespace asterism {
struct Pbx;
}

namespace asterism::agi {

/// Whether commands and answers of all sessions are logged; shared by the sessions and `agi set debug`.
struct Debugging {
    bool on = false;
};

/// Adds them to pbx.cli, if there is one.
void add_console_commands(Pbx& pbx, std::shared_ptr<Debugging> debugging);

}  // namespace asterism::agi
