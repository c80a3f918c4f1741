// What a plan and its contexts look things up in. Made by PlanBuilder::build, never changed after it.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "core/dialplan/pattern.hpp"
#include "core/dialplan/realtime_switch.hpp"

namespace asterism::dialplan {

/// A name as it is compared: without dashes and blanks, which stand in numbers only to be read.
[[nodiscard]] std::string plain_name(std::string_view name);

/// `switch => Loopback/[exten][@context][:priority][/pattern[/...]]`: another place of this plan.
struct Loopback {
    Template exten{"${EXTEN}"}, context{"${CONTEXT}"}, priority{"${PRIORITY}"};
    bool limited = false;  ///< only extensions that match one of `only`
    PatternTree only;

    static Loopback parse(std::string_view data, std::string& error);
    /// Where `query` leads; nothing if that is where it came from, or is no priority.
    [[nodiscard]] std::optional<Found::Elsewhere> map(const Plan::Query& query, int priority) const;
    /// Whether it is for `exten`; `start`: or for what begins with it.
    [[nodiscard]] bool accepts(std::string_view exten, bool start) const;
};
[[nodiscard]] bool is_loopback(const Switch& alternative);
/// The question for a database about the extension that is looked for.
[[nodiscard]] RealtimeQuestion question_of(const RealtimeSwitch& outside, const Plan::Query& query);

struct Context::Tables {
    /// Those for certain callers first.
    std::unordered_map<std::string, std::vector<const Extension*>, TextHash, std::equal_to<>> names;
    std::vector<std::pair<std::string_view, const Extension*>> in_order;  ///< by plain name
    PatternTree patterns;
    std::unordered_map<const Extension*, Pattern> callers;  ///< extensions whose caller is a pattern
    std::vector<Pattern> ignore;
    std::vector<std::variant<Loopback, RealtimeSwitch>> switches;  ///< in the order of the file
};

struct Plan::Index {
    std::unordered_map<std::string_view, Context*> contexts;
};

}  // namespace asterism::dialplan
