#include "asterism/model/party.hpp"

#include <array>

#include "asterism/runtime/whole.hpp"

namespace asterism {

namespace {

struct Row {
    int value;
    std::string_view name, description;
};
// Q.931 4.5.10: presentation in bits 6-5, screening in bits 2-1.
constexpr std::array rows{
    Row{0x00, "allowed_not_screened", "Presentation Allowed, Not Screened"},
    Row{0x01, "allowed_passed_screen", "Presentation Allowed, Passed Screen"},
    Row{0x02, "allowed_failed_screen", "Presentation Allowed, Failed Screen"},
    Row{0x03, "allowed", "Presentation Allowed, Network Number"},
    Row{0x20, "prohib_not_screened", "Presentation Prohibited, Not Screened"},
    Row{0x21, "prohib_passed_screen", "Presentation Prohibited, Passed Screen"},
    Row{0x22, "prohib_failed_screen", "Presentation Prohibited, Failed Screen"},
    Row{0x23, "prohib", "Presentation Prohibited, Network Number"},
    Row{0x43, "unavailable", "Number Unavailable"},
};

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Whether a text without <> is a number rather than a name.
bool looks_like_number(std::string_view text) {
    if (text.empty()) return false;
    return text.find_first_not_of("0123456789*#+()-. ABCDabcd") == std::string_view::npos &&
           text.find_first_of("0123456789*#+") != std::string_view::npos;
}

}  // namespace

std::string_view Presentation::name() const {
    for (const auto& row : rows) {
        if (row.value == value) return row.name;
    }
    return "unknown";
}

std::string_view Presentation::description() const {
    for (const auto& row : rows) {
        if (row.value == value) return row.description;
    }
    return "unknown";
}

std::optional<Presentation> Presentation::parse(std::string_view text) {
    for (const auto& row : rows) {
        if (row.name == text) return Presentation{row.value};
    }
    const auto number = parse_whole<int>(text);
    if (!number || *number < 0 || *number > 255) return std::nullopt;
    return Presentation{*number};
}

PartyId PartyId::of(std::string_view name, std::string_view number) {
    PartyId id;
    id.name.text = name;
    id.name.valid = !name.empty();
    id.number.text = number;
    id.number.valid = !number.empty();
    return id;
}

PartyId parse_caller_id(std::string_view text) {
    text = trim(text);
    std::string name, number;
    const auto open = text.rfind('<');
    if (open != std::string_view::npos) {
        auto close = text.find('>', open);
        if (close == std::string_view::npos) close = text.size();
        number = trim(text.substr(open + 1, close - open - 1));
        text = trim(text.substr(0, open));
    } else if (looks_like_number(text) && !text.starts_with('"')) {
        return PartyId::of({}, text);
    }
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\\' && i + 1 < text.size()) ++i;
            name += text[i];
        }
    } else {
        name = text;
    }
    return PartyId::of(name, number);
}

std::string format_caller_id(std::string_view name, std::string_view number) {
    std::string text;
    if (!name.empty()) {
        text += '"';
        text += name;
        text += "\" ";
    }
    text += '<';
    text += number;
    text += '>';
    return text;
}

}  // namespace asterism
