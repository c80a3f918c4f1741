#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "asterism/model/channel.hpp"

namespace asterism::ari {

/// Kept on a channel for as long as it lives.
struct ReportedVariables final : ChannelExtra {
    std::vector<std::string> names;
    void add(std::string_view name);
};

}  // namespace asterism::ari
