#include "core/records/record_scope.hpp"

#include "asterism/dialplan/function.hpp"
#include "asterism/model/variables.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::records {

RecordScope::RecordScope(Pbx& pbx, Variable variable, Function function)
    : pbx_(pbx), variable_(std::move(variable)), function_(std::move(function)) {}

bool RecordScope::append_variable(std::string_view name, std::string& out) {
    if (auto value = variable_(name)) {
        out += *value;
        return true;
    }
    const std::string* global = pbx_.globals != nullptr ? pbx_.globals->find(name) : nullptr;
    if (global == nullptr) return false;
    out += *global;
    return true;
}

bool RecordScope::append_function(std::string_view name, std::string_view args, std::string& out) {
    if (auto value = function_(name, args)) {
        out += *value;
        return true;
    }
    const dialplan::Function* function = pbx_.functions != nullptr ? pbx_.functions->find(name) : nullptr;
    if (function == nullptr || !function->read) {
        log::warning("Function {} gives nothing in a record", name);
        return false;
    }
    dialplan::FunctionCall call{pbx_, nullptr, name, args};
    const auto value = function->read(call);
    if (!value) return false;
    out += *value;
    return true;
}

}  // namespace asterism::records
