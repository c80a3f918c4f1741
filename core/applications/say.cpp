// SayDigits, SayNumber, SayUnixTime and the others that speak.
#include "asterism/functions/say.hpp"

#include <chrono>
#include <cmath>

#include "asterism/dialplan/executor.hpp"
#include "asterism/functions/math.hpp"
#include "asterism/functions/text.hpp"
#include "asterism/functions/zone.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

using functions::Prompts;

/// SAY_DTMF_INTERRUPT lets digits of an extension interrupt, as BackGround does.
Task<AppResult> say(Channel& channel, Prompts prompts) {
    if (prompts.empty()) co_return AppResult::go_on();
    PlayOptions how;
    const auto* interrupt = channel.variable("SAY_DTMF_INTERRUPT");
    if (interrupt && dialplan::is_true(*interrupt) && functions::lower(*interrupt) != "false")
        how.stop_digits = any_digit;
    const auto end = co_await play(channel, std::move(prompts), std::move(how));
    co_return end.end == End::digit ? AppResult::typed(end.digit) : after(end);
}

Task<AppResult> digits(Channel& channel, std::string data) { return say(channel, functions::say_digits(data)); }
Task<AppResult> alpha(Channel& channel, std::string data) { return say(channel, functions::say_letters(data)); }
Task<AppResult> phonetic(Channel& channel, std::string data) { return say(channel, functions::say_phonetic(data)); }
Task<AppResult> money(Channel& channel, std::string data) { return say(channel, functions::say_money(data)); }

Task<AppResult> alpha_case(Channel& channel, std::string data) {
    const Arguments args(data, ',', 2);
    const auto kind = functions::lower(args[0]);
    if (args.size() < 2 || kind.size() != 1 || !std::string_view("alnu").contains(kind))
        co_return requires_argument("SayAlphaCase", "casetype,string");
    Prompts prompts;
    for (char c : args[1]) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool lower = c >= 'a' && c <= 'z';
        if (upper && (kind == "a" || kind == "u")) prompts.emplace_back("uppercase");
        if (lower && (kind == "a" || kind == "l")) prompts.emplace_back("lowercase");
        for (auto& prompt : functions::say_letters(std::string_view(&c, 1))) prompts.push_back(std::move(prompt));
    }
    co_return co_await say(channel, std::move(prompts));
}

Task<AppResult> number(Channel& channel, std::string data, bool ordinal) {
    const Arguments args(data, ',', 2);
    const auto value = functions::parse_number(args[0]);
    if (!value || std::abs(*value) > 1e15) {
        log::warning("argument '{}' to SayNumber could not be parsed as a number.", args[0]);
        co_return AppResult::go_on();
    }
    const auto whole = functions::whole_number(*value);
    auto prompts = ordinal ? functions::say_ordinal(whole, channel.language())
                           : functions::say_number(whole, channel.language(), functions::lower(args[1]));
    if (!prompts) {
        log::warning("We were unable to say the number {}, is it too large?", args[0]);
        co_return AppResult::go_on();
    }
    co_return co_await say(channel, std::move(*prompts));
}
Task<AppResult> cardinal(Channel& channel, std::string data) { return number(channel, std::move(data), false); }
Task<AppResult> ordinal(Channel& channel, std::string data) { return number(channel, std::move(data), true); }

Task<AppResult> unix_time(Channel& channel, std::string data) {
    const Arguments args(data, ',', 4);
    const auto now = std::chrono::system_clock::to_time_t(channel.pbx().loop->clock().wall());
    const auto given = functions::parse_number(args[0]);
    const auto seconds = given && std::abs(*given) < 1e12 ? static_cast<std::int64_t>(*given) : now;
    const auto zone = functions::Zone::find(args[1]);
    const auto pattern =
        args.has(2) ? std::string_view(args[2]) : functions::default_datetime_pattern(channel.language());
    PlayOptions how;
    if (OptionLetters(args[3]).has('j')) how.stop_digits = any_digit;
    auto prompts = functions::say_datetime(zone->local(seconds), pattern, zone->local(now), channel.language());
    if (prompts.empty()) co_return AppResult::go_on();
    const auto end = co_await play(channel, std::move(prompts), std::move(how));
    co_return end.end == End::digit ? AppResult::typed(end.digit) : after(end);
}

}  // namespace

void add_say_applications(dialplan::Applications& all) {
    const dialplan::Parameter text{"string", "any text"};
    auto add = [&](const char* name, const char* synopsis, const char* syntax, auto run) {
        all.add({.name = name,
                 .synopsis = synopsis,
                 .syntax = syntax,
                 .parameters = {text},
                 .run = run,
                 .module = "pbx_builtins"});
    };
    add("SayDigits", "say digits one by one", "SayDigits(digits)", digits);
    add("SayNumber", "say a number", "SayNumber(digits[,gender])", cardinal);
    add("SayOrdinal", "say a number as an order", "SayOrdinal(digits[,gender])", ordinal);
    add("SayMoney", "say dollars and cents", "SayMoney(dollars)", money);
    add("SayAlpha", "spell a text", "SayAlpha(string)", alpha);
    add("SayPhonetic", "spell a text by phonetic words", "SayPhonetic(string)", phonetic);
    all.add({.name = "SayAlphaCase",
             .synopsis = "spell a text with the case of its letters",
             .syntax = "SayAlphaCase(casetype,string)",
             .parameters = {{"casetype", "a: of all letters, l: of lower, u: of upper, n: of none"}, text},
             .run = alpha_case,
             .module = "pbx_builtins"});
    for (const char* name : {"SayUnixTime", "DateTime"})
        all.add({.name = name,
                 .synopsis = "say a date and time",
                 .syntax = std::string(name) + "([unixtime[,timezone[,format[,options]]]])",
                 .parameters = {{"unixtime", "seconds since 1970; nothing: now"},
                                {"timezone", "Europe/Berlin; nothing: the machine's"},
                                {"format",
                                 "A weekday, B month, d day, Y year, I or H hour, M minute, p am or pm, "
                                 "'file'; ABdY 'digits/at' IMp"},
                                {"options", "j: a digit interrupts and begins an extension"}},
                 .run = unix_time,
                 .module = "app_sayunixtime"});
}

}  // namespace asterism::applications
