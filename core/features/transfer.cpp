#include "asterism/features/transfer.hpp"

#include "asterism/dialplan/dialplan.hpp"
#include "asterism/events/events.hpp"
#include "asterism/features/bridging.hpp"
#include "asterism/features/party_updates.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::features {

std::string_view to_string(TransferResult result) {
    switch (result) {
        case TransferResult::success: return "Success";
        case TransferResult::invalid: return "Invalid";
        case TransferResult::not_in_bridge: return "Not Permitted";
        case TransferResult::failed: break;
    }
    return "Fail";
}

namespace {

Bridge* bridge_of(const Channel& channel) { return channel.pbx().bridges->find(channel.bridge()); }

/// Whether its members belong to an application, which must hear of whoever comes instead of one of them.
bool of_application(Channel& channel, const Bridge* bridge) {
    const auto* handover = channel.find_extra<Handover>();
    return bridge != nullptr && bridge->type() == "stasis" && handover != nullptr && handover->to != nullptr;
}

bool can_hand_over(Channel& channel) {
    const auto* handover = channel.find_extra<Handover>();
    return handover != nullptr && handover->to != nullptr;
}

/// A Local channel: the first half; the second through `other`. Null: not possible.
Channel* make_local(Channel& requestor, const std::string& data, Channel** other) {
    Pbx& pbx = requestor.pbx();
    Technology* local = pbx.technologies != nullptr ? pbx.technologies->find("Local") : nullptr;
    if (local == nullptr) return nullptr;
    ChannelRequest request;
    request.data = data;
    request.requestor = requestor.id();
    request.account_code = requestor.account_code();
    request.language = requestor.language();
    const auto made = local->request(request);
    if (!made) return nullptr;
    std::string name = (*made)->name();
    name.back() = '2';
    *other = pbx.channels->find(std::string_view(name));
    return *other != nullptr ? *made : nullptr;
}

void end_transferer(Channel& channel) {
    if (!channel.ended() && !channel.hangup_requested()) hang_up(channel, Cause::normal_clearing, {});
}

/// Puts `by` where `leg` is in its bridge. A bridge of an application gets it by way of the application.
void take_place(Channel& leg, Channel& by) {
    if (can_hand_over(leg)) {
        const auto to = leg.find_extra<Handover>()->to;
        to(by);
        return;
    }
    Bridge* bridge = bridge_of(leg);
    if (bridge == nullptr) {
        // In an application of the dialplan: it starts anew there, on the channel that comes.
        by.redirect(leg.location());
        return;
    }
    const BridgeId id = bridge->id();
    bridge->add(by, BridgeRole::participant, &leg);
    by.tasks().spawn(stay_in_bridge(by, id));
}

/// Tells the party of `channel` whom the transfer has connected it with.
void introduce(Channel& channel, const Channel& other) {
    ConnectedParty connected = channel.connected();
    connected.id = other.caller().id;
    connected.source = 3;
    channel.tasks().spawn(tell_connected(channel, std::move(connected)));
}

TransferResult join_two_calls(Channel& first, Channel& second, Bridge& one, Bridge& two, Channel* transferee,
                              Channel* target) {
    Pbx& pbx = first.pbx();
    if (transferee == nullptr || target == nullptr || target == transferee) return TransferResult::failed;
    AttendedTransfer event;
    event.first = first.snapshot();
    event.second = second.snapshot();
    event.transferee = transferee->snapshot();
    event.target = target->snapshot();
    event.first_bridge = one.snapshot();
    event.second_bridge = two.snapshot();
    event.result = "Success";
    event.destination_type = "Bridge";
    pbx.bus->publish(std::move(event));
    bridge_channels(*transferee, *target);
    introduce(*transferee, *target);
    introduce(*target, *transferee);
    return TransferResult::success;
}

}  // namespace

TransferResult blind_transfer(Channel& transferer, const std::string& context, const std::string& exten,
                              const std::function<void(Channel&)>& prepare) {
    Pbx& pbx = transferer.pbx();
    Bridge* bridge = bridge_of(transferer);
    if (bridge == nullptr) return TransferResult::not_in_bridge;
    Channel* peer = bridge->peer_of(transferer);
    const bool through_local = of_application(transferer, bridge) || bridge->members().size() > 2;
    if (peer == nullptr && !through_local) return TransferResult::not_in_bridge;
    BlindTransfer event;
    event.transferer = transferer.snapshot();
    if (peer != nullptr) event.transferee = peer->snapshot();
    event.bridge = bridge->snapshot();
    event.context = context;
    event.exten = exten;
    const std::string caller = peer != nullptr ? peer->caller().id.number.text : std::string();
    const bool exists = pbx.dialplan == nullptr ||
                        pbx.dialplan->plan()->exists(
                            {.context = context, .exten = exten, .caller = caller, .now = pbx.loop->clock().wall()});
    if (!exists) {
        event.result = to_string(TransferResult::invalid);
        pbx.bus->publish(std::move(event));
        return TransferResult::invalid;
    }
    if (!through_local) {
        prepare(*peer);
        event.transferee = peer->snapshot();
        event.result = to_string(TransferResult::success);
        pbx.bus->publish(std::move(event));
        peer->redirect({context, exten, 1});
        return TransferResult::success;
    }
    Channel* two = nullptr;
    Channel* one = make_local(transferer, exten + "@" + context + "/n", &two);
    if (one == nullptr) {
        event.result = to_string(TransferResult::failed);
        pbx.bus->publish(std::move(event));
        return TransferResult::failed;
    }
    prepare(*two);
    event.replace = one->snapshot();
    event.result = to_string(TransferResult::success);
    pbx.bus->publish(std::move(event));
    const ChannelId id = one->id();
    take_place(transferer, *one);
    one = pbx.channels->find(id);
    if (one != nullptr) one->driver().call();
    return TransferResult::success;
}

TransferResult attended_transfer(Channel& first, Channel& second) {
    Pbx& pbx = first.pbx();
    Bridge* one = bridge_of(first);
    Bridge* two = bridge_of(second);
    if (one == nullptr && two == nullptr) return TransferResult::not_in_bridge;
    Channel* transferee = one != nullptr ? one->peer_of(first) : nullptr;
    Channel* target = two != nullptr ? two->peer_of(second) : nullptr;
    if (one != nullptr && two != nullptr && !of_application(first, one) && !of_application(second, two)) {
        return join_two_calls(first, second, *one, *two, transferee, target);
    }
    // The first half goes where a bridge is, the second to the other side.
    Channel& bridged = one != nullptr ? first : second;
    Channel& other = one != nullptr ? second : first;
    Channel* half_two = nullptr;
    Channel* half_one = make_local(first, "_attended@transfer/nu", &half_two);
    if (half_one == nullptr) return TransferResult::failed;
    AttendedTransfer event;
    event.first = first.snapshot();
    event.second = second.snapshot();
    if (transferee != nullptr) event.transferee = transferee->snapshot();
    if (target != nullptr) event.target = target->snapshot();
    if (one != nullptr) event.first_bridge = one->snapshot();
    if (two != nullptr) event.second_bridge = two->snapshot();
    event.result = to_string(TransferResult::success);
    if (one != nullptr && two != nullptr) {
        event.destination_type = "Link";
        event.link_first = half_one->snapshot();
        event.link_second = half_two->snapshot();
    } else {
        event.destination_type = "App";
        event.application = other.application();
        event.replace = half_one->snapshot();
    }
    pbx.bus->publish(std::move(event));
    const ChannelId second_id = second.id();
    const ChannelId half_id = half_two->id();
    take_place(bridged, *half_one);
    if (Channel* half = pbx.channels->find(half_id)) take_place(other, *half);
    if (Channel* leg = pbx.channels->find(second_id)) end_transferer(*leg);
    return TransferResult::success;
}

}  // namespace asterism::features
