#include "asterism/sip/body.hpp"

#include "asterism/sip/headers.hpp"
#include "asterism/sip/text.hpp"

namespace asterism::sip {

namespace {

std::size_t find_mark(std::string_view text, std::string_view boundary, std::size_t from) {
    for (std::size_t i = text.find("--", from); i != std::string_view::npos; i = text.find("--", i + 1))
        if ((i == 0 || text[i - 1] == '\n') && text.substr(i + 2, boundary.size()) == boundary) return i;
    return std::string_view::npos;
}

bool demanded(std::string_view type, std::string_view disposition) {
    // A disposition reads as a type without a subtype: `signal;handling=required`.
    const auto semicolon = disposition.find(';');
    if (semicolon == std::string_view::npos) return false;
    const Params params(disposition.substr(semicolon));
    if (!iequals(unquote(params.get("handling").value_or(std::string_view{})), "required")) return false;
    const auto parsed = TypedValue::parse(type);
    return !parsed || (!parsed->is("application", "sdp") && !iequals(parsed->type, "multipart"));
}

}  // namespace

bool next_part(std::string_view& rest, std::string_view boundary, BodyPart& part) {
    part = {};
    const std::size_t mark = boundary.empty() ? std::string_view::npos : find_mark(rest, boundary, 0);
    const std::size_t begin = mark == std::string_view::npos ? mark : rest.find('\n', mark);
    const std::size_t end = begin == std::string_view::npos ? begin : find_mark(rest, boundary, begin);
    if (end == std::string_view::npos) return false;
    std::string_view text = rest.substr(begin + 1, end - begin - 1);
    rest.remove_prefix(end);
    for (;;) {  // the part's headers
        const std::size_t eol = text.find('\n');
        if (eol == std::string_view::npos) return true;
        const std::string_view line = trim(text.substr(0, eol));
        text.remove_prefix(eol + 1);
        if (line.empty()) break;
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string_view name = trim(line.substr(0, colon)), value = trim(line.substr(colon + 1));
        if (iequals(name, "Content-Type")) part.type = value;
        if (iequals(name, "Content-Disposition")) part.disposition = value;
    }
    if (text.ends_with("\r\n")) text.remove_suffix(2);
    part.content = text;
    return true;
}

bool demands_unknown_body(const Message& message) {
    const auto value = message.header(HeaderId::content_type);
    if (message.body().empty() || !value) return false;
    if (demanded(*value, message.header(HeaderId::content_disposition).value_or(std::string_view{}))) return true;
    const auto type = TypedValue::parse(*value);
    if (!type || !iequals(type->type, "multipart")) return false;
    const std::string boundary = unquote(type->params.get("boundary").value_or(std::string_view{}));
    std::string_view rest = message.body();
    for (BodyPart part; next_part(rest, boundary, part);)
        if (demanded(part.type, part.disposition)) return true;
    return false;
}

}  // namespace asterism::sip
