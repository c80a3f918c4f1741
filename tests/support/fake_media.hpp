// The engine of tests: asterism::media::FakeEngine.
#pragma once

#include "asterism/media/fake_engine.hpp"
