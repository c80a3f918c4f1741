#include "classes.hpp"

#include <array>

#include "asterism/runtime/whole.hpp"
#include "request.hpp"

namespace asterism::ami {

namespace {

constexpr std::array<std::string_view, 19> names{
    "system", "call",     "log",       "verbose", "command", "agent", "user", "config",   "dtmf",   "reporting",
    "cdr",    "dialplan", "originate", "agi",     "cc",      "aoc",   "test", "security", "message"};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::string privilege_text(Classes classes) {
    if (classes == cls::none) return "<none>";
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (classes & (1u << i)) text.append(names[i]).push_back(',');
    }
    return text + "all";
}

Classes parse_classes(std::string_view list) {
    Classes classes = cls::none;
    while (!list.empty()) {
        auto comma = list.find(',');
        auto word = trimmed(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
        if (same_name(word, "all")) return cls::all;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (same_name(word, names[i])) classes |= 1u << i;
        }
    }
    return classes;
}

std::optional<Classes> parse_mask(std::string_view mask) {
    mask = trimmed(mask);
    if (mask.empty()) return std::nullopt;
    if (const auto number = parse_whole<Classes>(mask); number && mask.size() > 1) return number;
    if (says_yes(mask)) return cls::all;
    if (says_no(mask)) return cls::none;
    return parse_classes(mask);
}

}  // namespace asterism::ami
