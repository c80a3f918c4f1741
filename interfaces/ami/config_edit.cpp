#include "config_edit.hpp"

#include <fmt/format.h>

#include "request.hpp"

namespace asterism::ami {

namespace {

std::string_view trimmed(std::string_view text) {
    auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The line without what follows an unescaped `;`, and with `\;` as `;`.
std::string without_comment(std::string_view line) {
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == ';') {
            if (out.empty() || out.back() != '\\') break;
            out.back() = ';';
            continue;
        }
        out.push_back(line[i]);
    }
    return out;
}

std::string escaped(std::string_view value) {
    std::string out;
    for (char c : value) {
        if (c == ';') out.push_back('\\');
        out.push_back(c);
    }
    return out;
}

/// Matches what the pattern describes from end to end.
Regex whole(std::string_view pattern) { return Regex(fmt::format("^({})$", pattern)); }

/// "[name](options)" taken apart; false if it is no heading.
bool parse_heading(std::string_view line, EditSection& section, bool& append) {
    auto close = line.find(']');
    if (!line.starts_with('[') || close == std::string_view::npos) return false;
    section.name = line.substr(1, close - 1);
    auto rest = trimmed(line.substr(close + 1));
    if (!rest.starts_with('(')) return true;
    rest = rest.substr(1, rest.find(')') == std::string_view::npos ? rest.size() : rest.find(')') - 1);
    while (!rest.empty()) {
        auto comma = rest.find(',');
        auto option = trimmed(rest.substr(0, comma));
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        if (option == "!") {
            section.is_template = true;
        } else if (option == "+") {
            append = true;
        } else if (!option.empty()) {
            section.bases.emplace_back(option);
        }
    }
    return true;
}

}  // namespace

SectionFilter::SectionFilter(std::string_view text) {
    while (!text.empty()) {
        auto comma = text.find(',');
        auto pair = trimmed(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        auto equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        auto name = trimmed(pair.substr(0, equals)), value = trimmed(pair.substr(equals + 1));
        if (!same_name(name, "TEMPLATES")) {
            pairs_.emplace_back(whole(name), whole(value));
        } else if (same_name(value, "include")) {
            templates_ = Templates::include;
        } else if (same_name(value, "restrict")) {
            templates_ = Templates::restrict_to;
        }
    }
}

bool SectionFilter::fits(const EditSection& section) const {
    if (section.is_template && templates_ == Templates::exclude) return false;
    if (!section.is_template && templates_ == Templates::restrict_to) return false;
    for (const auto& [name, value] : pairs_) {
        bool found = false;
        for (const auto& line : section.lines) {
            found |= name.matches(line.name) && value.matches(line.value);
        }
        if (!found) return false;
    }
    return true;
}

EditSection* EditFile::any(std::string_view name) {
    for (auto& section : sections_) {
        if (section.name == name) return &section;
    }
    return nullptr;
}

std::vector<EditSection*> EditFile::find(std::string_view name, const SectionFilter& filter) {
    std::vector<EditSection*> found;
    for (auto& section : sections_) {
        if (section.name == name && filter.fits(section)) found.push_back(&section);
    }
    return found;
}

void EditFile::inherit(EditSection& section) {
    for (const auto& base : section.bases) {
        const auto* from = any(base);
        if (!from || from == &section) continue;
        for (const auto& line : from->lines) {
            section.lines.push_back({line.name, line.value, line.object, true, {}});
        }
    }
}

EditFile EditFile::parse(std::string_view text) {
    EditFile file;
    std::vector<std::string> comments;
    // The section that lines belong to; sections_ may grow, so by number.
    std::size_t current = 0;
    bool any_section = false, in_block = false;
    while (!text.empty()) {
        auto end = text.find('\n');
        std::string raw(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (raw.ends_with('\r')) raw.pop_back();
        auto line = trimmed(raw);
        if (line.starts_with(";!")) continue;  // the banner of the last time
        if (in_block || line.starts_with(";--")) {
            in_block = line.find("--;") == std::string_view::npos;
            comments.push_back(std::move(raw));
            continue;
        }
        if (line.empty() || line.front() == ';' || line.front() == '#') {
            comments.push_back(std::move(raw));
            continue;
        }
        auto bare = without_comment(line);
        auto content = trimmed(bare);
        EditSection section;
        bool append = false;
        if (content.starts_with('[') && parse_heading(content, section, append)) {
            if (append && file.any(section.name)) {
                current = static_cast<std::size_t>(file.any(section.name) - file.sections_.data());
                continue;
            }
            section.comments = std::move(comments);
            comments.clear();
            file.inherit(section);
            file.sections_.push_back(std::move(section));
            current = file.sections_.size() - 1;
            any_section = true;
            continue;
        }
        auto equals = content.find('=');
        if (equals == std::string_view::npos || !any_section) {
            comments.push_back(std::move(raw));
            continue;
        }
        EditLine made;
        auto name = content.substr(0, equals);
        auto value = content.substr(equals + 1);
        if (value.starts_with('>')) {
            made.object = true;
            value.remove_prefix(1);
        }
        made.name = trimmed(name);
        made.value = trimmed(value);
        made.comments = std::move(comments);
        comments.clear();
        file.sections_[current].lines.push_back(std::move(made));
    }
    file.tail_ = std::move(comments);
    return file;
}

std::string EditFile::text(std::string_view banner, bool preserve) const {
    std::string out(banner);
    auto put = [&](const std::vector<std::string>& comments) {
        for (const auto& comment : comments) out.append(comment).push_back('\n');
    };
    auto template_has = [&](const EditSection& section, const EditLine& line) {
        for (const auto& base : section.bases) {
            for (const auto& other : sections_) {
                if (other.name != base || &other == &section) continue;
                for (const auto& theirs : other.lines) {
                    if (theirs.name == line.name && theirs.value == line.value) return true;
                }
                break;
            }
        }
        return false;
    };
    for (const auto& section : sections_) {
        put(section.comments);
        std::string options = section.is_template ? "!" : "";
        for (const auto& base : section.bases) options.append(options.empty() ? "" : ",").append(base);
        out += options.empty() ? fmt::format("[{}]\n", section.name) : fmt::format("[{}]({})\n", section.name, options);
        for (const auto& line : section.lines) {
            put(line.comments);
            if ((line.inherited && !preserve) || template_has(section, line)) continue;
            out += fmt::format("{} {} {}\n", line.name, line.object ? "=>" : "=", escaped(line.value));
        }
    }
    put(tail_);
    return out;
}

}  // namespace asterism::ami
