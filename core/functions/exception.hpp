// What went wrong on a channel: EXCEPTION(), RaiseException, the extension e.
#pragma once

#include "asterism/dialplan/executor.hpp"

namespace asterism::functions {

using dialplan::Exception;

}  // namespace asterism::functions
