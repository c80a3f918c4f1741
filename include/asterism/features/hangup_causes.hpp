// Why the channels that a channel called have ended: HANGUPCAUSE(). Dial adds them to its caller.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "asterism/model/channel.hpp"

namespace asterism::features {

struct HangupCauses : ChannelExtra {
    struct One {
        std::string channel;
        std::string technology;  ///< "SIP 486 Busy Here"
        Cause cause = Cause::not_defined;
    };
    std::vector<One> all;  ///< in the order in which they ended first

    void set(std::string_view channel, std::string_view technology, Cause cause) {
        for (auto& one : all) {
            if (one.channel != channel) continue;
            one.technology = technology;
            one.cause = cause;
            return;
        }
        all.push_back({std::string(channel), std::string(technology), cause});
    }
    [[nodiscard]] const One* find(std::string_view channel) const {
        for (const auto& one : all)
            if (one.channel == channel) return &one;
        return nullptr;
    }
};

}  // namespace asterism::features
