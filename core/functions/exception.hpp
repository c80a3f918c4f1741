// What went wrong on a channel: EXCEPTION(), RaiseException, the extension e.
#pragma once

#include "asterism/model/channel.hpp"

namespace asterism::functions {

struct Exception : ChannelExtra {
    std::string reason, context, exten;
    int priority = 0;
};

}  // namespace asterism::functions
