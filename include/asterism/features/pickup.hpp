// Taking a call that rings elsewhere: Pickup and PickupChan.
#pragma once

#include "asterism/model/channel.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::features {

/// Whoever calls a channel and looks at picked_up_by() says so: another may answer in its place.
void allow_pick_up(Channel& target);
/// Whether it rings and another may answer in its place.
[[nodiscard]] bool can_pick_up(Channel& target);
/// Answers `picker` (controlled by the awaiting coroutine) and puts it in the place of `target`, whose call ends as
/// answered elsewhere. Publishes Pickup. Comes back when the picker's call is over, or it is taken elsewhere.
Task<void> pick_up(Channel& picker, Channel& target);
/// Who took the place of a called channel, for Dial; null if nobody did.
[[nodiscard]] Channel* picked_up_by(Channel& target);

}  // namespace asterism::features
