// Who built this program, when and where.
#pragma once

#include <string_view>

#include "asterism/process.hpp"

namespace asterism {

[[nodiscard]] std::string_view version();
[[nodiscard]] BuildInfo build_info();

}  // namespace asterism
