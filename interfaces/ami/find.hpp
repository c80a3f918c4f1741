// What several families of actions need to find what they act on.
#pragma once

#include <string_view>

namespace asterism {
struct Pbx;
class Channel;
}  // namespace asterism

namespace asterism::ami {

/// By name or uniqueid; null for an empty name.
[[nodiscard]] Channel* find_channel(Pbx& pbx, std::string_view name);

}  // namespace asterism::ami
