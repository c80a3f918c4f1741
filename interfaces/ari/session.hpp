// One client on /ari/events: events out, and REST requests in (RESTRequest, RESTResponse).
#pragma once

#include <functional>

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

    /// What the client asked for beyond the names of its applications.
    struct Wishes {
        bool subscribe_all = false;
        Joining joining{};
        std::optional<std::uint64_t> since{};  ///< send what came behind this event
    };
    /// Called once, when the handshake has been answered: registers the applications.
    void start(std::shared_ptr<http::WebSocket> socket, const Wishes& wishes);
    bool send(std::shared_ptr<const std::string> event) override;
    /// Takes the socket without registering anything.
    void adopt(std::shared_ptr<http::WebSocket> socket) { socket_ = std::move(socket); }
    /// After what is queued.
    void close();
    // ---- for the console ----
    [[nodiscard]] std::uint64_t number() const { return number_; }
    [[nodiscard]] const User& user() const { return user_; }
    [[nodiscard]] const std::vector<std::string>& apps() const { return apps_; }
    /// One that we opened.
    [[nodiscard]] bool outbound() const { return on_gone != nullptr; }
    /// "127.0.0.1:1234"; empty while it has no socket.
    [[nodiscard]] std::string remote() const;
    /// Called when the socket has ended.
    std::function<void()> on_gone;

  private:
    void on_text(http::WebSocket& socket, std::string_view text) override;
    void on_end(http::WebSocket& socket, http::WebSocketEnd end, std::uint16_t code) override;
    void resume(App& app, std::optional<std::uint64_t> since);
    void respond(const std::string& transaction, const std::string& request, const std::string& uri, Reply&& reply);

    Service& service_;
    std::uint64_t number_;
    User user_;
    std::vector<std::string> apps_;
    std::shared_ptr<http::WebSocket> socket_;
    bool started_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace asterism::ari
