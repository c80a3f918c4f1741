#include "asterism/sip/message.hpp"

#include <utility>

#include "asterism/sip/body.hpp"
#include "core/sip/chars.hpp"

namespace asterism::sip {

struct Message::Parser {
    Message& m;
    std::size_t at = 0;

    using Result = std::expected<void, ParseError>;

    [[nodiscard]] std::unexpected<ParseError> fail(std::string_view what, std::size_t where) const {
        return std::unexpected(ParseError{what, static_cast<std::uint32_t>(where)});
    }
    [[nodiscard]] Span span(std::string_view part) const {
        if (part.empty()) return {};
        return {static_cast<std::uint16_t>(part.data() - m.text_.data()), static_cast<std::uint16_t>(part.size())};
    }

    /// The next line without its end, folded continuations joined in place (RFC 3261 7.3.1).
    bool next_line(std::string_view& line) {
        std::string& text = m.text_;
        if (at >= text.size()) return false;
        const std::size_t begin = at;
        std::size_t search = at;
        for (;;) {
            const std::size_t end = text.find('\n', search);
            if (end == std::string::npos) return false;
            const std::size_t stop = end > begin && text[end - 1] == '\r' ? end - 1 : end;
            const bool folded =
                stop > begin && end + 1 < text.size() && (text[end + 1] == ' ' || text[end + 1] == '\t');
            if (!folded) {
                line = std::string_view(text).substr(begin, stop - begin);
                at = end + 1;
                return true;
            }
            text[stop] = ' ';
            text[end] = ' ';
            search = end + 1;
        }
    }

    Result start_line() {
        std::string_view line;
        // Empty lines before the start line are ignored (7.5).
        do {
            if (!next_line(line)) return fail("no start line", 0);
        } while (line.empty());
        for (char c : line)
            if (static_cast<unsigned char>(c) < 0x20 && c != '\t') return fail("control character in start line", 0);
        if (line.size() >= 8 && iequals(line.substr(0, 7), "SIP/2.0") && line[7] == ' ') {
            std::string_view rest = line.substr(8);
            const auto code = number(rest.substr(0, 3), 699);
            if (!code || *code < 100 || (rest.size() > 3 && rest[3] != ' ')) return fail("bad status line", 0);
            m.status_ = static_cast<std::uint16_t>(*code);
            if (rest.size() > 4) m.start_b_ = span(rest.substr(4));
            return {};
        }
        const std::size_t first = line.find(' ');
        const std::size_t last = line.rfind(' ');
        if (first == std::string_view::npos || last == first) return fail("bad request line", 0);
        const std::string_view method = line.substr(0, first);
        const std::string_view uri = line.substr(first + 1, last - first - 1);
        if (method.empty()) return fail("bad method", 0);
        if (!chars::all(method, chars::token)) return fail("bad method", 0);
        if (!iequals(line.substr(last + 1), "SIP/2.0")) return fail("unknown SIP version", last + 1);
        if (uri.find_first_of(" \t<>") != std::string_view::npos) return fail("bad request URI", first + 1);
        m.method_text_ = span(method);
        m.start_b_ = span(uri);
        return {};
    }

    Result header_lines() {
        std::string_view line;
        m.lines_.reserve(20);
        for (;;) {
            const std::size_t where = at;
            if (!next_line(line)) {
                // Some peers forget the blank line where there is no body; in a datagram its end says as much.
                if (at == m.text_.size()) return {};
                return fail("no blank line after the headers", where);
            }
            if (line.empty()) return {};
            const std::size_t colon = line.find(':');
            if (colon == std::string_view::npos || colon == 0) return fail("header line without colon", where);
            std::string_view name = line.substr(0, colon);
            while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
            if (name.empty()) return fail("header line without name", where);
            if (!chars::all(name, chars::token)) return fail("bad header name", where);
            const std::string_view value = trim(line.substr(colon + 1));
            if (value.find('\0') != std::string_view::npos) return fail("NUL in header value", where);
            if (value.find('\r') != std::string_view::npos) return fail("CR in header value", where);
            if (m.lines_.size() == limits::headers) return fail("too many headers", where);
            m.lines_.push_back({span(name), span(value), header_id(name)});
        }
    }

    Result mandatory() {
        std::size_t vias = 0;
        bool from = false, to = false, call_id = false, cseq = false;
        std::optional<std::uint32_t> length;
        for (const Entry& entry : m.lines_) {
            const std::string_view value = m.view(entry.value);
            const std::size_t where = entry.name.at;
            switch (entry.id) {
                case HeaderId::via: {
                    std::string_view rest = value, element;
                    while (next_element(rest, element)) {
                        if (++vias > limits::vias) return fail("too many Via", where);
                        if (vias != 1) continue;
                        const auto via = Via::parse(element);
                        if (!via) return fail(via.error().what, where);
                        m.top_via_ = *via;
                    }
                    break;
                }
                case HeaderId::from:
                case HeaderId::to: {
                    bool& seen = entry.id == HeaderId::from ? from : to;
                    if (std::exchange(seen, true))
                        return fail(entry.id == HeaderId::from ? "more than one From" : "more than one To", where);
                    const auto address = Address::parse(value);
                    if (!address) return fail(address.error().what, where);
                    if (address->star) return fail("bad From or To", where);
                    (entry.id == HeaderId::from ? m.from_ : m.to_) = *address;
                    (entry.id == HeaderId::from ? m.from_tag_ : m.to_tag_) = address->tag();
                    break;
                }
                case HeaderId::call_id:
                    if (std::exchange(call_id, true)) return fail("more than one Call-ID", where);
                    if (value.empty() || value.find_first_of(" \t") != std::string_view::npos)
                        return fail("bad Call-ID", where);
                    m.call_id_ = entry.value;
                    break;
                case HeaderId::cseq: {
                    if (std::exchange(cseq, true)) return fail("more than one CSeq", where);
                    const auto parsed = CSeq::parse(value);
                    if (!parsed) return fail(parsed.error().what, where);
                    m.cseq_ = parsed->number;
                    m.cseq_method_ = parsed->method;
                    if (m.status_ == 0 && parsed->method_text != m.view(m.method_text_))
                        return fail("CSeq method is not the request's", where);
                    if (m.status_ != 0) m.method_text_ = span(parsed->method_text);
                    break;
                }
                case HeaderId::content_length: {
                    const auto parsed = number(value);
                    if (!parsed) return fail("bad Content-Length", where);
                    if (length && *length != *parsed) return fail("Content-Length headers differ", where);
                    length = parsed;
                    break;
                }
                default: break;
            }
        }
        if (vias == 0) return fail("no Via", 0);
        if (!from) return fail("no From", 0);
        if (!to) return fail("no To", 0);
        if (!call_id) return fail("no Call-ID", 0);
        if (!cseq) return fail("no CSeq", 0);
        if (m.status_ == 0 && m.view(m.start_b_).empty()) {
            // "BYE  SIP/2.0": sipp's scenarios without rrs send it, and whoever lost our Contact. Within a dialog the
            // tags say what is meant; without one nothing does.
            if (m.to_tag_.empty()) return fail("bad request URI", 0);
            m.start_b_ = span(m.to_.uri.text);
        }
        m.body_ = static_cast<std::uint16_t>(at);
        if (length) {
            if (*length > m.text_.size() - at) return fail("body shorter than Content-Length", at);
            m.text_.resize(at + *length);
        }
        return {};
    }
};

std::expected<MessagePtr, ParseError> Message::parse(std::string_view bytes) {
    if (bytes.size() > limits::message_bytes) return std::unexpected(ParseError{"message too long"});
    struct Constructible : Message {};
    auto message = std::make_shared<Constructible>();
    message->text_ = bytes;
    Parser parser{*message};
    if (auto r = parser.start_line(); !r) return std::unexpected(r.error());
    if (auto r = parser.header_lines(); !r) return std::unexpected(r.error());
    if (auto r = parser.mandatory(); !r) return std::unexpected(r.error());
    return message;
}

Message::Line Message::line(std::size_t index) const {
    const Entry& entry = lines_[index];
    return {entry.id, view(entry.name), view(entry.value)};
}

std::optional<std::string_view> Message::header(HeaderId id) const {
    for (const Entry& entry : lines_)
        if (entry.id == id) return view(entry.value);
    return std::nullopt;
}

std::optional<std::string_view> Message::header(std::string_view name) const {
    const HeaderId id = header_id(name);
    if (id != HeaderId::other) return header(id);
    for (const Entry& entry : lines_)
        if (entry.id == HeaderId::other && iequals(view(entry.name), name)) return view(entry.value);
    return std::nullopt;
}

bool Message::lists(HeaderId id, std::string_view token) const {
    for (const Entry& entry : lines_)
        if (entry.id == id && list_contains(view(entry.value), token)) return true;
    return false;
}

bool Message::body_is(std::string_view type, std::string_view subtype) const {
    if (body().empty()) return false;
    const auto value = header(HeaderId::content_type);
    if (!value) return false;
    const auto parsed = TypedValue::parse(*value);
    return parsed && parsed->is(type, subtype);
}

std::string_view Message::sdp() const {
    if (body().empty()) return {};
    const auto value = header(HeaderId::content_type);
    if (!value) return {};
    const auto type = TypedValue::parse(*value);
    if (!type) return {};
    if (type->is("application", "sdp")) return body();
    if (!iequals(type->type, "multipart")) return {};
    const std::string boundary = unquote(type->params.get("boundary").value_or(std::string_view{}));
    std::string_view rest = body();
    for (BodyPart part; next_part(rest, boundary, part);) {
        const auto part_type = TypedValue::parse(part.type);
        if (part_type && part_type->is("application", "sdp")) return part.content;
    }
    return {};
}

}  // namespace asterism::sip
