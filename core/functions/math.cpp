#include "asterism/functions/math.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "asterism/functions/text.hpp"

namespace asterism::functions {
namespace {

enum class Operator {
    add,
    subtract,
    multiply,
    divide,
    modulus,
    power,
    left,
    right,
    bit_and,
    bit_xor,
    bit_or,
    less,
    less_equal,
    greater,
    greater_equal,
    equal
};

struct Spelling {
    std::string_view text;
    Operator op;
};
/// Longer spellings before those they begin with.
constexpr std::array spellings{
    Spelling{"<<", Operator::left},       Spelling{">>", Operator::right},
    Spelling{"<=", Operator::less_equal}, Spelling{">=", Operator::greater_equal},
    Spelling{"==", Operator::equal},      Spelling{"**", Operator::power},
    Spelling{"+", Operator::add},         Spelling{"-", Operator::subtract},
    Spelling{"*", Operator::multiply},    Spelling{"/", Operator::divide},
    Spelling{"%", Operator::modulus},     Spelling{"^", Operator::power},
    Spelling{"<", Operator::less},        Spelling{">", Operator::greater},
    Spelling{"&", Operator::bit_and},     Spelling{"|", Operator::bit_or},
    Spelling{"AND", Operator::bit_and},   Spelling{"XOR", Operator::bit_xor},
    Spelling{"OR", Operator::bit_or},     Spelling{"MOD", Operator::modulus},
    Spelling{"POW", Operator::power},
};

struct Parsed {
    double left = 0, right = 0;
    Operator op = Operator::add;
};

std::optional<Parsed> parse(std::string_view text) {
    text = trim(text);
    // The first byte may be a sign; so may the one behind the operator ("3*-2", "1e-3+1").
    for (std::size_t at = 1; at < text.size(); ++at) {
        for (const auto& spelling : spellings) {
            if (!text.substr(at).starts_with(spelling.text)) continue;
            const auto left = parse_number(text.substr(0, at));
            const auto right = parse_number(text.substr(at + spelling.text.size()));
            if (left && right) return Parsed{*left, *right, spelling.op};
            break;
        }
    }
    return std::nullopt;
}

std::optional<bool> compare(const Parsed& p) {
    switch (p.op) {
        case Operator::less: return p.left < p.right;
        case Operator::less_equal: return p.left <= p.right;
        case Operator::greater: return p.left > p.right;
        case Operator::greater_equal: return p.left >= p.right;
        case Operator::equal: return p.left == p.right;
        default: return std::nullopt;
    }
}

double compute(const Parsed& p) {
    const auto l = whole_number(p.left);
    const auto r = whole_number(p.right);
    switch (p.op) {
        case Operator::add: return p.left + p.right;
        case Operator::subtract: return p.left - p.right;
        case Operator::multiply: return p.left * p.right;
        case Operator::divide: return p.right == 0 ? 0 : p.left / p.right;
        case Operator::modulus: return r == 0 ? 0 : r == -1 ? 0 : static_cast<double>(l % r);
        case Operator::power: return std::pow(p.left, p.right);
        case Operator::left:
            return r < 0 || r > 62 ? 0
                                   : static_cast<double>(static_cast<std::int64_t>(static_cast<std::uint64_t>(l) << r));
        case Operator::right: return r < 0 || r > 62 ? 0 : static_cast<double>(l >> r);
        case Operator::bit_and: return static_cast<double>(l & r);
        case Operator::bit_xor: return static_cast<double>(l ^ r);
        case Operator::bit_or: return static_cast<double>(l | r);
        default: return 0;
    }
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
    const std::string number(trim(text));
    if (number.empty()) return std::nullopt;
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    if (*end != '\0' || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::int64_t whole_number(double value) {
    return std::fabs(value) < 9.2e18 ? static_cast<std::int64_t>(value) : 0;  // false for NaN too
}

std::string number_text(double value) {
    if (value == std::floor(value) && std::fabs(value) < 1e15) return fmt::format("{}", whole_number(value));
    return fmt::format("{:f}", value);
}

std::expected<std::string, std::string> math(std::string_view expression, std::string_view type) {
    const auto parsed = parse(expression);
    if (!parsed) return std::unexpected("'" + std::string(expression) + "' is not two numbers and an operator");
    if (const auto truth = compare(*parsed)) return *truth ? "TRUE" : "FALSE";
    const double value = compute(*parsed);
    const auto kind = lower(trim(type));
    if (kind.empty() || kind == "f" || kind == "float") return fmt::format("{:f}", value);
    if (kind == "i" || kind == "int") return fmt::format("{}", whole_number(value));
    if (kind == "h" || kind == "hex") return fmt::format("{:x}", static_cast<std::uint64_t>(whole_number(value)));
    if (kind == "c" || kind == "char") return std::string(1, static_cast<char>(whole_number(value)));
    return std::unexpected("'" + std::string(type) + "' is no type of result");
}

}  // namespace asterism::functions
