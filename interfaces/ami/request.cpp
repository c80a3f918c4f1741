#include "request.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace asterism::ami {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool says_yes(std::string_view value) {
    static constexpr std::array<std::string_view, 6> words{"yes", "true", "on", "1", "y", "t"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return same_name(word, value); });
}

bool says_no(std::string_view value) {
    static constexpr std::array<std::string_view, 6> words{"no", "false", "off", "0", "n", "f"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return same_name(word, value); });
}

void Request::add(std::string_view name, std::string_view value) {
    auto at = static_cast<std::uint32_t>(text_.size());
    auto name_size = static_cast<std::uint32_t>(name.size());
    spans_.push_back({at, name_size, at + name_size, static_cast<std::uint32_t>(value.size())});
    text_.append(name).append(value);
}

void Request::clear() {
    text_.clear();
    spans_.clear();
}

std::string_view Request::name(std::size_t index) const {
    const auto& s = spans_[index];
    return std::string_view(text_).substr(s.name, s.name_size);
}

std::string_view Request::value(std::size_t index) const {
    const auto& s = spans_[index];
    return std::string_view(text_).substr(s.value, s.value_size);
}

std::string_view Request::get(std::string_view name) const {
    for (std::size_t i = 0; i < spans_.size(); ++i) {
        if (same_name(this->name(i), name)) return value(i);
    }
    return {};
}

bool Request::has(std::string_view name) const {
    for (std::size_t i = 0; i < spans_.size(); ++i) {
        if (same_name(this->name(i), name)) return true;
    }
    return false;
}

std::vector<std::string_view> Request::all(std::string_view name) const {
    std::vector<std::string_view> found;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
        if (same_name(this->name(i), name)) found.push_back(value(i));
    }
    return found;
}

bool Request::is_true(std::string_view name) const { return says_yes(get(name)); }

RequestParser::Result RequestParser::feed(std::string_view& bytes) {
    while (!bytes.empty()) {
        auto end = bytes.find('\n');
        if (end == std::string_view::npos) {
            // An overlong line is told at once and then only counted: a line without end costs no memory.
            if (!endless_ && partial_.size() + bytes.size() > max_line + 1) {
                bytes = {};
                partial_.clear();
                endless_ = true;
                if (skipping_) return Result::need_more;
                skipping_ = true;
                return Result::too_long;
            }
            if (!endless_) partial_.append(bytes);
            bytes = {};
            return Result::need_more;
        }
        std::string_view text = bytes.substr(0, end);
        bytes.remove_prefix(end + 1);
        if (endless_) {
            endless_ = false;
            continue;
        }
        Result result;
        if (partial_.empty()) {
            result = line(text);
        } else {
            partial_.append(text);
            std::string whole = std::move(partial_);
            partial_.clear();
            result = line(whole);
        }
        if (result != Result::need_more) return result;
    }
    return Result::need_more;
}

RequestParser::Result RequestParser::line(std::string_view text) {
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (done_) {
        request_.clear();
        done_ = false;
    }
    if (text.empty()) {
        if (skipping_) {
            skipping_ = false;
            request_.clear();
            return Result::need_more;
        }
        if (request_.empty()) return Result::need_more;
        done_ = true;
        return Result::request;
    }
    if (skipping_) return Result::need_more;
    if (text.size() > max_line) {
        skipping_ = true;
        return Result::too_long;
    }
    auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return Result::need_more;
    if (request_.size() == max_headers) {
        skipping_ = true;
        return Result::too_many;
    }
    auto value = text.substr(colon + 1);
    auto begin = value.find_first_not_of(" \t");
    value = begin == std::string_view::npos ? std::string_view() : value.substr(begin);
    request_.add(text.substr(0, colon), value);
    return Result::need_more;
}

}  // namespace asterism::ami
