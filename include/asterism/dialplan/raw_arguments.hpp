// Arguments that are handed on as they were written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace asterism::dialplan {

/// As split_arguments, but quotes and backslashes stay in the parts: what Gosub and CURL take.
[[nodiscard]] std::vector<std::string> split_raw(std::string_view text, char separator = ',',
                                                 std::size_t max = static_cast<std::size_t>(-1));

}  // namespace asterism::dialplan
