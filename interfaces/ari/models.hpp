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

/// Calls `action` with each word between blanks.
template <class F>
void each_word(std::string_view text, F action) {
    while (!text.empty()) {
        const auto blank = text.find(' ');
        action(text.substr(0, blank));
        text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    }
}

/// Calls `action(name, type, required)` with each field of a model.
template <class F>
void each_field(std::string_view fields, F action) {
    each_word(fields, [&action](std::string_view field) {
        const bool required = field.ends_with('!');
        if (required) field.remove_suffix(1);
        const auto colon = field.find(':');
        action(field.substr(0, colon), field.substr(colon + 1), required);
    });
}

}  // namespace asterism::ari
