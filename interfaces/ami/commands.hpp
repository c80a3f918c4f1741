// Console commands about the manager: `manager show ...`.
#pragma once

#include "core.hpp"

namespace asterism::ami {

/// Adds them to the console's registry, if there is one.
void add_commands(Core& core);
/// Takes them out again.
void remove_commands(Core& core);

}  // namespace asterism::ami
