// Event filters: `eventfilter` lines of manager.conf and the Filter action.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/runtime/regex.hpp"

namespace asterism::ami {

/// Why a filter was refused.
enum class FilterError { syntax, expression };

/// One filter. Old form: a POSIX extended regular expression over the whole event, with `!` before it to exclude. New
/// form: criteria `action(include|exclude),name(EVENT),header(HEADER),method(regex|exact|starts_with|ends_with|
/// contains|none)` beside the expression.
class Filter {
  public:
    static std::expected<Filter, FilterError> parse(std::string_view criteria, std::string_view expression);
    [[nodiscard]] bool excludes() const { return exclude_; }
    /// `event` is the whole block as it goes to sessions, `name` what stands behind `Event: `.
    [[nodiscard]] bool matches(std::string_view name, std::string_view event) const;

  private:
    enum class Method { regex, exact, starts_with, ends_with, contains, none };
    [[nodiscard]] bool fits(std::string_view text) const;
    bool set_criteria(std::string_view criteria, bool& method_given);

    bool exclude_ = false;
    std::string name_;
    std::string header_;
    Method method_ = Method::regex;
    std::string text_;
    std::optional<Regex> regex_;
};

/// An event passes when no including filter is there or one of them matches, and no excluding one does.
[[nodiscard]] bool passes(const std::vector<std::shared_ptr<const Filter>>& filters, std::string_view name,
                          std::string_view event);

}  // namespace asterism::ami
