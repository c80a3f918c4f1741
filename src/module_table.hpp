// Names and descriptions for `module show`, AMI's ModuleCheck and ARI's modules.
#pragma once

#include <span>
#include <string_view>

namespace asterism {

struct ModuleRow {
    std::string_view name, description, support_level;
    bool always;    ///< false: there when an application or function of the tables belongs to it
    int use_count;  ///< how many others need it; 0: it may be unloaded
};

/// Sorted by name.
[[nodiscard]] std::span<const ModuleRow> module_table();

}  // namespace asterism
