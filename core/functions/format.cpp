// SPRINTF: a printf whose values are all text.
#include <cstdio>
#include <cstdlib>

#include "asterism/functions/text.hpp"

namespace asterism::functions {
namespace {

constexpr std::size_t widest = 512;

/// One conversion: "%", flags, width, precision, letter.
struct Conversion {
    std::string spec;  // without the letter
    char letter = 0;
};

std::expected<Conversion, std::string> take_conversion(std::string_view& rest) {
    Conversion result{"%", 0};
    auto take_number = [&] {
        std::size_t value = 0;
        while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
            value = std::min<std::size_t>(value * 10 + static_cast<std::size_t>(rest.front() - '0'), widest);
            rest.remove_prefix(1);
        }
        if (value) result.spec += std::to_string(value);
    };
    while (!rest.empty() && std::string_view("-+ #0'").contains(rest.front())) {
        result.spec += rest.front();
        rest.remove_prefix(1);
    }
    take_number();
    if (!rest.empty() && rest.front() == '.') {
        result.spec += '.';
        rest.remove_prefix(1);
        take_number();
    }
    while (!rest.empty() && std::string_view("hlqjzt").contains(rest.front())) rest.remove_prefix(1);
    if (rest.empty()) return std::unexpected("the last conversion has no letter");
    result.letter = rest.front();
    rest.remove_prefix(1);
    return result;
}

std::string print(const char* spec, auto value) {
    char buffer[widest + 400];
    const int size = std::snprintf(buffer, sizeof buffer, spec, value);  // NOLINT: the conversion is checked
    return size < 0 ? std::string{} : std::string(buffer, std::min(static_cast<std::size_t>(size), sizeof buffer - 1));
}

}  // namespace

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"

std::expected<std::string, std::string> format(std::string_view pattern, const std::vector<std::string_view>& values) {
    std::string result;
    std::size_t next = 0;
    while (!pattern.empty()) {
        const auto percent = pattern.find('%');
        result += pattern.substr(0, percent);
        if (percent == std::string_view::npos) break;
        pattern.remove_prefix(percent + 1);
        auto conversion = take_conversion(pattern);
        if (!conversion) return std::unexpected(conversion.error());
        if (conversion->letter == '%') {
            result += '%';
            continue;
        }
        if (next == values.size()) return std::unexpected("there are more conversions than values");
        const std::string value(values[next++]);
        switch (conversion->letter) {
            case 'd':
            case 'i':
                result += print((conversion->spec + "lld").c_str(), std::strtoll(value.c_str(), nullptr, 0));
                break;
            case 'o':
            case 'u':
            case 'x':
            case 'X':
                result += print((conversion->spec + "ll" + conversion->letter).c_str(),
                                std::strtoull(value.c_str(), nullptr, 0));
                break;
            case 'c':
                result +=
                    print((conversion->spec + 'c').c_str(), static_cast<int>(std::strtol(value.c_str(), nullptr, 0)));
                break;
            case 'a':
            case 'A':
            case 'e':
            case 'E':
            case 'f':
            case 'F':
            case 'g':
            case 'G':
                result += print((conversion->spec + conversion->letter).c_str(), std::strtod(value.c_str(), nullptr));
                break;
            case 's':
                if (conversion->spec == "%")
                    result += value;
                else
                    result += print((conversion->spec + 's').c_str(), value.c_str());
                break;
            default: return std::unexpected("'%" + std::string(1, conversion->letter) + "' is no conversion");
        }
    }
    return result;
}

#pragma clang diagnostic pop

}  // namespace asterism::functions
