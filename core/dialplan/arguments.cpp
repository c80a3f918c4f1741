#include "asterism/dialplan/arguments.hpp"
#include "asterism/dialplan/raw_arguments.hpp"

#include <charconv>
#include <limits>

namespace asterism::dialplan {

namespace {

std::vector<std::string> split(std::string_view text, char separator, std::size_t max, bool raw) {
    std::vector<std::string> parts;
    if (text.empty() || max == 0) return parts;
    std::string part;
    int round = 0, square = 0;
    bool quoted = false;
    std::size_t i = 0;
    for (; i < text.size() && parts.size() + 1 < max; ++i) {
        const char c = text[i];
        if (c == separator && round == 0 && square == 0 && !quoted) {
            parts.push_back(std::move(part));
            part.clear();
            continue;
        }
        switch (c) {
            case '[': ++square; break;
            case ']': square -= square > 0; break;
            case '(': ++round; break;
            case ')': round -= round > 0; break;
            case '"':
                quoted = !quoted;
                if (raw) break;
                continue;
            case '\\':
                if (raw) part += c;
                if (++i == text.size()) continue;
                part += text[i];
                continue;
            default: break;
        }
        part += c;
    }
    if (i < text.size()) part.append(text.substr(i));
    parts.push_back(std::move(part));
    return parts;
}

}  // namespace

std::vector<std::string> split_arguments(std::string_view text, char separator, std::size_t max) {
    return split(text, separator, max, false);
}

std::vector<std::string> split_raw(std::string_view text, char separator, std::size_t max) {
    return split(text, separator, max, true);
}

const std::string& Arguments::operator[](std::size_t i) const {
    static const std::string nothing;
    return i < parts_.size() ? parts_[i] : nothing;
}

OptionLetters::OptionLetters(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        Option option{text[i], {}};
        if (i + 1 < text.size() && text[i + 1] == '(') {
            // The parenthesis that closes may not be the first: b(sub^s^1(x)).
            int depth = 0;
            std::size_t end = i + 1;
            for (; end < text.size(); ++end) {
                if (text[end] == '(') ++depth;
                if (text[end] == ')' && --depth == 0) break;
            }
            option.argument = std::string(text.substr(i + 2, end - i - 2));
            i = end;
        }
        options_.push_back(std::move(option));
    }
}

bool OptionLetters::has(char letter) const {
    for (const auto& option : options_) {
        if (option.letter == letter) return true;
    }
    return false;
}

std::string_view OptionLetters::argument(char letter) const {
    // As in Asterisk, the last one of a letter counts.
    for (auto it = options_.rbegin(); it != options_.rend(); ++it) {
        if (it->letter == letter) return it->argument;
    }
    return {};
}

std::string OptionLetters::letters() const {
    std::string out;
    for (const auto& option : options_) out += option.letter;
    return out;
}

bool is_true(std::string_view text) {
    if (text.empty()) return false;
    // A number is true unless it is zero; any other text is true.
    std::string_view digits = text;
    while (digits.starts_with(' ') || digits.starts_with('\t')) digits.remove_prefix(1);
    if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
    if (digits.empty() || digits.front() < '0' || digits.front() > '9') return true;
    long long value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error != std::errc() || value != 0;
}

}  // namespace asterism::dialplan
