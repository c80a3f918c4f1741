// Which dialplan functions a client may use: the dangerous ones only with live_dangerously.
#pragma once

#include <string_view>

namespace asterism {
struct Pbx;
}

namespace asterism::ari {

/// `name`: a variable's name, or FUNCTION(args).
[[nodiscard]] bool may_read(const Pbx& pbx, std::string_view name);
[[nodiscard]] bool may_write(const Pbx& pbx, std::string_view name);

}  // namespace asterism::ari
