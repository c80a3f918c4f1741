// What evaluate.hpp does, where a function that has to wait (CURL, STAT, FILE) may be asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::dialplan {

// The channel may end meanwhile: the caller is its controller, or looks it up again afterwards.
/// Replaces all ${} and $[]. Without a channel functions that wait fail.
[[nodiscard]] Task<std::string> substitute_later(Pbx& pbx, Channel* channel, std::string text);
/// NAME, NAME:off:len or FUNC(args), without ${}. Nothing: unset, or the function failed.
[[nodiscard]] Task<std::optional<std::string>> get_variable_later(Pbx& pbx, Channel* channel, std::string name);
/// NAME (with its _ or __), or FUNC(args). False: the function failed.
[[nodiscard]] Task<bool> set_variable_later(Pbx& pbx, Channel* channel, std::string name, std::string value);
/// Whether `name` is FUNC(args) of a function that has to wait when it is set: then only set_variable_later can.
[[nodiscard]] bool write_waits(const Pbx& pbx, std::string_view name);
/// The same of reading it: then only get_variable_later can.
[[nodiscard]] bool read_waits(const Pbx& pbx, std::string_view name);

}  // namespace asterism::dialplan
