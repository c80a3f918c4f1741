// The ASTERISM_ macros are set by CMake, for this file only.
#include "src/build_info.hpp"

#include <sys/utsname.h>

namespace asterism {

std::string_view version() { return ASTERISM_VERSION; }

BuildInfo build_info() {
    utsname machine{};
    uname(&machine);
    return {.os = machine.sysname,
            .kernel = machine.release,
            .machine = machine.machine,
            .date = ASTERISM_BUILD_DATE,
            .user = ASTERISM_BUILD_USER,
            .host = ASTERISM_BUILD_HOST,
            .options = "OPTIONAL_API"};
}

}  // namespace asterism
