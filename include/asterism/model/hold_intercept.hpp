// HOLD_INTERCEPT: a party that holds the call is only told of.
#pragma once

#include "asterism/model/channel.hpp"

namespace asterism {

/// On a channel whose holds are published and go no further: nobody hears music for them.
struct HoldIntercept : ChannelExtra {};

}  // namespace asterism
