#include "asterism/functions/say.hpp"

#include <charconv>

namespace asterism::functions {
namespace {

std::string digit(std::int64_t value) { return "digits/" + std::to_string(value); }

/// The name of a character that is no letter or digit; empty when it is left out.
std::string symbol(char c) {
    switch (c) {
        case ' ': return "letters/space";
        case '!': return "letters/exclaimation-point";
        case '@': return "letters/at";
        case '#': return "digits/pound";
        case '$': return "letters/dollar";
        case '*': return "digits/star";
        case '+': return "letters/plus";
        case '-': return "letters/dash";
        case '.': return "letters/dot";
        case '/': return "letters/slash";
        case '=': return "letters/equals";
        default: break;
    }
    const auto code = static_cast<unsigned char>(c);
    return code > 32 && code < 127 ? "letters/ascii" + std::to_string(code) : std::string{};
}

Prompts spell(std::string_view text, std::string_view folder, std::string_view ending) {
    Prompts result;
    for (char c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c >= 'a' && c <= 'z') {
            result.push_back(std::string(folder) + c + std::string(ending));
        } else if (c >= '0' && c <= '9') {
            result.push_back(digit(c - '0'));
        } else if (auto name = symbol(c); !name.empty()) {
            result.push_back(std::move(name));
        }
    }
    return result;
}

struct Scale {
    std::int64_t size;
    const char* name;
};
constexpr Scale scales[] = {{1'000'000'000, "billion"}, {1'000'000, "million"}, {1000, "thousand"}, {100, "hundred"}};
constexpr std::int64_t beyond = 1'000'000'000'000;

void cardinal(Prompts& out, std::int64_t n) {
    for (const auto& scale : scales) {
        if (n < scale.size) continue;
        cardinal(out, n / scale.size);
        out.push_back(std::string("digits/") + scale.name);
        n %= scale.size;
        if (n == 0) return;
    }
    if (n > 20) {
        out.push_back(digit(n / 10 * 10));
        n %= 10;
        if (n == 0) return;
    }
    out.push_back(digit(n));
}

void ordinal(Prompts& out, std::int64_t n) {
    for (const auto& scale : scales) {
        if (n < scale.size) continue;
        cardinal(out, n / scale.size);
        n %= scale.size;
        out.push_back(std::string(n == 0 ? "digits/h-" : "digits/") + scale.name);
        if (n == 0) return;
    }
    if (n > 20 && n % 10 != 0) {
        out.push_back(digit(n / 10 * 10));
        n %= 10;
    }
    out.push_back("digits/h-" + std::to_string(n));
}

void append(Prompts& out, Prompts more) {
    for (auto& prompt : more) out.push_back(std::move(prompt));
}

int twelve(int hour) { return hour % 12 == 0 ? 12 : hour % 12; }

/// "oh five", "ten"; `zero` stands for no minutes at all.
void minutes(Prompts& out, int value, const char* zero) {
    if (value == 0) {
        if (zero) out.emplace_back(zero);
    } else {
        if (value < 10) out.emplace_back("digits/oh");
        cardinal(out, value);
    }
}

void year(Prompts& out, int value) {
    if (value >= 1900 && value < 2000) {
        out.push_back(digit(19));
        minutes(out, value % 100, "digits/hundred");
    } else {
        cardinal(out, value);
    }
}

}  // namespace

Prompts say_digits(std::string_view text) {
    Prompts result;
    for (char c : text) {
        if (c >= '0' && c <= '9') result.push_back(digit(c - '0'));
        if (c == '*') result.emplace_back("digits/star");
        if (c == '#') result.emplace_back("digits/pound");
        if (c == '-') result.emplace_back("digits/minus");
    }
    return result;
}

Prompts say_letters(std::string_view text) { return spell(text, "letters/", ""); }
Prompts say_phonetic(std::string_view text) { return spell(text, "phonetic/", "_p"); }

std::optional<Prompts> say_number(std::int64_t number) {
    if (number <= -beyond || number >= beyond) return std::nullopt;
    Prompts result;
    if (number < 0) {
        result.emplace_back("digits/minus");
        number = -number;
    }
    cardinal(result, number);
    return result;
}

std::optional<Prompts> say_ordinal(std::int64_t number) {
    if (number <= -beyond || number >= beyond) return std::nullopt;
    Prompts result;
    if (number < 0) {
        result.emplace_back("digits/minus");
        number = -number;
    }
    ordinal(result, number);
    return result;
}

Prompts say_money(std::string_view amount) {
    const auto dot = amount.find('.');
    std::int64_t dollars = 0;
    int cents = 0;
    const auto whole = amount.substr(0, dot);
    std::from_chars(whole.data(), whole.data() + whole.size(), dollars);
    if (dot != std::string_view::npos) {
        std::string part(amount.substr(dot + 1, 2));
        part.resize(2, '0');
        std::from_chars(part.data(), part.data() + 2, cents);
    }
    Prompts result;
    if (dollars > 0) {
        if (auto said = say_number(dollars)) append(result, std::move(*said));
        result.emplace_back(dollars == 1 ? "letters/dollar" : "digits/dollars");
    }
    if (dollars > 0 && cents > 0) result.emplace_back("and");
    if (cents > 0 || dollars == 0) {
        cardinal(result, cents);
        result.emplace_back(cents == 1 ? "cent" : "cents");
    }
    return result;
}

Prompts say_date(const std::tm& time) {
    Prompts result{"digits/day-" + std::to_string(time.tm_wday), "digits/mon-" + std::to_string(time.tm_mon)};
    ordinal(result, time.tm_mday);
    cardinal(result, time.tm_year + 1900);
    return result;
}

Prompts say_time(const std::tm& time) {
    Prompts result{digit(twelve(time.tm_hour))};
    minutes(result, time.tm_min, "digits/oclock");
    result.emplace_back(time.tm_hour >= 12 ? "digits/p-m" : "digits/a-m");
    return result;
}

Prompts say_datetime(const std::tm& time, std::string_view pattern, const std::tm& now) {
    Prompts out;
    bool military = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        switch (pattern[i]) {
            case '\'': {
                const auto end = pattern.find('\'', i + 1);
                out.emplace_back(pattern.substr(i + 1, end == std::string_view::npos ? end : end - i - 1));
                i = end == std::string_view::npos ? pattern.size() : end;
                break;
            }
            case 'A':
            case 'a': out.push_back("digits/day-" + std::to_string(time.tm_wday)); break;
            case 'B':
            case 'b':
            case 'h': out.push_back("digits/mon-" + std::to_string(time.tm_mon)); break;
            case 'm': ordinal(out, time.tm_mon + 1); break;
            case 'd':
            case 'e': ordinal(out, time.tm_mday); break;
            case 'Y': year(out, time.tm_year + 1900); break;
            case 'I':
            case 'l':
                military = false;
                out.push_back(digit(twelve(time.tm_hour)));
                break;
            case 'H':
                if (time.tm_hour < 10) out.emplace_back("digits/oh");
                [[fallthrough]];
            case 'k':
                military = true;
                cardinal(out, time.tm_hour);
                break;
            case 'M': minutes(out, time.tm_min, military ? "digits/hundred" : "digits/oclock"); break;
            case 'P':
            case 'p': out.emplace_back(time.tm_hour >= 12 ? "digits/p-m" : "digits/a-m"); break;
            case 'Q':
            case 'q': {
                const bool today = time.tm_year == now.tm_year && time.tm_yday == now.tm_yday;
                const bool yesterday = time.tm_year == now.tm_year
                                           ? time.tm_yday + 1 == now.tm_yday
                                           : time.tm_mon == 11 && time.tm_mday == 31 && now.tm_yday == 0 &&
                                                 time.tm_year + 1 == now.tm_year;
                if (today && pattern[i] == 'Q') out.emplace_back("digits/today");
                if (yesterday) out.emplace_back("digits/yesterday");
                if (!today && !yesterday) append(out, say_datetime(time, "ABdY", now));
                break;
            }
            case 'R': append(out, say_datetime(time, "HM", now)); break;
            case 'S': minutes(out, time.tm_sec, "digits/0"); break;
            case 'T': append(out, say_datetime(time, "HMS", now)); break;
            default: break;
        }
    }
    return out;
}

}  // namespace asterism::functions
