// Bridge: into a call with a channel that exists.
#include <algorithm>
#include <memory>

#include "asterism/dialplan/executor.hpp"
#include "asterism/features/bridging.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// The other channel's promise to come into the bridge. When it is broken (it ended before), the bridge ends, so that
/// nobody waits there for ever.
struct Coming {
    Coming(Pbx& p, BridgeId b) : pbx(p), bridge(b) {}
    Coming(const Coming&) = delete;
    Coming& operator=(const Coming&) = delete;
    ~Coming() {
        if (auto* still = came ? nullptr : pbx.bridges->find(bridge)) still->destroy();
    }
    Pbx& pbx;
    BridgeId bridge;
    bool came = false;
};

/// Controls the other channel while it is in the bridge; then its dialplan goes on.
Task<void> attend(Channel& channel, std::shared_ptr<Coming> coming) {
    auto* bridge = channel.pbx().bridges->find(coming->bridge);
    if (!bridge) co_return;
    coming->came = true;
    answer(channel);
    bridge->add(channel);
    if (auto* peer = bridge->peer_of(channel)) {
        peer->set_variable("BRIDGEPEER", channel.name());
        channel.set_variable("BRIDGEPEER", peer->name());
    }
    co_await features::stay_in_bridge(channel, coming->bridge);
}

/// Carets stand for commas within an option.
std::string with_commas(std::string_view text) {
    std::string out(text);
    std::ranges::replace(out, '^', ',');
    return out;
}

Task<AppResult> bridge(Channel& channel, std::string data) {
    const Arguments args(data, ',', 2);
    if (!args.has(0)) {
        log::warning("Bridge requires an argument (channel[,options])");
        co_return AppResult::hang_up();
    }
    auto& pbx = channel.pbx();
    auto* other = pbx.channels->find(args[0]);
    if (other == &channel) {
        log::warning("Unable to bridge channel {} with itself", channel.name());
        channel.set_variable("BRIDGERESULT", "LOOP");
        co_return AppResult::go_on();
    }
    if (!other) {
        log::warning("Bridge failed because channel {} does not exist", args[0]);
        channel.set_variable("BRIDGERESULT", "NONEXISTENT");
        co_return AppResult::go_on();
    }
    const OptionLetters letters(args[1]);
    if (!letters.has('n')) answer(channel);
    const auto other_id = other->id();
    auto& made = pbx.bridges->create({.type = "basic", .dissolves = true});
    const auto bridge_id = made.id();
    made.add(channel);
    other->take_over(
        [coming = std::make_shared<Coming>(pbx, bridge_id)](Channel& taken) { return attend(taken, coming); });
    co_await features::stay_in_bridge(channel, bridge_id);
    if (auto* left = pbx.channels->find(other_id); left && letters.has('F') && channel.hangup_requested()) {
        // Before its own controller sees that the bridge is gone.
        Location next = channel.location();
        ++next.priority;
        if (letters.argument('F').empty())
            left->redirect(std::move(next));
        else if (const auto where = dialplan::parse_location(channel, with_commas(letters.argument('F'))))
            left->redirect(*where);
        else
            log::warning("Bridge: option F: {}", where.error());
    }
    if (auto* still = pbx.channels->find(other_id); still && letters.has('x'))
        hang_up(*still, Cause::normal_clearing, channel.name());
    channel.set_variable("BRIDGERESULT", "SUCCESS");
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

}  // namespace

void add_bridge_application(dialplan::Applications& all) {
    all.add({.name = "Bridge",
             .synopsis = "talk to a channel that exists",
             .syntax = "Bridge(channel[,options])",
             .parameters = {{"channel", "its name or unique id; BRIDGERESULT tells"},
                            {"options",
                             "h H t T w W k K L(x:y:z) S(x) as of Dial; n: does not answer; x: the other "
                             "channel is hung up afterwards"}},
             .run = bridge,
             .module = "pbx_builtins"});
}

}  // namespace asterism::applications
