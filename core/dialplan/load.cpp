#include "asterism/dialplan/builder.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/model/variables.hpp"
#include "asterism/pbx.hpp"

namespace asterism::dialplan {
namespace {

constexpr std::string_view from_file = "pbx_config";

/// Whether another part (parking, AMI) has put something into the plan.
bool has_guests(const Plan& plan) {
    for (const auto& context : plan.contexts()) {
        for (const auto& include : context->includes()) {
            if (include.registrar != from_file) return true;
        }
        for (const Extension* extension : context->extensions()) {
            if (!extension->hint.empty() && extension->hint_registrar != from_file) return true;
            for (const auto& priority : extension->priorities) {
                if (priority.registrar != from_file) return true;
            }
        }
    }
    return false;
}

}  // namespace

bool load(Pbx& pbx, const config::File& file, config::Report& report) {
    config::Report own;
    std::shared_ptr<const Plan> plan = Plan::from(file, own);
    report.append(own);
    if (!plan) return false;
    const std::shared_ptr<const Plan> before = pbx.dialplan->plan();
    if (has_guests(*before)) {
        PlanBuilder builder(*plan);
        builder.keep_from(*before, from_file);
        plan = builder.build();
    }
    if (pbx.globals) {
        if (plan->general().clear_globals) pbx.globals->clear();
        for (const auto& variable : plan->globals())
            set_global(pbx, variable.name, substitute(pbx, nullptr, variable.value));
    }
    pbx.dialplan->set(std::move(plan));
    return true;
}

}  // namespace asterism::dialplan
