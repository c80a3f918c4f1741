#include "asterism/config/file.hpp"

#include "asterism/config/options.hpp"

namespace asterism::config {

bool Variable::is(std::string_view other) const { return equal_nocase(name, other); }

const std::string* Section::last(std::string_view wanted) const {
    for (auto it = variables.rbegin(); it != variables.rend(); ++it) {
        if (it->is(wanted)) return &it->value;
    }
    return nullptr;
}

const std::string* Section::first(std::string_view wanted) const {
    for (const auto& variable : variables) {
        if (variable.is(wanted)) return &variable.value;
    }
    return nullptr;
}

std::vector<std::string_view> Section::all(std::string_view wanted) const {
    std::vector<std::string_view> values;
    for (const auto& variable : variables) {
        if (variable.is(wanted)) values.emplace_back(variable.value);
    }
    return values;
}

const Section* File::find(std::string_view name) const {
    const Section* near = nullptr;
    for (const auto& section : sections_) {
        if (section.name == name) return &section;
        if (!near && equal_nocase(section.name, name)) near = &section;
    }
    return near;
}

const std::string* File::value(std::string_view section, std::string_view name) const {
    const Section* found = find(section);
    return found ? found->last(name) : nullptr;
}

}  // namespace asterism::config
