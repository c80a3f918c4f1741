// What a plan and its contexts look things up in. Made by PlanBuilder::build, never changed after it.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "core/dialplan/pattern.hpp"

namespace asterism::dialplan {

/// A name as it is compared: without dashes and blanks, which stand in numbers only to be read.
[[nodiscard]] std::string plain_name(std::string_view name);

struct Context::Tables {
    /// Those for certain callers first.
    std::unordered_map<std::string, std::vector<const Extension*>, TextHash, std::equal_to<>> names;
    std::vector<std::pair<std::string_view, const Extension*>> in_order;  ///< by plain name
    PatternTree patterns;
    std::unordered_map<const Extension*, Pattern> callers;  ///< extensions whose caller is a pattern
    std::vector<Pattern> ignore;
};

struct Plan::Index {
    std::unordered_map<std::string_view, Context*> contexts;
};

}  // namespace asterism::dialplan
