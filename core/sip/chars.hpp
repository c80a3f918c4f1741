// Classes of characters of the grammar of RFC 3261 25.1, looked up in one table: each byte of a message is asked
// several times.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace asterism::sip::chars {

enum Class : std::uint8_t {
    token = 1,      ///< of a token: a header's name, a method
    host = 2,       ///< of a host name
    address = 4,    ///< of an IPv6 address with its zone, which may hold any letter
    scheme = 8,     ///< of a URI's scheme
    breaking = 16,  ///< ends a line, a word or a bracket: controls, blank, `<`, `>`, `"`
    blank = 32,     ///< white space between words
    param = 64,     ///< means something in a list of parameters: `"`, `=`, `;`
    list = 128,     ///< means something in a list of elements: `"`, `<`, `>`, `,`
};

inline constexpr std::array<std::uint8_t, 256> classes = [] {
    std::array<std::uint8_t, 256> table{};
    const auto mark = [&table](std::string_view characters, unsigned bits) {
        for (const char c : characters) table[static_cast<unsigned char>(c)] |= static_cast<std::uint8_t>(bits);
    };
    mark("0123456789", token | host | address | scheme);
    mark("abcdefghijklmnopqrstuvwxyz", token | host | address | scheme);
    mark("ABCDEFGHIJKLMNOPQRSTUVWXYZ", token | host | address | scheme);
    mark("-.!%*_+`'~", token);
    mark(".-_", host);
    mark(":.%", address);
    mark("+-.", scheme);
    mark("<>\"\x7f", breaking);
    for (unsigned c = 0; c <= ' '; ++c) table[c] |= breaking;
    mark(" \t\r\n", blank);
    mark("\"=;", param);
    mark("\"<>,", list);
    return table;
}();

[[nodiscard]] constexpr bool is(char c, Class wanted) { return (classes[static_cast<unsigned char>(c)] & wanted) != 0; }
[[nodiscard]] constexpr bool all(std::string_view text, Class wanted) {
    for (const char c : text)
        if (!is(c, wanted)) return false;
    return true;
}
[[nodiscard]] constexpr bool none(std::string_view text, Class unwanted) {
    for (const char c : text)
        if (is(c, unwanted)) return false;
    return true;
}

}  // namespace asterism::sip::chars
