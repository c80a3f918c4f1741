// PrivacyManager, Zapateller: callers without a number, and callers who are machines.
#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/media/tones.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

/// One question for the number. Nothing: hung up.
Task<std::optional<std::string>> ask_number(Channel& channel) {
    ReadOptions how;
    how.prompts = {"privacy-prompt"};
    how.max_digits = 29;
    how.first_timeout = how.digit_timeout = std::chrono::seconds(10);
    ReadResult result = co_await read_digits(channel, std::move(how));
    if (result.how.over()) co_return std::nullopt;
    co_return std::move(result.digits);
}

Task<AppResult> privacy_manager(Channel& channel, std::string data) {
    const Arguments args(data, ',', 4);
    const auto& number = channel.caller().id.number;
    if (number.valid && !number.text.empty()) {
        log::verbose(3, "CallerID number present on {}: nothing to ask", channel.name());
        channel.set_variable("PRIVACYMGRSTATUS", "SUCCESS");
        co_return AppResult::go_on();
    }
    answer(channel);
    const auto limit = [&](std::size_t i, int otherwise) {
        if (!args.has(i)) return otherwise;
        const int given = to_int(args[i]);
        if (given > 0) return given;
        log::warning("PrivacyManager: '{}' is no number above 0, {} is taken", args[i], otherwise);
        return otherwise;
    };
    const int tries = limit(0, 3);
    const auto shortest = static_cast<std::size_t>(limit(1, 10));
    if (const auto end = co_await play(channel, {"privacy-unident"}); end.over()) co_return after(end);
    for (int i = 0; i < tries; ++i) {
        auto typed = co_await ask_number(channel);
        if (!typed) co_return channel.hangup_requested() ? AppResult::hang_up() : AppResult::go_on();
        const bool long_enough = typed->size() >= shortest;
        if (long_enough && (!args.has(3) || dialplan::exists(channel, {args[3], *typed, 1}))) {
            CallerParty caller = channel.caller();
            caller.id = PartyId::of("Privacy Manager", *typed);
            channel.set_caller(std::move(caller));
            channel.set_variable("PRIVACYMGRSTATUS", "SUCCESS");
            co_return after(co_await play(channel, {"privacy-thankyou"}));
        }
        if (const auto end = co_await play(channel, {"privacy-incorrect"}); end.over()) co_return after(end);
    }
    channel.set_variable("PRIVACYMGRSTATUS", "FAILED");
    co_return AppResult::go_on();
}

/// The special information tone "intercept": machines that dial take the number for a dead one.
constexpr std::string_view special_information = "!950/330,!1400/330,!1800/330,!0/1000";

Task<AppResult> zapateller(Channel& channel, std::string data) {
    bool answers = false, anonymous_only = false;
    for (const auto& option : functions::split(data, ',')) {
        const auto name = functions::trim(option);
        answers = answers || name == "answer";
        anonymous_only = anonymous_only || name == "nocallerid";
    }
    channel.set_variable("ZAPATELLERSTATUS", "NOTHING");
    const auto& number = channel.caller().id.number;
    if (anonymous_only && number.valid && !number.text.empty()) co_return AppResult::go_on();
    if (answers && !channel.up()) {
        answer(channel);
        channel.set_variable("ZAPATELLERSTATUS", "ANSWERED");
        if (const auto end = co_await wait(channel, std::chrono::milliseconds(500)); end.over()) co_return after(end);
    }
    const auto tone = media::parse_tone(special_information);
    const auto end = co_await play_tone(channel, *tone, std::nullopt);
    if (!end.over()) channel.set_variable("ZAPATELLERSTATUS", "ZAPPED");
    co_return after(end);
}

}  // namespace

void add_privacy_applications(dialplan::Applications& all) {
    all.add({.name = "PrivacyManager",
             .synopsis = "ask a caller without a number for it",
             .syntax = "PrivacyManager([maxretries[,minlength[,options[,context]]]])",
             .parameters = {{"maxretries", "questions; 3"},
                            {"minlength", "digits of a number at least; 10"},
                            {"options", "there are none"},
                            {"context", "the number has to be an extension of it. PRIVACYMGRSTATUS: SUCCESS, FAILED"}},
             .run = privacy_manager,
             .module = "app_privacy"});
    all.add({.name = "Zapateller",
             .synopsis = "play the tone that says that a number is dead",
             .syntax = "Zapateller(options)",
             .parameters = {{"answer", "answers first"},
                            {"nocallerid",
                             "only to callers without a number. ZAPATELLERSTATUS: NOTHING, ANSWERED, ZAPPED"}},
             .run = zapateller,
             .module = "app_zapateller"});
}

}  // namespace asterism::applications
