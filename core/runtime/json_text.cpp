#include "asterism/runtime/json_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "asterism/runtime/xml_text.hpp"

namespace asterism {

namespace {

/// Bytes that stand for themselves.
constexpr auto plain = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0x20; c < 0x80; ++c) table[c] = c != '"' && c != '\\';
    return table;
}();

/// Whether eight bytes all stand for themselves.
bool all_plain(const char* bytes) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t highs = ones << 7;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    const auto zero_byte = [](std::uint64_t w) { return (w - ones) & ~w; };
    // Too many found at worst, never too few: the loop behind looks again.
    const std::uint64_t found =
        word | (word - ones * 0x20) | zero_byte(word ^ (ones * '"')) | zero_byte(word ^ (ones * '\\'));
    return (found & highs) == 0;
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
    std::size_t first = 0;
    while (first + 8 <= text.size() && all_plain(text.data() + first)) first += 8;
    while (first < text.size() && plain[static_cast<unsigned char>(text[first])]) ++first;
    if (first == text.size()) {
        // As nearly all text is: one growth, one copy.
        const std::size_t at = out.size();
        const std::size_t end = at + text.size() + 2;
        // The size that is given to the function may be more than what was asked for (libstdc++ 12).
        out.resize_and_overwrite(end, [&](char* bytes, std::size_t) {
            bytes[at] = '"';
            std::memcpy(bytes + at + 1, text.data(), text.size());
            bytes[end - 1] = '"';
            return end;
        });
        return;
    }
    out += '"';
    std::size_t plain_from = 0;
    for (std::size_t i = first; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (plain[c]) {
            ++i;
            continue;
        }
        if (c >= 0x80) {
            if (const auto size = utf8_sequence(text.substr(i)); size != 0) {
                i += size;
                continue;
            }
        }
        out.append(text.substr(plain_from, i - plain_from));
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            default:
                if (c < 0x20) {
                    fmt::format_to(std::back_inserter(out), "\\u{:04X}", c);
                } else {
                    out += "\xEF\xBF\xBD";
                }
        }
        plain_from = ++i;
    }
    out.append(text.substr(plain_from));
    out += '"';
}

}  // namespace asterism
