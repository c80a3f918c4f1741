// The API's description of itself (Swagger 1.1), which client libraries build their methods from.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace asterism::ari {

/// `name` is what stands behind "/ari/api-docs/": "resources.json", "channels.json". Nothing for an unknown one.
/// `base_path`: "http://host:port/ari".
[[nodiscard]] std::optional<std::string> api_docs(std::string_view name, std::string_view base_path);

}  // namespace asterism::ari
