#include "asterism/sip/framer.hpp"

#include "asterism/sip/header_id.hpp"
#include "asterism/sip/text.hpp"

namespace asterism::sip {

namespace {

/// Content-Length in a complete header; streams must have one (RFC 3261 18.3), a missing one counts as 0.
std::expected<std::size_t, ParseError> content_length(std::string_view head) {
    std::optional<std::uint32_t> length;
    while (!head.empty()) {
        std::size_t eol = head.find('\n');
        if (eol == std::string_view::npos) eol = head.size();
        const std::string_view line = head.substr(0, eol);
        head.remove_prefix(eol < head.size() ? eol + 1 : eol);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || line.empty() || line.front() == ' ' || line.front() == '\t') continue;
        if (header_id(trim(line.substr(0, colon))) != HeaderId::content_length) continue;
        // A value that is folded onto the next line.
        std::string_view value = trim(line.substr(colon + 1));
        if (value.empty() && !head.empty() && (head.front() == ' ' || head.front() == '\t'))
            value = trim(head.substr(0, head.find('\n')));
        const auto parsed = number(value);
        if (!parsed) return std::unexpected(ParseError{"bad Content-Length"});
        if (length && *length != *parsed) return std::unexpected(ParseError{"Content-Length headers differ"});
        length = parsed;
    }
    return length.value_or(0);
}

}  // namespace

void StreamFramer::feed(std::string_view bytes) {
    if (start_ > 0) {
        buffer_.erase(0, start_);
        start_ = 0;
    }
    buffer_ += bytes;
}

std::expected<StreamFramer::Item, ParseError> StreamFramer::next() {
    std::string_view rest = std::string_view(buffer_).substr(start_);
    // Between messages: CRLFCRLF is a ping, a lone CRLF a pong (RFC 5626 4.4.1) or what some send behind a message.
    if (!rest.empty() && (rest.front() == '\r' || rest.front() == '\n')) {
        if (rest.starts_with("\r\n\r\n")) {
            start_ += 4;
            scanned_ = 0;
            return Item{Kind::ping, {}};
        }
        // A prefix of CRLFCRLF may still become a ping; anything behind it decides.
        if (rest == "\r" || rest == "\r\n\r") return Item{};
        if (rest.starts_with("\r\n")) {
            start_ += 2;
            scanned_ = 0;
            return Item{Kind::pong, {}};
        }
        start_ += 1;
        scanned_ = 0;
        return next();
    }
    std::size_t end = std::string_view::npos;
    std::size_t i = scanned_;
    for (;;) {
        i = rest.find('\n', i);
        if (i == std::string_view::npos) break;
        if (i + 1 < rest.size() && rest[i + 1] == '\n') {
            end = i + 2;
            break;
        }
        if (i + 2 < rest.size() && rest[i + 1] == '\r' && rest[i + 2] == '\n') {
            end = i + 3;
            break;
        }
        if (i + 2 >= rest.size()) break;  // not decided yet
        ++i;
    }
    if (end == std::string_view::npos) {
        if (rest.size() > limits::message_bytes) return std::unexpected(ParseError{"header without end"});
        scanned_ = i == std::string_view::npos ? rest.size() : i;
        return Item{};
    }
    const auto length = content_length(rest.substr(0, end));
    if (!length) return std::unexpected(length.error());
    if (*length > limits::message_bytes || end + *length > limits::message_bytes)
        return std::unexpected(ParseError{"message too long"});
    if (rest.size() < end + *length) {
        scanned_ = end >= 3 ? end - 3 : 0;
        return Item{};
    }
    const Item item{Kind::message, rest.substr(0, end + *length)};
    start_ += end + *length;
    scanned_ = 0;
    return item;
}

}  // namespace asterism::sip
