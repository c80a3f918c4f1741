#include "interfaces/agi/url.hpp"

#include <utility>

#include "asterism/runtime/whole.hpp"

namespace asterism::agi {
namespace {

bool starts_with_nocase(std::string_view text, std::string_view prefix) {
    if (text.size() < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c) != prefix[i]) return false;
    }
    return true;
}

}  // namespace

std::expected<Target, std::string> parse_server(std::string_view authority, std::uint16_t default_to) {
    Target target;
    target.kind = Target::Kind::fast;
    target.port = default_to;
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos) return std::unexpected("the address has no closing bracket");
        target.host = authority.substr(1, close - 1);
        const auto after = authority.substr(close + 1);
        if (!after.empty() && after.front() != ':') return std::unexpected("there is text after the address's bracket");
        if (!after.empty()) port = after.substr(1);
    } else if (const auto colon = authority.find(':'); colon == authority.rfind(':')) {
        target.host = authority.substr(0, colon);
        if (colon != std::string_view::npos) port = authority.substr(colon + 1);
    } else {
        target.host = authority;  // a bare IPv6 address
    }
    if (target.host.empty()) return std::unexpected("no host is named");
    if (!port.empty()) {
        target.port = parse_whole<std::uint16_t>(port).value_or(0);
        if (target.port == 0) return std::unexpected("'" + std::string(port) + "' is no port");
    }
    return target;
}

std::expected<Target, std::string> parse_target(std::string_view text) {
    Target target;
    target.request = text;
    if (text.empty()) return std::unexpected("no script is named");
    if (starts_with_nocase(text, "agi:async")) {
        target.kind = Target::Kind::async;
        target.request = "async";
        return target;
    }
    std::string_view rest;
    if (starts_with_nocase(text, "agi://")) {
        rest = text.substr(6);
    } else if (starts_with_nocase(text, "hagi://")) {
        rest = text.substr(7);
        target.by_service = true;
    } else {
        target.script = text;
        return target;
    }
    target.kind = Target::Kind::fast;

    const auto slash = rest.find('/');
    auto authority = rest.substr(0, slash);
    if (slash != std::string_view::npos) target.script = rest.substr(slash + 1);

    auto server = parse_server(authority, default_port);
    if (!server) return server;
    target.host = std::move(server->host);
    target.port = server->port;
    return target;
}

}  // namespace asterism::agi
