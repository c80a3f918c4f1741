// Digits and texts from and to the party.
#include "asterism/applications/text_messages.hpp"
#include "asterism/dialplan/executor.hpp"
#include "interfaces/agi/arguments.hpp"
#include "interfaces/agi/commands.hpp"
#include "interfaces/agi/session.hpp"

namespace asterism::agi {
namespace {

using applications::next_text;

constexpr std::size_t most_digits = 1024;

dialplan::Timeouts timeouts(Channel& channel) {
    if (const auto* set = channel.find_extra<dialplan::Timeouts>()) {
        dialplan::Timeouts copy;
        copy.digit = set->digit;
        copy.response = set->response;
        return copy;
    }
    return {};
}

Task<void> get_data(Session& session) {
    auto& channel = session.channel();
    ReadOptions options;
    options.prompts = {std::string(session.word(2))};
    const auto usual = timeouts(channel);
    options.first_timeout = usual.response;
    options.digit_timeout = usual.digit;
    if (const auto time = number(session.word(3)); time && *time != 0)
        options.first_timeout = options.digit_timeout = milliseconds(*time).value_or(std::chrono::hours(24));
    const auto most = number(session.word(4)).value_or(0);
    options.max_digits = most > 0 ? static_cast<std::size_t>(most) : most_digits;
    const auto end = co_await read_digits(channel, std::move(options));
    if (end.how.over() || end.how.end == End::failed)
        session.result(-1);
    else
        session.reply_format("200 result={}{}", end.digits, end.how.end == End::timeout ? " (timeout)" : "");
}

Task<void> get_option(Session& session) {
    auto& channel = session.channel();
    std::optional<Duration> time = timeouts(channel).digit;
    if (session.words().size() > 4) {
        const auto given = number(session.word(4));
        if (!given) co_return;
        time = milliseconds(*given);
    }
    const std::string digits(session.word(3));
    PlayOptions options;
    options.stop_digits = digits;
    auto end = co_await play(channel, {std::string(session.word(2))}, std::move(options));
    const auto place = end.end == End::failed ? 0 : end.samples;
    if (end.end == End::done) end = co_await wait_digit(channel, time, digits);
    session.reply_format("200 result={} endpos={}", outcome(end), place);
}

Task<void> wait_for_digit(Session& session) {
    const auto time = number(session.word(3));
    if (!time) co_return;
    const auto end = co_await wait_digit(session.channel(), milliseconds(*time));
    session.result(outcome(end));
}

Task<void> receive_char(Session& session) {
    const auto time = number(session.word(2));
    if (!time) co_return;
    const auto text = co_await next_text(session.channel(), *time == 0 ? std::nullopt : milliseconds(*time));
    if (text && !text->empty())
        session.result(static_cast<unsigned char>(text->front()));
    else
        session.reply("200 result=-1 (hangup)");
}

Task<void> receive_text(Session& session) {
    const auto time = number(session.word(2));
    if (!time) co_return;
    const auto text = co_await next_text(session.channel(), *time == 0 ? std::nullopt : milliseconds(*time));
    if (text)
        session.reply_format("200 result=1 ({})", *text);
    else
        session.result(-1);
}

/// 0 also where the technology has no way to say it, as Asterisk.
void send_text(Session& session) {
    (void)session.channel().driver().send_text(session.word(2), "text/plain");
    session.result(0);
}

void not_supported(Session& session) { session.result(0); }

constexpr Command table[] = {
    {"GET DATA", "file [timeout] [maxdigits]", 1, 3, false, "play a prompt and collect digits",
     "Gives the digits, \"(timeout)\" if they ended by it (milliseconds), or -1.", get_data},
    {"GET OPTION", "filename escape_digits [timeout]", 2, 3, false, "play a prompt and wait for one digit",
     "Gives the digit as ASCII, 0 after `timeout` milliseconds, or -1.", get_option},
    {"RECEIVE CHAR", "timeout", 1, 1, false, "receive a character of text",
     "Gives its code, or -1 after `timeout` milliseconds (0: waits for ever).", receive_char},
    {"RECEIVE TEXT", "timeout", 1, 1, false, "receive a text",
     "Gives 1 and the text, or -1 after `timeout` milliseconds (0: waits for ever).", receive_text},
    {"SEND IMAGE", "image", 1, 1, false, "send an image", "No technology of this PBX can: gives 0.", not_supported},
    {"SEND TEXT", "text to send", 1, 1, false, "send a text", "Gives 0, also where the channel cannot.", send_text},
    {"TDD MODE", "on|off|mate", 1, 1, false, "telephone for the deaf", "No technology of this PBX can: gives 0.",
     not_supported},
    {"WAIT FOR DIGIT", "timeout", 1, 1, false, "wait for a digit",
     "Gives it as ASCII, 0 after `timeout` milliseconds (-1: waits for ever), or -1.", wait_for_digit},
};

}  // namespace

std::span<const Command> input_commands() { return table; }

}  // namespace asterism::agi
