#include "interfaces/agi/commands.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <iterator>
#include <vector>

namespace asterism::agi {
namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same(std::string_view word, std::string_view upper_case) {
    return word == upper_case || std::ranges::equal(word, upper_case, {}, upper);
}

/// Whether the words of `given` begin with all of a command's name.
bool begins(std::span<const std::string_view> given, std::string_view name) {
    for (const auto& word : given) {
        const auto end = name.find(' ');
        if (!same(word, name.substr(0, end))) return false;
        if (end == std::string_view::npos) return true;
        name.remove_prefix(end + 1);
    }
    return false;
}

/// The first bytes of words or of a name, to be compared at once; zeros behind a shorter one.
class Key {
  public:
    explicit Key(std::span<const std::string_view> words) {
        for (const auto& word : words) {
            for (const char c : word)
                if (!take(upper(c))) return;
            if (!take(' ')) return;
        }
    }
    auto operator<=>(const Key&) const = default;

  private:
    bool take(char c) {
        value_ |= std::uint64_t{static_cast<unsigned char>(c)} << (8 * --left_);
        return left_ != 0;
    }
    std::uint64_t value_ = 0;
    int left_ = 8;
};

struct Row {
    Key key;
    const Command* command;
};

std::vector<Command> collect() {
    std::vector<Command> all;
    for (auto family : {call_commands(), variable_commands(), database_commands(), playback_commands(),
                        input_commands(), say_commands(), speech_commands()})
        all.insert(all.end(), family.begin(), family.end());
    std::sort(all.begin(), all.end(), [](const Command& a, const Command& b) { return a.words < b.words; });
    return all;
}

}  // namespace

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
    static const std::vector<Row> rows = [] {
        std::vector<Row> all;
        for (const auto& command : commands()) all.push_back({Key(std::array{command.words}), &command});
        std::ranges::sort(all, {}, &Row::key);
        return all;
    }();
    if (words.empty()) return nullptr;
    // No command's words begin with another's whole words, so none stands between one and what begins with it.
    const auto behind = std::ranges::upper_bound(rows, Key(words), {}, &Row::key);
    for (auto row = behind; row != rows.begin() && std::prev(row)->key == std::prev(behind)->key; --row)
        if (begins(words, std::prev(row)->command->words)) return std::prev(row)->command;
    return nullptr;
}

}  // namespace asterism::agi
