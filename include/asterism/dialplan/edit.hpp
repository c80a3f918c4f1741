// Changes of the present dialplan from outside: the console's `dialplan add|remove`, AMI's DialplanExtensionAdd.
// Calls in progress keep the plan that they run on until their next step.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "asterism/dialplan/dialplan.hpp"

namespace asterism::dialplan {

enum class EditProblem : std::uint8_t {
    bad_priority,  ///< neither a number from 1 nor "hint"
    exists,        ///< there is that priority already
    invalid,       ///< no pattern, no extension
};

struct NewExtension {
    std::string context;
    std::string exten;     ///< perhaps with a caller: "100/2565550101"
    std::string priority;  ///< "1", "hint"
    std::string application, data;
    std::string registrar;
    bool replace = false;
};
[[nodiscard]] std::expected<void, EditProblem> add_extension(Dialplan& dialplan, const NewExtension& wanted);

/// Removes one priority, or (empty) the whole extension. How many priorities went.
[[nodiscard]] std::expected<std::size_t, EditProblem> remove_extension(Dialplan& dialplan, std::string_view context,
                                                                       std::string_view exten,
                                                                       std::string_view priority);

/// extensions.conf for this plan: what was read from extensions.conf or typed on the console, and nothing that other
/// parts of the PBX added.
[[nodiscard]] std::string to_extensions_conf(const Plan& plan);

}  // namespace asterism::dialplan
