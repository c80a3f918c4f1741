#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "asterism/runtime/regex.hpp"
#include "core/dialplan/expression.hpp"

namespace asterism::dialplan {
namespace {

constexpr std::size_t max_pattern = 1024;

bool digit(char c) { return c >= '0' && c <= '9'; }

/// The last few patterns stay compiled: a dialplan asks the same ones again and again.
const Regex& compiled(std::string pattern) {
    struct Entry {
        std::string pattern;
        Regex regex;
    };
    static thread_local std::unique_ptr<Entry> cache[8];
    static thread_local unsigned next = 0;
    for (const auto& entry : cache) {
        if (entry && entry->pattern == pattern) return entry->regex;
    }
    auto& slot = cache[next++ % 8];
    Regex regex(pattern);
    slot = std::make_unique<Entry>(std::move(pattern), std::move(regex));
    return slot->regex;
}

}  // namespace

bool parse_number(std::string_view text, long double& into) {
    std::size_t i = 0;
    const bool negative = !text.empty() && text[0] == '-';
    if (negative) ++i;
    const std::size_t first = i;
    long long whole = 0;
    while (i < text.size() && digit(text[i]) && i - first < 18) whole = whole * 10 + (text[i++] - '0');
    if (i > first && i == text.size()) {
        into = static_cast<long double>(negative ? -whole : whole);
        return true;
    }
    // Fractions and very long numbers are rare.
    bool any = i > first;
    while (i < text.size() && digit(text[i])) ++i;
    if (i < text.size() && text[i] == '.') {
        ++i;
        while (i < text.size() && digit(text[i])) {
            ++i;
            any = true;
        }
    }
    if (!any || i != text.size() || text.size() > 64) return false;
    char buffer[65];
    text.copy(buffer, text.size());
    buffer[text.size()] = '\0';
    into = std::strtold(buffer, nullptr);
    return true;
}

void append_number(long double value, std::string& out) {
    if (value > -1e15L && value < 1e15L) {
        auto whole = static_cast<long long>(value);
        if (static_cast<long double>(whole) == value) {
            char digits[24];
            char* at = digits + sizeof digits;
            const bool negative = whole < 0;
            unsigned long long rest =
                negative ? 0ULL - static_cast<unsigned long long>(whole) : static_cast<unsigned long long>(whole);
            do *--at = static_cast<char>('0' + rest % 10);
            while (rest /= 10);
            if (negative) *--at = '-';
            out.append(at, digits + sizeof digits);
            return;
        }
    }
    char buffer[64];
    const int length = std::snprintf(buffer, sizeof buffer, "%.18Lg", value);
    out.append(buffer, static_cast<std::size_t>(length));
}

std::string_view unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
    return text;
}

bool is_null(const Value& value) {
    if (value.number) return value.n == 0;
    const std::string_view inside = unquoted(value.text);
    return inside.empty() || inside == "0";
}

long double to_number(const Value& value) {
    if (value.number) return value.n;
    long double n = 0;
    return parse_number(unquoted(value.text), n) ? n : 0;
}

std::string_view to_text(const Value& value, Texts& texts) {
    if (!value.number) return value.text;
    append_number(value.n, texts.emplace_front());
    return texts.front();
}

static std::string_view without_quotes(std::string_view text, Texts& texts) {
    text = unquoted(text);
    if (!text.contains('"')) return text;
    std::string& kept = texts.emplace_front(text);
    std::erase(kept, '"');
    return kept;
}

int compare(const Value& a, const Value& b, Texts& texts) {
    if (a.number && b.number) return a.n < b.n ? -1 : a.n > b.n ? 1 : 0;
    auto left = to_text(a, texts), right = to_text(b, texts);
    // Two quoted words are the same without any of their quotes: "${a}" = "x" also where a is "x".
    const auto quoted = [](std::string_view text) {
        return text.size() > 1 && text.front() == '"' && text.back() == '"';
    };
    if (quoted(left) && quoted(right)) {
        left = without_quotes(left, texts);
        right = without_quotes(right, texts);
    }
    const int order = left.compare(right);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

Value match(const Value& text, const Value& pattern, bool anchored, Texts& texts, std::string& error) {
    const std::string_view expression = unquoted(to_text(pattern, texts));
    if (expression.size() > max_pattern) {
        error = "regular expression too long";
        return Value::of(false);
    }
    const Regex& regex = compiled(std::string(expression));
    if (!regex.good()) {
        error = "bad regular expression '" + std::string(expression) + "'";
        return Value::of(false);
    }
    const std::string subject(unquoted(to_text(text, texts)));
    const auto found = regex.find(subject, 2);
    const bool groups = regex.groups() > 0;
    if (found.empty() || (anchored && found[0].data() != subject.data())) {
        return groups ? Value{false, 0, ""} : Value::of(false);
    }
    if (!groups) return Value::of(static_cast<long double>(found[0].size()));
    if (found[1].data() == nullptr) return Value{false, 0, ""};
    texts.emplace_front(found[1]);
    return Value{false, 0, texts.front()};
}

bool math_function(std::string_view name, const Value* arguments, std::size_t count, Value& result) {
    using Unary = long double (*)(long double);
    using Binary = long double (*)(long double, long double);
    struct Entry {
        std::string_view name;
        Unary one;
        Binary two;
    };
    static constexpr auto exp10 = [](long double x) { return std::pow(10.0L, x); };
    static const Entry table[] = {
        {"ABS", [](long double x) { return std::fabs(x); }, nullptr},
        {"ACOS", [](long double x) { return std::acos(x); }, nullptr},
        {"ASIN", [](long double x) { return std::asin(x); }, nullptr},
        {"ATAN", [](long double x) { return std::atan(x); }, nullptr},
        {"ATAN2", nullptr, [](long double x, long double y) { return std::atan2(x, y); }},
        {"CEIL", [](long double x) { return std::ceil(x); }, nullptr},
        {"COS", [](long double x) { return std::cos(x); }, nullptr},
        {"EXP", [](long double x) { return std::exp(x); }, nullptr},
        {"EXP10", [](long double x) { return exp10(x); }, nullptr},
        {"EXP2", [](long double x) { return std::exp2(x); }, nullptr},
        {"FLOOR", [](long double x) { return std::floor(x); }, nullptr},
        {"LOG", [](long double x) { return std::log(x); }, nullptr},
        {"LOG10", [](long double x) { return std::log10(x); }, nullptr},
        {"LOG2", [](long double x) { return std::log2(x); }, nullptr},
        {"POW", nullptr, [](long double x, long double y) { return std::pow(x, y); }},
        {"REMAINDER", nullptr, [](long double x, long double y) { return std::remainder(x, y); }},
        {"RINT", [](long double x) { return std::rint(x); }, nullptr},
        {"ROUND", [](long double x) { return std::round(x); }, nullptr},
        {"SIN", [](long double x) { return std::sin(x); }, nullptr},
        {"SQRT", [](long double x) { return std::sqrt(x); }, nullptr},
        {"TAN", [](long double x) { return std::tan(x); }, nullptr},
        {"TRUNC", [](long double x) { return std::trunc(x); }, nullptr},
    };
    for (const auto& entry : table) {
        if (entry.name != name) continue;
        if (entry.one && count == 1)
            result = Value::of(entry.one(to_number(arguments[0])));
        else if (entry.two && count == 2)
            result = Value::of(entry.two(to_number(arguments[0]), to_number(arguments[1])));
        else
            return false;
        return true;
    }
    return false;
}

}  // namespace asterism::dialplan
