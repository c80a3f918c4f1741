#include "asterism/config/options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "asterism/runtime/whole.hpp"

namespace asterism::config {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool less_nocase(std::string_view a, std::string_view b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](char x, char y) { return lower(x) < lower(y); });
}

/// How many letters must be changed, added or taken away to turn a into b.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string_view trim(std::string_view text) {
    constexpr std::string_view space = " \t\r\n\v\f";
    const std::size_t from = text.find_first_not_of(space);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(space) - from + 1);
}

bool equal_nocase(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<bool> parse_bool(std::string_view text) {
    text = trim(text);
    for (std::string_view yes : {"yes", "true", "on", "1", "y", "t"}) {
        if (equal_nocase(text, yes)) return true;
    }
    for (std::string_view no : {"no", "false", "off", "0", "n", "f"}) {
        if (equal_nocase(text, no)) return false;
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_int(std::string_view text) {
    text = trim(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    return parse_whole<std::int64_t>(text);
}

std::optional<double> parse_number(std::string_view text) {
    text = trim(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (!std::isfinite(value)) return std::nullopt;  // from_chars takes "nan" and "inf"
    return value;
}

std::vector<std::string> parse_list(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t from = 0; from <= text.size();) {
        std::size_t end = std::min(text.find(separator, from), text.size());
        if (auto part = trim(text.substr(from, end - from)); !part.empty()) parts.emplace_back(part);
        from = end + 1;
    }
    return parts;
}

std::string_view nearest(std::string_view name, const std::vector<std::string_view>& candidates) {
    if (name.size() > 64) return {};
    std::string_view best;
    std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (std::string_view candidate : candidates) {
        if (candidate.size() > name.size() + least || name.size() > candidate.size() + least) continue;
        if (const std::size_t d = distance(name, candidate); d < least) {
            least = d;
            best = candidate;
        }
    }
    return best;
}

namespace detail {

RawOptions::RawOptions(std::string file, std::string section, std::vector<RawOption> options)
    : file_(std::move(file)), section_(std::move(section)), rows_(std::move(options)) {
    for (std::size_t i = 0; i < rows_.size(); ++i) by_name_.push_back(i);
    std::sort(by_name_.begin(), by_name_.end(),
              [this](auto a, auto b) { return less_nocase(rows_[a].info.name, rows_[b].info.name); });
}

const RawOption* RawOptions::find(std::string_view name) const {
    auto at = std::lower_bound(by_name_.begin(), by_name_.end(), name, [this](std::size_t i, std::string_view n) {
        return less_nocase(rows_[i].info.name, n);
    });
    if (at != by_name_.end() && equal_nocase(rows_[*at].info.name, name)) return &rows_[*at];
    for (const auto& row : rows_) {
        const auto& start = row.info.name;
        if (row.info.prefix && name.size() >= start.size() && equal_nocase(name.substr(0, start.size()), start))
            return &row;
    }
    return nullptr;
}

void RawOptions::defaults(void* into) const {
    for (const auto& row : rows_) {
        if (!row.set || row.info.default_value.empty() || row.info.prefix) continue;
        if (auto ok = row.set(into, row.info.name, row.info.default_value); !ok) {
            throw std::logic_error(file_ + " [" + section_ + "] " + row.info.name + ": bad default: " + ok.error());
        }
    }
}

void RawOptions::apply(const Section& section, void* into, Report& report) const {
    std::vector<const RawOption*> told;
    for (const auto& variable : section.variables) {
        const RawOption* row = find(variable.name);
        if (!row) {
            std::vector<std::string_view> names;
            for (const auto& known : rows_) names.emplace_back(known.info.name);
            const std::string_view near = nearest(variable.name, names);
            report.warning(variable.origin, "unknown option '" + variable.name + "' in [" + section.name + "]" +
                                                (near.empty() ? "" : ", did you mean '" + std::string(near) + "'?"));
        } else if (!row->info.acted_on || !row->set) {
            if (std::find(told.begin(), told.end(), row) != told.end()) continue;
            told.push_back(row);
            report.warning(variable.origin,
                           "option '" + variable.name + "' in [" + section.name + "] has no effect here");
        } else if (auto ok = row->set(into, variable.name, variable.value); !ok) {
            report.error(variable.origin, variable.name + ": " + ok.error());
        }
    }
}

Set RawOptions::set(void* into, std::string_view name, std::string_view value) const {
    const RawOption* row = find(name);
    if (!row) return std::unexpected("unknown option '" + std::string(name) + "'");
    if (!row->set) return {};
    return row->set(into, name, value);
}

Set set_bool(std::string_view value, bool& into) {
    auto parsed = parse_bool(value);
    if (!parsed) return std::unexpected("'" + std::string(value) + "' is neither yes nor no");
    into = *parsed;
    return {};
}

Set set_int(std::string_view value, std::int64_t low, std::int64_t high, std::int64_t& into) {
    auto parsed = parse_int(value);
    if (!parsed) return std::unexpected("'" + std::string(value) + "' is not a whole number");
    if (*parsed < low || *parsed > high) {
        return std::unexpected(std::to_string(*parsed) + " is not between " + std::to_string(low) + " and " +
                               std::to_string(high));
    }
    into = *parsed;
    return {};
}

Set set_enum(std::string_view value, const std::vector<std::string>& names, std::size_t& into) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (equal_nocase(trim(value), names[i])) {
            into = i;
            return {};
        }
    }
    return std::unexpected("'" + std::string(value) + "' is none of " + join(names, ", "));
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const auto& part : parts) {
        if (!out.empty()) out += separator;
        out += part;
    }
    return out;
}

}  // namespace detail
}  // namespace asterism::config
