// $[...] is parsed when it is evaluated, not at load: its text exists only after substitution, and a variable may bring
// operators with it. The parser works on views of that text, so an evaluation of numbers allocates nothing.
#include "core/dialplan/expression.hpp"

#include <climits>
#include <cmath>

#include "asterism/dialplan/evaluate.hpp"

namespace asterism::dialplan {
namespace {

constexpr int max_depth = 100;

enum class Op : unsigned char {
    end,
    value,
    open,
    close,
    comma,
    either,
    both,
    eq,
    ne,
    lt,
    gt,
    le,
    ge,
    add,
    sub,
    mul,
    div,
    rem,
    negate,
    colon,
    like,
    question,
    colons,
    join
};

/// How tightly a binary operator binds; 0: it is none.
constexpr int strength(Op op) {
    switch (op) {
        case Op::question: return 1;
        case Op::either: return 2;
        case Op::both: return 3;
        case Op::eq:
        case Op::ne:
        case Op::lt:
        case Op::gt:
        case Op::le:
        case Op::ge: return 4;
        case Op::add:
        case Op::sub: return 5;
        case Op::mul:
        case Op::div:
        case Op::rem: return 6;
        case Op::colon:
        case Op::like: return 8;
        case Op::join: return 9;
        default: return 0;
    }
}
constexpr int unary_strength = 7;

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) { advance(); }

    bool run(std::string& result) {
        if (op_ == Op::end) return error_.empty();
        const Value value = expression(1, 0);
        if (error_.empty() && op_ != Op::end) fail("unexpected text");
        if (!error_.empty()) return false;
        if (value.number)
            append_number(value.n, result);
        else
            result.append(value.text);
        return true;
    }
    std::string error_;

  private:
    void fail(std::string_view what) {
        if (!error_.empty()) return;
        error_ = std::string(what) + " at '" + std::string(text_.substr(std::min(start_, text_.size()), 40)) + "'";
        op_ = Op::end;
        at_ = text_.size();
    }

    [[nodiscard]] bool ends_word(char c) const {
        switch (c) {
            case ' ':
            case '\t':
            case '\r':
            case '\n':
            case '|':
            case '&':
            case '=':
            case '!':
            case '<':
            case '>':
            case '+':
            case '-':
            case '*':
            case '/':
            case '%':
            case '?':
            case ':':
            case '(':
            case ')':
            case '"': return true;
            case ',': return calls_ > 0;
            default: return false;
        }
    }

    void advance() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
            ++at_;
        start_ = at_;
        if (at_ == text_.size()) {
            op_ = Op::end;
            return;
        }
        const char c = text_[at_];
        const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        const auto take = [this](Op op, std::size_t length) {
            op_ = op;
            at_ += length;
        };
        switch (c) {
            case '(': return take(Op::open, 1);
            case ')': return take(Op::close, 1);
            case ',':
                if (calls_ > 0) return take(Op::comma, 1);
                break;  // a list is a word: $["${LIST}" = a,b]
            case '|': return take(Op::either, next == '|' ? 2 : 1);
            case '&': return take(Op::both, next == '&' ? 2 : 1);
            case '=': return next == '~' ? take(Op::like, 2) : take(Op::eq, next == '=' ? 2 : 1);
            case '!': return next == '=' ? take(Op::ne, 2) : take(Op::negate, 1);
            case '<': return next == '=' ? take(Op::le, 2) : take(Op::lt, 1);
            case '>': return next == '=' ? take(Op::ge, 2) : take(Op::gt, 1);
            case '+': return take(Op::add, 1);
            case '-': return take(Op::sub, 1);
            case '*': return take(Op::mul, 1);
            case '/': return take(Op::div, 1);
            case '%': return take(Op::rem, 1);
            case '?': return take(Op::question, 1);
            case ':': return next == ':' ? take(Op::colons, 2) : take(Op::colon, 1);
            case '~':
                if (next == '~') return take(Op::join, 2);
                break;
            default: break;
        }
        // "${a}" where a is a word in quotes of its own: the pair of quotes ends where it comes again.
        if (c == '"' && next == '"' && at_ + 2 < text_.size() &&
            (text_[at_ + 2] == '"' || !ends_word(text_[at_ + 2]))) {
            const std::size_t close = text_.find("\"\"", at_ + 2);
            if (close != std::string_view::npos && text_.find(' ', at_ + 2) > close) {
                value_ = Value{false, 0, text_.substr(at_, close + 2 - at_)};
                return take(Op::value, close + 2 - at_);
            }
        }
        // Words and quoted texts that touch each other are one operand: {"a": "b"} within quotes.
        std::size_t end = at_;
        while (end < text_.size()) {
            if (text_[end] == '"') {
                const std::size_t close = text_.find('"', end + 1);
                if (close == std::string_view::npos) return fail("no closing quote");
                end = close + 1;
                continue;
            }
            if (end > at_ && (ends_word(text_[end]) || text_.substr(end).starts_with("~~"))) break;
            ++end;
        }
        const std::string_view word = text_.substr(at_, end - at_);
        value_ = Value{false, 0, word};
        value_.number = parse_number(word, value_.n);
        take(Op::value, word.size());
    }

    Value expression(int at_least, int depth) {
        if (depth > max_depth) {
            fail("nested too deeply");
            return {};
        }
        Value left = operand(depth);
        while (error_.empty()) {
            const Op op = op_;
            const int bind = strength(op);
            if (bind == 0 || bind < at_least) break;
            advance();
            if (op == Op::question) {
                const Value yes = expression(1, depth + 1);
                if (op_ != Op::colons) {
                    fail("'?' without '::'");
                    break;
                }
                advance();
                const Value no = expression(1, depth + 1);
                left = is_null(left) ? no : yes;
                continue;
            }
            const Value right = expression(bind + 1, depth + 1);
            if (error_.empty()) left = apply(op, left, right);
        }
        return left;
    }

    Value operand(int depth) {
        switch (op_) {
            case Op::value: {
                const Value value = value_;
                const bool call =
                    at_ < text_.size() && text_[at_] == '(' && !value.number && !value.text.starts_with('"');
                advance();
                return call ? function(value.text, depth) : value;
            }
            case Op::open: {
                advance();
                const Value inside = expression(1, depth + 1);
                if (op_ != Op::close) fail("no closing ')'");
                advance();
                return inside;
            }
            case Op::sub: {
                advance();
                return Value::of(-to_number(expression(unary_strength, depth + 1)));
            }
            case Op::negate: {
                advance();
                return Value::of(is_null(expression(unary_strength, depth + 1)));
            }
            default: fail(op_ == Op::end ? "something is missing" : "unexpected operator"); return {};
        }
    }

    Value function(std::string_view name, int depth) {
        Value arguments[2];
        std::size_t count = 0;
        ++calls_;
        advance();  // the parenthesis
        while (op_ != Op::close && error_.empty()) {
            if (count == 2)
                fail("too many arguments");
            else
                arguments[count++] = expression(1, depth + 1);
            if (op_ == Op::comma)
                advance();
            else if (op_ != Op::close)
                fail("no closing ')'");
        }
        --calls_;
        advance();
        Value result;
        if (error_.empty() && !math_function(name, arguments, count, result)) fail("no function " + std::string(name));
        return result;
    }

    Value apply(Op op, const Value& a, const Value& b) {
        switch (op) {
            case Op::either: return is_null(a) ? b : a;
            case Op::both: return is_null(a) || is_null(b) ? Value::of(false) : a;
            case Op::eq: return Value::of(compare(a, b, texts_) == 0);
            case Op::ne: return Value::of(compare(a, b, texts_) != 0);
            case Op::lt: return Value::of(compare(a, b, texts_) < 0);
            case Op::gt: return Value::of(compare(a, b, texts_) > 0);
            case Op::le: return Value::of(compare(a, b, texts_) <= 0);
            case Op::ge: return Value::of(compare(a, b, texts_) >= 0);
            case Op::add: return Value::of(to_number(a) + to_number(b));
            case Op::sub: return Value::of(to_number(a) - to_number(b));
            case Op::mul: return Value::of(to_number(a) * to_number(b));
            // Asterisk answers a division by zero with the largest int, not with an error.
            case Op::div:
                return to_number(b) == 0 ? Value::of(static_cast<long double>(INT_MAX))
                                         : Value::of(to_number(a) / to_number(b));
            case Op::rem:
                return to_number(b) == 0 ? Value::of(static_cast<long double>(INT_MAX))
                                         : Value::of(std::fmod(to_number(a), to_number(b)));
            case Op::colon:
            case Op::like: return match(a, b, op == Op::colon, texts_, error_);
            case Op::join: {
                const std::string_view left = unquoted(to_text(a, texts_));
                const std::string_view right = unquoted(to_text(b, texts_));
                if (left.size() + right.size() > max_value) {
                    fail("text too long");
                    return {};
                }
                texts_.emplace_front(left).append(right);
                return Value{false, 0, texts_.front()};
            }
            default: fail("unexpected operator"); return {};
        }
    }

    std::string_view text_;
    std::size_t at_ = 0, start_ = 0;
    int calls_ = 0;  // functions whose arguments are being read: there a comma separates
    Op op_ = Op::end;
    Value value_;
    Texts texts_;
};

/// "INTEGER operator INTEGER", which is most of what dialplans evaluate, without the machinery. False: something else.
bool quick(std::string_view text, std::string& result) {
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto skip = [&] {
        while (at != end && *at == ' ') ++at;
    };
    const auto integer = [&](long long& into) {
        skip();
        const char* const first = at;
        while (at != end && *at >= '0' && *at <= '9' && at - first < 15) into = into * 10 + (*at++ - '0');
        const bool any = at != first;
        skip();
        return any;
    };
    long long a = 0, b = 0;
    if (!integer(a) || at == end) return false;
    const char op = *at++;
    const bool equal_too = at != end && *at == '=' && op != '+' && op != '-' && op != '*';
    if (equal_too) ++at;
    if (!integer(b) || at != end) return false;
    long long value = 0;
    switch (op) {
        case '+': value = a + b; break;
        case '-': value = a - b; break;
        case '=': value = a == b; break;
        case '<': value = equal_too ? a <= b : a < b; break;
        case '>': value = equal_too ? a >= b : a > b; break;
        case '!':
            if (!equal_too) return false;
            value = a != b;
            break;
        default: return false;
    }
    append_number(static_cast<long double>(value), result);
    return true;
}

}  // namespace

std::optional<std::string> evaluate_expression(std::string_view text, std::string* error) {
    std::string result;
    if (quick(text, result)) return result;
    Parser parser(text);
    if (parser.run(result)) return result;
    if (error) *error = std::move(parser.error_);
    return std::nullopt;
}

}  // namespace asterism::dialplan
