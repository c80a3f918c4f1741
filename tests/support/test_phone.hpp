// Parties that do what the test tells them, under the names that tests know.
#pragma once

#include "asterism/world/scripted_phone.hpp"

namespace asterism {
using TestPhone = ScriptedPhone;
using TestTechnology = ScriptedTechnology;
}  // namespace asterism
