// The data types of ARI's answers and events.
#pragma once

#include <string_view>
#include <vector>

namespace asterism::ari {

struct Model {
    std::string_view resource;     ///< whose page in /ari/api-docs shows it
    std::string_view id;           ///< "Channel"
    std::string_view fields;       ///< "id:string! name:string!": "!" for those that are always there
    std::string_view sub_types{};  ///< names, for Message and Event
};
[[nodiscard]] const std::vector<Model>& all_models();

}  // namespace asterism::ari
