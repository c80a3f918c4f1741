#include "asterism/functions/text.hpp"

#include <algorithm>
#include <bitset>
#include <charconv>

namespace asterism::functions {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Reads one character or escape from the front of `text`, which is not empty.
char take_char(std::string_view& text) {
    const char first = text.front();
    text.remove_prefix(1);
    if (first != '\\' || text.empty()) return first;
    const char kind = text.front();
    text.remove_prefix(1);
    switch (kind) {
        case 'a': return '\a';
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        case 'v': return '\v';
        case 'x': {
            int value = 0;
            int digits = 0;
            while (digits < 2 && !text.empty() && hex_digit(text.front()) >= 0) {
                value = value * 16 + hex_digit(text.front());
                text.remove_prefix(1);
                ++digits;
            }
            return digits ? static_cast<char>(value) : 'x';
        }
        default: break;
    }
    if (kind < '0' || kind > '7') return kind;
    int value = kind - '0';
    for (int digits = 1; digits < 3 && !text.empty() && text.front() >= '0' && text.front() <= '7'; ++digits) {
        value = value * 8 + (text.front() - '0');
        text.remove_prefix(1);
    }
    return static_cast<char>(value);
}

using Bytes = std::bitset<256>;
std::size_t index(char c) { return static_cast<unsigned char>(c); }

}  // namespace

std::string unescape(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) result += take_char(text);
    return result;
}

std::string filter(std::string_view allowed, std::string_view text) {
    Bytes keep;
    while (!allowed.empty()) {
        const char from = take_char(allowed);
        if (allowed.size() > 1 && allowed.front() == '-') {
            allowed.remove_prefix(1);
            const char to = take_char(allowed);
            for (auto i = index(from); i <= index(to); ++i) keep.set(i);
        } else {
            keep.set(index(from));
        }
    }
    std::string result;
    for (char c : text)
        if (keep.test(index(c))) result += c;
    return result;
}

std::string replace_chars(std::string_view text, std::string_view find, std::optional<char> with) {
    std::string result;
    result.reserve(text.size());
    for (char c : text) {
        if (find.find(c) == std::string_view::npos)
            result += c;
        else if (with)
            result += *with;
    }
    return result;
}

std::string replace_text(std::string_view text, std::string_view find, std::string_view with, long most) {
    std::string result;
    if (find.empty()) return std::string(text);
    while (most != 0) {
        const auto at = text.find(find);
        if (at == std::string_view::npos) break;
        result += text.substr(0, at);
        result += with;
        text.remove_prefix(at + find.size());
        if (most > 0) --most;
    }
    result += text;
    return result;
}

std::string interleave(std::string_view text, std::string_view between) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i) result += between;
        result += text[i];
    }
    return result;
}

std::string_view trim_left(std::string_view text) {
    const auto at = text.find_first_not_of(" \t\r\n\v\f");
    return at == std::string_view::npos ? std::string_view{} : text.substr(at);
}
std::string_view trim_right(std::string_view text) { return text.substr(0, text.find_last_not_of(" \t\r\n\v\f") + 1); }
std::string_view trim(std::string_view text) { return trim_left(trim_right(text)); }

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return result;
}
std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::string keypad(std::string_view text) {
    static constexpr std::string_view letters = "22233344455566677778889999";
    std::string result;
    for (char c : upper(text)) {
        if (c >= 'A' && c <= 'Z')
            result += letters[static_cast<std::size_t>(c - 'A')];
        else if ((c >= '0' && c <= '9') || c == '*' || c == '#')
            result += c;
    }
    return result;
}

std::string quote(std::string_view text) {
    std::string result = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result += '"';
}

std::string csv_quote(std::string_view text) {
    std::string result = "\"";
    for (char c : text) {
        if (c == '"') result += '"';
        result += c;
    }
    return result += '"';
}

std::string uri_encode(std::string_view text) {
    static constexpr char hex[] = "0123456789ABCDEF";
    static constexpr std::string_view marks = "-_.!~*'()";
    std::string result;
    for (char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           marks.find(c) != std::string_view::npos;
        if (plain) {
            result += c;
        } else {
            result += '%';
            result += hex[index(c) >> 4];
            result += hex[index(c) & 15];
        }
    }
    return result;
}

std::string uri_decode(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
            result += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

}  // namespace asterism::functions
