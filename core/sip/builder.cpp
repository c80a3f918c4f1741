#include "asterism/sip/builder.hpp"

namespace asterism::sip {

namespace {
/// Line ends in a value would let it write headers of its own.
void append_safe(std::string& out, std::string_view text) {
    if (text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos) {
        out += text;
        return;
    }
    for (char c : text) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
}
}  // namespace

void MessageBuilder::request(std::string_view method, std::string_view uri) {
    out_ += method;
    out_ += ' ';
    append_safe(out_, uri);
    out_ += " SIP/2.0\r\n";
}

void MessageBuilder::status(int code, std::string_view reason) {
    out_ += "SIP/2.0 ";
    out_ += std::to_string(code);
    out_ += ' ';
    append_safe(out_, reason.empty() ? reason_phrase(code) : reason);
    out_ += "\r\n";
}

void MessageBuilder::header(std::string_view name, std::string_view value) {
    append_safe(out_, name);
    out_ += ": ";
    append_safe(out_, value);
    out_ += "\r\n";
}

void MessageBuilder::header(HeaderId id, std::uint32_t value) {
    begin(id);
    out_ += std::to_string(value);
    end_line();
}

void MessageBuilder::begin(HeaderId id) {
    out_ += header_name(id);
    out_ += ": ";
}

void MessageBuilder::body(std::string_view content_type, std::string_view text) {
    if (!text.empty() && !content_type.empty()) header(HeaderId::content_type, content_type);
    const std::string length = std::to_string(text.size());
    out_ += "Content-Length: ";
    // Asterisk's field: five places, but none at all is written as " 0".
    const std::size_t width = text.empty() ? 2 : 5;
    out_.append(width > length.size() ? width - length.size() : 0, ' ');
    out_ += length;
    out_ += "\r\n\r\n";
    out_ += text;
}

}  // namespace asterism::sip
