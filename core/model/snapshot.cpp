#include "asterism/model/snapshot.hpp"

#include <array>

namespace asterism {

std::string_view to_string(ChannelState state) {
    static constexpr std::array<std::string_view, 11> names{
        "Down", "Rsrvd", "OffHook",         "Dialing",  "Ring",   "Ringing",
        "Up",   "Busy",  "Dialing Offhook", "Pre-ring", "Unknown"};
    const auto index = static_cast<std::size_t>(state);
    return index < names.size() ? names[index] : names.back();
}

}  // namespace asterism
