#include "regcontext.hpp"

#include <utility>

#include "asterism/dialplan/builder.hpp"
#include "asterism/dialplan/dialplan.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::pjsip {

void RegistrationContext::use(const std::string& context) {
    if (context == context_) return;
    context_ = context;
    change_later();
}

void RegistrationContext::set(const std::string& endpoint, bool reachable) {
    const bool news = reachable ? wanted_.insert(endpoint).second : wanted_.erase(endpoint) > 0;
    if (news && !context_.empty()) change_later();
}

void RegistrationContext::change_later() {
    if (std::exchange(waiting_, true)) return;
    pbx_.loop->defer([this, alive = alive_] {
        if (!*alive) return;
        waiting_ = false;
        change();
    });
}

void RegistrationContext::change() {
    if (!pbx_.dialplan) return;
    dialplan::PlanBuilder plan(*pbx_.dialplan->plan());
    bool changed = false;
    for (auto one = made_.begin(); one != made_.end();) {
        if (made_in_ == context_ && wanted_.contains(*one)) {
            ++one;
            continue;
        }
        changed = plan.remove(made_in_, *one, 1) > 0 || changed;
        one = made_.erase(one);
    }
    made_in_ = context_;
    if (!context_.empty()) {
        for (const auto& endpoint : wanted_) {
            if (made_.contains(endpoint)) continue;
            std::string error;
            const bool added = plan.add(
                {.context = context_, .exten = endpoint, .application = "NoOp", .data = endpoint, .registrar = "PJSIP"},
                error);
            if (added)
                made_.insert(endpoint);
            else
                log::debug(1, "pjsip.conf: regcontext: {}", error);
            changed = changed || added;
        }
    }
    if (changed) pbx_.dialplan->set(plan.build());
}

}  // namespace asterism::pjsip
