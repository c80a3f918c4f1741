// What still has to happen on a channel before it ends, whoever ends it: the dialplan's hangup handlers.
#pragma once

#include <functional>

#include "asterism/model/channel.hpp"

namespace asterism {

/// Channel::end() calls `run` once, when the channel has left its bridge; `run` ends the channel when it is done,
/// perhaps later. Not called on a channel in its afterlife: its dialplan does the same itself.
struct EndHook : ChannelExtra {
    std::function<void(Channel&)> run;
};

}  // namespace asterism
