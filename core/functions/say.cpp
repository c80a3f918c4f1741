#include "asterism/functions/say.hpp"

#include <charconv>

#include "asterism/functions/say_rules.hpp"
#include "asterism/runtime/whole.hpp"

namespace asterism::functions {
namespace {

constexpr std::string_view english_datetime = "ABdY 'digits/at' IMp";

/// What the language's rules make of it; nothing: it is said as in English.
std::optional<Prompts> by_rules(std::string_view language, const std::string& what) {
    const SayConfig& config = say_config();
    if (config.new_mode && config.rules) {
        if (auto said = config.rules->say(language, what)) return said;
    }
    if (language.empty() || language.substr(0, language.find('_')) == "en") return std::nullopt;
    if (auto said = SayRules::built_in().say(language, what)) return said;
    return config.rules ? config.rules->say(language, what) : std::nullopt;
}

/// A time as rules get it: YYYYMMDDHHmm.ss-dow-doy.
std::string for_rules(const std::tm& time) {
    char text[64];
    const std::size_t size = std::strftime(text, sizeof text, "%Y%m%d%H%M.%S-%w-%j", &time);
    return {text, size};
}

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

std::optional<Prompts> say_number(std::int64_t number, std::string_view language, std::string_view gender) {
    if (number <= -beyond || number >= beyond) return std::nullopt;
    Prompts result;
    if (number < 0) {
        result.emplace_back("digits/minus");
        number = -number;
    }
    const std::string digits = ":" + std::to_string(number);
    std::optional<Prompts> said;
    if (!gender.empty()) said = by_rules(language, "num" + std::string(gender.substr(0, 1)) + digits);
    if (!said) said = by_rules(language, "num" + digits);
    if (said)
        append(result, std::move(*said));
    else
        cardinal(result, number);
    return result;
}

std::optional<Prompts> say_ordinal(std::int64_t number, std::string_view language) {
    if (number <= -beyond || number >= beyond) return std::nullopt;
    Prompts result;
    if (number < 0) {
        result.emplace_back("digits/minus");
        number = -number;
    }
    if (auto said = by_rules(language, "enum:" + std::to_string(number)))
        append(result, std::move(*said));
    else
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

std::optional<Prompts> say_text(std::string_view language, std::string_view what) {
    if (auto said = by_rules(language, std::string(what))) return said;
    const auto colon = what.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view kind = what.substr(0, colon), text = what.substr(colon + 1);
    if (kind == "digit" || kind == "digits") return say_digits(text);
    if (kind == "char") return say_letters(text);
    if (kind == "phonetic") return say_phonetic(text);
    if (kind != "num" && kind != "enum") return std::nullopt;
    const auto number = parse_whole<std::int64_t>(text);
    if (!number) return std::nullopt;
    return kind == "num" ? say_number(*number, language) : say_ordinal(*number, language);
}

std::string_view default_datetime_pattern(std::string_view language) {
    const SayConfig& config = say_config();
    std::string_view format;
    if (config.new_mode && config.rules) format = config.rules->date_format(language);
    if (format.empty()) format = SayRules::built_in().date_format(language);
    return format.empty() ? english_datetime : format;
}

Prompts say_date(const std::tm& time, std::string_view language) {
    if (SayRules::built_in().knows(language)) return say_datetime(time, "AdBY", time, language);
    Prompts result{"digits/day-" + std::to_string(time.tm_wday), "digits/mon-" + std::to_string(time.tm_mon)};
    ordinal(result, time.tm_mday);
    cardinal(result, time.tm_year + 1900);
    return result;
}

Prompts say_time(const std::tm& time, std::string_view language) {
    if (SayRules::built_in().knows(language)) return say_datetime(time, "kM", time, language);
    Prompts result{digit(twelve(time.tm_hour))};
    minutes(result, time.tm_min, "digits/oclock");
    result.emplace_back(time.tm_hour >= 12 ? "digits/p-m" : "digits/a-m");
    return result;
}

namespace {

/// One letter of a pattern as in English; `military` tells minutes what the hour before them was.
void say_part(Prompts& out, char part, const std::tm& time, bool& military) {
    switch (part) {
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
        case 'S': minutes(out, time.tm_sec, "digits/0"); break;
        default: break;
    }
}

/// Q, q: "today", "yesterday", or nothing.
std::optional<std::string> day_near(const std::tm& time, const std::tm& now) {
    if (time.tm_year == now.tm_year && time.tm_yday == now.tm_yday) return "digits/today";
    const bool yesterday = time.tm_year == now.tm_year ? time.tm_yday + 1 == now.tm_yday
                                                       : time.tm_mon == 11 && time.tm_mday == 31 && now.tm_yday == 0 &&
                                                             time.tm_year + 1 == now.tm_year;
    if (yesterday) return "digits/yesterday";
    return std::nullopt;
}

}  // namespace

Prompts say_datetime(const std::tm& time, std::string_view pattern, const std::tm& now, std::string_view language) {
    Prompts out;
    bool military = false;
    const std::string moment = for_rules(time);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char part = pattern[i];
        if (part == '\'') {
            const auto end = pattern.find('\'', i + 1);
            out.emplace_back(pattern.substr(i + 1, end == std::string_view::npos ? end : end - i - 1));
            i = end == std::string_view::npos ? pattern.size() : end;
            continue;
        }
        if ((part < 'A' || part > 'Z') && (part < 'a' || part > 'z')) continue;
        if (auto said = by_rules(language, std::string("date:") + part + ":" + moment)) {
            append(out, std::move(*said));
        } else if (part == 'Q' || part == 'q') {
            const auto near = day_near(time, now);
            const bool today = near && *near == "digits/today";
            if (near && (!today || part == 'Q')) out.push_back(*near);
            if (!near) append(out, say_datetime(time, "ABdY", now, language));
        } else if (part == 'R' || part == 'T') {
            append(out, say_datetime(time, part == 'R' ? "HM" : "HMS", now, language));
        } else {
            say_part(out, part, time, military);
        }
    }
    return out;
}

}  // namespace asterism::functions
