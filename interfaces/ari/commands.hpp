// The console's `ari ...`.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace asterism::ari {

class Service;

/// `ari set debug`: whose events are logged; with `all` requests and answers too.
struct Debugging {
    bool all = false;
    std::set<std::string, std::less<>> apps;

    [[nodiscard]] bool wants(std::span<const std::string> names) const {
        if (all) return true;
        if (apps.empty()) return false;
        for (const auto& name : names)
            if (apps.contains(name)) return true;
        return false;
    }
};

void add_commands(Service& service);

}  // namespace asterism::ari
