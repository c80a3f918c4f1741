// StasisBroadcast(): a channel is offered to several applications at once, and the first that claims it gets it.
#pragma once

#include <string>
#include <vector>

#include "asterism/model/channel.hpp"

namespace asterism::ari {

class Service;
struct Reply;
class Call;

/// Kept on a channel from its offer until its end, so that a late claim is told that it is late. `box` is null when
/// nothing is on offer any more.
struct BroadcastOffer final : ChannelExtra {
    Mailbox<ChannelSignal>* box = nullptr;
    std::string winner;             ///< the application that claimed it; empty: none has
    std::vector<std::string> apps;  ///< those it was offered to
};

/// Adds and removes the dialplan application StasisBroadcast.
void register_broadcast(Service& service);
void unregister_broadcast(Service& service);

/// POST /events/claim
void claim_channel(Call& call, Reply& reply);

}  // namespace asterism::ari
