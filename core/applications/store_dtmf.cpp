// StoreDTMF: digits of a call go to a variable, whatever else the channel does.
#include "asterism/dialplan/evaluate.hpp"
#include "asterism/events/events.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/model/bridge.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

constexpr std::size_t longest = 4096;

/// On the channel; ends with it.
struct DigitStore : ChannelExtra {
    struct Direction {
        std::string variable;  ///< empty: this direction is not stored
        std::size_t max = 0;   ///< 0: as many as there are
        std::string digits{};
    };
    Direction sent, received;
    Bus::Subscription subscription;

    void on(Pbx& pbx, ChannelId id, const ChannelDtmfEnd& event) {
        Channel* channel = pbx.channels->find(id);
        if (channel == nullptr) return;
        if (event.channel->id == id) return add(pbx, *channel, event.received ? received : sent, event.digit);
        // What another member of the bridge dials is sent to this one's party.
        Bridge* bridge = event.received ? pbx.bridges->find(channel->bridge()) : nullptr;
        if (bridge != nullptr && bridge->has(event.channel->id)) add(pbx, *channel, sent, event.digit);
    }

  private:
    static void add(Pbx& pbx, Channel& channel, Direction& direction, char digit) {
        const std::size_t most = direction.max == 0 ? longest : direction.max;
        if (direction.variable.empty() || direction.digits.size() >= most) return;
        direction.digits += digit;
        (void)dialplan::set_variable(pbx, &channel, direction.variable, direction.digits);
    }
};

AppResult store_dtmf(Channel& channel, std::string_view data) {
    const Arguments args(data, ',', 3);
    const auto direction = functions::upper(functions::trim(args[0]));
    if (direction == "REMOVE") {
        channel.drop_extra<DigitStore>();
        return AppResult::go_on();
    }
    if (direction != "TX" && direction != "RX") {
        log::warning("StoreDTMF: the direction is TX, RX or remove");
        return AppResult::go_on();
    }
    if (!args.has(1)) {
        log::warning("StoreDTMF requires a variable");
        return AppResult::go_on();
    }
    auto& store = channel.extra<DigitStore>();
    const int max = to_int(args[2]);
    (direction == "TX" ? store.sent : store.received) = {.variable = args[1],
                                                         .max = max > 0 ? static_cast<std::size_t>(max) : 0};
    Pbx& pbx = channel.pbx();
    store.subscription = pbx.bus->subscribe([&pbx, &store, id = channel.id()](const Event& event) {
        if (event.kind == EventKind::channel_dtmf_end) store.on(pbx, id, as<ChannelDtmfEnd>(event));
    });
    store.subscription.want_all(false);
    store.subscription.want(EventKind::channel_dtmf_end, true);
    return AppResult::go_on();
}

/// A line that rings while its channel is there: analogue ones, and those that are being called.
Task<AppResult> wait_for_ring(Channel& channel, std::string data) {
    const auto time = parse_time(data);
    if (!time) {
        log::warning("WaitForRing requires an argument (minimum seconds)");
        co_return AppResult::go_on();
    }
    Mailbox<ChannelSignal> box(*channel.pbx().loop);
    const Observation watch(channel, box, false);
    const TimePoint from = channel.pbx().loop->now() + *time;
    for (;;) {
        if (channel.hangup_requested() || channel.ended()) co_return AppResult::hang_up();
        if (channel.interrupted()) co_return AppResult::go_on();
        const ChannelSignal signal = co_await box.next();
        if (signal.kind == ChannelSignal::Kind::ringing && channel.pbx().loop->now() >= from)
            co_return AppResult::go_on();
    }
}

}  // namespace

void add_store_dtmf_applications(dialplan::Applications& all) {
    all.add({.name = "StoreDTMF",
             .synopsis = "put the digits of a call into a variable",
             .syntax = "StoreDTMF(direction[,variable[,max_digits]])",
             .parameters = {{"direction", "RX (what the party dials), TX (what is sent to it), remove"},
                            {"variable", "or FUNC(args): set anew with each digit"},
                            {"max_digits", "no more than these; 0: all"}},
             .run_now = store_dtmf,
             .module = "app_dtmfstore"});
    all.add({.name = "WaitForRing",
             .synopsis = "wait until the line rings",
             .syntax = "WaitForRing(timeout)",
             .parameters = {{"timeout", "seconds; rings before that do not count"}},
             .run = wait_for_ring,
             .module = "app_waitforring"});
}

}  // namespace asterism::applications
