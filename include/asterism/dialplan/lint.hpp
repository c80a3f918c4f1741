// `--check`: what is wrong in a dialplan though it loads.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "asterism/config/report.hpp"

namespace asterism::dialplan {

class Applications;
class Functions;
class Plan;

struct LintKnowledge {
    /// Contexts that other files or running calls make: parkedcalls, regcontext.
    std::set<std::string, std::less<>> contexts{};
    /// Some contexts come from elsewhere (extensions.ael, extensions.lua): an unknown one is no finding.
    bool contexts_elsewhere = false;
    /// Whether a prompt (never an absolute path) is there in any language; null: nobody knows.
    std::function<bool(std::string_view)> has_prompt{};
};

/// Unknown applications, functions (also within expressions and arguments) and contexts, jumps to places that do not
/// exist, includes of unknown contexts and includes that lead back, priorities that no call can reach, prompts that are
/// missing. Each is an error at its line. Only what is written out is judged: an argument with a variable in it says
/// nothing, nor does a place that a switch, a caller's number or the time of day may decide about.
void lint(const Plan& plan, const Applications& applications, const Functions& functions, config::Report& report,
          const LintKnowledge& knowledge = {});

}  // namespace asterism::dialplan
