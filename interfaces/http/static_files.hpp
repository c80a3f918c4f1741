// /static: files below a folder, as they are.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "asterism/http/router.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::http {

/// Content type by the file's ending; "text/plain" for an unknown one.
[[nodiscard]] std::string_view content_type_of(std::string_view path);
/// Where `path` (decoded, behind "/static/") lies below `folder`. Error: 403 for one that would leave the folder, is
/// hidden or names none.
[[nodiscard]] std::expected<std::string, int> static_path(std::string_view folder, std::string_view path);
/// Serves `folder`. Files are read on the blocking pool; one of more than 16 MiB is refused with 413.
[[nodiscard]] Route static_route(Loop& loop, std::string folder);

}  // namespace asterism::http
