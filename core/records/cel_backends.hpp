// Where channel events go: see docs/cdr.md.
#pragma once

#include <memory>
#include <vector>

#include "core/records/cdr_backends.hpp"
#include "core/records/cel.hpp"

namespace asterism::records {

/// The manager event CEL. `show_user_defined`: EventName stays USER_DEFINED, its own name stands in UserDefType.
std::unique_ptr<CelBackend> cel_manager_backend(Pbx& pbx, bool show_user_defined);
/// Files in the folder cel-custom of the log folder. The engine knows how times are written.
std::unique_ptr<CelBackend> cel_custom_backend(Pbx& pbx, std::vector<Mapping> files, const CelEngine& engine);

}  // namespace asterism::records
