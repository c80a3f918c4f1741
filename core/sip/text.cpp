#include "asterism/sip/text.hpp"

#include "core/sip/chars.hpp"

namespace asterism::sip {

bool iequals(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
    return true;
}

static constexpr bool is_blank(char c) { return chars::is(c, chars::blank); }

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t most) {
    if (text.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
        if (value > most) return std::nullopt;
    }
    return static_cast<std::uint32_t>(value);
}

bool next_element(std::string_view& rest, std::string_view& element) {
    while (!rest.empty() && (is_blank(rest.front()) || rest.front() == ',')) rest.remove_prefix(1);
    if (rest.empty()) return false;
    bool quoted = false, bracket = false;
    std::size_t i = 0;
    for (; i < rest.size(); ++i) {
        const char c = rest[i];
        if (!quoted && !chars::is(c, chars::list)) continue;
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            // Within <> a quote is no quoted-string: a URI may not hold one.
            if (!bracket) quoted = true;
        } else if (c == '<') {
            bracket = true;
        } else if (c == '>') {
            bracket = false;
        } else if (c == ',' && !bracket) {
            break;
        }
    }
    if (i > rest.size()) i = rest.size();
    element = trim(rest.substr(0, i));
    rest.remove_prefix(i);
    return true;
}

bool list_contains(std::string_view list, std::string_view token) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        if (iequals(trim(list.substr(0, comma)), token)) return true;
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    return false;
}

std::string unquote(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
    text = text.substr(1, text.size() - 2);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out += text[i];
    }
    return out;
}

std::string quote(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c == '\r' || c == '\n' ? ' ' : c;
    }
    out += '"';
    return out;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string unescape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
            if (high >= 0 && low >= 0) {
                out += static_cast<char>(high * 16 + low);
                i += 2;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

std::string escape_user(std::string_view text) {
    // unreserved and user-unreserved of RFC 3261 25.1.
    static constexpr std::string_view plain = "-_.!~*'()&=+$,;?/";
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (char c : text) {
        const bool alnum = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
        if (alnum || plain.find(c) != std::string_view::npos) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

bool Params::next(std::string_view& name, std::string_view& value) {
    while (!raw_.empty() && (is_blank(raw_.front()) || raw_.front() == ';')) raw_.remove_prefix(1);
    if (raw_.empty()) return false;
    bool quoted = false;
    std::size_t i = 0, equals = std::string_view::npos;
    for (; i < raw_.size(); ++i) {
        const char c = raw_[i];
        if (!quoted && !chars::is(c, chars::param)) continue;
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '=' && equals == std::string_view::npos) {
            equals = i;
        } else if (c == ';') {
            break;
        }
    }
    if (i > raw_.size()) i = raw_.size();
    if (equals != std::string_view::npos && equals < i) {
        name = trim(raw_.substr(0, equals));
        value = trim(raw_.substr(equals + 1, i - equals - 1));
    } else {
        name = trim(raw_.substr(0, i));
        value = {};
    }
    raw_.remove_prefix(i);
    return true;
}

std::optional<std::string_view> Params::get(std::string_view wanted) const {
    Params rest = *this;
    std::string_view name, value;
    while (rest.next(name, value))
        if (iequals(name, wanted)) return value;
    return std::nullopt;
}

}  // namespace asterism::sip
