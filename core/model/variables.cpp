#include "asterism/model/variables.hpp"

#include <algorithm>

namespace asterism {

std::string_view Variables::bare(std::string_view name) {
    if (name.starts_with("__")) return name.substr(2);
    if (name.starts_with('_')) return name.substr(1);
    return name;
}

void Variables::set(std::string_view name, std::string_view value) {
    const std::string_view plain = bare(name);
    const int inheritance = static_cast<int>(name.size() - plain.size());
    for (auto& entry : entries_) {
        if (entry.name == plain) {
            entry.value = value;
            entry.inheritance = inheritance;
            return;
        }
    }
    entries_.push_back({std::string(plain), std::string(value), inheritance});
}

bool Variables::unset(std::string_view name) {
    return std::erase_if(entries_, [plain = bare(name)](const Entry& e) { return e.name == plain; }) != 0;
}

const std::string* Variables::find(std::string_view name) const {
    for (const auto& entry : entries_) {
        if (entry.name == name) return &entry.value;
    }
    return nullptr;
}

Variables Variables::inherited() const {
    Variables next;
    for (const auto& entry : entries_) {
        if (entry.inheritance == 0) continue;
        next.entries_.push_back({entry.name, entry.value, entry.inheritance == 2 ? 2 : 0});
    }
    return next;
}

}  // namespace asterism
