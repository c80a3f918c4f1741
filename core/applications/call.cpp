// Answer, Hangup, Ringing, Busy and the others that say something to the party.
#include "asterism/dialplan/executor.hpp"
#include "asterism/media/engine.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

Task<AppResult> answer_(Channel& channel, std::string data) {
    const Arguments args(data);
    if (channel.up()) co_return AppResult::go_on();
    const TimePoint begin = channel.pbx().loop->now();
    if (args[1].contains('i')) {
        answer(channel);
    } else if (const auto end = co_await answer_and_wait(channel); end.over()) {
        co_return after(end);
    }
    const auto delay = parse_time(args[0], true).value_or(Duration::zero());
    const Duration left = begin + delay - channel.pbx().loop->now();
    if (left > Duration::zero()) co_return after(co_await wait(channel, left));
    co_return AppResult::go_on();
}

AppResult hangup(Channel& channel, std::string_view data) {
    Cause cause = Cause::normal_clearing;
    if (!data.empty()) {
        if (const auto given = parse_cause(data))
            cause = *given;
        else
            log::warning("Invalid cause given to Hangup(): \"{}\"", data);
        channel.set_cause(cause);
    } else if (channel.cause() == Cause::not_defined) {
        channel.set_cause(cause);
    }
    return AppResult::hang_up();
}

AppResult ringing(Channel& channel, std::string_view) {
    indicate(channel, Indication::ringing);
    return AppResult::go_on();
}
AppResult progress(Channel& channel, std::string_view) {
    indicate(channel, Indication::progress);
    return AppResult::go_on();
}
AppResult proceeding(Channel& channel, std::string_view) {
    indicate(channel, Indication::proceeding);
    return AppResult::go_on();
}

/// Says that the call cannot be, waits for the caller to hang up or for the time given, and ends the call.
Task<AppResult> refuse(Channel& channel, std::string data, Indication how, Cause cause) {
    indicate(channel, how);
    if (!channel.up()) {
        channel.set_cause(cause);
        channel.set_state(ChannelState::busy);
    }
    auto time = parse_time(data);
    if (time && *time == Duration::zero()) time.reset();
    (void)co_await wait(channel, time);
    co_return AppResult::hang_up();
}
Task<AppResult> busy(Channel& channel, std::string data) {
    return refuse(channel, std::move(data), Indication::busy, Cause::user_busy);
}
Task<AppResult> congestion(Channel& channel, std::string data) {
    return refuse(channel, std::move(data), Indication::congestion, Cause::switch_congestion);
}

Task<AppResult> echo(Channel& channel, std::string) {
    struct Echoing {
        Pbx& pbx;
        ChannelId channel;
        void set(bool on) {
            const auto* still = pbx.channels->find(channel);
            if (still && still->leg()) pbx.media->echo(still->leg(), on);
        }
        ~Echoing() { set(false); }
    } echoing{channel.pbx(), channel.id()};
    echoing.set(true);
    co_return after(co_await wait(channel, std::nullopt, "#"));
}

/// More digits are needed: from a party that hears us they are waited for, another is told that the number is short.
AppResult incomplete(Channel& channel, std::string_view data) {
    if (!channel.up() && !data.contains('n')) answer(channel);
    if (channel.up()) return {AppResult::Kind::incomplete, 0};
    channel.set_cause(Cause::invalid_number_format);
    return AppResult::hang_up();
}

void tell_transfer(Channel& channel, std::string_view status, int code = 0) {
    channel.set_variable("TRANSFERSTATUS", status);
    channel.set_variable("TRANSFERSTATUSPROTOCOL", std::to_string(code));
}

Task<AppResult> transfer(Channel& channel, std::string data) {
    if (data.empty()) {
        log::warning("Transfer requires an argument ([Tech/]destination)");
        tell_transfer(channel, "FAILURE");
        co_return AppResult::go_on();
    }
    auto destination = std::string_view(data);
    if (const auto slash = destination.find('/'); slash != std::string_view::npos) {
        if (destination.substr(0, slash) != channel.technology()) {
            tell_transfer(channel, "FAILURE");
            co_return AppResult::go_on();
        }
        destination.remove_prefix(slash + 1);
    }
    const auto done = co_await transfer_party(channel, std::string(destination));
    const auto* status = !done.possible ? "UNSUPPORTED" : done.end.end == End::done ? "SUCCESS" : "FAILURE";
    tell_transfer(channel, status, done.code);
    co_return after(done.end);
}

}  // namespace

void add_call_applications(dialplan::Applications& all) {
    const dialplan::Parameter timeout{"timeout", "seconds until the call ends; nothing: when the caller hangs up"};
    all.add({.name = "Answer",
             .synopsis = "answer the call, then wait for the party's first media, 500 ms at most",
             .syntax = "Answer([delay[,options]])",
             .parameters = {{"delay", "milliseconds that must have passed before the dialplan goes on"},
                            {"options", "i: do not wait for media"}},
             .run = answer_,
             .module = "pbx_builtins"});
    all.add({.name = "Hangup",
             .synopsis = "end the call",
             .syntax = "Hangup([causecode])",
             .parameters = {{"causecode", "number or name of the cause; 16"}},
             .run_now = hangup,
             .module = "pbx_builtins"});
    all.add({.name = "Ringing",
             .synopsis = "tell the caller that it rings",
             .syntax = "Ringing()",
             .run_now = ringing,
             .module = "pbx_builtins"});
    all.add({.name = "Progress",
             .synopsis = "tell the caller that there is something to hear",
             .syntax = "Progress()",
             .run_now = progress,
             .module = "pbx_builtins"});
    all.add({.name = "Proceeding",
             .synopsis = "tell the caller that the call is being made",
             .syntax = "Proceeding()",
             .run_now = proceeding,
             .module = "pbx_builtins"});
    all.add({.name = "Busy",
             .synopsis = "tell the caller that it is busy, then end the call",
             .syntax = "Busy([timeout])",
             .parameters = {timeout},
             .run = busy,
             .module = "pbx_builtins"});
    all.add({.name = "Congestion",
             .synopsis = "tell the caller that no line is free, then end the call",
             .syntax = "Congestion([timeout])",
             .parameters = {timeout},
             .run = congestion,
             .module = "pbx_builtins"});
    all.add({.name = "Echo",
             .synopsis = "give back what the party says, until #",
             .syntax = "Echo()",
             .run = echo,
             .module = "app_echo"});
    all.add({.name = "Incomplete",
             .synopsis = "the extension needs more digits",
             .syntax = "Incomplete([n])",
             .parameters = {{"n", "does not answer to ask for them"}},
             .run_now = incomplete,
             .module = "pbx_builtins"});
    all.add({.name = "Transfer",
             .synopsis = "let the party's technology call another destination",
             .syntax = "Transfer([Tech/]destination)",
             .parameters = {{"destination",
                             "result in TRANSFERSTATUS: SUCCESS, FAILURE, UNSUPPORTED; the protocol's code of a "
                             "failure in TRANSFERSTATUSPROTOCOL"}},
             .run = transfer,
             .module = "app_transfer"});
}

}  // namespace asterism::applications
