#include "identify.hpp"

#include <algorithm>

#include "asterism/config/options.hpp"
#include "asterism/runtime/log.hpp"

namespace asterism::pjsip {

Pattern::Pattern(std::string_view text) : text_(config::trim(text)) {
    if (text_.size() > 2 && text_.front() == '/' && text_.back() == '/') {
        regex_.emplace(text_.substr(1, text_.size() - 2));
        if (!regex_->good()) log::error("pjsip.conf: '{}' is not a regular expression", text_);
    }
}

bool Pattern::matches(std::string_view value) const {
    if (!regex_) return value == text_;
    return value.size() < 4096 && regex_->matches(value);
}

std::string without_options(std::string user) {
    if (const auto semicolon = user.find(';'); semicolon != std::string::npos) user.resize(semicolon);
    return user;
}

Identifier::Identifier(ConfigurationPtr config, Net& net) : config_(std::move(config)) {
    for (const auto& [name, identify] : config_->identifies) {
        for (const auto& network : identify->networks) {
            if (network.port == 0 && network.bits == (network.address.is_v6() ? 128 : 32))
                hosts_.emplace(network.address.text(), config_->endpoint(identify->endpoint));
            else
                networks_.emplace_back(network, identify->endpoint);
            ports_ = ports_ || network.port != 0;
        }
        for (const auto& header : identify->headers) {
            const auto colon = header.find(':');
            headers_.push_back({std::string(config::trim(std::string_view(header).substr(0, colon))),
                                Pattern(std::string_view(header).substr(colon + 1)), identify->endpoint});
        }
        if (!identify->request_uri.empty()) uris_.push_back({Pattern(identify->request_uri), identify->endpoint});
        for (const auto& host : identify->hosts) {
            net.resolve(
                host, 0,
                [this, alive = alive_, host, endpoint = identify->endpoint](std::vector<sip::SocketAddress> found) {
                    if (!*alive) return;
                    if (found.empty()) log::warning("pjsip.conf: identify: cannot resolve '{}'", host);
                    for (const auto& address : found) hosts_.emplace(address.ip_text(), config_->endpoint(endpoint));
                });
        }
    }
    // The longest prefix first, so that an exception within a network counts.
    std::ranges::sort(networks_, [](const auto& a, const auto& b) {
        return a.first.bits != b.first.bits ? a.first.bits > b.first.bits : a.first.port > b.first.port;
    });
}

Identifier::~Identifier() { *alive_ = false; }

EndpointPtr Identifier::by_address(const sip::SocketAddress& remote) const {
    // Rules with a port first, then single addresses, then networks, the smallest first.
    const auto in_networks = [&](bool with_port) -> EndpointPtr {
        const auto ip = to_ip(remote);
        for (const auto& [network, endpoint] : networks_) {
            if ((network.port != 0) != with_port || (with_port && network.port != remote.port)) continue;
            if (network.holds(ip)) return config_->endpoint(endpoint);
        }
        return nullptr;
    };
    if (ports_)
        if (auto found = in_networks(true)) return found;
    if (!hosts_.empty())
        if (const auto found = hosts_.find(remote.ip_text()); found != hosts_.end()) return found->second;
    return networks_.empty() ? nullptr : in_networks(false);
}

EndpointPtr Identifier::by_header(const sip::Message& request) const {
    for (const auto& rule : headers_) {
        for (std::size_t i = 0; i < request.lines(); ++i) {
            const auto line = request.line(i);
            if (sip::iequals(line.name, rule.name) && rule.pattern.matches(line.value))
                return config_->endpoint(rule.endpoint);
        }
    }
    return nullptr;
}

EndpointPtr Identifier::by_uri(const sip::Message& request) const {
    for (const auto& rule : uris_)
        if (rule.pattern.matches(request.request_uri())) return config_->endpoint(rule.endpoint);
    return nullptr;
}

EndpointPtr Identifier::by_user(std::string_view user, std::string_view domain, IdentifyBy way,
                                const sip::Flow& flow) const {
    if (user.empty()) return nullptr;
    // user@domain, user@[transport's domain], user.
    const auto with = [&](std::string_view host) {
        return config_->endpoint(std::string(user) + "@" + std::string(host));
    };
    EndpointPtr found;
    if (!domain.empty()) found = with(domain);
    for (const auto& alias : config_->domain_aliases)
        if (!found) found = with(alias);
    (void)flow;
    if (!found) found = config_->endpoint(user);
    return found && found->identified_by(way) ? found : nullptr;
}

EndpointPtr Identifier::by_auth_user(const sip::Message& request, const sip::Flow& flow) const {
    EndpointPtr found;
    for (std::size_t i = 0; i < request.lines() && !found; ++i) {
        const auto line = request.line(i);
        if (line.id != sip::HeaderId::authorization) continue;
        if (const auto digest = sip::DigestHeader::parse(line.value))
            found = by_user(sip::unquote(digest->username), digest->realm, IdentifyBy::auth_username, flow);
    }
    return found;
}

EndpointPtr Identifier::anonymous(const sip::Message& request) const {
    const auto domain = request.to().uri.host;
    if (auto found = config_->endpoint("anonymous@" + std::string(domain))) return found;
    return config_->endpoint("anonymous");
}

EndpointPtr Identifier::find(const sip::Message& request, const sip::Flow& flow) const {
    for (const auto& way : config_->global->identifier_order) {
        EndpointPtr found;
        if (way == "ip") {
            found = by_address(flow.remote);
            if (found && !found->identified_by(IdentifyBy::ip)) found = nullptr;
        } else if (way == "header") {
            found = by_header(request);
        } else if (way == "request_uri") {
            found = by_uri(request);
        } else if (way == "username") {
            const auto from = request.from();
            std::string user = from.uri.user_text();
            if (config_->global->ignore_uri_user_options) user = without_options(std::move(user));
            found = by_user(user, from.uri.host, IdentifyBy::username, flow);
        } else if (way == "auth_username") {
            found = by_auth_user(request, flow);
        } else if (way == "anonymous") {
            // What the order does not name comes after the named ones, before the last resort.
            found = unordered(request, flow);
            if (!found) found = anonymous(request);
        }
        if (found) return found;
    }
    return unordered(request, flow);
}

EndpointPtr Identifier::unordered(const sip::Message& request, const sip::Flow& flow) const {
    if (auto found = by_header(request)) return found;
    if (auto found = by_uri(request)) return found;
    return by_auth_user(request, flow);
}

}  // namespace asterism::pjsip
