#include "interfaces/cli/pattern.hpp"

#include <strings.h>

namespace asterism::cli {

bool equal_words(std::string_view a, std::string_view b) { return a.size() == b.size() && begins(a, b); }

bool begins(std::string_view word, std::string_view begin) {
    return begin.size() <= word.size() && strncasecmp(word.data(), begin.data(), begin.size()) == 0;
}

Pattern::Pattern(std::string_view name) {
    while (!name.empty()) {
        if (name.front() == ' ') {
            name.remove_prefix(1);
            continue;
        }
        Word word;
        const char open = name.front();
        std::string_view text;
        if (open == '{' || open == '[') {
            const auto end = name.find(open == '{' ? '}' : ']');
            text = name.substr(1, end - 1);
            name.remove_prefix(end == name.npos ? name.size() : end + 1);
            word.optional = open == '[';
        } else {
            const auto end = name.find(' ');
            text = name.substr(0, end);
            name.remove_prefix(end == name.npos ? name.size() : end);
        }
        for (;;) {
            const auto bar = text.find('|');
            word.alternatives.emplace_back(text.substr(0, bar));
            if (bar == text.npos) break;
            text.remove_prefix(bar + 1);
        }
        words_.push_back(std::move(word));
    }
}

namespace {
// The alternative that `typed` is, or abbreviates and no other does.
const std::string* pick(const std::vector<std::string>& alternatives, std::string_view typed, bool& exact) {
    const std::string* found = nullptr;
    for (const auto& word : alternatives) {
        if (equal_words(word, typed)) {
            exact = true;
            return &word;
        }
        if (!begins(word, typed)) continue;
        if (found) return nullptr;
        found = &word;
    }
    exact = false;
    return found;
}
}  // namespace

std::optional<Pattern::Match> Pattern::match(const std::vector<std::string>& typed) const {
    Match match;
    for (const auto& word : words_) {
        const auto at = match.words.size();
        bool exact = false;
        const std::string* found =
            at < typed.size() && !typed[at].empty() ? pick(word.alternatives, typed[at], exact) : nullptr;
        if (!found) {
            if (word.optional) break;
            return std::nullopt;
        }
        match.words.push_back(*found);
        if (exact) ++match.exact;
    }
    return match;
}

std::vector<std::string> Pattern::next(const std::vector<std::string>& typed, bool& at_end) const {
    at_end = false;
    for (std::size_t at = 0; at < words_.size(); ++at) {
        if (at == typed.size()) {
            at_end = words_[at].optional;
            return words_[at].alternatives;
        }
        bool exact = false;
        if (!pick(words_[at].alternatives, typed[at], exact)) {
            at_end = words_[at].optional;
            return {};
        }
    }
    at_end = true;
    return {};
}

std::string Pattern::plain() const {
    std::string text;
    for (const auto& word : words_) {
        if (word.optional) break;
        if (!text.empty()) text += ' ';
        text += word.alternatives.front();
    }
    return text;
}

}  // namespace asterism::cli
