// Telling a party who is at the other end, or that its call was sent on. Before that the dialplan may have a word: the
// channel variables CONNECTED_LINE_SEND_SUB and REDIRECTING_SEND_SUB name a subroutine (with _ARGS its arguments),
// which runs on the channel whose party is told and may change what it is told.
#pragma once

#include "asterism/model/channel.hpp"
#include "asterism/runtime/task.hpp"

namespace asterism::features {

/// Sets what the channel knows and tells its party. Only for the channel's controller; the channel may be gone
/// afterwards, as a subroutine may wait.
Task<void> tell_connected(Channel& channel, ConnectedParty connected);
Task<void> tell_redirecting(Channel& channel, RedirectingParty redirecting);

/// Why a 302 or CallForward sends a call on, if it gives no reason: call forwarding unconditional.
inline constexpr int unconditional_forward = 15;
/// A call that had been sent on as `before` says is sent on once more, as `next` says: who did so first stays, and each
/// time counts.
[[nodiscard]] RedirectingParty sent_on(const RedirectingParty& before, RedirectingParty next);

}  // namespace asterism::features
