#include "transports.hpp"

#include <algorithm>

#include "asterism/runtime/log.hpp"

namespace asterism::pjsip {

Transports::Transports(Loop& loop, Random& random, Net& net)
    : loop_(loop), random_(random), net_(net), keepalive_timer_(loop) {
    net_.set_user(this);
}

Transports::~Transports() {
    *alive_ = false;
    net_.set_user(nullptr);
}

void Transports::apply(const Configuration& config) {
    for (auto one = open_.begin(); one != open_.end();) {
        Open& open = **one;
        const auto now = Configuration::find(config.transports, open.config->name);
        if (!now) {
            log::verbose(2, "PJSIP transport '{}' is gone", open.config->name);
            if (open.udp) net_.close(open.udp);
            one = open_.erase(one);
            continue;
        }
        if (now != open.config && (open.config->allow_reload || (!open.udp && !open.listener))) {
            if (open.udp) net_.close(open.udp);
            one = open_.erase(one);
            continue;
        }
        if (now != open.config)
            log::notice("Transport '{}' is not changed by a reload: it does not say allow_reload=yes", now->name);
        ++one;
    }
    for (const auto& name : config.transport_order) {
        const bool there =
            std::any_of(open_.begin(), open_.end(), [&](const auto& o) { return o->config->name == name; });
        if (!there) open(Configuration::find(config.transports, name));
    }
}

void Transports::open(const TransportConfigPtr& config) {
    auto made = std::make_unique<Open>();
    made->config = config;
    std::string error;
    if (config->protocol == "udp") {
        if (auto udp = net_.open_udp(config))
            made->udp = std::move(*udp);
        else
            error = udp.error();
    } else if (config->protocol == "tcp") {
        if (auto listener = net_.listen(config))
            made->listener = std::move(*listener);
        else
            error = listener.error();
    } else {
        error = "transport protocol " + config->protocol + " is not there yet";
    }
    if (!error.empty())
        log::error("Transport '{}' could not be started on {}: {}", config->name, config->bind.text(), error);
    open_.push_back(std::move(made));
}

void Transports::close_all() {
    for (const auto& open : open_)
        if (open->udp) net_.close(open->udp);
    open_.clear();
    keepalive_timer_.cancel();
    auto all = std::exchange(connections_, {});
    for (auto& [key, flow] : all) net_.close(flow.transport);
}

bool Transports::listening(std::string_view name) const {
    return std::any_of(open_.begin(), open_.end(),
                       [&](const auto& o) { return o->config->name == name && (o->udp || o->listener); });
}

TransportConfigPtr Transports::config_of(const sip::Transport& transport) const {
    for (const auto& open : open_)
        if (open->config->name == transport.name()) return open->config;
    return nullptr;
}

void Transports::set_keepalive(Duration interval) {
    keepalive_ = interval;
    if (interval > Duration::zero())
        keepalive_timer_.start(interval, [this] { keepalive(); });
    else
        keepalive_timer_.cancel();
}

void Transports::keepalive() {
    std::vector<sip::Flow> flows;
    for (const auto& [key, flow] : connections_) flows.push_back(flow);
    for (const auto& flow : flows) flow.transport->send(flow.remote, "\r\n\r\n");
    set_keepalive(keepalive_);
}

// ---- the way to a URI ----

void Transports::route(std::string_view text, const sip::RouteHint& hint, Done done) {
    if (text.starts_with('<')) {
        if (const auto address = sip::Address::parse(text)) text = address->uri.text;
    }
    const auto uri = sip::Uri::parse(text);
    if (!uri || !uri->is_sip()) return done(std::unexpected("not a SIP URI: " + std::string(text)));

    std::string_view protocol = uri->params.get("transport").value_or(std::string_view{});
    std::string wanted;
    for (const char c : protocol) wanted += sip::lower(c);
    if (uri->scheme == sip::Uri::Scheme::sips) wanted = wanted == "ws" || wanted == "wss" ? "wss" : "tls";
    // A connection on which the peer was heard is the way to it, whatever its URI says (RFC 5626 5.3).
    if (hint.flow && hint.flow.reliable() && connections_.contains(hint.flow.transport.get())) {
        if (wanted.empty() || sip::iequals(wanted, sip::via_name(hint.flow.protocol()))) return done(hint.flow);
    }
    // Without a word about it: what the endpoint's transport speaks, else what DNS prefers of what there is.
    std::string usual = "udp";
    bool family = false, v6 = false;
    for (const auto& open : open_) {
        if (open->config->name != hint.transport) continue;
        usual = open->config->protocol;
        if (wanted.empty()) wanted = usual;
        family = true;
        v6 = open->config->bind.address.is_v6();
    }
    std::string_view host = uri->params.get("maddr").value_or(uri->host);
    if (const auto numeric = sip::SocketAddress::parse(host, uri->port_or_default())) {
        if (wanted.empty()) wanted = usual;
        if (tried(hint, wanted, *numeric)) return done(std::unexpected(std::string(host) + " did not answer"));
        return pick(*numeric, wanted, hint, done);
    }
    if (host.empty() || host.size() > 253) return done(std::unexpected("no host in " + std::string(text)));
    Question question{.host = std::string(host), .port = uri->port, .protocols = {}, .usual = usual};
    if (!wanted.empty()) {
        question.protocols.push_back(wanted);
    } else {
        for (const std::string_view one : {"tcp", "udp"}) {
            const bool there = std::ranges::any_of(
                open_, [&](const auto& o) { return o->config->protocol == one && (o->udp || o->listener); });
            if (there) question.protocols.emplace_back(one);
        }
        if (question.protocols.empty()) question.protocols.push_back(usual);
    }
    if (wanted == "tls" && question.port == 0) question.port = 5061;
    question.seed = static_cast<std::uint32_t>(random_.below(0x7fffffff)) + 1;
    net_.locate(std::move(question), [this, alive = alive_, hint, host = std::string(host), family, v6,
                                      done = std::move(done)](std::vector<Place> places) mutable {
        if (!*alive) return;
        // Who was spoken with before (and challenged us) first.
        if (hint.flow) {
            const auto last = std::ranges::find_if(places, [&](const Place& place) {
                return place.address == hint.flow.remote &&
                       sip::iequals(sip::via_name(hint.flow.protocol()), place.protocol);
            });
            if (last != places.end()) std::rotate(places.begin(), last, last + 1);
        }
        // The family of the endpoint's transport first.
        for (const bool any : {false, true}) {
            if (!any && !family) continue;
            for (const auto& [way, address] : places) {
                if ((!any && address.v6 != v6) || tried(hint, way, address)) continue;
                const bool fits = std::ranges::any_of(open_, [&](const auto& o) {
                    return o->config->protocol == way && o->config->bind.address.is_v6() == address.v6;
                });
                if (fits) return pick(address, way, hint, done);
            }
        }
        done(std::unexpected(places.empty() ? "cannot resolve " + host : "no transport for the addresses of " + host));
    });
}

bool Transports::tried(const sip::RouteHint& hint, std::string_view protocol, const sip::SocketAddress& address) {
    return std::ranges::any_of(hint.tried, [&](const sip::RouteHint::Tried& one) {
        return one.address == address && sip::iequals(sip::via_name(one.protocol), protocol);
    });
}

void Transports::pick(const sip::SocketAddress& remote, std::string_view protocol, const sip::RouteHint& hint,
                      Done& done) {
    if (hint.flow && hint.flow.transport->protocol() == sip::Protocol::udp && protocol == "udp" &&
        hint.flow.transport->local().v6 == remote.v6) {
        // The socket on which the peer was heard, if it is still open.
        for (const auto& open : open_)
            if (open->udp == hint.flow.transport) return done(sip::Flow{open->udp, remote});
    }
    const Open* best = nullptr;
    for (const auto& open : open_) {
        const TransportConfig& config = *open->config;
        if (config.protocol != protocol || config.bind.address.is_v6() != remote.v6) continue;
        if (protocol == "udp" && !open->udp) continue;
        if (!hint.transport.empty() && config.name == hint.transport) {
            best = open.get();
            break;
        }
        if (!best) best = open.get();
    }
    if (!best) {
        done(std::unexpected("no transport of type " + std::string(protocol) + (remote.v6 ? " over IPv6" : "") +
                             " is open"));
        return;
    }
    if (best->udp) return done(sip::Flow{best->udp, remote});
    for (const auto& [key, flow] : connections_) {
        if (flow.remote == remote && flow.protocol() == sip::Protocol::tcp) return done(flow);
    }
    if (connections_.size() >= max_connections) {
        done(std::unexpected("too many connections"));
        return;
    }
    sip::Flow flow = net_.connect(best->config, remote);
    connections_[flow.transport.get()] = flow;
    done(std::move(flow));
}

// ---- what the sockets see ----

void Transports::on_bytes(const sip::Flow& flow, std::string_view bytes) {
    loop_.working_on("sip message");
    if (!stack_) return;
    if (filter_ && !filter_(flow)) return;
    if (const auto ok = stack_->receive(flow, bytes); !ok)
        log::debug(1, "Dropped a malformed SIP message from {}: {} (at byte {})", flow.remote.text(), ok.error().what,
                   ok.error().offset);
}

void Transports::on_accepted(const sip::Flow& flow) {
    if (connections_.size() >= max_connections) {
        log::warning("Refused a SIP connection from {}: there are {} already", flow.remote.text(), connections_.size());
        net_.close(flow.transport);
        return;
    }
    connections_[flow.transport.get()] = flow;
}

void Transports::on_closed(const sip::Flow& flow, std::string_view why) {
    if (connections_.erase(flow.transport.get()) == 0) return;
    log::debug(1, "SIP connection with {} ended: {}", flow.remote.text(), why);
    if (stack_) stack_->transport_failed(*flow.transport);
    if (lost_) lost_(flow);
}

}  // namespace asterism::pjsip
