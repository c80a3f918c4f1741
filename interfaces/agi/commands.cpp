#include "interfaces/agi/commands.hpp"

#include <algorithm>
#include <vector>

namespace asterism::agi {
namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Whether `given` begins with the words of `name`.
bool begins_with(std::span<const std::string_view> given, std::string_view name) {
    std::size_t word = 0;
    while (!name.empty()) {
        if (word == given.size()) return false;
        const auto blank = name.find(' ');
        const auto wanted = name.substr(0, blank);
        const auto have = given[word++];
        if (have.size() != wanted.size()) return false;
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (upper(have[i]) != wanted[i]) return false;
        name.remove_prefix(blank == std::string_view::npos ? name.size() : blank + 1);
    }
    return true;
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
    if (words.empty() || words.front().empty()) return nullptr;
    const auto all = commands();
    const std::string_view first = words.front();
    // Those with the same first letter stand together; no command's words begin with another's whole words.
    auto row = std::lower_bound(all.begin(), all.end(), upper(first.front()),
                                [](const Command& c, char letter) { return c.words.front() < letter; });
    for (; row != all.end() && row->words.front() == upper(first.front()); ++row)
        if (begins_with(words, row->words)) return &*row;
    return nullptr;
}

}  // namespace asterism::agi
