// A whole PBX in virtual time, without sockets: a World with Local channels and test phones. Applications and functions
// are what the test adds.
#pragma once

#include <string>
#include <vector>

#include "asterism/channels/local.hpp"
#include "asterism/config/file.hpp"
#include "asterism/dialplan/executor.hpp"
#include "asterism/world/world.hpp"
#include "support/fake_media.hpp"
#include "support/test_loop.hpp"
#include "support/test_phone.hpp"
#include "unit/config/map_source.hpp"

namespace asterism {

class TestPbx : public World {
  public:
    TestPbx() : World({.dirs = {"/usr/share/asterisk/sounds/en_US_f_Allison"}, .cwd = "."}) {
        settings.data_dir = "/usr/share/asterisk";
        technologies.add(phones);
        local = &own(local::make_technology(pbx));
    }

    Technology* local = nullptr;
};

}  // namespace asterism
