// Everything that describes itself, as one list: what docs/compatibility.md is made from.
#pragma once

namespace asterism {

struct Parts;

/// Adds the hidden command `core show tables`: a line for each application, function, AMI action, AGI command, ARI
/// operation and console command that is done ("application Answer").
void add_tables_command(Parts& parts);

}  // namespace asterism
