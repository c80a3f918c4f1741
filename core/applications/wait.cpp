// Wait, WaitExten, WaitDigit, WaitUntil.
#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/math.hpp"
#include "asterism/model/indications.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

Task<AppResult> wait_(Channel& channel, std::string data) {
    const auto time = parse_time(data);
    if (!time) {
        log::warning("Wait passed invalid duration '{}'", data);
        co_return AppResult::go_on();
    }
    if (*time == Duration::zero()) co_return AppResult::go_on();
    co_return after(co_await wait(channel, *time));
}

/// Ends with the coroutine that started it.
struct Music {
    Pbx& pbx;
    ChannelId id;
    explicit Music(Channel& channel, std::string_view music_class) : pbx(channel.pbx()), id(channel.id()) {
        start_music(channel, music_class);
    }
    ~Music() {
        if (auto* channel = pbx.channels->find(id)) stop_music(*channel);
    }
    Music(const Music&) = delete;
    Music& operator=(const Music&) = delete;
};

Task<AppResult> wait_exten(Channel& channel, std::string data) {
    const Arguments args(data, ',', 2);
    const OptionLetters options(args[1]);
    std::optional<Duration> time = channel.extra<dialplan::Timeouts>().response;
    if (const auto given = parse_time(args[0]); given && *given > Duration::zero()) time = given;
    std::optional<Music> music;
    if (options.has('m')) music.emplace(channel, options.argument('m'));
    OpResult end;
    const auto tone =
        options.has('d') && channel.pbx().indications
            ? channel.pbx().indications->tone(options.argument('d').empty() ? "dial" : options.argument('d'))
            : std::nullopt;
    if (tone)
        end = co_await play_tone(channel, *tone, time, std::string(any_digit));
    else
        end = co_await wait_digit(channel, time);
    if (end.over()) co_return after(end);
    co_return end.end == End::digit ? AppResult::typed(end.digit) : dialplan::extension_timeout(channel);
}

Task<AppResult> wait_for_digit(Channel& channel, std::string data) {
    const Arguments args(data, ',', 2);
    std::optional<Duration> time;
    if (args.has(0)) {
        time = parse_time(args[0]);
        if (!time) {
            log::warning("WaitDigit passed invalid timeout '{}'", args[0]);
            channel.set_variable("WAITDIGITSTATUS", "ERROR");
            co_return AppResult::go_on();
        }
    }
    const auto end = co_await wait_digit(channel, time, args.has(1) ? args[1] : std::string(any_digit));
    if (end.end == End::digit) {
        channel.set_variable("WAITDIGITRESULT", std::string(1, end.digit));
        channel.set_variable("WAITDIGITSTATUS", "DTMF");
    } else {
        channel.set_variable("WAITDIGITSTATUS", end.over() ? "CANCEL" : "TIMEOUT");
    }
    co_return after(end);
}

Task<AppResult> wait_until(Channel& channel, std::string data) {
    const auto until = functions::parse_number(data);
    if (!until) {
        log::warning("WaitUntil requires a time in seconds since 1970");
        channel.set_variable("WAITUNTILSTATUS", "FAILURE");
        co_return AppResult::go_on();
    }
    const std::chrono::duration<double> now = channel.pbx().loop->clock().wall().time_since_epoch();
    const auto left = std::chrono::duration<double>(*until) - now;
    if (left.count() < 0) {
        channel.set_variable("WAITUNTILSTATUS", "PAST");
        co_return AppResult::go_on();
    }
    const auto end = co_await wait(channel, from_seconds(left.count()));
    channel.set_variable("WAITUNTILSTATUS", end.over() ? "HANGUP" : "OK");
    co_return after(end);
}

}  // namespace

void add_wait_applications(dialplan::Applications& all) {
    all.add({.name = "Wait",
             .synopsis = "let time pass",
             .syntax = "Wait(seconds)",
             .parameters = {{"seconds", "with fraction, or 500ms, 2m"}},
             .run = wait_,
             .module = "pbx_builtins"});
    all.add({.name = "WaitExten",
             .synopsis = "wait for the digits of an extension",
             .syntax = "WaitExten([seconds[,options]])",
             .parameters = {{"seconds", "nothing: TIMEOUT(response)"},
                            {"options", "m(class): music meanwhile; d(tone): a tone until the first digit"}},
             .run = wait_exten,
             .module = "pbx_builtins"});
    all.add({.name = "WaitDigit",
             .synopsis = "wait for one digit",
             .syntax = "WaitDigit([seconds[,digits]])",
             .parameters = {{"seconds", "nothing: for ever"},
                            {"digits", "those that count; WAITDIGITSTATUS and WAITDIGITRESULT tell"}},
             .run = wait_for_digit,
             .module = "pbx_builtins"});
    all.add({.name = "WaitUntil",
             .synopsis = "wait until a time",
             .syntax = "WaitUntil(epoch)",
             .parameters = {{"epoch", "seconds since 1970; WAITUNTILSTATUS tells"}},
             .run = wait_until,
             .module = "app_waituntil"});
}

}  // namespace asterism::applications
