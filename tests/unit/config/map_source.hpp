// Files in memory: asterism::config::MapSource.
#pragma once

#include "asterism/config/map_source.hpp"
