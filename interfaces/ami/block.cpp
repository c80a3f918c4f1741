#include "block.hpp"

namespace asterism::ami {

std::string_view escape_c(std::string_view value, std::string& kept) {
    static constexpr std::string_view special("\a\b\f\n\r\t\v\\'\"?", 11);
    static constexpr std::string_view letter("abfnrtv\\'\"?", 11);
    if (value.find_first_of(special) == std::string_view::npos) return value;
    kept.clear();
    for (char c : value) {
        auto at = special.find(c);
        if (at == std::string_view::npos) {
            kept.push_back(c);
        } else {
            kept.push_back('\\');
            kept.push_back(letter[at]);
        }
    }
    return kept;
}

}  // namespace asterism::ami
