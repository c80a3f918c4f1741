// A regular expression of an action's parameter: POSIX extended, as Asterisk takes them.
#pragma once

#include <regex.h>

#include <string>

namespace asterism::ami {

/// Compiled once; `good` says whether it could be.
struct Regex {
    regex_t compiled{};
    bool good = false;
    explicit Regex(const std::string& text) { good = regcomp(&compiled, text.c_str(), REG_EXTENDED | REG_NOSUB) == 0; }
    ~Regex() {
        if (good) regfree(&compiled);
    }
    Regex(const Regex&) = delete;
    Regex& operator=(const Regex&) = delete;
    [[nodiscard]] bool matches(const std::string& text) const {
        return good && regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
    }
};

}  // namespace asterism::ami
