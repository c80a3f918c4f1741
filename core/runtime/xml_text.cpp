#include "asterism/runtime/xml_text.hpp"

namespace asterism {

std::size_t utf8_sequence(std::string_view text) {
    const auto at = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = at(0);
    std::size_t size = 0;
    unsigned low = 0x80;
    unsigned high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        size = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        size = 3;
        if (lead == 0xE0) low = 0xA0;
        if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        size = 4;
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;
    }
    if (size == 0 || text.size() < size || at(1) < low || at(1) > high) return 0;
    for (std::size_t i = 2; i < size; ++i) {
        if (at(i) < 0x80 || at(i) > 0xBF) return 0;
    }
    return size;
}

std::string xml_text(std::string_view text) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        switch (c) {
            case '&': out += "&amp;"; continue;
            case '<': out += "&lt;"; continue;
            case '>': out += "&gt;"; continue;
            case '"': out += "&quot;"; continue;
            case '\'': out += "&apos;"; continue;
            default: break;
        }
        if (static_cast<unsigned char>(c) >= 0x80) {
            const std::size_t size = utf8_sequence(text.substr(i));
            // U+FFFE and U+FFFF are no characters.
            const bool character = size != 0 && !(size == 3 && text.substr(i, 2) == "\xEF\xBF" &&
                                                  static_cast<unsigned char>(text[i + 2]) >= 0xBE);
            out += character ? text.substr(i, size) : replacement;
            i += size == 0 ? 0 : size - 1;
        } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            out += replacement;
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace asterism
