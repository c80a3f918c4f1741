// The dialplan's life on a channel: from its first place through invalid extensions, timeouts and interruptions to h.
#include "asterism/dialplan/executor.hpp"

#include "asterism/dialplan/gosub.hpp"
#include "asterism/dialplan/realtime_extensions.hpp"
#include "asterism/model/call_limit.hpp"
#include "asterism/model/end_hook.hpp"
#include "asterism/model/operations.hpp"
#include "asterism/pbx.hpp"
#include "asterism/runtime/log.hpp"
#include "core/dialplan/running.hpp"

namespace asterism::dialplan {
namespace {

constexpr Duration fallthrough_tone = std::chrono::seconds(10);

Timeouts timeouts_of(Channel& channel) {
    Timeouts out;
    if (const auto* set = channel.find_extra<Timeouts>()) {
        out.digit = set->digit;
        out.response = set->response;
    }
    return out;
}

/// A place that does not exist is looked for at s, then in default.
void find_start(Channel& channel) {
    Location at = channel.location();
    if (exists(channel, at)) return;
    log::verbose(2, "Starting {} at {},{},{} failed so falling back to exten 's'", channel.name(), at.context, at.exten,
                 at.priority);
    at.exten = "s";
    if (!exists(channel, at)) {
        log::verbose(2, "Starting {} at {},{},{} still failed so falling back to context 'default'", channel.name(),
                     at.context, at.exten, at.priority);
        at.context = "default";
    }
    channel.set_location(std::move(at));
}

/// Has databases asked for what is looked for next: a search that cannot wait then knows it.
Task<void> ask_outside(Channel& channel, std::initializer_list<std::string_view> extensions) {
    if (channel.pbx().dialplan->plan()->outside() == nullptr) co_return;
    const std::string context = channel.location().context;
    std::vector<std::string> names(extensions.begin(), extensions.end());
    for (auto& name : names) (void)co_await exists_later(channel, {context, std::move(name), 1});
}

/// The same for an extension that has begun to be typed.
Task<bool> more_match(Channel& channel, const std::string& context, const std::string& digits) {
    for (;;) {
        const auto plan = channel.pbx().dialplan->plan();
        Plan::Query query = query_for(channel, context, digits);
        std::optional<RealtimeQuestion> need;
        query.need = &need;
        const bool more = plan->more_match(query);
        if (!need || plan->outside() == nullptr) co_return more;
        co_await plan->outside()->fetch(std::move(*need));
    }
}

/// Goes to `exten` of the present context if it is there.
bool go_to_special(Channel& channel, std::string_view exten) {
    Location where{channel.location().context, std::string(exten), 1};
    if (!exists(channel, where)) return false;
    channel.set_location(std::move(where));
    return true;
}

/// To i or e. False: neither is there.
bool invalid(Channel& channel, const std::string& exten) {
    const Location& at = channel.location();
    if (exists(channel, {at.context, "i", 1})) {
        log::verbose(3, "Invalid extension '{}' in context '{}' on {}", exten, at.context, channel.name());
        channel.set_variable("INVALID_EXTEN", exten);
        return go_to_special(channel, "i");
    }
    if (raise_exception(channel, "INVALID_EXTEN")) return true;
    log::warning("Channel '{}' sent to invalid extension but no invalid handler: context,exten,priority={},{},{}",
                 channel.name(), at.context, exten, at.priority);
    return false;
}

/// The dialplan ran out of priorities: what Dial left behind decides what the caller hears.
Task<void> fall_through(Channel& channel) {
    const std::string* set = channel.variable("DIALSTATUS");
    const std::string status = set ? *set : "UNKNOWN";
    log::verbose(3, "Auto fallthrough, channel '{}' status is '{}'", channel.name(), status);
    const bool busy = status == "BUSY";
    if (!busy && status != "CONGESTION" && status != "CHANUNAVAIL") co_return;
    if (!channel.up()) channel.set_cause(busy ? Cause::user_busy : Cause::normal_circuit_congestion);
    indicate(channel, busy ? Indication::busy : Indication::congestion);
    (void)co_await wait(channel, fallthrough_tone);
}

/// Digits for a whole extension, begun by the one that an application got. `more`: what has begun is one already, but
/// asked for more (Incomplete); without any it is as if nobody had typed. False: the dialplan ends.
Task<bool> next_extension(Channel& channel, std::string begun, bool more = false) {
    const Timeouts timeouts = timeouts_of(channel);
    const std::string context = channel.location().context;
    Typed typed =
        co_await collect_extension(channel, context, begun, begun.empty() ? timeouts.response : timeouts.digit);
    if (typed.over) co_return true;  // the loop sees why
    co_await ask_outside(channel, {typed.digits, "t", "i", "e"});
    if (more && typed.digits == begun) typed.digits.clear();
    if (!typed.digits.empty() && exists(channel, {context, typed.digits, 1})) {
        channel.set_location({context, typed.digits, 1});
        co_return true;
    }
    if (!typed.digits.empty()) co_return invalid(channel, typed.digits);
    if (exists(channel, {context, "t", 1})) {
        log::verbose(3, "Timeout on {}", channel.name());
        co_return go_to_special(channel, "t");
    }
    if (raise_exception(channel, "RESPONSETIMEOUT")) co_return true;
    log::warning("Timeout, but no rule 't' or 'e' in context '{}'", context);
    co_return false;
}

/// Somebody else wants the channel: lets it be controlled by them, or goes where it was redirected.
Task<void> let_go(Channel& channel) {
    if (Channel::Takeover what = channel.take_pending_takeover()) {
        auto& running = channel.extra<Running>();
        ++running.depth;  // so that go_to() waits for the takeover's end
        running.jump.reset();
        co_await what(channel);
        --running.depth;
        if (running.jump)
            channel.set_location(*std::exchange(running.jump, std::nullopt));
        else
            channel.set_priority(channel.location().priority + 1);
    }
    if (auto where = channel.take_pending_location()) channel.set_location(std::move(*where));
}

/// Everything up to the hangup.
Task<void> run_to_hangup(Channel& channel) {
    using Why = Stop::Why;
    if (channel.pbx().dialplan->plan()->outside() != nullptr && !co_await exists_later(channel, channel.location())) {
        if (to_end(channel)) co_return;
        // Whoever let it in could not know.
        if (!channel.up()) channel.set_cause(Cause::unallocated);
        co_await ask_outside(channel, {"s"});
    }
    find_start(channel);
    for (;;) {
        const Stop stop = co_await run_priorities(channel, std::nullopt);
        const Location at = channel.location();
        const bool auto_fallthrough = channel.pbx().dialplan->plan()->general().auto_fallthrough;
        bool goes_on = true;
        switch (stop.why) {
            case Why::hangup:
                if (!to_end(channel)) {
                    log::verbose(2, "Spawn extension ({}, {}, {}) exited non-zero on '{}'", at.context, at.exten,
                                 at.priority, channel.name());
                }
                co_return;
            case Why::interrupted: co_await let_go(channel); break;
            case Why::digit: goes_on = co_await next_extension(channel, std::string(1, stop.digit)); break;
            case Why::incomplete: goes_on = co_await next_extension(channel, at.exten, true); break;
            default:
                co_await ask_outside(channel, {at.exten, "i", "e", "t"});
                if (!exists(channel, {at.context, at.exten, 1})) {
                    goes_on = invalid(channel, at.exten);
                } else if (auto_fallthrough) {
                    co_await fall_through(channel);
                    goes_on = false;
                } else {
                    goes_on = co_await next_extension(channel, {});
                }
        }
        if (to_end(channel) || (!goes_on && !channel.interrupted())) co_return;
    }
}

Task<void> run_hangup_handlers(Channel& channel) {
    while (!channel.ended()) {
        auto* pushed = channel.find_extra<HangupHandlers>();
        if (!pushed || pushed->handlers.empty()) break;
        std::string handler = std::move(pushed->handlers.back());
        pushed->handlers.pop_back();
        (void)channel.take_pending_location();
        (void)channel.take_pending_takeover();
        (void)co_await run_gosub(channel, std::move(handler));
    }
}

/// h, then the hangup handlers.
Task<void> run_afterlife(Channel& channel) {
    channel.enter_afterlife();
    (void)channel.take_pending_location();
    (void)channel.take_pending_takeover();
    co_await ask_outside(channel, {"h"});
    if (go_to_special(channel, "h")) (void)co_await run_priorities(channel, std::nullopt);
    co_await run_hangup_handlers(channel);
}

/// The end of a channel that runs no dialplan (one that Dial called).
Task<void> run_last_handlers(Channel& channel) {
    const Channel::Hold hold(channel);
    channel.enter_afterlife();
    co_await run_hangup_handlers(channel);
    channel.end();
}

}  // namespace

Task<void> run(Channel& channel) {
    Channel::Hold hold(channel);
    channel.set_has_dialplan(true);
    channel.pbx().channels->count_call();
    // What dialling has put there ("AppDial") is what the channel shows again when its dialplan has ended.
    const std::string before = channel.application(), before_data = channel.application_data();
    if (!to_end(channel)) co_await run_to_hangup(channel);
    if (channel.ended()) co_return;
    tell_hangup_request(channel, SoftHangup::dialplan_end);
    co_await run_afterlife(channel);
    channel.set_has_dialplan(false);
    channel.set_application(before, before_data, false);
    channel.end();
}

void push_hangup_handler(Channel& channel, std::string handler) {
    // What is left out of the place means where the channel is now, not where it will end.
    const std::size_t open = handler.find('(');
    if (const auto where = parse_location(channel, std::string_view(handler).substr(0, open))) {
        std::string arguments = open == std::string::npos ? std::string() : handler.substr(open);
        handler = where->context + "," + where->exten + "," + std::to_string(where->priority) + arguments;
    } else {
        log::warning("{}: hangup handler '{}': {}", channel.name(), handler, where.error());
    }
    channel.extra<HangupHandlers>().handlers.push_back(std::move(handler));
    channel.extra<EndHook>().run = [](Channel& ending) { ending.tasks().spawn(run_last_handlers(ending)); };
}

void start(Channel& channel) {
    if (channel.has_dialplan() || channel.ended()) return;
    // What is up already goes on: a transfer at the limit must not end a call.
    if (const auto why = channel.up() || channel.internal() || channel.hangup_requested() ? std::nullopt
                                                                                          : call_limit(channel.pbx())) {
        log::warning("{} does not enter the dialplan: {}", channel.name(), *why);
        return channel.end(Cause::switch_congestion);
    }
    channel.set_has_dialplan(true);
    channel.tasks().spawn(run(channel));
}

Task<Typed> collect_extension(Channel& channel, std::string context, std::string begun, Duration first_timeout) {
    Typed typed{.digits = std::move(begun)};
    Duration time = first_timeout;
    while (co_await more_match(channel, context, typed.digits)) {
        const OpResult next = co_await wait_digit(channel, time);
        if (next.over()) {
            typed.over = true;
            break;
        }
        if (next.end != End::digit) break;
        typed.digits += next.digit;
        time = timeouts_of(channel).digit;
    }
    co_return typed;
}

AppResult extension_timeout(Channel& channel) {
    const Location at = channel.location();
    if (exists(channel, {at.context, at.exten, at.priority + 1})) {
        log::verbose(3, "Timeout on {}, continuing...", channel.name());
        return AppResult::go_on();
    }
    if (exists(channel, {at.context, "t", 1})) {
        log::verbose(3, "Timeout on {}, going to 't'", channel.name());
        go_to(channel, Location{at.context, "t", 1});
        return AppResult::go_on();
    }
    if (raise_exception(channel, "RESPONSETIMEOUT")) return AppResult::go_on();
    log::warning("Timeout but no rule 't' or 'e' in context '{}'", at.context);
    return AppResult::hang_up();
}

namespace {

struct AbsoluteTimer : ChannelExtra {
    std::optional<Timer> timer;
};

void time_is_up(Pbx& pbx, ChannelId id) {
    Channel* channel = pbx.channels->find(id);
    if (!channel) return;
    channel->extra<Timeouts>().absolute.reset();
    const std::string context = channel->location().context;
    if (channel->has_dialplan() && exists(*channel, {context, "T", 1})) {
        log::verbose(3, "Absolute timeout on {}, going to 'T'", channel->name());
        channel->redirect({context, "T", 1});
    } else {
        channel->request_hangup(Cause::normal_clearing);
    }
}

}  // namespace

void set_absolute_timeout(Channel& channel, std::optional<Duration> time) {
    Loop& loop = *channel.pbx().loop;
    auto& absolute = channel.extra<Timeouts>().absolute;
    auto& timer = channel.extra<AbsoluteTimer>().timer;
    if (!timer) timer.emplace(loop);
    timer->cancel();
    absolute.reset();
    if (!time) return;
    absolute = loop.now() + *time;
    timer->start(*time, [&pbx = channel.pbx(), id = channel.id()] { time_is_up(pbx, id); });
}

}  // namespace asterism::dialplan
