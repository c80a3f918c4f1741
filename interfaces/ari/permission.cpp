#include "permission.hpp"

#include "asterism/config/settings.hpp"
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/dialplan/function.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::ari {

namespace {

bool may(const Pbx& pbx, std::string_view name, bool dialplan::Function::* dangerous) {
    if (pbx.settings != nullptr && pbx.settings->live_dangerously) return true;
    const auto parsed = dialplan::parse_function_name(name);
    if (!parsed || pbx.functions == nullptr) return true;
    const auto* function = pbx.functions->find(parsed->name);
    if (function == nullptr || !(function->*dangerous)) return true;
    log::error("Execution of '{}' from outside is not allowed: live_dangerously is off", parsed->name);
    return false;
}

}  // namespace

bool may_read(const Pbx& pbx, std::string_view name) { return may(pbx, name, &dialplan::Function::dangerous_read); }
bool may_write(const Pbx& pbx, std::string_view name) { return may(pbx, name, &dialplan::Function::dangerous_write); }

}  // namespace asterism::ari
