// What recordings of the dialplan and of AGI have in common.
#pragma once

#include <string>
#include <string_view>

#include "asterism/dialplan/function.hpp"
#include "asterism/pbx.hpp"

namespace asterism::applications {

/// Absolute path, with extension, of a recording that a user names: relative ones lie among the sounds.
std::string recording_path(const Pbx& pbx, std::string_view name, std::string_view format);
/// RECORDING_INFO(): about the channel's latest Record.
void add_recording_info(dialplan::Functions& all);

}  // namespace asterism::applications
