// One client on /ari/events: events out, and REST requests in (RESTRequest, RESTResponse).
#pragma once

#include "app.hpp"
#include "asterism/ari/ari.hpp"
#include "asterism/http/websocket.hpp"

namespace asterism::ari {

class Service;
struct Reply;

/// Owned by the Service; ends with its socket.
class Session final : public EventSocket, public http::WebSocketHandler {
  public:
    Session(Service& service, User user, std::vector<std::string> apps);
    ~Session() override;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Called once, when the handshake has been answered: registers the applications.
    void start(std::shared_ptr<http::WebSocket> socket, bool subscribe_all);
    bool send(std::shared_ptr<const std::string> event) override;

  private:
    void on_text(http::WebSocket& socket, std::string_view text) override;
    void on_end(http::WebSocket& socket, http::WebSocketEnd end, std::uint16_t code) override;
    void respond(const std::string& transaction, const std::string& request, const std::string& uri, Reply&& reply);

    Service& service_;
    User user_;
    std::vector<std::string> apps_;
    std::shared_ptr<http::WebSocket> socket_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace asterism::ari
