// /ari/openapi.json: the same tables as /ari/api-docs, as an OpenAPI 3.1 document.
#pragma once

#include <string>
#include <string_view>

namespace asterism::ari {

/// `url`: of /ari as the client sees it.
[[nodiscard]] std::string open_api(std::string_view url);

}  // namespace asterism::ari
