// Saying numbers, letters and times.
#include <chrono>

#include "asterism/functions/say.hpp"
#include "asterism/functions/zone.hpp"
#include "interfaces/agi/arguments.hpp"
#include "interfaces/agi/commands.hpp"
#include "interfaces/agi/session.hpp"

namespace asterism::agi {
namespace {

Task<void> say(Session& session, functions::Prompts prompts) {
    if (prompts.empty()) {
        session.result(0);
        co_return;
    }
    PlayOptions options;
    options.stop_digits = session.word(3);
    session.result(outcome(co_await play(session.channel(), std::move(prompts), std::move(options))));
}

Task<void> say_alpha(Session& session) { return say(session, functions::say_letters(session.word(2))); }
Task<void> say_phonetic(Session& session) { return say(session, functions::say_phonetic(session.word(2))); }

Task<void> say_digits(Session& session) {
    for (char c : session.word(2))
        if (!std::string_view("0123456789*#-").contains(c)) co_return;
    co_await say(session, functions::say_digits(session.word(2)));
}

Task<void> say_number(Session& session) {
    const auto value = number(session.word(2));
    if (!value) co_return;
    const auto prompts = functions::say_number(*value, session.channel().language(), session.word(4));
    if (prompts)
        co_await say(session, *prompts);
    else
        session.result(0);
}

std::tm local(std::int64_t seconds, std::string_view zone = {}) { return functions::Zone::find(zone)->local(seconds); }

Task<void> say_date(Session& session) {
    const auto time = number(session.word(2));
    if (time) co_await say(session, functions::say_date(local(*time), session.channel().language()));
}

Task<void> say_time(Session& session) {
    const auto time = number(session.word(2));
    if (time) co_await say(session, functions::say_time(local(*time), session.channel().language()));
}

Task<void> say_datetime(Session& session) {
    const auto time = number(session.word(2));
    if (!time) co_return;
    const auto zone = session.word(5);
    const std::string& language = session.channel().language();
    const auto pattern = session.word(4).empty() ? functions::default_datetime_pattern(language) : session.word(4);
    const auto now = std::chrono::system_clock::to_time_t(session.pbx().loop->clock().wall());
    co_await say(session, functions::say_datetime(local(*time, zone), pattern, local(now, zone), language));
}

constexpr std::string_view gives = "Gives 0 at the end, the digit that ended it as ASCII, or -1.";

constexpr Command table[] = {
    {"SAY ALPHA", "number escape_digits", 2, 2, false, "spell characters", gives, say_alpha},
    {"SAY DATE", "date escape_digits", 2, 2, false, "say a date of Unix seconds", gives, say_date},
    {"SAY DATETIME", "time escape_digits [format] [timezone]", 2, 4, false, "say Unix seconds by a pattern", gives,
     say_datetime},
    {"SAY DIGITS", "number escape_digits", 2, 2, false, "say digits", gives, say_digits},
    {"SAY NUMBER", "number escape_digits [gender]", 2, 3, false, "say a number", gives, say_number},
    {"SAY PHONETIC", "string escape_digits", 2, 2, false, "spell by phonetic words", gives, say_phonetic},
    {"SAY TIME", "time escape_digits", 2, 2, false, "say a time of Unix seconds", gives, say_time},
};

// No speech engine can be loaded: every command answers as where none has been created.
void no_engine(Session& session) { session.result(0); }

constexpr std::string_view none = "Gives 0: this PBX has no speech engine.";

constexpr Command speech[] = {
    {"SPEECH ACTIVATE GRAMMAR", "grammar name", 1, 1, false, "activate a grammar", none, no_engine},
    {"SPEECH CREATE", "engine", 1, 1, false, "create a speech object", none, no_engine},
    {"SPEECH DEACTIVATE GRAMMAR", "grammar name", 1, 1, false, "deactivate a grammar", none, no_engine},
    {"SPEECH DESTROY", "", 0, 0, true, "destroy the speech object", none, no_engine},
    {"SPEECH LOAD GRAMMAR", "grammar name path to grammar", 2, 2, false, "load a grammar", none, no_engine},
    {"SPEECH RECOGNIZE", "prompt timeout [offset]", 2, 3, false, "play a prompt and recognize", none, no_engine},
    {"SPEECH SET", "name value", 2, 2, false, "set a parameter of the engine", none, no_engine},
    {"SPEECH UNLOAD GRAMMAR", "grammar name", 1, 1, true, "unload a grammar", none, no_engine},
};

}  // namespace

std::span<const Command> say_commands() { return table; }
std::span<const Command> speech_commands() { return speech; }

}  // namespace asterism::agi
