#include "asterism/dialplan/builder.hpp"

#include <algorithm>

#include "asterism/config/options.hpp"
#include "core/dialplan/plan_tables.hpp"

namespace asterism::dialplan {
namespace {

std::string key_of(std::string_view exten, const std::optional<std::string>& caller) {
    std::string key(exten);
    if (caller) key.append("/").append(*caller);
    return key;
}

bool listed_before(const Extension* a, const Extension* b) {
    if (a->pattern() != b->pattern()) return b->pattern();
    if (a->name != b->name) {
        if (!a->pattern()) return a->name < b->name;
        std::string error;
        const Pattern first = Pattern::parse(a->name, error), second = Pattern::parse(b->name, error);
        if (more_specific(first, second)) return true;
        if (more_specific(second, first)) return false;
        return a->name < b->name;
    }
    if (a->caller.has_value() != b->caller.has_value()) return a->caller.has_value();
    return a->caller < b->caller;
}

}  // namespace

struct PlanBuilder::Names {
    std::unordered_map<std::string, Context*, TextHash, std::equal_to<>> contexts;
    std::unordered_map<Context*, std::unordered_map<std::string, Extension*, TextHash, std::equal_to<>>> extensions;
};

PlanBuilder::PlanBuilder() : plan_(std::make_shared<Plan>()), names_(std::make_unique<Names>()) {}
PlanBuilder::~PlanBuilder() = default;

PlanBuilder::PlanBuilder(const Plan& plan) : PlanBuilder() {
    plan_->general_ = plan.general_;
    plan_->globals_ = plan.globals_;
    for (const auto& old : plan.contexts_) {
        Context& made = context_for(old->name_, old->registrar_);
        made.includes_ = old->includes_;
        made.ignore_ = old->ignore_;
        made.switches_ = old->switches_;
        made.auto_hints_ = old->auto_hints_;
        auto& names = names_->extensions[&made];
        for (const auto& extension : old->owned_) {
            made.owned_.push_back(std::make_unique<Extension>(*extension));
            names.emplace(key_of(extension->name, extension->caller), made.owned_.back().get());
        }
    }
}

Context* PlanBuilder::find(std::string_view name) {
    auto at = names_->contexts.find(name);
    return at == names_->contexts.end() ? nullptr : at->second;
}

Context& PlanBuilder::context_for(const std::string& name, std::string_view registrar) {
    if (Context* known = find(name)) return *known;
    plan_->contexts_.push_back(std::make_unique<Context>(name));
    Context& made = *plan_->contexts_.back();
    made.registrar_ = registrar;
    names_->contexts.emplace(name, &made);
    return made;
}

void PlanBuilder::add_context(const std::string& context, std::string registrar) { context_for(context, registrar); }

Extension* PlanBuilder::extension_for(Context& context, const std::string& exten,
                                      const std::optional<std::string>& caller, std::string& error) {
    auto& names = names_->extensions[&context];
    auto [at, added] = names.try_emplace(key_of(exten, caller), nullptr);
    if (!added) return at->second;
    if (exten.starts_with('_')) (void)Pattern::parse(exten, error);
    if (error.empty() && caller && caller->starts_with('_')) (void)Pattern::parse(*caller, error);
    if (error.empty() && exten.empty()) error = "an extension without a name";
    if (!error.empty()) {
        names.erase(at);
        return nullptr;
    }
    context.owned_.push_back(std::make_unique<Extension>());
    at->second = context.owned_.back().get();
    at->second->name = exten;
    at->second->caller = caller;
    return at->second;
}

bool PlanBuilder::add(NewPriority wanted, std::string& error) {
    Context& context = context_for(wanted.context, wanted.registrar);
    Extension* extension = extension_for(context, wanted.exten, wanted.caller, error);
    if (!extension) return false;
    auto& list = extension->priorities;
    auto at = std::lower_bound(list.begin(), list.end(), wanted.number,
                               [](const Priority& p, int n) { return p.number < n; });
    Priority made{.number = wanted.number,
                  .label = std::move(wanted.label),
                  .application = std::move(wanted.application),
                  .data = Template(wanted.data),
                  .origin = std::move(wanted.origin),
                  .registrar = std::move(wanted.registrar)};
    if (at == list.end() || at->number != made.number) {
        list.insert(at, std::move(made));
    } else if (wanted.replace) {
        *at = std::move(made);
    } else {
        error = "priority " + std::to_string(made.number) + " of '" + extension->name + "' in '" + context.name() +
                "' is there already, from " + (at->origin.line > 0 ? at->origin.text() : at->registrar);
        return false;
    }
    return true;
}

bool PlanBuilder::add_hint(const std::string& context, const std::string& exten, std::string hint,
                           config::Origin origin, std::string& error, std::string registrar) {
    Extension* extension = extension_for(context_for(context, registrar), exten, std::nullopt, error);
    if (!extension) return false;
    extension->hint = std::move(hint);
    extension->hint_origin = std::move(origin);
    extension->hint_registrar = std::move(registrar);
    return true;
}

std::size_t PlanBuilder::remove(std::string_view context_name, std::string_view exten, int priority,
                                std::optional<std::string_view> caller) {
    Context* context = find(context_name);
    if (!context) return 0;
    std::size_t gone = 0;
    auto& names = names_->extensions[context];
    std::erase_if(context->owned_, [&](const std::unique_ptr<Extension>& e) {
        if (e->name != exten || (caller && e->caller != caller)) return false;
        const auto before = e->priorities.size();
        if (priority == 0)
            e->priorities.clear();
        else
            std::erase_if(e->priorities, [&](const Priority& p) { return p.number == priority; });
        gone += before - e->priorities.size();
        if (priority <= 0 && !e->hint.empty()) {
            e->hint.clear();
            ++gone;
        }
        if (!e->priorities.empty() || !e->hint.empty()) return false;
        names.erase(key_of(e->name, e->caller));
        return true;
    });
    return gone;
}

bool PlanBuilder::add_include(const std::string& context_name, const std::string& text, config::Origin origin,
                              std::string registrar, std::string& error) {
    const std::size_t comma = text.find(',');
    Include include{.context = std::string(config::trim(std::string_view(text).substr(0, comma))),
                    .text = text,
                    .timing = std::nullopt,
                    .origin = std::move(origin),
                    .registrar = std::move(registrar)};
    if (comma != std::string::npos) {
        auto timing = Timing::parse(std::string_view(text).substr(comma + 1));
        if (!timing) {
            error = "include => " + text + ": " + timing.error();
            return false;
        }
        include.timing = std::move(*timing);
    }
    Context& context = context_for(context_name);
    for (const auto& other : context.includes_) {
        if (other.text == text) {
            error = "'" + context_name + "' includes '" + text + "' twice";
            return false;
        }
    }
    context.includes_.push_back(std::move(include));
    return true;
}

bool PlanBuilder::remove_include(std::string_view context, std::string_view text) {
    Context* in = find(context);
    return in && std::erase_if(in->includes_, [&](const Include& i) { return i.text == text; }) > 0;
}

bool PlanBuilder::add_ignore_pattern(const std::string& context, std::string pattern) {
    auto& list = context_for(context).ignore_;
    if (std::find(list.begin(), list.end(), pattern) != list.end()) return false;
    list.push_back(std::move(pattern));
    return true;
}

bool PlanBuilder::remove_ignore_pattern(std::string_view context, std::string_view pattern) {
    Context* in = find(context);
    return in && std::erase(in->ignore_, pattern) > 0;
}

bool PlanBuilder::remove_context(std::string_view name) {
    Context* context = find(name);
    if (!context) return false;
    names_->extensions.erase(context);
    names_->contexts.erase(names_->contexts.find(name));
    std::erase_if(plan_->contexts_, [&](const auto& c) { return c.get() == context; });
    return true;
}

bool PlanBuilder::add_switch(const std::string& context, std::string text, config::Origin origin, std::string& error) {
    Switch made{.text = std::move(text), .origin = std::move(origin), .registrar = "pbx_config"};
    if (is_loopback(made)) (void)Loopback::parse(made.data(), error);
    if (is_realtime(made)) (void)RealtimeSwitch::parse(made.data(), error);
    if (!error.empty()) return false;
    context_for(context).switches_.push_back(std::move(made));
    return true;
}
void PlanBuilder::set_auto_hints(const std::string& context, bool on) { context_for(context).auto_hints_ = on; }
void PlanBuilder::set_general(Plan::General general) { plan_->general_ = std::move(general); }
void PlanBuilder::add_global(config::Variable variable) { plan_->globals_.push_back(std::move(variable)); }

/// Whether what is built already has a hint there.
bool PlanBuilder::has_hint(const Context& context, const Extension& extension) {
    const Context* there = find(context.name_);
    return there && std::ranges::any_of(there->owned_, [&](const auto& e) {
               return e->name == extension.name && !e->caller && !e->hint.empty();
           });
}

void PlanBuilder::keep_from(const Plan& plan, std::string_view registrar) {
    std::string ignored;
    for (const auto& context : plan.contexts_) {
        for (const auto& include : context->includes_) {
            if (include.registrar != registrar)
                add_include(context->name_, include.text, include.origin, include.registrar, ignored);
        }
        for (const auto& extension : context->owned_) {
            if (!extension->hint.empty() && extension->hint_registrar != registrar && !has_hint(*context, *extension))
                add_hint(context->name_, extension->name, extension->hint, extension->hint_origin, ignored,
                         extension->hint_registrar);
            for (const auto& p : extension->priorities) {
                if (p.registrar == registrar) continue;
                ignored.clear();
                add({.context = context->name_,
                     .exten = extension->name,
                     .caller = extension->caller,
                     .number = p.number,
                     .label = p.label,
                     .application = p.application,
                     .data = p.data.text(),
                     .origin = p.origin,
                     .registrar = p.registrar},
                    ignored);
            }
        }
    }
}

std::shared_ptr<const Plan> PlanBuilder::build() {
    std::string ignored;  // patterns were checked when they were added
    for (const auto& context : plan_->contexts_) {
        context->tables_ = std::make_unique<Context::Tables>();
        auto& tables = *context->tables_;
        context->sorted_.clear();
        for (const auto& owned : context->owned_) {
            const Extension* extension = owned.get();
            context->sorted_.push_back(extension);
            if (extension->caller && extension->caller->starts_with('_')) {
                tables.callers.emplace(extension, Pattern::parse(*extension->caller, ignored));
            }
            if (extension->pattern())
                tables.patterns.add(Pattern::parse(extension->name, ignored), extension);
            else
                tables.names[plain_name(extension->name)].push_back(extension);
            if (!extension->hint.empty() && !extension->pattern()) {
                Hint hint{.context = context->name_,
                          .exten = extension->name,
                          .text = extension->hint,
                          .devices = {},
                          .presence = {},
                          .origin = extension->hint_origin};
                const std::size_t comma = hint.text.find(',');
                hint.devices = config::parse_list(std::string_view(hint.text).substr(0, comma), '&');
                if (comma != std::string::npos)
                    hint.presence = std::string(config::trim(std::string_view(hint.text).substr(comma + 1)));
                plan_->hints_.push_back(std::move(hint));
            }
        }
        std::sort(context->sorted_.begin(), context->sorted_.end(), listed_before);
        for (auto& [name, extensions] : tables.names) {
            callers_first(extensions);
            for (const Extension* extension : extensions) tables.in_order.emplace_back(name, extension);
        }
        std::sort(tables.in_order.begin(), tables.in_order.end(),
                  [](const auto& a, const auto& b) { return a.first < b.first; });
        tables.patterns.finish();
        for (const auto& alternative : context->switches_) {
            if (is_loopback(alternative)) tables.switches.emplace_back(Loopback::parse(alternative.data(), ignored));
            if (!is_realtime(alternative)) continue;
            tables.switches.emplace_back(RealtimeSwitch::parse(alternative.data(), ignored));
            plan_->looks_outside_ = true;
        }
        for (const auto& pattern : context->ignore_)
            tables.ignore.push_back(pattern.starts_with('_') ? Pattern::parse(pattern, ignored) : Pattern());
        plan_->index_->contexts.emplace(context->name_, context.get());
    }
    return std::move(plan_);
}

}  // namespace asterism::dialplan
