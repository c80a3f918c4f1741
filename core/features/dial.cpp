#include "asterism/features/dial.hpp"

#include "asterism/dialplan/executor.hpp"
#include "asterism/events/events.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::features {

std::string_view to_string(DialStatus status) {
    switch (status) {
        case DialStatus::none: return "";
        case DialStatus::answer: return "ANSWER";
        case DialStatus::busy: return "BUSY";
        case DialStatus::no_answer: return "NOANSWER";
        case DialStatus::cancel: return "CANCEL";
        case DialStatus::congestion: return "CONGESTION";
        case DialStatus::chan_unavail: return "CHANUNAVAIL";
        case DialStatus::dont_call: return "DONTCALL";
        case DialStatus::torture: return "TORTURE";
        case DialStatus::invalid_args: return "INVALIDARGS";
    }
    return "";
}

std::optional<Destination> parse_destination(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0) return std::nullopt;
    return Destination{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

DialStatus status_of(Cause cause) {
    switch (cause) {
        case Cause::user_busy: return DialStatus::busy;
        case Cause::normal_circuit_congestion: return DialStatus::congestion;
        case Cause::no_route_destination:
        case Cause::subscriber_absent: return DialStatus::chan_unavail;
        default: return DialStatus::no_answer;
    }
}

int originate_reason(DialStatus status) {
    switch (status) {
        case DialStatus::answer: return 4;
        case DialStatus::busy: return 5;
        case DialStatus::congestion: return 8;
        default: return 0;
    }
}

void publish_dial_begin(Channel* caller, Channel& peer, std::string_view dial_string) {
    Pbx& pbx = peer.pbx();
    if (!pbx.bus->wanted(EventKind::dial_begin)) return;
    DialBegin event;
    if (caller != nullptr) event.caller = caller->snapshot();
    event.peer = peer.snapshot();
    event.dial_string = dial_string;
    pbx.bus->publish(std::move(event));
}

void publish_dial_state(Channel* caller, Channel& peer, std::string_view status) {
    Pbx& pbx = peer.pbx();
    if (!pbx.bus->wanted(EventKind::dial_state)) return;
    DialState event;
    if (caller != nullptr) event.caller = caller->snapshot();
    event.peer = peer.snapshot();
    event.status = status;
    pbx.bus->publish(std::move(event));
}

void publish_dial_end(Channel* caller, Channel& peer, std::string_view status, std::string_view forward) {
    Pbx& pbx = peer.pbx();
    if (!pbx.bus->wanted(EventKind::dial_end)) return;
    DialEnd event;
    if (caller != nullptr) event.caller = caller->snapshot();
    event.peer = peer.snapshot();
    event.status = status;
    event.forward = forward;
    pbx.bus->publish(std::move(event));
}

Task<DialStatus> dial_existing(Pbx& pbx, ChannelId channel, ChannelId caller, std::optional<Duration> timeout) {
    Channel* peer = pbx.channels->find(channel);
    if (peer == nullptr) co_return DialStatus::chan_unavail;
    const Channel::Hold hold(*peer);
    Mailbox<ChannelSignal> box(*pbx.loop);
    const Observation observation(*peer, box, false);
    std::string dial_string = peer->name();
    if (const std::string* dialed = peer->variable("DIALEDPEERNUMBER")) dial_string = *dialed;
    const auto caller_channel = [&pbx, caller] { return pbx.channels->find(caller); };
    peer->driver().call();
    publish_dial_begin(caller_channel(), *peer, dial_string);
    const auto deadline = timeout ? pbx.loop->now() + *timeout : TimePoint::max();
    DialStatus status = DialStatus::none;
    while (status == DialStatus::none) {
        if (peer->up()) {
            status = DialStatus::answer;
            break;
        }
        if (peer->hangup_requested()) {
            status = status_of(peer->cause());
            break;
        }
        std::optional<ChannelSignal> signal;
        if (timeout) {
            signal = co_await box.next_before(deadline);
        } else {
            signal = co_await box.next();
        }
        if (!signal) {
            publish_dial_end(caller_channel(), *peer, to_string(DialStatus::no_answer));
            peer->end(Cause::no_answer);
            co_return DialStatus::no_answer;
        }
        switch (signal->kind) {
            case ChannelSignal::Kind::ringing: publish_dial_state(caller_channel(), *peer, "RINGING"); break;
            case ChannelSignal::Kind::progress: publish_dial_state(caller_channel(), *peer, "PROGRESS"); break;
            case ChannelSignal::Kind::proceeding: publish_dial_state(caller_channel(), *peer, "PROCEEDING"); break;
            case ChannelSignal::Kind::busy: status = DialStatus::busy; break;
            case ChannelSignal::Kind::congestion: status = DialStatus::congestion; break;
            case ChannelSignal::Kind::ended: co_return DialStatus::cancel;
            case ChannelSignal::Kind::interrupted: co_return DialStatus::answer;
            default: break;
        }
    }
    publish_dial_end(caller_channel(), *peer, to_string(status));
    if (status != DialStatus::answer) peer->end();
    co_return status;
}

}  // namespace asterism::features
