// The dialplan's patterns for others than extensions: rules of say.conf.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace asterism::dialplan {

struct Pattern;

/// "_[n]um:1XX": what an extension of this name would match; a name without _ matches itself.
class Matcher {
  public:
    /// Empty `error`: it is one.
    static Matcher parse(std::string_view name, std::string& error);
    [[nodiscard]] bool matches(std::string_view text) const;

  private:
    std::string name_;
    std::shared_ptr<const Pattern> pattern_;  ///< null: a plain name
};

}  // namespace asterism::dialplan
