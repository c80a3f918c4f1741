// The time by which a channel's timed branches go.
#pragma once

#include "asterism/runtime/time.hpp"

namespace asterism {
struct Pbx;
class Channel;
}  // namespace asterism

namespace asterism::dialplan {

/// For GotoIfTime, ExecIfTime and IFTIME: now, unless TESTTIME() has set the channel's variable TESTTIME.
[[nodiscard]] WallTime time_for(const Pbx& pbx, const Channel* channel);

}  // namespace asterism::dialplan
