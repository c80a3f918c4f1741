#include "asterism/sip/headers.hpp"

#include "core/sip/chars.hpp"

namespace asterism::sip {

namespace {

std::unexpected<ParseError> fail(std::string_view what) { return std::unexpected(ParseError{what}); }

bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view take_word(std::string_view& rest) {
    rest = trim(rest);
    std::size_t i = 0;
    while (i < rest.size() && !is_space(rest[i])) ++i;
    const std::string_view word = rest.substr(0, i);
    rest = trim(rest.substr(i));
    return word;
}

bool token_text(std::string_view text) { return !text.empty() && chars::all(text, chars::token); }

}  // namespace

std::expected<Via, ParseError> Via::parse(std::string_view value) {
    Via via;
    // SIP / 2.0 / UDP, with optional spaces around the slashes.
    std::size_t slash = value.find('/');
    if (slash == std::string_view::npos || !iequals(trim(value.substr(0, slash)), "SIP"))
        return fail("bad Via protocol");
    value.remove_prefix(slash + 1);
    slash = value.find('/');
    if (slash == std::string_view::npos || trim(value.substr(0, slash)) != "2.0") return fail("bad Via version");
    value = trim(value.substr(slash + 1));
    std::size_t i = 0;
    while (i < value.size() && !is_space(value[i])) ++i;
    via.transport = value.substr(0, i);
    if (!token_text(via.transport)) return fail("bad Via transport");
    value = trim(value.substr(i));
    const std::size_t semicolon = value.find(';');
    std::string_view sent_by = trim(value.substr(0, semicolon));
    if (semicolon != std::string_view::npos) via.params = Params(value.substr(semicolon));
    std::string_view port;
    if (!sent_by.empty() && sent_by.front() == '[') {
        const std::size_t end = sent_by.find(']');
        if (end == std::string_view::npos) return fail("bad Via address");
        via.host = sent_by.substr(1, end - 1);
        via.ipv6 = true;
        sent_by = trim(sent_by.substr(end + 1));
        if (!sent_by.empty()) {
            if (sent_by.front() != ':') return fail("bad Via address");
            port = trim(sent_by.substr(1));
        }
    } else {
        const std::size_t colon = sent_by.find(':');
        via.host = trim(sent_by.substr(0, colon));
        if (colon != std::string_view::npos) port = trim(sent_by.substr(colon + 1));
    }
    if (via.host.empty()) return fail("Via without host");
    if (!chars::none(via.host, chars::breaking) || via.host.find(',') != std::string_view::npos)
        return fail("bad Via host");
    if (!port.empty()) {
        const auto number_value = number(port, 65535);
        if (!number_value) return fail("bad Via port");
        via.port = static_cast<std::uint16_t>(*number_value);
    }
    Params rest = via.params;
    std::string_view name, text;
    while (rest.next(name, text)) {
        if (iequals(name, "branch"))
            via.branch = text;
        else if (iequals(name, "rport"))
            via.rport = text;
        else if (iequals(name, "received"))
            via.received = text;
    }
    return via;
}

std::expected<CSeq, ParseError> CSeq::parse(std::string_view value) {
    CSeq out;
    const auto count = sip::number(take_word(value));
    if (!count) return fail("bad CSeq number");
    if (!token_text(value)) return fail("bad CSeq method");
    out.number = *count;
    out.method_text = value;
    out.method = method_of(value);
    return out;
}

std::expected<SessionExpires, ParseError> SessionExpires::parse(std::string_view value) {
    SessionExpires out;
    const std::size_t semicolon = value.find(';');
    const auto seconds = delta_seconds(value.substr(0, semicolon));
    if (!seconds) return fail("bad Session-Expires");
    out.seconds = *seconds;
    if (semicolon != std::string_view::npos) {
        const auto who = Params(value.substr(semicolon)).get("refresher");
        if (who && iequals(*who, "uac"))
            out.refresher = Refresher::uac;
        else if (who && iequals(*who, "uas"))
            out.refresher = Refresher::uas;
    }
    return out;
}

std::expected<RAck, ParseError> RAck::parse(std::string_view value) {
    RAck out;
    const auto rseq = number(take_word(value));
    const auto cseq = number(take_word(value));
    if (!rseq || !cseq || value.empty()) return fail("bad RAck");
    out.rseq = *rseq;
    out.cseq = *cseq;
    out.method = method_of(value);
    return out;
}

std::expected<Reason, ParseError> Reason::parse(std::string_view value) {
    Reason out;
    const std::size_t semicolon = value.find(';');
    out.protocol = trim(value.substr(0, semicolon));
    if (!token_text(out.protocol)) return fail("bad Reason protocol");
    if (semicolon != std::string_view::npos) {
        const Params params(value.substr(semicolon));
        if (const auto given = params.get("cause")) out.cause = sip::number(*given);
        out.text = params.get("text").value_or(std::string_view{});
    }
    return out;
}

std::expected<Replaces, ParseError> Replaces::parse(std::string_view value) {
    Replaces out;
    const std::size_t semicolon = value.find(';');
    out.call_id = trim(value.substr(0, semicolon));
    if (out.call_id.empty() || semicolon == std::string_view::npos) return fail("bad Replaces");
    const Params params(value.substr(semicolon));
    out.to_tag = params.get("to-tag").value_or(std::string_view{});
    out.from_tag = params.get("from-tag").value_or(std::string_view{});
    out.early_only = params.has("early-only");
    if (out.to_tag.empty() || out.from_tag.empty()) return fail("Replaces without tags");
    return out;
}

std::expected<TypedValue, ParseError> TypedValue::parse(std::string_view value) {
    TypedValue out;
    const std::size_t semicolon = value.find(';');
    const std::string_view full = trim(value.substr(0, semicolon));
    if (semicolon != std::string_view::npos) out.params = Params(value.substr(semicolon));
    const std::size_t slash = full.find('/');
    out.type = trim(full.substr(0, slash));
    if (slash != std::string_view::npos) out.subtype = trim(full.substr(slash + 1));
    if (!token_text(out.type)) return fail("bad type");
    return out;
}

std::optional<std::uint32_t> delta_seconds(std::string_view value) {
    value = trim(value);
    std::size_t i = 0;
    std::uint64_t seconds = 0;
    for (; i < value.size() && value[i] >= '0' && value[i] <= '9'; ++i) {
        seconds = seconds * 10 + static_cast<unsigned>(value[i] - '0');
        if (seconds > 0xFFFFFFFFu) seconds = 0xFFFFFFFFu;
    }
    if (i == 0) return std::nullopt;
    const std::string_view rest = trim(value.substr(i));
    if (!rest.empty() && rest.front() != ';' && rest.front() != '(') return std::nullopt;
    return static_cast<std::uint32_t>(seconds);
}

}  // namespace asterism::sip
