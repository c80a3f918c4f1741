// Searching a plan.
#include <algorithm>

#include "asterism/dialplan/realtime_extensions.hpp"
#include "core/dialplan/plan_tables.hpp"

namespace asterism::dialplan {

namespace {
constexpr std::size_t max_includes = 128;
constexpr int max_switches = 10;  // that lead from one to the next
}  // namespace

const Priority* Extension::find(int priority) const {
    // Priorities nearly always count up from 1.
    const auto guess = static_cast<std::size_t>(priority - 1);
    if (priority > 0 && guess < priorities.size() && priorities[guess].number == priority) return &priorities[guess];
    auto at = std::lower_bound(priorities.begin(), priorities.end(), priority,
                               [](const Priority& p, int n) { return p.number < n; });
    return at != priorities.end() && at->number == priority ? &*at : nullptr;
}

const Priority* Extension::find_label(std::string_view label) const {
    for (const auto& priority : priorities) {
        if (priority.label == label && !label.empty()) return &priority;
    }
    return nullptr;
}

std::string plain_name(std::string_view name) {
    std::string out;
    out.reserve(name.size());
    for (const char c : name) {
        if (c != '-' && c != ' ' && c != '\t') out += c;
    }
    return out;
}

Context::Context(std::string name) : name_(std::move(name)) {}
Context::~Context() = default;
Plan::Plan() : index_(std::make_unique<Index>()) {}
Plan::~Plan() = default;

const Context* Plan::context(std::string_view name) const {
    auto at = index_->contexts.find(name);
    return at == index_->contexts.end() ? nullptr : at->second;
}

/// One search through a context, its switches and what it includes.
struct Search {
    const Plan& plan;
    const Plan::Query& query;
    int priority;            // that is looked for; a switch may change it
    int depth = 0;           // of switches that led here
    std::string unfluffed;   // only if the name has something to leave out
    std::string_view exten;  // as it is compared
    std::vector<const Context*> visited{};
    std::size_t passed_over = 0;  // better candidates that were refused
    bool unknown = false;         // a database would have to be asked
    bool stopped = false;         // and will be, before another search
    Found found{};

    Search(const Plan& p, const Plan::Query& q, int number) : plan(p), query(q), priority(number), exten(q.exten) {
        if (exten.find_first_of("- \t") != std::string_view::npos) {
            unfluffed = plain_name(exten);
            exten = unfluffed;
        }
    }

    [[nodiscard]] bool caller_matches(const Context& context, const Extension& extension) const {
        if (!extension.caller) return true;
        const std::string& wanted = *extension.caller;
        if (!wanted.starts_with('_')) return wanted == query.caller;
        auto pattern = context.tables_->callers.find(&extension);
        return pattern != context.tables_->callers.end() && pattern->second.matches(query.caller);
    }

    /// False: it has been here already.
    bool enter(const Context& context) {
        if (visited.size() >= max_includes || std::find(visited.begin(), visited.end(), &context) != visited.end())
            return false;
        visited.push_back(&context);
        return true;
    }

    /// Tries every extension that matches, best first; `pick(extension, priority, found)` says whether it is the one
    /// and sets the priority it was after.
    template <class F>
    bool run(const Context& context, F& pick) {
        if (!enter(context)) return false;
        const auto consider = [&](const Extension* extension) {
            // Not choosable again without a search if another caller would get another extension.
            const Priority* at = nullptr;
            if (!caller_matches(context, *extension) || !pick(*extension, priority, at)) {
                ++passed_over;
                return false;
            }
            found = {.context = &context, .extension = extension, .priority = at};
            found.first_choice = passed_over == 0 && !extension->caller;
            return true;
        };
        const auto& tables = *context.tables_;
        if (auto named = tables.names.find(exten); named != tables.names.end()) {
            for (const Extension* extension : named->second) {
                if (consider(extension)) return true;
            }
        }
        if (tables.patterns.match(exten, consider)) return true;
        const auto there = [&](Search& inner, const Context& next, const Found::Elsewhere& place) {
            if (!inner.run(next, pick)) return take_doubts(inner);
            found = std::move(inner.found);
            found.first_choice = false;
            if (!found.elsewhere) found.elsewhere = std::make_shared<const Found::Elsewhere>(place);
            return true;
        };
        const auto outside = [&](const RealtimeSwitch& place, const Plan::Query& here) {
            return run_outside(context, place, here, pick);
        };
        if (through_switches(context, false, there, outside)) return true;
        return through_includes(context, [&](const Context& next) { return run(next, pick); });
    }

    /// What another search did not know. Never true.
    bool take_doubts(const Search& inner) {
        unknown |= inner.unknown;
        stopped |= inner.stopped;
        return false;
    }

    /// Null: it has to be asked first.
    std::shared_ptr<const RealtimeAnswer> answer_to(const RealtimeQuestion& question) {
        auto answer = plan.outside()->known(question);
        if (answer) return answer;
        if (query.need != nullptr) {
            *query.need = question;
            stopped = true;
        } else {
            unknown = true;
        }
        return nullptr;
    }

    template <class F>
    bool run_outside(const Context& context, const RealtimeSwitch& place, const Plan::Query& here, F& pick) {
        RealtimeQuestion question = question_of(place, here);
        const auto take = [&](const std::shared_ptr<const RealtimeAnswer>& answer, const Extension* extension) {
            const Priority* at = nullptr;
            if (!pick(*extension, priority, at)) return false;
            found = {.context = &context, .extension = extension, .priority = at, .keeps = answer};
            return true;
        };
        question.exten = exten;
        const auto named = answer_to(question);
        if (!named) return false;
        for (const auto& extension : named->extensions) {
            if (take(named, extension.get())) return true;
        }
        if (!place.patterns) return false;
        question.kind = RealtimeQuestion::Kind::patterns;
        question.exten.clear();
        const auto patterns = answer_to(question);
        if (!patterns) return false;
        return patterns->patterns.match(exten, [&](const Extension* extension) { return take(patterns, extension); });
    }

    bool start_outside(const RealtimeSwitch& place, const Plan::Query& here, bool more) {
        RealtimeQuestion question = question_of(place, here);
        const auto usable = [this](const Extension* extension) { return extension->find(priority) != nullptr; };
        question.kind = RealtimeQuestion::Kind::beginning;
        question.exten = exten;
        const auto named = answer_to(question);
        if (!named) return false;
        for (const auto& extension : named->extensions) {
            const std::string_view name = extension->name;
            if (!name.starts_with('_') && (!more || name.size() > exten.size()) && usable(extension.get())) return true;
        }
        if (!place.patterns) return false;
        question.kind = RealtimeQuestion::Kind::patterns;
        question.exten.clear();
        const auto patterns = answer_to(question);
        return patterns && patterns->patterns.match_start(exten, more, usable);
    }

    template <class F, class G>
    bool through_switches(const Context& context, bool start_only, F&& search, G&& outside) {
        if (depth >= max_switches) return false;
        Plan::Query here = query;
        here.context = context.name();
        for (const auto& alternative : context.tables_->switches) {
            if (const auto* place = std::get_if<RealtimeSwitch>(&alternative)) {
                if (plan.outside() != nullptr && outside(*place, here)) return true;
                if (stopped) return false;
                continue;
            }
            const auto& loopback = std::get<Loopback>(alternative);
            if (!loopback.accepts(exten, start_only)) continue;
            const auto place = loopback.map(here, priority);
            const Context* next = place ? plan.context(place->context) : nullptr;
            if (!next) continue;
            Plan::Query there = query;
            there.context = place->context;
            there.exten = place->exten;
            Search inner(plan, there, place->priority);
            inner.depth = depth + 1;
            if (search(inner, *next, *place)) return true;
            if (stopped) return false;
        }
        return false;
    }

    template <class F>
    bool through_includes(const Context& context, F&& search) {
        for (const auto& include : context.includes()) {
            if (stopped) return false;
            if (include.timing && !include.timing->includes(query.now)) continue;
            const Context* next = plan.context(include.context);
            if (next && search(*next)) return true;
        }
        return false;
    }

    bool start(const Context& context, bool more) {
        if (!enter(context)) return false;
        const auto usable = [&](const Extension* e) {
            return caller_matches(context, *e) && e->find(priority) != nullptr;
        };
        const auto& tables = *context.tables_;
        auto at = std::lower_bound(tables.in_order.begin(), tables.in_order.end(), exten,
                                   [](const auto& entry, std::string_view name) { return entry.first < name; });
        for (; at != tables.in_order.end() && at->first.starts_with(exten); ++at) {
            if ((!more || at->first.size() > exten.size()) && usable(at->second)) return true;
        }
        if (tables.patterns.match_start(exten, more, usable)) return true;
        const auto there = [&](Search& inner, const Context& next, const auto&) {
            return inner.start(next, more) || take_doubts(inner);
        };
        const auto outside = [&](const RealtimeSwitch& place, const Plan::Query& here) {
            return start_outside(place, here, more);
        };
        if (through_switches(context, true, there, outside)) return true;
        return through_includes(context, [&](const Context& next) { return start(next, more); });
    }
};

namespace {

template <class F>
Found search(const Plan& plan, const Plan::Query& query, int priority, F&& pick) {
    const Context* context = plan.context(query.context);
    if (!context) return {};
    Search search(plan, query, priority);
    return search.run(*context, pick) ? std::move(search.found) : Found{};
}

}  // namespace

Found Plan::find(const Query& query, int priority) const {
    return search(*this, query, priority,
                  [](const Extension& e, int number, const Priority*& p) { return (p = e.find(number)) != nullptr; });
}

bool Plan::exists(const Query& query, int number) const {
    const Context* in = context(query.context);
    if (!in) return false;
    Search search(*this, query, number);
    const auto has = [](const Extension& e, int wanted, const Priority*& p) { return (p = e.find(wanted)) != nullptr; };
    return search.run(*in, has) || search.unknown;
}

Found Plan::find_label(const Query& query, std::string_view label) const {
    return search(*this, query, 1,
                  [&](const Extension& e, int, const Priority*& p) { return (p = e.find_label(label)) != nullptr; });
}

Found Plan::find_hint(const Query& query) const {
    return search(*this, query, 1, [](const Extension& e, int, const Priority*&) { return !e.hint.empty(); });
}

bool Plan::can_match(const Query& query) const {
    const Context* in = context(query.context);
    return in && Search(*this, query, 1).start(*in, false);
}

bool Plan::more_match(const Query& query) const {
    const Context* in = context(query.context);
    return in && Search(*this, query, 1).start(*in, true);
}

bool Plan::ignore_pattern(std::string_view context_name, std::string_view exten) const {
    const Context* in = context(context_name);
    if (!in) return false;
    for (std::size_t i = 0; i < in->ignore_.size(); ++i) {
        if (in->ignore_[i].starts_with('_') ? in->tables_->ignore[i].matches(exten) : in->ignore_[i] == exten)
            return true;
    }
    return false;
}

}  // namespace asterism::dialplan
