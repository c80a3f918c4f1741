#include "asterism/features/pickup.hpp"

#include "asterism/events/events.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"

namespace asterism::features {

namespace {

/// On a called channel.
struct Called : ChannelExtra {
    ChannelId picked_up_by;
};

}  // namespace

void allow_pick_up(Channel& target) { (void)target.extra<Called>(); }

bool can_pick_up(Channel& target) {
    if (target.ended() || target.hangup_requested() || target.up() || target.bridge()) return false;
    const auto* called = target.find_extra<Called>();
    return called != nullptr && !called->picked_up_by &&
           (target.state() == ChannelState::ringing || target.state() == ChannelState::ring);
}

Task<void> pick_up(Channel& picker, Channel& target) {
    Pbx& pbx = picker.pbx();
    Mailbox<ChannelSignal> box(*pbx.loop);
    const Observation watch(picker, box, false);
    answer(picker);
    // Who is called sees who calls.
    picker.set_connected(target.connected(), true);
    if (pbx.bus->wanted(EventKind::generic)) {
        GenericEvent event;
        event.name = "Pickup";
        event.event_class = "call";
        event.channels = {{"", picker.snapshot()}, {"Target", target.snapshot()}};
        pbx.bus->publish(std::move(event));
    }
    target.extra<Called>().picked_up_by = picker.id();
    target.signal({.channel = target.id(), .kind = ChannelSignal::Kind::answered});
    while (!picker.ended() && !picker.hangup_requested() && !picker.interrupted()) (void)co_await box.next();
}

Channel* picked_up_by(Channel& target) {
    const auto* called = target.find_extra<Called>();
    return called != nullptr ? target.pbx().channels->find(called->picked_up_by) : nullptr;
}

}  // namespace asterism::features
