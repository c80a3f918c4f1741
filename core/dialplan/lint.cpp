// What is wrong in a plan though it loads.
#include "asterism/dialplan/lint.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <tuple>

#include "asterism/config/options.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/runtime/whole.hpp"
#include "core/dialplan/lint_jumps.hpp"
#include "core/dialplan/pattern.hpp"

namespace asterism::dialplan {
namespace {

using config::equal_nocase;

constexpr std::size_t max_findings = 1000;

/// A jump's target taken apart.
struct Target {
    std::string_view context, exten, priority;  // empty: the present one
};
std::optional<Target> parse_target(const Jump& jump) {
    const auto parts = split_outside(jump.target, jump.separator);
    if (parts.empty() || parts.size() > 3) return std::nullopt;
    const auto part = [&](std::size_t from_end) {
        return from_end < parts.size() ? config::trim(parts[parts.size() - 1 - from_end]) : std::string_view();
    };
    return Target{.context = part(2), .exten = part(1), .priority = part(0)};
}

class Lint {
  public:
    Lint(const Plan& plan, const Applications& applications, const Functions& functions, config::Report& report,
         const LintKnowledge& knowledge)
        : plan_(plan), applications_(applications), functions_(functions), report_(report), knowledge_(knowledge) {
        for (const auto* application : applications.all()) application_names_.emplace_back(application->name);
        for (const auto* function : functions.all()) function_names_.emplace_back(function->name);
        for (const auto& context : plan.contexts()) context_names_.emplace_back(context->name());
    }

    void run() {
        note_jumps();
        for (const auto& context : plan_.contexts()) {
            check_includes(*context);
            for (const Extension* extension : context->extensions()) {
                for (const auto& priority : extension->priorities) check(*context, *extension, priority);
                check_reach(*context, *extension);
            }
        }
        // In the order of the file, however they were found.
        std::vector<std::size_t> order(findings_.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::sort(order, {}, [this](std::size_t i) {
            return std::tuple(findings_[i].first.name(), findings_[i].first.line, i);
        });
        for (const std::size_t i : order) report_.error(findings_[i].first, std::move(findings_[i].second));
    }

  private:
    void found(const config::Origin& origin, std::string what) {
        if (findings_.size() < max_findings) findings_.emplace_back(origin, std::move(what));
    }
    static std::string hint(std::string_view name, const std::vector<std::string_view>& known) {
        const std::string_view near = config::nearest(name, known);
        return near.empty() ? "" : ", did you mean " + std::string(near) + "?";
    }
    [[nodiscard]] bool known_context(std::string_view name) const {
        return plan_.context(name) || knowledge_.contexts.contains(name) || knowledge_.contexts_elsewhere;
    }

    // ---- includes ----
    void check_includes(const Context& context) {
        for (const auto& include : context.includes()) {
            const Context* next = plan_.context(include.context);
            if (!next && !known_context(include.context)) {
                found(include.origin, "'" + context.name() + "' includes '" + include.context +
                                          "', which does not exist" + hint(include.context, context_names_));
            }
            if (next && leads_to(*next, context))
                found(include.origin,
                      "'" + context.name() + "' includes '" + include.context + "', which includes it again");
        }
    }
    /// Whether the includes of `from` (or itself) lead to `to`.
    [[nodiscard]] bool leads_to(const Context& from, const Context& to) const {
        return &from == &to || std::ranges::find(below(from), &to) != below(from).end();
    }
    /// A context and all that it includes.
    const std::vector<const Context*>& below(const Context& context) const {
        auto& known = below_[&context];
        if (!known.empty()) return known;
        std::vector<const Context*> out{&context};
        for (std::size_t i = 0; i < out.size(); ++i) {
            for (const auto& include : out[i]->includes()) {
                const Context* next = plan_.context(include.context);
                if (next && std::ranges::find(out, next) == out.end()) out.push_back(next);
            }
        }
        return known = std::move(out);
    }
    /// Where a call may be that runs an extension of this context: the context, all that include it, and what those
    /// include.
    const std::vector<const Context*>& around(const Context& context) const {
        auto& known = around_[&context];
        if (!known.empty()) return known;
        std::vector<const Context*> out;
        for (const auto& other : plan_.contexts()) {
            if (!leads_to(*other, context)) continue;
            for (const Context* one : below(*other)) {
                if (std::ranges::find(out, one) == out.end()) out.push_back(one);
            }
        }
        return known = std::move(out);
    }

    // ---- one priority ----
    void check(const Context& context, const Extension& extension, const Priority& priority) {
        std::vector<std::string> used;
        priority.data.function_names(used);
        for (const Invocation& run : invocations(priority)) {
            if (!applications_.find(run.application)) {
                found(priority.origin,
                      "no application " + std::string(run.application) + hint(run.application, application_names_));
            }
            for (const auto name : written_functions(run)) used.emplace_back(name);
            for (const Jump& jump : jumps(run)) check_jump(context, extension, priority, run, jump);
            for (const auto& named : named_contexts(run)) {
                if (!dynamic(named.context)) check_named(priority, run, named);
            }
            if (!knowledge_.has_prompt) continue;
            for (const auto& prompt : prompts(run)) {
                if (!knowledge_.has_prompt(prompt) && !recorded_.contains(prompt))
                    found(priority.origin, "no prompt " + prompt + " in any language");
            }
        }
        std::ranges::sort(used);
        used.erase(std::ranges::unique(used).begin(), used.end());
        for (const auto& name : used) {
            if (!functions_.find(name)) found(priority.origin, "no function " + name + hint(name, function_names_));
        }
    }

    void check_named(const Priority& priority, const Invocation& run, const NamedContext& named) {
        const Context* context = plan_.context(named.context);
        if (!context) {
            if (!known_context(named.context))
                found(priority.origin, std::string(run.application) + " names context '" + std::string(named.context) +
                                           "', which does not exist" + hint(named.context, context_names_));
        } else if (!named.exten.empty() && !dynamic(named.exten) && !may_have(below(*context), named.exten, "1")) {
            found(priority.origin, std::string(run.application) + ": context '" + std::string(named.context) +
                                       "' has no extension " + std::string(named.exten));
        }
    }

    void check_jump(const Context& here, const Extension& extension, const Priority& priority, const Invocation& run,
                    const Jump& jump) {
        const auto target = parse_target(jump);
        if (!target) return;
        const std::string what =
            std::string(run.application) + (jump.option.empty() ? "" : "'s " + std::string(jump.option) + "()");
        const std::vector<const Context*>* where = &around(here);
        if (dynamic(target->context)) return;
        if (!target->context.empty()) {
            const Context* context = plan_.context(target->context);
            if (!context) {
                if (!known_context(target->context))
                    found(priority.origin, what + " to context '" + std::string(target->context) +
                                               "', which does not exist" + hint(target->context, context_names_));
                return;
            }
            where = &below(*context);
        }
        if (dynamic(target->exten) || dynamic(target->priority) || target->priority.empty()) return;
        if (target->priority.front() == '+' || target->priority.front() == '-' || target->priority.front() == 'n') {
            if (parse_whole<int>(target->priority.substr(1)) || target->priority == "n") return;
        }
        if (target->exten.empty()) {
            // Other patterns may be meant as well: only what is nowhere around is surely wrong.
            if (may_have(*where, {}, target->priority)) return;
            return found(priority.origin, what + " to '" + std::string(target->priority) + "', which '" +
                                              extension.name + "' does not have");
        }
        if (!may_have(*where, target->exten, target->priority))
            found(priority.origin, what + " to '" + std::string(config::trim(jump.target)) + "', which does not exist");
    }

    /// Whether one of the contexts may have a priority or label in this extension (empty: in any of them).
    [[nodiscard]] bool may_have(const std::vector<const Context*>& contexts, std::string_view exten,
                                std::string_view place) const {
        const auto number = parse_whole<int>(place);
        for (const Context* context : contexts) {
            if (!context->switches().empty()) return true;
            for (const auto& include : context->includes()) {
                if (!plan_.context(include.context) && known_context(include.context)) return true;  // made elsewhere
            }
            for (const Extension* extension : context->extensions()) {
                if (number ? extension->find(*number) == nullptr : extension->find_label(place) == nullptr) continue;
                if (exten.empty() || matches(*extension, exten)) return true;
            }
        }
        return false;
    }
    [[nodiscard]] bool matches(const Extension& extension, std::string_view exten) const {
        if (extension.name == exten) return true;
        if (!extension.pattern()) return plain(extension.name) == plain(exten);
        auto& pattern = patterns_[&extension];
        std::string ignored;
        if (!pattern) pattern = Pattern::parse(extension.name, ignored);
        return pattern->matches(plain(exten));
    }
    static std::string plain(std::string_view name) {
        std::string out(name);
        std::erase_if(out, [](char c) { return c == '-' || c == ' '; });
        return out;
    }

    // ---- what no call can reach ----
    /// Numbers that are jumped to, by context, and whether a jump may go to any number.
    void note_jumps() {
        for (const auto& context : plan_.contexts()) {
            for (const Extension* extension : context->extensions()) {
                for (const auto& priority : extension->priorities) {
                    for (const Invocation& run : invocations(priority)) {
                        if (equal_nocase(run.application, "Record")) {
                            std::string_view name = run.data.substr(0, run.data.find(','));
                            recorded_.emplace(config::trim(name.substr(0, name.find_last_of(".:"))));
                        }
                        for (const Jump& jump : jumps(run)) note_jump(*context, priority, jump);
                    }
                }
            }
        }
    }
    void note_jump(const Context& here, const Priority& priority, const Jump& jump) {
        const auto target = parse_target(jump);
        if (!target) {
            if (dynamic(jump.target)) any_number_ = true;
            return;
        }
        const std::string_view place = target->priority;
        if (dynamic(place)) {
            any_number_ = true;  // a whole target in a variable, or a computed number
        } else if (const auto number = parse_whole<int>(place)) {
            numbers_.insert(*number);
            if (!jump.option.empty()) numbers_.insert(*number + 1);  // Dial's G: the one called goes there
        } else if (place.size() > 1 && (place[0] == '+' || place[0] == '-' || place[0] == 'n')) {
            if (const auto by = parse_whole<int>(place.substr(place[1] == '+' || place[1] == '-' ? 2 : 1)))
                numbers_.insert(priority.number + (place[0] == '-' || place[1] == '-' ? -*by : *by));
        } else if (!jump.option.empty()) {
            for (const Context* context : around(here)) note_after_label(*context, place);
            if (const Context* context = plan_.context(target->context)) note_after_label(*context, place);
        }
    }
    void note_after_label(const Context& context, std::string_view label) {
        for (const Extension* extension : context.extensions()) {
            if (const Priority* at = extension->find_label(label)) numbers_.insert(at->number + 1);
        }
    }

    /// After these no call goes on at the next priority.
    static bool never_goes_on(const Priority& priority) {
        static constexpr std::array<std::string_view, 5> names{"Hangup", "Return", "Busy", "Congestion", "Goto"};
        if (std::ranges::any_of(names, [&](auto name) { return equal_nocase(name, priority.application); }))
            return true;
        if (!equal_nocase(priority.application, "GotoIf") && !equal_nocase(priority.application, "GotoIfTime"))
            return false;
        return jumps({priority.application, priority.data.text()}).size() == 2;
    }
    /// Loops and blocks jump to these, or past them.
    static bool of_a_block(const Priority& priority) {
        static constexpr std::array<std::string_view, 5> names{"EndWhile", "Else", "ElseIf", "EndIf", "ExitIf"};
        return std::ranges::any_of(names, [&](auto name) { return equal_nocase(name, priority.application); });
    }
    /// Another extension that the same call may be in has the priority before this one.
    [[nodiscard]] bool another_leads_here(const Extension& extension, int number) const {
        for (const auto& context : plan_.contexts()) {
            if (!context->switches().empty()) return true;
            for (const Extension* other : context->extensions()) {
                if (other == &extension || !other->find(number - 1)) continue;
                if (other->pattern() || extension.pattern() || other->name == extension.name) return true;
            }
        }
        return false;
    }
    void check_reach(const Context& context, const Extension& extension) {
        if (any_number_) return;
        bool dead = false, told = false;  // the one before is, and has been told of
        for (std::size_t i = 0; i < extension.priorities.size(); ++i) {
            const Priority& priority = extension.priorities[i];
            const Priority* before = i > 0 ? &extension.priorities[i - 1] : nullptr;
            const bool follows = before && before->number == priority.number - 1;
            const bool jumped_to = !priority.label.empty() || numbers_.contains(priority.number) ||
                                   of_a_block(priority) || (before && of_a_block(*before));
            const bool reached = follows ? !dead && !never_goes_on(*before)
                                         : priority.number == 1 || another_leads_here(extension, priority.number);
            const bool now_dead = !reached && !jumped_to;
            if (!now_dead || !follows) told = false;
            // A Hangup after a Goto or a Busy is there for safety.
            if (now_dead && !told && !equal_nocase(priority.application, "Hangup")) {
                told = true;
                std::string why = follows ? "after " + before->application
                                          : "there is no priority " + std::to_string(priority.number - 1);
                found(priority.origin, "priority " + std::to_string(priority.number) + " of '" + extension.name +
                                           "' in '" + context.name() + "' is never reached: " + why);
            }
            dead = now_dead;
        }
    }

    const Plan& plan_;
    const Applications& applications_;
    const Functions& functions_;
    config::Report& report_;
    const LintKnowledge& knowledge_;
    std::vector<std::string_view> application_names_, function_names_, context_names_;
    mutable std::map<const Context*, std::vector<const Context*>> below_, around_;
    mutable std::map<const Extension*, std::optional<Pattern>> patterns_;
    std::set<int> numbers_;
    std::set<std::string, std::less<>> recorded_;
    bool any_number_ = false;
    std::vector<std::pair<config::Origin, std::string>> findings_;
};

}  // namespace

void lint(const Plan& plan, const Applications& applications, const Functions& functions, config::Report& report,
          const LintKnowledge& knowledge) {
    Lint(plan, applications, functions, report, knowledge).run();
}

}  // namespace asterism::dialplan
