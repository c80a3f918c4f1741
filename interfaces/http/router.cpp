#include "asterism/http/router.hpp"

#include <algorithm>

#include "asterism/runtime/log.hpp"

namespace asterism::http {

Responder::~Responder() {
    if (!port_) return;
    port_->response().clear();
    error(500, reason_phrase(500), "The request was not answered");
}

void Responder::send() {
    if (const auto port = std::exchange(port_, nullptr)) port->send(exchange_);
}

void Responder::error(int status, std::string_view title, std::string_view text) {
    response().error_page(status, title, text);
    send();
}

std::shared_ptr<WebSocket> Responder::accept_websocket(const Request& request,
                                                       const std::vector<std::string_view>& protocols,
                                                       const WebSocketLimits& limits, WebSocketHandler& handler) {
    if (!has_token(request.header("Upgrade"), "websocket")) {
        error(426, "Upgrade Required", "");
        return nullptr;
    }
    const auto version = request.header("Sec-WebSocket-Version");
    const bool known_version = version == "13" || version == "8" || version == "7";
    const auto key = request.header("Sec-WebSocket-Key");
    const auto offered = request.header("Sec-WebSocket-Protocol");
    std::string_view chosen;
    bool agreed = offered.empty() && !protocols.empty() && protocols.front().empty();
    for (const auto& protocol : protocols) {
        if (agreed || protocol.empty()) continue;
        if (has_token(offered, protocol)) {
            chosen = protocol;
            agreed = true;
        }
    }
    if (request.method != Method::get || key.empty() || !known_version || !agreed) {
        response().status = 400;
        response().add_header("Sec-WebSocket-Version", "7, 8, 13");
        send();
        return nullptr;
    }
    const auto port = std::exchange(port_, nullptr);
    return port->upgrade(exchange_, chosen, limits, handler);
}

void Router::add(Route route) {
    remove(route.path);
    routes_.insert(routes_.begin(), std::move(route));
}

void Router::remove(std::string_view path) {
    std::erase_if(routes_, [path](const Route& route) { return route.path == path; });
}

void Router::dispatch(const Request& request, Responder responder) const {
    for (const auto& [from, to] : redirects_) {
        if (request.path == from) {
            auto& response = responder.response();
            response.status = 302;
            response.add_header("Location", to);
            responder.send();
            return;
        }
    }
    // Also where there is nothing: who may not look is not told so.
    if (restriction_ && !restriction_(request.path, request.remote.ip)) {
        responder.error(403, "Access Denied", "You do not have permission to access the requested URL.");
        return;
    }
    const Route* found = nullptr;
    for (const Route& route : routes_) {
        if (!request.path.starts_with(route.path)) continue;
        const bool exact = request.path.size() == route.path.size();
        if (!exact && (!route.subtree || request.path[route.path.size()] != '/')) continue;
        if (found == nullptr || route.path.size() > found->path.size()) found = &route;
    }
    if (found == nullptr || !found->handler) {
        responder.error(404, "Not Found", "The requested URL was not found on this server.");
        return;
    }
    const Handler handler = found->handler;  // a handler may remove its own route
    handler(request, std::move(responder));
}

}  // namespace asterism::http
