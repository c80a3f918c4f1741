// The value of a Variable header: "A=1,B=2".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asterism::ami {

/// In order, a name as often as it stands there. A comma inside quotes or parentheses does not separate; quotes around
/// a whole value are taken off; what has no `=` is left out.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> variable_list(std::string_view list);

}  // namespace asterism::ami
