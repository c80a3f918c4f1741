// Which part answers which path: the table that AMI, ARI, the status page, SIP over WebSocket and others enter.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "asterism/http/message.hpp"
#include "asterism/http/websocket.hpp"

namespace asterism::http {

/// The way back to the client that a Responder holds; implemented by the connection.
class ReplyPort {
  public:
    virtual ~ReplyPort() = default;
    virtual Response& response() = 0;
    virtual void send(std::uint64_t exchange) = 0;
    virtual std::shared_ptr<WebSocket> upgrade(std::uint64_t exchange, std::string_view protocol,
                                               const WebSocketLimits& limits, WebSocketHandler& handler) = 0;
};

/// The one answer to one request, now or later. Moves; dropping it unanswered answers 500.
class Responder {
  public:
    Responder(std::shared_ptr<ReplyPort> port, std::uint64_t exchange) : port_(std::move(port)), exchange_(exchange) {}
    Responder(Responder&&) = default;
    Responder& operator=(Responder&&) = delete;
    ~Responder();

    /// The answer to fill in: empty, status 200.
    [[nodiscard]] Response& response() { return port_->response(); }
    /// Sends it. Does nothing when the client has gone.
    void send();
    /// Fills in Asterisk's error page and sends it.
    void error(int status, std::string_view title, std::string_view text);

    /// Checks the request's WebSocket handshake (RFC 6455, 4.2.1) and takes the connection over. `protocols`: the
    /// sub-protocols served, best first; one must be offered, unless the client offers none and the list starts with
    /// "". When the handshake is wrong it is answered (400, or 426 when there is no Upgrade) and nullptr comes back.
    /// The socket lives until it is closed; its handler must outlive it or detach.
    std::shared_ptr<WebSocket> accept_websocket(const Request& request, const std::vector<std::string_view>& protocols,
                                                const WebSocketLimits& limits, WebSocketHandler& handler);

  private:
    std::shared_ptr<ReplyPort> port_;
    std::uint64_t exchange_;
};

using Handler = std::function<void(const Request&, Responder)>;

struct Route {
    std::string path;         ///< "/ari"
    bool subtree = false;     ///< "/ari/..." too
    std::string description;  ///< what `http show status` says
    Handler handler;
};

/// Owned by main, given to every part that serves pages and to the Server. A route may be added and removed at any
/// time on the loop; the handler of a removed one is not called again.
class Router {
  public:
    void add(Route route);
    void remove(std::string_view path);
    /// Answers exactly `from` by 302 to `to`.
    void set_redirects(std::vector<std::pair<std::string, std::string>> redirects) {
        redirects_ = std::move(redirects);
    }
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& redirects() const { return redirects_; }
    /// Says who may use a path and everything below it.
    void set_restriction(std::function<bool(std::string_view path, std::string_view ip)> restriction) {
        restriction_ = std::move(restriction);
    }
    void set_server_name(std::string name) { server_name_ = std::move(name); }
    [[nodiscard]] const std::string& server_name() const { return server_name_; }

    /// Newest first, as `http show status` lists them.
    [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }
    void dispatch(const Request& request, Responder responder) const;

  private:
    std::vector<Route> routes_;
    std::vector<std::pair<std::string, std::string>> redirects_;
    std::function<bool(std::string_view, std::string_view)> restriction_;
    std::string server_name_ = "Asterisk";
};

}  // namespace asterism::http
