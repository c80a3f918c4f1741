// Signal, WaitForSignal, WaitForCondition: waiting for what other calls do.
#include <map>
#include <memory>
#include <vector>

#include "asterism/dialplan/evaluate.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// Those who wait, by the signal's name. Kept by the applications' entries; each who waits has a shared box.
struct Waiting {
    struct Waiter {
        ChannelId channel;
        std::shared_ptr<std::optional<std::string>> payload;
    };
    std::multimap<std::string, Waiter, std::less<>> waiters;
};

AppResult signal(Channel& channel, std::string_view data, Waiting& waiting) {
    const Arguments args(data, ',', 2);
    if (!args.has(0)) {
        log::warning("Signal requires an argument (signalname)");
        channel.set_variable("SIGNALSTATUS", "FAILURE");
        return AppResult::go_on();
    }
    auto [first, last] = waiting.waiters.equal_range(args[0]);
    const bool any = first != last;
    for (; first != last; ++first) {
        *first->second.payload = args[1];
        if (auto* woken = channel.pbx().channels->find(first->second.channel))
            woken->signal({.channel = woken->id(), .kind = ChannelSignal::Kind::media});
    }
    channel.set_variable("SIGNALSTATUS", any ? "SUCCESS" : "FAILURE");
    return AppResult::go_on();
}

Task<AppResult> wait_for_signal(Channel& channel, std::string data, std::shared_ptr<Waiting> waiting) {
    const Arguments args(data, ',', 2);
    if (!args.has(0)) {
        log::warning("WaitForSignal requires an argument (signalname)");
        channel.set_variable("WAITFORSIGNALSTATUS", "ERROR");
        co_return AppResult::go_on();
    }
    auto& loop = *channel.pbx().loop;
    const auto time = parse_time(args[1]);
    const auto payload = std::make_shared<std::optional<std::string>>();
    struct Entry {
        std::shared_ptr<Waiting> waiting;
        decltype(Waiting::waiters)::iterator at;
        ~Entry() { waiting->waiters.erase(at); }
    } const entry{waiting, waiting->waiters.emplace(args[0], Waiting::Waiter{channel.id(), payload})};
    Mailbox<ChannelSignal> box(loop);
    const Observation watch(channel, box, false);
    const auto deadline = loop.now() + time.value_or(Duration::zero());
    const char* status = "SIGNALED";
    while (!*payload) {
        if (channel.ended() || channel.hangup_requested() || channel.interrupted()) {
            status = "HANGUP";
            break;
        }
        if (!time || *time == Duration::zero()) {
            (void)co_await box.next();
        } else if (!co_await box.next_before(deadline) && !*payload) {
            status = "TIMEOUT";
            break;
        }
    }
    channel.set_variable("WAITFORSIGNALSTATUS", status);
    if (*payload) channel.set_variable("WAITFORSIGNALPAYLOAD", **payload);
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

/// The expression is looked at anew each time: `replacement` stands where its $ shall be, so that it is not evaluated
/// before it comes here.
Task<AppResult> wait_for_condition(Channel& channel, std::string data) {
    const Arguments args(data, ',', 4);
    const auto fail = [&channel](std::string_view why) {
        log::warning("WaitForCondition: {}", why);
        channel.set_variable("WAITFORCONDITIONSTATUS", "FAILURE");
        return AppResult::go_on();
    };
    if (args[0].size() != 1) co_return fail("the replacement is to be one character");
    if (!args.has(1)) co_return fail("an expression is missing");
    auto& pbx = channel.pbx();
    const auto interval = args.has(3) ? parse_time(args[3]) : std::optional<Duration>(std::chrono::milliseconds(500));
    if (!interval || *interval <= Duration::zero()) co_return fail("the interval makes no sense");
    const auto time = parse_time(args[2]);
    const auto deadline = time && *time > Duration::zero() ? pbx.loop->now() + *time : TimePoint::max();
    std::string expression = args[1];
    for (char& c : expression)
        if (c == args[0].front()) c = '$';
    for (;;) {
        const auto value = dialplan::substitute(pbx, &channel, expression);
        if (dialplan::is_true(functions::trim(value))) {
            channel.set_variable("WAITFORCONDITIONSTATUS", "TRUE");
            co_return AppResult::go_on();
        }
        const auto now = pbx.loop->now();
        if (now >= deadline) {
            channel.set_variable("WAITFORCONDITIONSTATUS", "TIMEOUT");
            co_return AppResult::go_on();
        }
        const auto end = co_await wait(channel, std::min<Duration>(*interval, deadline - now));
        if (end.over()) {
            channel.set_variable("WAITFORCONDITIONSTATUS", "HANGUP");
            co_return after(end);
        }
    }
}

}  // namespace

void add_signal_applications(dialplan::Applications& all) {
    const auto waiting = std::make_shared<Waiting>();
    all.add({.name = "Signal",
             .synopsis = "wake the channels that wait for a signal",
             .syntax = "Signal(signalname[,payload])",
             .parameters = {{"signalname", "what they wait for; SIGNALSTATUS tells whether anybody did"},
                            {"payload", "for WAITFORSIGNALPAYLOAD"}},
             .run_now = [waiting](Channel& channel, std::string_view data) { return signal(channel, data, *waiting); },
             .module = "app_signal"});
    all.add({.name = "WaitForSignal",
             .synopsis = "wait for another channel's Signal",
             .syntax = "WaitForSignal(signalname[,signaltimeout])",
             .parameters = {{"signalname", "what Signal names; WAITFORSIGNALSTATUS and WAITFORSIGNALPAYLOAD tell"},
                            {"signaltimeout", "seconds; nothing: for ever"}},
             .run = [waiting](Channel& channel,
                              std::string data) { return wait_for_signal(channel, std::move(data), waiting); },
             .module = "app_signal"});
    all.add({.name = "WaitForCondition",
             .synopsis = "wait until an expression is true",
             .syntax = "WaitForCondition(replacementchar,expression[,timeout[,interval]])",
             .parameters = {{"replacementchar", "stands for $ in the expression"},
                            {"expression", "as in #[\"#{X}\"=\"1\"]; WAITFORCONDITIONSTATUS tells"},
                            {"timeout", "seconds; nothing: for ever"},
                            {"interval", "seconds between two looks; 0.5"}},
             .run = wait_for_condition,
             .module = "app_waitforcond"});
}

}  // namespace asterism::applications
