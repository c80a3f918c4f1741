// Lists of fields in one text: CUT, FIELDNUM, LISTFILTER, SORT.
#include <algorithm>
#include <cstdlib>

#include "asterism/functions/text.hpp"
#include "asterism/runtime/whole.hpp"

namespace asterism::functions {

std::vector<std::string_view> split(std::string_view text, char delimiter) {
    std::vector<std::string_view> fields;
    if (text.empty()) return fields;
    for (;;) {
        const auto at = text.find(delimiter);
        fields.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return fields;
        text.remove_prefix(at + 1);
    }
}

std::string join(const std::vector<std::string_view>& fields, std::string_view delimiter) {
    std::string result;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i) result += delimiter;
        result += fields[i];
    }
    return result;
}

namespace {

/// "3", "2-4", "-4", "2-" as first and last place from 1; the last may be beyond all fields.
std::optional<std::pair<std::size_t, std::size_t>> parse_range(std::string_view text) {
    const auto number = parse_whole<std::size_t>;
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) {
        const auto only = number(text);
        if (!only) return std::nullopt;
        return std::pair{*only, *only};
    }
    const auto from = text.substr(0, dash);
    const auto to = text.substr(dash + 1);
    if (from.empty() && to.empty()) return std::nullopt;
    const auto first = from.empty() ? 1 : number(from);
    const auto last = to.empty() ? static_cast<std::size_t>(-1) : number(to);
    if (!first || !last) return std::nullopt;
    return std::pair{*first, *last};
}

}  // namespace

std::expected<std::string, std::string> cut(std::string_view text, char delimiter, std::string_view spec) {
    const auto fields = split(text, delimiter);
    std::vector<std::string_view> chosen;
    for (auto part : split(spec, '&')) {
        const auto range = parse_range(trim(part));
        if (!range) return std::unexpected("'" + std::string(part) + "' is no field or range of fields");
        for (auto i = std::max<std::size_t>(range->first, 1); i <= range->second && i <= fields.size(); ++i)
            chosen.push_back(fields[i - 1]);
    }
    return join(chosen, std::string_view(&delimiter, 1));
}

std::size_t field_number(std::string_view text, char delimiter, std::string_view value) {
    const auto fields = split(text, delimiter);
    const auto at = std::find(fields.begin(), fields.end(), value);
    return at == fields.end() ? 0 : static_cast<std::size_t>(at - fields.begin()) + 1;
}

std::string without_field(std::string_view text, char delimiter, std::string_view value) {
    auto fields = split(text, delimiter);
    std::erase(fields, value);
    return join(fields, std::string_view(&delimiter, 1));
}

std::string sort_keys(std::string_view items) {
    struct Item {
        std::string_view key;
        double value;
    };
    std::vector<Item> list;
    for (auto text : split(items, ',')) {
        const auto colon = text.find(':');
        const auto number = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
        list.push_back({text.substr(0, colon), leading_number(number)});
    }
    // Equal ones keep their order: their keys are views into one text.
    std::sort(list.begin(), list.end(), [](const Item& a, const Item& b) {
        return a.value != b.value ? a.value < b.value : a.key.data() < b.key.data();
    });
    std::vector<std::string_view> keys;
    for (const auto& item : list) keys.push_back(item.key);
    return join(keys, ",");
}

}  // namespace asterism::functions
