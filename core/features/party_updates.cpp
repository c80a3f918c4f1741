#include "asterism/features/party_updates.hpp"

#include <algorithm>

#include "asterism/dialplan/gosub.hpp"
#include "asterism/model/party_hooks.hpp"
#include "asterism/pbx.hpp"

namespace asterism::features {
namespace {

/// Runs the subroutine that `variable` names, if any. False: the channel is gone.
Task<bool> run_subroutine(Channel& channel, std::string_view variable) {
    const std::string* set = channel.variable(variable);
    if (set == nullptr || set->empty()) co_return true;
    std::string target = *set;
    const std::string* arguments = channel.variable(std::string(variable) + "_ARGS");
    if (arguments != nullptr && !arguments->empty()) target += "(" + *arguments + ")";
    Pbx& pbx = channel.pbx();
    const ChannelId id = channel.id();
    (void)co_await dialplan::run_gosub(channel, std::move(target));
    co_return pbx.channels->find(id) != nullptr;
}

}  // namespace

Task<void> tell_connected(Channel& channel, ConnectedParty connected) {
    channel.set_connected(std::move(connected));
    if (!co_await run_subroutine(channel, connected_line_send_sub)) co_return;
    channel.set_connected(channel.connected(), true);
}

Task<void> tell_redirecting(Channel& channel, RedirectingParty redirecting) {
    channel.set_redirecting(std::move(redirecting));
    if (!co_await run_subroutine(channel, redirecting_send_sub)) co_return;
    channel.set_redirecting(channel.redirecting(), true);
}

RedirectingParty sent_on(const RedirectingParty& before, RedirectingParty next) {
    if (before.orig.number.valid) {
        next.orig = before.orig;
        next.orig_reason = before.orig_reason;
    } else if (before.from.number.valid) {
        next.orig = before.from;
        next.orig_reason = before.reason;
    }
    next.count = before.count + std::max(next.count, 1);
    return next;
}

}  // namespace asterism::features
