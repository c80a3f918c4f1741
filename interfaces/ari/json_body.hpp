// The JSON that a client sent, for the few sources that look into it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace asterism::ari {

class JsonBody {
  public:
    nlohmann::ordered_json value;
};

/// Parses with a limit on depth; nothing for what is not JSON.
[[nodiscard]] std::optional<nlohmann::ordered_json> parse_json(std::string_view text);
/// A scalar as a client would write it in a query; nothing for lists and objects. null is empty.
[[nodiscard]] std::optional<std::string> scalar_text(const nlohmann::ordered_json& value);

}  // namespace asterism::ari
