// The control loop in virtual time, under the name that tests know.
#pragma once

#include "asterism/runtime/virtual_loop.hpp"

namespace asterism {
using TestClock = VirtualClock;
using TestLoop = VirtualLoop;
}  // namespace asterism
