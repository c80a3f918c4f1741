#include "asterism/runtime/regex.hpp"

#include <regex.h>

#include <algorithm>

namespace asterism {

void Regex::Free::operator()(re_pattern_buffer* compiled) const {
    regfree(compiled);
    delete compiled;
}

Regex::Regex(const std::string& pattern, Case letters) {
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
