#include "asterism/dialplan/template.hpp"

#include <charconv>

#include "asterism/runtime/log.hpp"

namespace asterism::dialplan {
namespace {

constexpr int max_nesting = 32;

/// Where the bracket that opened just before `from` closes; npos if it does not.
std::size_t closing(std::string_view text, std::size_t from, char open, char close) {
    int depth = 1;
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == open) ++depth;
        if (text[i] == close && --depth == 0) return i;
    }
    return std::string_view::npos;
}

bool has_substitution(std::string_view text) {
    for (std::size_t i = text.find('$'); i != std::string_view::npos; i = text.find('$', i + 1)) {
        if (i + 1 < text.size() && (text[i + 1] == '{' || text[i + 1] == '[')) return true;
    }
    return false;
}

/// The number at the start, as far as it goes; 0 if there is none. Takes it off the text.
int leading_int(std::string_view& text, int otherwise) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::invalid_argument) return otherwise;
    if (error == std::errc::result_out_of_range) value = text.starts_with('-') ? -INT_MAX : INT_MAX;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

}  // namespace

Template::Template(std::string_view text) : text_(text) {
    if (has_substitution(text)) compile(text_, 0);
}

void Template::compile(std::string_view text, int depth) {
    const auto literal = [this](std::string_view piece) {
        if (piece.empty()) return;
        if (!parts_.empty() && parts_.back().kind == Part::Kind::literal)
            parts_.back().text += piece;
        else
            parts_.push_back({.kind = Part::Kind::literal, .text = std::string(piece), .args = {}});
    };
    std::size_t from = 0;
    while (from < text.size()) {
        std::size_t at = text.find('$', from);
        while (at != std::string_view::npos &&
               (at + 1 == text.size() || (text[at + 1] != '{' && text[at + 1] != '['))) {
            at = text.find('$', at + 1);
        }
        if (at == std::string_view::npos) return literal(text.substr(from));
        literal(text.substr(from, at - from));
        const bool reference = text[at + 1] == '{';
        std::size_t end = closing(text, at + 2, reference ? '{' : '[', reference ? '}' : ']');
        if (end == std::string_view::npos) {
            fault_ = reference ? "no closing '}'" : "no closing ']'";
            end = text.size();
        }
        const std::string_view inside = text.substr(at + 2, end - at - 2);
        from = std::min(end + 1, text.size());
        if (depth >= max_nesting) {
            fault_ = "nested too deeply";
            literal(text.substr(at, from - at));
            continue;
        }
        Part part{.kind = reference ? Part::Kind::dynamic : Part::Kind::expression, .text = {}, .args = {}};
        const bool nested = has_substitution(inside);
        if (reference && !nested) {
            const Reference parsed = parse_reference(inside);
            part.kind = parsed.function ? Part::Kind::function : Part::Kind::variable;
            part.text = std::string(parsed.name);
            part.args = std::string(parsed.args);
            part.offset = parsed.offset;
            part.length = parsed.length;
            part.sliced = parsed.sliced;
        } else {
            part.inside.text_ = std::string(inside);
            if (nested) part.inside.compile(part.inside.text_, depth + 1);
            if (fault_.empty()) fault_ = part.inside.fault_;
        }
        parts_.push_back(std::move(part));
    }
}

Template::Reference Template::parse_reference(std::string_view text) {
    Reference out;
    int depth = 0;
    std::size_t end = 0;
    for (; end < text.size(); ++end) {
        const char c = text[end];
        if (c == '(') {
            ++depth;
            out.function = true;
        } else if (c == ')') {
            --depth;
        } else if (c == ':' && depth == 0) {
            out.sliced = true;
            std::string_view rest = text.substr(end + 1);
            out.offset = leading_int(rest, 0);
            if (rest.starts_with(':')) {
                rest.remove_prefix(1);
                out.length = leading_int(rest, INT_MAX);
            }
            break;
        }
    }
    out.name = text.substr(0, end);
    if (out.function) {
        const std::size_t open = out.name.find('(');
        const std::size_t close = out.name.rfind(')');
        out.args = out.name.substr(
            open + 1, close == std::string_view::npos || close < open ? std::string_view::npos : close - open - 1);
        out.name = out.name.substr(0, open);
    }
    return out;
}

std::string_view Template::slice(std::string_view value, int offset, int length) {
    const auto size = static_cast<long long>(value.size());
    long long from = offset < 0 ? std::max(0LL, size + offset) : offset;
    if (from >= size) return {};
    const long long rest = size - from;
    // A negative length leaves so many characters out at the end.
    const long long take = length < 0 ? rest + length : std::min<long long>(rest, length);
    return take <= 0 ? std::string_view()
                     : value.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(take));
}

void Template::append_reference(const Reference& reference, Scope& scope, std::string& out) {
    const std::size_t start = out.size();
    if (reference.function)
        (void)scope.append_function(reference.name, reference.args, out);
    else
        (void)scope.append_variable(reference.name, out);
    if (out.size() > max_value) {
        log::warning("The value of {} is cut after {} bytes", reference.name, max_value);
        out.resize(max_value);
    }
    if (!reference.sliced || start > out.size()) return;
    const std::string_view value = std::string_view(out).substr(start);
    const std::string_view kept = slice(value, reference.offset, reference.length);
    if (kept.empty()) {
        out.resize(start);
    } else {
        const auto skip = static_cast<std::size_t>(kept.data() - value.data());
        out.resize(start + skip + kept.size());
        out.erase(start, skip);
    }
}

void Template::append_expression(std::string_view text, std::string& out) {
    std::string error;
    if (auto value = evaluate_expression(text, &error))
        out += *value;
    else
        log::warning("Syntax error in $[{}]: {}", text, error);
}

namespace {

Template::Reference reference_of(std::string_view name, std::string_view args, bool function, bool sliced, int offset,
                                 int length) {
    return {.name = name, .args = args, .function = function, .sliced = sliced, .offset = offset, .length = length};
}

}  // namespace

void Template::substitute(Scope& scope, std::string& out) const {
    if (plain()) {
        out += text_;
        return;
    }
    for (const auto& part : parts_) {
        if (out.size() >= max_value) return;
        switch (part.kind) {
            case Part::Kind::literal: out += part.text; break;
            case Part::Kind::variable:
                if (part.sliced)
                    append_reference(reference_of(part.text, {}, false, true, part.offset, part.length), scope, out);
                else
                    (void)scope.append_variable(part.text, out);
                break;
            case Part::Kind::function:
                append_reference(reference_of(part.text, part.args, true, part.sliced, part.offset, part.length), scope,
                                 out);
                break;
            case Part::Kind::dynamic:
            case Part::Kind::expression: {
                std::string inside;
                part.inside.substitute(scope, inside);
                if (part.kind == Part::Kind::dynamic)
                    append_reference(parse_reference(inside), scope, out);
                else
                    append_expression(inside, out);
                break;
            }
        }
    }
}

void Template::function_names(std::vector<std::string>& into) const {
    for (const auto& part : parts_) {
        if (part.kind == Part::Kind::function) into.push_back(part.text);
        if (part.kind == Part::Kind::dynamic && !part.inside.parts_.empty() &&
            part.inside.parts_.front().kind == Part::Kind::literal) {
            const std::string_view start = part.inside.parts_.front().text;
            if (const auto open = start.find('('); open != std::string_view::npos && open > 0)
                into.emplace_back(start.substr(0, open));
        }
        part.inside.function_names(into);
    }
}

}  // namespace asterism::dialplan
