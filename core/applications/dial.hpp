// Dial(): see dial.cpp.
#pragma once

#include "asterism/dialplan/application.hpp"

namespace asterism::applications {

void add_dial(dialplan::Applications& applications);

}  // namespace asterism::applications
