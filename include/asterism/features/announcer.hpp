// The channel that Asterisk keeps in a conference to play announcements from. Programs count it among the bridge's.
#pragma once

#include <string_view>

#include "asterism/model/bridge.hpp"

namespace asterism::features {

/// Makes "CBAnn/<conference>-xxxxxxxx;2" and puts it into the bridge. It says nothing by itself (what is to be
/// announced is played to the bridge's mixer); whoever made it ends it.
Channel& add_announcer(Bridge& bridge, Pbx& pbx, std::string_view conference);

}  // namespace asterism::features
