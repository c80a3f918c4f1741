// Texts of the mappings in cdr_custom.conf and its like: ${CDR(field)}, and every other function without a channel.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "asterism/dialplan/evaluate.hpp"

namespace asterism::records {

class RecordScope final : public dialplan::Scope {
  public:
    using Function = std::function<std::optional<std::string>(std::string_view name, std::string_view args)>;
    using Variable = std::function<std::optional<std::string>(std::string_view name)>;
    /// What `function` or `variable` do not know is looked up as outside any call.
    RecordScope(Pbx& pbx, Variable variable, Function function);
    bool append_variable(std::string_view name, std::string& out) override;
    bool append_function(std::string_view name, std::string_view args, std::string& out) override;

  private:
    Pbx& pbx_;
    Variable variable_;
    Function function_;
};

}  // namespace asterism::records
