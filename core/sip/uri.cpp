#include "asterism/sip/uri.hpp"

#include "core/sip/chars.hpp"

namespace asterism::sip {

namespace {

std::unexpected<ParseError> fail(std::string_view what) { return std::unexpected(ParseError{what}); }

/// host [ ":" port ]
std::expected<void, ParseError> parse_host_port(std::string_view text, Uri& uri) {
    if (text.empty()) return fail("URI without host");
    std::string_view port;
    if (text.front() == '[') {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return fail("unterminated IPv6 address in URI");
        uri.host = text.substr(1, end - 1);
        uri.ipv6 = true;
        if (!chars::all(uri.host, chars::address)) return fail("bad IPv6 address in URI");
        text.remove_prefix(end + 1);
        if (!text.empty() && text.front() != ':') return fail("garbage after IPv6 address in URI");
        if (!text.empty()) port = text.substr(1);
    } else {
        const std::size_t colon = text.find(':');
        uri.host = text.substr(0, colon);
        if (colon != std::string_view::npos) port = text.substr(colon + 1);
        if (!chars::all(uri.host, chars::host)) return fail("bad character in host of URI");
    }
    if (uri.host.empty()) return fail("URI without host");
    if (!port.empty()) {
        const auto value = number(port, 65535);
        if (!value) return fail("bad port in URI");
        uri.port = static_cast<std::uint16_t>(*value);
    }
    return {};
}

/// Parameters that a place leaves out (RFC 3261 table 1).
bool param_allowed(std::string_view name, UriContext context) {
    if (context == UriContext::from_to)
        return !iequals(name, "transport") && !iequals(name, "maddr") && !iequals(name, "ttl") &&
               !iequals(name, "method") && !iequals(name, "lr");
    if (context == UriContext::contact) return !iequals(name, "lr") && !iequals(name, "method");
    if (context == UriContext::request) return !iequals(name, "method");
    return true;
}

}  // namespace

std::expected<Uri, ParseError> Uri::parse(std::string_view text) {
    Uri uri;
    uri.text = text;
    if (text.size() > limits::uri_bytes) return fail("URI too long");
    if (!chars::none(text, chars::breaking)) return fail("bad character in URI");
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return fail("URI without scheme");
    const std::string_view scheme_text = text.substr(0, colon);
    if (!chars::all(scheme_text, chars::scheme)) return fail("bad URI scheme");
    std::string_view rest = text.substr(colon + 1);
    if (iequals(scheme_text, "sip"))
        uri.scheme = Scheme::sip;
    else if (iequals(scheme_text, "sips"))
        uri.scheme = Scheme::sips;
    else if (iequals(scheme_text, "tel"))
        uri.scheme = Scheme::tel;
    else
        uri.scheme = Scheme::other;
    if (uri.scheme == Scheme::other) {
        uri.user = rest;
        return uri;
    }
    if (uri.scheme == Scheme::tel) {
        const std::size_t semicolon = rest.find(';');
        uri.user = rest.substr(0, semicolon);
        if (uri.user.empty()) return fail("tel URI without number");
        if (semicolon != std::string_view::npos) uri.params = Params(rest.substr(semicolon));
        return uri;
    }
    // The user part may hold ';' and '?', so the '@' is looked for first; a header part may hold none.
    const std::size_t at = rest.find('@');
    if (at != std::string_view::npos) {
        const std::string_view userinfo = rest.substr(0, at);
        const std::size_t split = userinfo.find(':');
        uri.user = userinfo.substr(0, split);
        if (split != std::string_view::npos) uri.password = userinfo.substr(split + 1);
        if (uri.user.empty()) return fail("URI with empty user");
        rest.remove_prefix(at + 1);
    }
    if (const std::size_t question = rest.find('?'); question != std::string_view::npos) {
        uri.headers = rest.substr(question + 1);
        rest = rest.substr(0, question);
    }
    if (const std::size_t semicolon = rest.find(';'); semicolon != std::string_view::npos) {
        uri.params = Params(rest.substr(semicolon));
        rest = rest.substr(0, semicolon);
    }
    if (auto done = parse_host_port(rest, uri); !done) return std::unexpected(done.error());
    return uri;
}

static void append_host_port(std::string& out, const Uri& uri, bool with_port) {
    if (uri.ipv6) out += '[';
    out += uri.host;
    if (uri.ipv6) out += ']';
    if (with_port && uri.port != 0) {
        out += ':';
        out += std::to_string(uri.port);
    }
}

std::string Uri::host_port() const {
    std::string out;
    append_host_port(out, *this, true);
    return out;
}

std::uint16_t Uri::port_or_default() const {
    if (port != 0) return port;
    const auto transport = params.get("transport");
    return scheme == Scheme::sips || (transport && iequals(*transport, "tls")) ? 5061 : 5060;
}

void Uri::print(std::string& out, UriContext context) const {
    if (!is_sip()) {
        out += text;
        return;
    }
    out += scheme == Scheme::sips ? "sips:" : "sip:";
    if (!user.empty()) {
        out += user;
        if (!password.empty()) {
            out += ':';
            out += password;
        }
        out += '@';
    }
    append_host_port(out, *this, context != UriContext::from_to);
    Params rest = params;
    std::string_view name, value;
    while (rest.next(name, value)) {
        if (!param_allowed(name, context)) continue;
        out += ';';
        out += name;
        if (!value.empty()) {
            out += '=';
            out += value;
        }
    }
    if (!headers.empty() && (context == UriContext::contact || context == UriContext::other)) {
        out += '?';
        out += headers;
    }
}

bool equivalent(const Uri& a, const Uri& b) {
    if (a.scheme != b.scheme) return false;
    if (!a.is_sip()) return iequals(a.text, b.text);
    if (a.port != b.port || a.ipv6 != b.ipv6 || !iequals(a.host, b.host)) return false;
    if (unescape(a.user) != unescape(b.user) || unescape(a.password) != unescape(b.password)) return false;
    // Parameters in both must agree; user, ttl, method, maddr and transport may not be in one only.
    const auto agrees = [](const Params& from, const Params& to) {
        Params rest = from;
        std::string_view name, value;
        while (rest.next(name, value)) {
            const auto other = to.get(name);
            if (other) {
                // One that stands twice (19.1.1 forbids it) counts as it is read: the first.
                if (!iequals(*from.get(name), *other)) return false;
            } else if (iequals(name, "user") || iequals(name, "ttl") || iequals(name, "method") ||
                       iequals(name, "maddr") || iequals(name, "transport")) {
                return false;
            }
        }
        return true;
    };
    if (!agrees(a.params, b.params) || !agrees(b.params, a.params)) return false;
    return a.headers == b.headers;
}

std::expected<Address, ParseError> Address::parse(std::string_view text) {
    text = trim(text);
    Address out;
    if (text == "*") {
        out.star = true;
        return out;
    }
    std::string_view rest = text;
    if (!rest.empty() && rest.front() == '"') {
        std::size_t i = 1;
        while (i < rest.size() && rest[i] != '"') i += rest[i] == '\\' ? 2 : 1;
        if (i >= rest.size()) return fail("unterminated display name");
        out.display = rest.substr(1, i - 1);
        rest = trim(rest.substr(i + 1));
        if (rest.empty() || rest.front() != '<') return fail("display name without <address>");
    }
    const std::size_t open = rest.find('<');
    std::string_view uri_text;
    if (open != std::string_view::npos) {
        if (out.display.empty()) out.display = trim(rest.substr(0, open));
        const std::size_t close = rest.find('>', open);
        if (close == std::string_view::npos) return fail("unterminated <address>");
        uri_text = trim(rest.substr(open + 1, close - open - 1));
        rest = trim(rest.substr(close + 1));
        if (!rest.empty() && rest.front() != ';') return fail("garbage after <address>");
        out.params = Params(rest);
    } else {
        const std::size_t semicolon = rest.find(';');
        uri_text = trim(rest.substr(0, semicolon));
        if (semicolon != std::string_view::npos) out.params = Params(rest.substr(semicolon));
    }
    auto uri = Uri::parse(uri_text);
    if (!uri) return std::unexpected(uri.error());
    out.uri = *uri;
    return out;
}

std::string Address::display_text() const {
    std::string out;
    for (std::size_t i = 0; i < display.size(); ++i) {
        if (display[i] == '\\' && i + 1 < display.size()) ++i;
        out += display[i];
    }
    return out;
}

void Address::print(std::string& out, UriContext context) const {
    if (star) {
        out += '*';
        return;
    }
    if (!display.empty()) {
        out += '"';
        out += display;
        out += "\" ";
    }
    out += '<';
    uri.print(out, context);
    out += '>';
}

std::string make_address(std::string_view display, std::string_view uri) {
    std::string out;
    if (!display.empty()) {
        out = quote(display);
        out += ' ';
    }
    out += '<';
    out += uri;
    out += '>';
    return out;
}

}  // namespace asterism::sip
