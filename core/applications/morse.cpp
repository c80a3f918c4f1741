// Morsecode: a text in beeps.
#include <array>

#include "asterism/functions/text.hpp"
#include "asterism/media/tones.hpp"
#include "asterism/runtime/log.hpp"
#include "core/applications/applications.hpp"

namespace asterism::applications {
namespace {

struct Sign {
    char character;
    std::string_view code;
};
/// ITU-R M.1677-1.
constexpr Sign international[] = {
    {'A', ".-"},     {'B', "-..."},   {'C', "-.-."},   {'D', "-.."},    {'E', "."},       {'F', "..-."},
    {'G', "--."},    {'H', "...."},   {'I', ".."},     {'J', ".---"},   {'K', "-.-"},     {'L', ".-.."},
    {'M', "--"},     {'N', "-."},     {'O', "---"},    {'P', ".--."},   {'Q', "--.-"},    {'R', ".-."},
    {'S', "..."},    {'T', "-"},      {'U', "..-"},    {'V', "...-"},   {'W', ".--"},     {'X', "-..-"},
    {'Y', "-.--"},   {'Z', "--.."},   {'0', "-----"},  {'1', ".----"},  {'2', "..---"},   {'3', "...--"},
    {'4', "....-"},  {'5', "....."},  {'6', "-...."},  {'7', "--..."},  {'8', "---.."},   {'9', "----."},
    {'.', ".-.-.-"}, {',', "--..--"}, {':', "---..."}, {'?', "..--.."}, {'\'', ".----."}, {'-', "-....-"},
    {'/', "-..-."},  {'(', "-.--."},  {')', "-.--.-"}, {'"', ".-..-."}, {'=', "-...-"},   {'+', ".-.-."},
    {'*', "-..-"},   {'@', ".--.-."}, {'!', "-.-.--"}, {'&', ".-..."},  {';', "-.-.-."},  {'_', "..--.-"},
    {'$', "...-..-"}};

std::string_view code_of(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    for (const auto& sign : international) {
        if (sign.character == c) return sign.code;
    }
    return {};
}

int number_of(Channel& channel, const char* name, int otherwise, int least) {
    const auto* set = channel.variable(name);
    const int value = set ? to_int(*set) : otherwise;
    return value >= least && value <= 10'000 ? value : otherwise;
}

Task<AppResult> morse_code(Channel& channel, std::string data) {
    if (data.empty()) co_return requires_argument("Morsecode", "string");
    if (const auto* type = channel.variable("MORSETYPE"); type && functions::lower(*type) == "american")
        log::warning("Morsecode: MORSETYPE=AMERICAN is not known, the international code is played");
    const int dit = number_of(channel, "MORSEDITLEN", 80, 1);
    const auto tone = static_cast<std::uint16_t>(number_of(channel, "MORSETONE", 800, 1));
    const auto pause = static_cast<std::uint16_t>(number_of(channel, "MORSESPACETONE", 0, 0));
    const auto segment = [](std::uint16_t frequency, int ms) {
        return media::ToneSegment{.freq1 = frequency, .once = true, .ms = static_cast<std::uint32_t>(ms)};
    };
    answer(channel);
    for (const char c : data) {
        media::ToneSpec sounds;
        for (const char element : code_of(c)) {
            sounds.segments.push_back(segment(tone, element == '-' ? 3 * dit : dit));
            sounds.segments.push_back(segment(pause, dit));
        }
        // Three dits between characters, seven between words: one or three are there already.
        sounds.segments.push_back(segment(pause, c == ' ' ? 4 * dit : 2 * dit));
        const auto end = co_await play_tone(channel, std::move(sounds), std::nullopt);
        if (end.end != End::done) co_return after(end);
    }
    co_return AppResult::go_on();
}

}  // namespace

void add_morse_application(dialplan::Applications& all) {
    all.add({.name = "Morsecode",
             .synopsis = "play a text in Morse code",
             .syntax = "Morsecode(string)",
             .parameters = {{"string",
                             "MORSEDITLEN: length of a dit in ms (80); MORSETONE: its frequency (800); MORSESPACETONE: "
                             "that of the pauses (0: silence)"}},
             .run = morse_code,
             .module = "app_morsecode"});
}

}  // namespace asterism::applications
