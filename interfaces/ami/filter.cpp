#include "filter.hpp"

#include <utility>

#include "request.hpp"

namespace asterism::ami {

bool Filter::set_criteria(std::string_view criteria, bool& method_given) {
    while (!criteria.empty()) {
        auto open = criteria.find('(');
        auto close = criteria.find(')', open == std::string_view::npos ? 0 : open);
        if (open == std::string_view::npos || close == std::string_view::npos) return false;
        auto key = criteria.substr(0, open);
        while (!key.empty() && (key.front() == ' ' || key.front() == ',')) key.remove_prefix(1);
        auto value = criteria.substr(open + 1, close - open - 1);
        criteria.remove_prefix(close + 1);
        if (!criteria.empty() && criteria.front() != ',') return false;
        if (same_name(key, "action")) {
            if (!same_name(value, "include") && !same_name(value, "exclude")) return false;
            exclude_ = same_name(value, "exclude");
        } else if (same_name(key, "name")) {
            name_ = value;
        } else if (same_name(key, "header")) {
            header_ = value;
        } else if (same_name(key, "method")) {
            static constexpr std::pair<std::string_view, Method> methods[] = {
                {"regex", Method::regex},         {"exact", Method::exact},       {"starts_with", Method::starts_with},
                {"ends_with", Method::ends_with}, {"contains", Method::contains}, {"none", Method::none}};
            bool known = false;
            for (auto [word, method] : methods) {
                if (!same_name(value, word)) continue;
                method_ = method;
                known = true;
            }
            if (!known) return false;
            method_given = true;
        } else {
            return false;
        }
    }
    return true;
}

std::expected<Filter, FilterError> Filter::parse(std::string_view criteria, std::string_view expression) {
    Filter filter;
    bool method_given = false;
    if (criteria.empty()) {
        if (!expression.empty() && expression.front() == '!') {
            filter.exclude_ = true;
            expression.remove_prefix(1);
        }
    } else {
        if (!filter.set_criteria(criteria, method_given)) return std::unexpected(FilterError::syntax);
        if (expression.empty() && !method_given && !filter.name_.empty()) filter.method_ = Method::none;
        if (filter.method_ == Method::none && filter.name_.empty()) return std::unexpected(FilterError::syntax);
    }
    if (expression.empty() != (filter.method_ == Method::none)) return std::unexpected(FilterError::syntax);
    filter.text_ = expression;
    if (filter.method_ == Method::regex) {
        if (!filter.regex_.emplace(filter.text_).good()) return std::unexpected(FilterError::expression);
    }
    return filter;
}

bool Filter::fits(std::string_view text) const {
    switch (method_) {
        case Method::regex: return regex_->matches(text);
        case Method::exact: return text == text_;
        case Method::starts_with: return text.starts_with(text_);
        case Method::ends_with: return text.ends_with(text_);
        case Method::contains: return text.find(text_) != std::string_view::npos;
        case Method::none: return true;
    }
    return false;
}

bool Filter::matches(std::string_view name, std::string_view event) const {
    if (!name_.empty() && !same_name(name_, name)) return false;
    if (header_.empty()) return fits(event);
    for (std::size_t at = 0; at < event.size();) {
        auto end = event.find("\r\n", at);
        if (end == std::string_view::npos) end = event.size();
        auto line = event.substr(at, end - at);
        at = end + 2;
        auto colon = line.find(": ");
        if (colon == std::string_view::npos || !same_name(line.substr(0, colon), header_)) continue;
        if (fits(line.substr(colon + 2))) return true;
    }
    return false;
}

bool passes(const std::vector<std::shared_ptr<const Filter>>& filters, std::string_view name, std::string_view event) {
    bool any_include = false;
    bool included = false;
    for (const auto& filter : filters) {
        bool wanted = !filter->excludes();
        any_include |= wanted;
        if (wanted ? included : false) continue;
        if (!filter->matches(name, event)) continue;
        if (!wanted) return false;
        included = true;
    }
    return included || !any_include;
}

}  // namespace asterism::ami
