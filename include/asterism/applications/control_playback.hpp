// How ControlPlayback and AGI's CONTROL STREAM FILE say how they ended.
#pragma once

#include "asterism/model/operations.hpp"

namespace asterism::applications {

/// Sets CPLAYBACKSTATUS, CPLAYBACKOFFSET (milliseconds; -1: to the end) and CPLAYBACKSTOPKEY; gives the offset.
long tell_control_playback(Channel& channel, const OpResult& end);

}  // namespace asterism::applications
