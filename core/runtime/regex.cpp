#include "asterism/runtime/regex.hpp"

#include <regex.h>

#include <algorithm>
#include <utility>

namespace asterism {
namespace {

constexpr std::size_t most_states = 1'000;
constexpr std::size_t most_nested = 200;

/// The end of the bracket expression that begins at `at`, or of the pattern.
std::size_t bracket_end(std::string_view pattern, std::size_t at) {
    ++at;
    if (at < pattern.size() && pattern[at] == '^') ++at;
    if (at < pattern.size() && pattern[at] == ']') ++at;
    while (at < pattern.size() && pattern[at] != ']') {
        const auto kind = pattern[at] == '[' && at + 1 < pattern.size() ? pattern[at + 1] : '\0';
        if (kind == ':' || kind == '.' || kind == '=') {
            const auto end = pattern.find(std::string{kind, ']'}, at + 2);
            if (end == std::string_view::npos) return pattern.size();
            at = end + 1;
        }
        ++at;
    }
    return at;
}

/// How often "{n,m}" writes what stands before it, with the end of that text; 1 if it is none.
std::size_t copies(std::string_view pattern, std::size_t& at) {
    std::size_t most = 0, number = 0, i = at + 1;
    for (; i < pattern.size() && pattern[i] != '}'; ++i) {
        if (pattern[i] == ',')
            most = std::exchange(number, 0) + 1;
        else if (pattern[i] >= '0' && pattern[i] <= '9')
            number = std::min(number * 10 + static_cast<std::size_t>(pattern[i] - '0'), most_states);
        else
            return 1;
    }
    if (i < pattern.size()) at = i;
    return std::max({most, number, std::size_t{1}});
}

/// Whether the C library can be given the pattern. It writes repetitions out: of "(a{99}){99}" it makes 9801 states,
/// and each of several plus signs in a row doubles what the ones before it have made; and it descends for each
/// parenthesis.
bool bounded(std::string_view pattern) {
    struct Level {
        std::size_t done = 0, last = 0;
        void next(std::size_t states) {
            done = std::min(done + last, most_states + 1);
            last = std::min(states, most_states + 1);
        }
    };
    std::vector<Level> levels(1);
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        Level& now = levels.back();
        switch (pattern[at]) {
            case '\\':
                ++at;
                now.next(1);
                break;
            case '[':
                at = bracket_end(pattern, at);
                now.next(1);
                break;
            case '(':
                if (levels.size() == most_nested) return false;
                levels.emplace_back();
                break;
            case ')':
                if (levels.size() > 1) {
                    const auto inside = now.done + now.last + 1;
                    levels.pop_back();
                    levels.back().next(inside);
                } else {
                    now.next(1);
                }
                break;
            case '*':
            case '?': now.last = std::min(now.last + 1, most_states + 1); break;
            case '+': now.last = std::min(2 * now.last + 1, most_states + 1); break;
            case '{': now.last = std::min(now.last * copies(pattern, at) + 1, most_states + 1); break;
            default: now.next(1);
        }
    }
    std::size_t all = 0;
    for (const auto& level : levels) all += level.done + level.last;
    return all <= most_states;
}

}  // namespace

void Regex::Free::operator()(re_pattern_buffer* compiled) const {
    regfree(compiled);
    delete compiled;
}

Regex::Regex(const std::string& pattern, Case letters) {
    if (!bounded(pattern)) {
        error_ = "Regular expression too big";
        return;
    }
    auto made = std::make_unique<regex_t>();
    const int flags = REG_EXTENDED | (letters == Case::ignored ? REG_ICASE : 0);
    if (const int error = regcomp(made.get(), pattern.c_str(), flags); error != 0) {
        char message[256];
        regerror(error, made.get(), message, sizeof message);
        error_ = message;
        return;
    }
    compiled_.reset(made.release());
}

std::size_t Regex::groups() const { return compiled_ ? compiled_->re_nsub : 0; }

bool Regex::matches(std::string_view text) const {
    if (!compiled_) return false;
    regmatch_t range{.rm_so = 0, .rm_eo = static_cast<regoff_t>(text.size())};
    return regexec(compiled_.get(), text.data() ? text.data() : "", 0, &range, REG_STARTEND) == 0;
}

std::vector<std::string_view> Regex::find(std::string_view text, std::size_t most) const {
    std::vector<std::string_view> out;
    if (!compiled_ || most == 0) return out;
    std::vector<regmatch_t> found(std::min(most, compiled_->re_nsub + 1));
    found.front() = {.rm_so = 0, .rm_eo = static_cast<regoff_t>(text.size())};
    const char* const begin = text.data() ? text.data() : "";
    if (regexec(compiled_.get(), begin, found.size(), found.data(), REG_STARTEND) != 0) return out;
    for (const auto& [from, to] : found)
        out.push_back(from < 0 ? std::string_view()
                               : std::string_view(begin + from, static_cast<std::size_t>(to - from)));
    return out;
}

}  // namespace asterism
