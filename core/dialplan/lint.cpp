// What looks wrong in a plan though it loads.
#include <algorithm>
#include <charconv>

#include "asterism/config/options.hpp"
#include "asterism/dialplan/application.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/dialplan/function.hpp"

namespace asterism::dialplan {
namespace {

class Lint {
  public:
    Lint(const Plan& plan, const Applications& applications, const Functions& functions, config::Report& report)
        : plan_(plan), applications_(applications), functions_(functions), report_(report) {
        for (const auto* application : applications.all()) application_names_.emplace_back(application->name);
        for (const auto* function : functions.all()) function_names_.emplace_back(function->name);
    }

    void run() {
        for (const auto& context : plan_.contexts()) {
            for (const auto& include : context->includes()) {
                if (!plan_.context(include.context)) {
                    report_.warning(include.origin, "'" + context->name() + "' includes '" + include.context +
                                                        "', which does not exist");
                }
            }
            for (const Extension* extension : context->extensions()) {
                for (const auto& priority : extension->priorities) check(*context, *extension, priority);
            }
        }
    }

  private:
    static std::string hint(std::string_view name, const std::vector<std::string_view>& known) {
        const std::string_view near = config::nearest(name, known);
        return near.empty() ? "" : ", did you mean " + std::string(near) + "?";
    }

    void check(const Context& context, const Extension& extension, const Priority& priority) {
        if (!applications_.find(priority.application)) {
            report_.warning(priority.origin,
                            "no application " + priority.application + hint(priority.application, application_names_));
        }
        std::vector<std::string> used;
        priority.data.function_names(used);
        for (const auto& name : used) {
            if (!functions_.find(name))
                report_.warning(priority.origin, "no function " + name + hint(name, function_names_));
        }
        for (const auto target : targets(priority)) check_target(context, extension, priority, target);
    }

    /// The places that a priority may jump to, as written.
    static std::vector<std::string_view> targets(const Priority& priority) {
        const std::string_view name = priority.application;
        std::string_view data = priority.data.text();
        if (config::equal_nocase(name, "Goto")) return {data};
        if (config::equal_nocase(name, "Gosub")) return {data.substr(0, data.find('('))};
        const bool go = config::equal_nocase(name, "GotoIf") || config::equal_nocase(name, "GotoIfTime");
        if (!go && !config::equal_nocase(name, "GosubIf")) return {};
        std::vector<std::string_view> out;
        std::size_t from = outside(data, '?', 0);
        if (from == std::string_view::npos) return {};
        const std::size_t colon = outside(data, ':', ++from);
        out.push_back(data.substr(from, colon == std::string_view::npos ? colon : colon - from));
        if (colon != std::string_view::npos) out.push_back(data.substr(colon + 1));
        if (!go) {
            for (auto& target : out) target = target.substr(0, target.find('('));
        }
        return out;
    }

    /// The next `c` that is in no bracket.
    static std::size_t outside(std::string_view text, char c, std::size_t from) {
        int depth = 0;
        for (std::size_t i = from; i < text.size(); ++i) {
            if (text[i] == '{' || text[i] == '[' || text[i] == '(') ++depth;
            if (text[i] == '}' || text[i] == ']' || text[i] == ')') --depth;
            if (text[i] == c && depth == 0) return i;
        }
        return std::string_view::npos;
    }

    void check_target(const Context& here, const Extension& extension, const Priority& priority,
                      std::string_view target) {
        target = config::trim(target);
        if (target.empty() || target.find('$') != std::string_view::npos) return;
        const auto parts = config::parse_list(target);
        if (parts.empty() || parts.size() > 3) return;
        const std::string& place = parts.back();
        const Context* context = &here;
        if (parts.size() == 3 && !(context = plan_.context(parts[0]))) {
            return report_.warning(priority.origin,
                                   priority.application + " to context '" + parts[0] + "', which does not exist");
        }
        if (place.starts_with('+') || place.starts_with('-')) return;
        int number = 0;
        const auto [end, error] = std::from_chars(place.data(), place.data() + place.size(), number);
        const bool labelled = error != std::errc();
        if (parts.size() == 1) {
            // Another pattern of the context may be meant as well: only what is nowhere in it is surely wrong.
            const auto& all = here.extensions();
            const bool known = std::ranges::any_of(all, [&](const Extension* e) {
                return labelled ? e->find_label(place) != nullptr : e->find(number) != nullptr;
            });
            if (known || !here.includes().empty()) return;
            return report_.warning(priority.origin, priority.application + " to '" + place + "', which '" +
                                                        extension.name + "' does not have");
        }
        const std::string& exten = parts[parts.size() - 2];
        const Plan::Query query{.context = context->name(), .exten = exten, .caller = {}, .now = {}};
        if (labelled ? static_cast<bool>(plan_.find_label(query, place)) : plan_.exists(query, number)) return;
        // An extension only for some callers, or a timed include, cannot be judged from here.
        if (!context->includes().empty()) return;
        const bool for_some =
            std::ranges::any_of(context->extensions(), [](const Extension* e) { return e->caller.has_value(); });
        if (!for_some)
            report_.warning(priority.origin,
                            priority.application + " to '" + std::string(target) + "', which does not exist");
    }

    const Plan& plan_;
    const Applications& applications_;
    const Functions& functions_;
    config::Report& report_;
    std::vector<std::string_view> application_names_, function_names_;
};

}  // namespace

void lint(const Plan& plan, const Applications& applications, const Functions& functions, config::Report& report) {
    Lint(plan, applications, functions, report).run();
}

}  // namespace asterism::dialplan
