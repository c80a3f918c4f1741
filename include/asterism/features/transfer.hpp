// Transfers: who talks with whom after a party has sent its call elsewhere. The technology says what is asked for (a
// REFER), this decides what becomes of the channels and bridges, and publishes what happened.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "asterism/model/channel.hpp"

namespace asterism::features {

/// Set on a channel by a controller that another channel can take over from (a Stasis application): `to` gives what
/// the channel has, its place in the bridge too, to the other one.
struct Handover final : ChannelExtra {
    std::function<void(Channel& by)> to;
};

enum class TransferResult : std::uint8_t {
    success,
    invalid,        ///< there is no such extension, or the channels cannot be joined
    not_in_bridge,  ///< nobody is there to be transferred
    failed
};
[[nodiscard]] std::string_view to_string(TransferResult result);  ///< "Success", "Invalid", "Fail"

/// Sends whom `transferer` talks with to an extension. The bridge of an application keeps its members: a Local channel
/// to the extension takes the transferer's place there. `prepare` is called on the channel that runs the dialplan
/// before it does (variables). The transferer is left for its technology to end.
TransferResult blind_transfer(Channel& transferer, const std::string& context, const std::string& exten,
                              const std::function<void(Channel&)>& prepare);

/// Joins what two channels of one party are connected with: bridges, or a bridge and an application. The second channel
/// ends; the first is left for its technology to end.
TransferResult attended_transfer(Channel& first, Channel& second);

}  // namespace asterism::features
