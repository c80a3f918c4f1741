#include "asterism/features/bridging.hpp"

#include "asterism/dialplan/executor.hpp"
#include "asterism/features/party_updates.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::features {

namespace {

void set_peer(Channel* channel, std::string_view peer) {
    if (channel != nullptr && !channel->ended()) channel->set_variable("BRIDGEPEER", peer);
}

/// Warnings before a time limit, heard by whoever is to hear them.
Task<void> warn(Channel& channel, std::string file) { co_await play(channel, {std::move(file)}); }

/// Test suites follow how a time limit ends a call: Asterisk has two ways, without prompts and with.
void tell_test(const Pbx& pbx, const BridgeLimits& limits, const std::string& caller, const std::string& callee) {
    if (!pbx.bus->wanted(EventKind::test)) return;
    const bool prompts = limits.warn_at > Duration::zero() || !limits.connect_file.empty() || !limits.end_file.empty();
    TestEvent event;
    event.state = prompts ? "BRIDGE_TIMELIMIT" : "HANGUP_TIME";
    event.headers = {{"Channel1", caller}, {"Channel2", callee}};
    pbx.bus->publish(std::move(event));
}

/// When the next warning or the end of the call is due.
class Limit {
  public:
    Limit(const std::optional<BridgeLimits>& limits, TimePoint now) : limits_(limits) {
        if (!limits_ || limits_->max <= Duration::zero()) return;
        end_ = now + limits_->max;
        if (limits_->warn_at > Duration::zero() && limits_->warn_at < limits_->max) warn_ = *end_ - limits_->warn_at;
    }
    [[nodiscard]] std::optional<TimePoint> next() const { return warn_ ? warn_ : end_; }
    [[nodiscard]] bool over(TimePoint now) const { return end_ && now >= *end_; }
    /// Whether a warning is due; moves on to the next one.
    bool take_warning(TimePoint now) {
        if (!warn_ || now < *warn_) return false;
        if (limits_->warn_every > Duration::zero() && *warn_ + limits_->warn_every < *end_) {
            *warn_ += limits_->warn_every;
        } else {
            warn_.reset();
        }
        return true;
    }

  private:
    const std::optional<BridgeLimits>& limits_;
    std::optional<TimePoint> end_, warn_;
};

}  // namespace

Task<CallEnd> bridge_call(Channel& caller, ChannelId callee_id, Channel::Hold callee_hold, CallOptions options) {
    Pbx& pbx = caller.pbx();
    Channel* callee = pbx.channels->find(callee_id);
    if (callee == nullptr) co_return CallEnd::callee_hung_up;
    Mailbox<ChannelSignal> box(*pbx.loop);
    const Observation watch_caller(caller, box);
    Observation watch_callee(*callee, box);

    Bridge& made = pbx.bridges->create({.type = "basic", .dissolves = true});
    const BridgeId bridge_id = made.id();
    callee->set_location({callee->location().context, "", 1});
    callee->set_application("AppDial", "(Outgoing Line)");
    made.add(*callee);
    made.add(caller);
    set_peer(callee, caller.name());
    set_peer(&caller, callee->name());

    const auto tell = [&](const std::string& file) {
        if (file.empty()) return;
        if (options.limits->caller_hears) caller.tasks().spawn(warn(caller, file));
        Channel* other = pbx.channels->find(callee_id);
        if (other != nullptr && options.limits->callee_hears) other->tasks().spawn(warn(*other, file));
    };
    if (options.limits) tell(options.limits->connect_file);
    Limit limit(options.limits, pbx.loop->now());
    CallEnd how = CallEnd::destroyed;
    for (;;) {
        callee = pbx.channels->find(callee_id);
        if (caller.hangup_requested()) {
            how = CallEnd::caller_hung_up;
            break;
        }
        if (caller.interrupted()) {
            how = CallEnd::caller_taken;
            break;
        }
        if (caller.bridge() != bridge_id) {
            how = callee_id ? CallEnd::destroyed : CallEnd::callee_hung_up;
            break;
        }
        if (callee_id && (callee == nullptr || callee->bridge() != bridge_id)) {
            // The bridge is still there, so another channel took its place; that one has a controller of its own.
            watch_callee.end();
            callee_id = {};
            callee_hold.release();
            continue;
        }
        if (callee != nullptr && callee->hangup_requested()) {
            how = CallEnd::callee_hung_up;
            break;
        }
        if (callee != nullptr && callee->interrupted()) {
            how = CallEnd::callee_taken;
            break;
        }
        std::optional<ChannelSignal> signal;
        if (const auto next = limit.next()) {
            signal = co_await box.next_before(*next);
        } else {
            signal = co_await box.next();
        }
        if (!signal) {
            const TimePoint now = pbx.loop->now();
            if (limit.over(now)) {
                const Channel* other = pbx.channels->find(callee_id);
                tell_test(pbx, *options.limits, caller.name(), other != nullptr ? other->name() : "");
                how = CallEnd::limit;
                break;
            }
            if (limit.take_warning(now)) {
                tell(options.limits->warn_file);
            }
            continue;
        }
        if (signal->kind == ChannelSignal::Kind::connected_line && signal->text == "peer") {
            Channel* told = pbx.channels->find(signal->channel);
            if (told != nullptr) co_await tell_connected(*told, told->connected());
            continue;
        }
        if (signal->kind != ChannelSignal::Kind::digit || signal->digit != '*') continue;
        if (signal->channel == caller.id() ? options.caller.hang_up : options.callee.hang_up) {
            how = signal->channel == caller.id() ? CallEnd::caller_hung_up : CallEnd::callee_hung_up;
            break;
        }
    }

    callee = pbx.channels->find(callee_id);
    set_peer(callee, "");
    set_peer(&caller, "");
    Bridge* bridge = pbx.bridges->find(bridge_id);
    if (how == CallEnd::destroyed && callee != nullptr && bridge != nullptr && callee->bridge() == bridge_id) {
        // Another channel took the caller's place: the callee goes on with that one.
        callee->tasks().spawn(stay_in_bridge(*callee, bridge_id));
        co_return how;
    }
    // One that is in another bridge now has been taken.
    if (callee != nullptr && callee->bridge() && callee->bridge() != bridge_id) callee = nullptr;
    if (bridge != nullptr) {
        // Who goes first is shown leaving first.
        Channel* first = how == CallEnd::caller_hung_up || how == CallEnd::caller_taken ? &caller : callee;
        if (first != nullptr && first->bridge() == bridge_id) bridge->remove(*first, false);
        bridge->destroy();
    }
    // Whoever is left alone in a bridge leaves it with the other's cause, or that of a normal end.
    if ((how == CallEnd::callee_hung_up || how == CallEnd::limit) && caller.cause() == Cause::not_defined) {
        const Cause cause = callee != nullptr ? callee->cause() : Cause::not_defined;
        caller.set_cause(cause == Cause::not_defined ? Cause::normal_clearing : cause);
    }
    if (callee != nullptr && !callee->interrupted()) {
        const bool caller_gone = how == CallEnd::caller_hung_up || how == CallEnd::caller_taken;
        if (options.callee_goes_to && caller_gone && !callee->hangup_requested()) {
            callee->redirect(*options.callee_goes_to);
        } else if (options.callee_runs_h && !callee->ended()) {
            callee->set_location({caller.location().context, "h", 1});
            callee->request_hangup(Cause::normal_clearing);
            dialplan::start(*callee);  // a call that is over: what is left of its dialplan is h
        } else {
            const Cause cause = caller.hangup_requested() ? caller.cause() : Cause::normal_clearing;
            callee->end(cause == Cause::not_defined ? Cause::normal_clearing : cause);
        }
    }
    co_return how;
}

Task<void> stay_in_bridge(Channel& channel, BridgeId bridge_id) {
    Pbx& pbx = channel.pbx();
    const Channel::Hold hold(channel);
    Mailbox<ChannelSignal> box(*pbx.loop);
    const Observation watch(channel, box);
    while (channel.bridge() == bridge_id && !channel.hangup_requested() && !channel.interrupted() && !channel.ended()) {
        const ChannelSignal signal = co_await box.next();
        if (signal.kind == ChannelSignal::Kind::connected_line && signal.text == "peer") {
            co_await tell_connected(channel, channel.connected());
        }
    }
    if (Bridge* bridge = pbx.bridges->find(bridge_id); bridge != nullptr && channel.bridge() == bridge_id) {
        bridge->remove(channel, false);
    }
}

namespace {

/// The promise of one of two channels to come. When it is broken (the channel ended before), the bridge ends, so that
/// the other does not wait in it for ever.
struct Coming {
    Pbx& pbx;
    BridgeId bridge;
    bool came = false;
    Coming(Pbx& p, BridgeId b) : pbx(p), bridge(b) {}
    Coming(const Coming&) = delete;
    Coming& operator=(const Coming&) = delete;
    ~Coming() {
        if (came) return;
        if (Bridge* still = pbx.bridges->find(bridge)) still->destroy();
    }
};

}  // namespace

void bridge_channels(Channel& one, Channel& two, std::string_view tone) {
    Pbx& pbx = one.pbx();
    Bridge& bridge = pbx.bridges->create({.type = "basic", .dissolves = true});
    const BridgeId id = bridge.id();
    const auto join = [&pbx, id](bool beep) {
        return [&pbx, id, beep, coming = std::make_shared<Coming>(pbx, id)](Channel& channel) -> Task<void> {
            Bridge* still = pbx.bridges->find(id);
            if (still == nullptr) co_return;
            answer(channel);
            if (beep) co_await play(channel, {"beep"});
            still = pbx.bridges->find(id);
            if (still == nullptr) co_return;
            coming->came = true;
            still->add(channel);
            if (Channel* peer = still->peer_of(channel)) {
                set_peer(peer, channel.name());
                set_peer(&channel, peer->name());
            }
            co_await stay_in_bridge(channel, id);
        };
    };
    one.take_over(join(tone == "both" || tone == "channel1" || tone == "Channel1"));
    two.take_over(join(tone == "both" || tone == "channel2" || tone == "Channel2" || tone == "yes"));
}

}  // namespace asterism::features
