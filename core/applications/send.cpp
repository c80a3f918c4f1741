// SendDTMF, SendText, ReceiveText.
#include "asterism/applications/text_messages.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {

Task<std::optional<std::string>> next_text(Channel& channel, std::optional<Duration> time) {
    auto& loop = *channel.pbx().loop;
    Mailbox<ChannelSignal> box(loop);
    const Observation watch(channel, box, false);
    const auto deadline = time ? loop.now() + *time : TimePoint::max();
    while (!channel.hangup_requested() && !channel.interrupted() && !channel.ended()) {
        std::optional<ChannelSignal> signal;
        if (time)
            signal = co_await box.next_before(deadline);
        else
            signal = co_await box.next();
        if (!signal) break;
        if (signal->kind == ChannelSignal::Kind::text) co_return std::move(signal->text);
    }
    co_return std::nullopt;
}

namespace {

Task<void> send_elsewhere(Channel& channel, std::string digits, std::chrono::milliseconds duration,
                          std::chrono::milliseconds gap) {
    (void)co_await send_dtmf(channel, std::move(digits), duration, gap);
}

Task<AppResult> send_digits(Channel& channel, std::string data) {
    using std::chrono::milliseconds;
    const Arguments args(data, ',', 5);
    if (!args.has(0)) {
        log::warning("SendDTMF requires an argument");
        co_return AppResult::go_on();
    }
    const auto gap = parse_time(args[1], true).value_or(milliseconds(250));
    auto duration = parse_time(args[2], true).value_or(milliseconds(100));
    if (duration == Duration::zero()) duration = milliseconds(100);
    const auto ms = [](Duration time) { return std::chrono::duration_cast<milliseconds>(time); };
    if (args.has(3)) {
        auto* other = channel.pbx().channels->find(args[3]);
        if (!other) {
            log::warning("No such channel: {}", args[3]);
            co_return AppResult::go_on();
        }
        if (OptionLetters(args[4]).has('a')) answer(*other);
        if (other != &channel) {
            // The digits are the other channel's, and end with it.
            other->tasks().spawn(send_elsewhere(*other, args[0], ms(duration), ms(gap)));
            co_return AppResult::go_on();
        }
    }
    co_return after(co_await send_dtmf(channel, args[0], ms(duration), ms(gap)));
}

AppResult send_text(Channel& channel, std::string_view data) {
    std::string body(data);
    if (const auto* given = channel.variable("SENDTEXT_BODY"); body.empty() && given) body = *given;
    const auto* type = channel.variable("SENDTEXT_CONTENT_TYPE");
    const bool sent = channel.driver().send_text(body, type ? std::string_view(*type) : "text/plain");
    channel.set_variable("SENDTEXTTYPE", sent ? "BASIC" : "NONE");
    channel.set_variable("SENDTEXTSTATUS", sent ? "SUCCESS" : "UNSUPPORTED");
    return AppResult::go_on();
}

Task<AppResult> receive_text(Channel& channel, std::string data) {
    auto time = parse_time(data);
    if (time && *time == Duration::zero()) time.reset();
    const auto text = co_await next_text(channel, time);
    if (text) channel.set_variable("RECEIVETEXTMESSAGE", *text);
    channel.set_variable("RECEIVETEXTSTATUS", text ? "SUCCESS" : "FAILURE");
    co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
}

}  // namespace

void add_send_applications(dialplan::Applications& all) {
    all.add({.name = "SendDTMF",
             .synopsis = "send digits to the party",
             .syntax = "SendDTMF(digits[,timeout_ms[,duration_ms[,channel[,options]]]])",
             .parameters = {{"digits", "0-9*#A-D; w and W wait half a second and one"},
                            {"timeout_ms", "between digits; 250"},
                            {"duration_ms", "of a digit; 100"},
                            {"channel", "to another channel's party"},
                            {"options", "a: answer that channel"}},
             .run = send_digits,
             .module = "app_senddtmf"});
    all.add({.name = "SendText",
             .synopsis = "send a text to the party",
             .syntax = "SendText([text])",
             .parameters = {{"text", "nothing: SENDTEXT_BODY. SENDTEXTSTATUS tells"}},
             .run_now = send_text,
             .module = "app_sendtext"});
    all.add({.name = "ReceiveText",
             .synopsis = "wait for a text of the party",
             .syntax = "ReceiveText([timeout])",
             .parameters = {{"timeout", "seconds; nothing: for ever. RECEIVETEXTMESSAGE and RECEIVETEXTSTATUS tell"}},
             .run = receive_text,
             .module = "app_sendtext"});
}

}  // namespace asterism::applications
