#include "variable_list.hpp"

#include "asterism/config/options.hpp"

namespace asterism::ami {

std::vector<std::pair<std::string, std::string>> variable_list(std::string_view list) {
    std::vector<std::pair<std::string, std::string>> all;
    std::size_t begin = 0, depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i <= list.size(); ++i) {
        const char c = i < list.size() ? list[i] : ',';
        if (i < list.size()) {
            if (c == '"') quoted = !quoted;
            if (c == '(' && !quoted) ++depth;
            if (c == ')' && !quoted && depth > 0) --depth;
        }
        if (c != ',' || (i < list.size() && (quoted || depth > 0))) continue;
        const auto one = list.substr(begin, i - begin);
        begin = i + 1;
        const auto equals = one.find('=');
        if (equals == std::string_view::npos) continue;
        auto value = one.substr(equals + 1);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
        all.emplace_back(config::trim(one.substr(0, equals)), value);
    }
    return all;
}

}  // namespace asterism::ami
