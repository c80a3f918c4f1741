#include "interfaces/agi/commands.hpp"

#include <algorithm>
#include <vector>

namespace asterism::agi {
namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Orders the words of `given` against a command's name: 0 when they begin with all of its words.
int compare(std::span<const std::string_view> given, std::string_view name) {
    auto word = given.begin();
    std::size_t at = 0;
    for (const char wanted : name) {
        char have = '\0';  // the end of all words comes before any letter
        if (at < word->size()) {
            have = upper((*word)[at++]);
            if (have == ' ') have = '\1';  // a quoted blank is not the end of a word
        } else if (word + 1 != given.end()) {
            ++word;
            at = 0;
            have = ' ';
        }
        if (have != wanted) return static_cast<unsigned char>(have) < static_cast<unsigned char>(wanted) ? -1 : 1;
    }
    return at == word->size() ? 0 : 1;
}

std::vector<Command> collect() {
    std::vector<Command> all;
    for (auto family : {call_commands(), variable_commands(), database_commands(), playback_commands(),
                        input_commands(), say_commands(), speech_commands()})
        all.insert(all.end(), family.begin(), family.end());
    std::sort(all.begin(), all.end(), [](const Command& a, const Command& b) { return a.words < b.words; });
    return all;
}

}  // namespace

std::size_t Command::word_count() const {
    return static_cast<std::size_t>(std::count(words.begin(), words.end(), ' ')) + 1;
}

std::string Command::usage() const {
    std::string text = "Usage: ";
    text += words;
    if (!syntax.empty()) {
        text += ' ';
        text += syntax;
    }
    text += '\n';
    text += meaning.empty() ? summary : meaning;
    text += '\n';
    return text;
}

std::span<const Command> commands() {
    static const std::vector<Command> all = collect();
    return all;
}

const Command* find_command(std::span<const std::string_view> words) {
    if (words.empty()) return nullptr;
    const auto all = commands();
    // No command's words begin with another's whole words, so the first that is not before the given ones is the only
    // one.
    const auto row = std::lower_bound(all.begin(), all.end(), words,
                                      [](const Command& c, const auto& given) { return compare(given, c.words) > 0; });
    return row != all.end() && compare(words, row->words) == 0 ? &*row : nullptr;
}

}  // namespace asterism::agi
