#include "asterism/model/driver.hpp"

#include <strings.h>

namespace asterism {

Technology* Technologies::find(std::string_view name) const {
    for (Technology* technology : all_) {
        const std::string_view other = technology->name();
        if (other.size() == name.size() && strncasecmp(other.data(), name.data(), name.size()) == 0) return technology;
    }
    return nullptr;
}

}  // namespace asterism
