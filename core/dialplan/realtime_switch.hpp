// A line `switch => Realtime/...`, and what its database has answered. Private to the dialplan.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/dialplan/dialplan.hpp"
#include "core/dialplan/pattern.hpp"

namespace asterism::dialplan {

struct RealtimeAnswer {
    std::vector<std::unique_ptr<Extension>> extensions;
    PatternTree patterns;  ///< of those that are patterns
};

/// [context][@family][/options]: without a context that of the line, without a family "extensions"; option p leaves
/// patterns out. An eswitch may have variables in it.
struct RealtimeSwitch {
    Template context{"${CONTEXT}"}, family{"extensions"};
    bool patterns = true;

    static RealtimeSwitch parse(std::string_view data, std::string& error);
};
[[nodiscard]] bool is_realtime(const Switch& alternative);

}  // namespace asterism::dialplan
