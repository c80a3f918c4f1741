#include "asterism/http/media_sockets.hpp"

#include <utility>

#include "asterism/http/router.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"
#include "asterism/runtime/timer.hpp"

namespace asterism::http {

namespace {

using media_channels::MessageSocket;
using media_channels::MessageUser;

constexpr std::string_view base = "/media";

WebSocketLimits limits() {
    WebSocketLimits l;
    // Audio is dropped long before (see SlowReader); this bounds what events may wait.
    l.queue_bytes = 2 << 20;
    l.queue_count = 4096;
    return l;
}

/// One connection of one channel, open or on its way. Shared by its user and by whatever is under way; ended by
/// close() or by the connection's end.
class MediaSocket final : public MessageSocket,
                          public WebSocketHandler,
                          public std::enable_shared_from_this<MediaSocket> {
  public:
    MediaSocket(Loop& loop, MessageUser& user) : loop_(loop), user_(&user), timer_(loop) {}
    ~MediaSocket() override {
        if (socket_) socket_->detach();
    }

    // ---- MessageSocket ----
    void send_text(std::string text) override {
        if (socket_) socket_->send(std::make_shared<const std::string>(std::move(text)));
    }
    void send_binary(std::shared_ptr<const std::string> bytes) override {
        if (socket_) socket_->send_binary(std::move(bytes));
    }
    void close() override {
        user_ = nullptr;
        timer_.cancel();
        if (!socket_) return;
        socket_->close();
        std::exchange(socket_, nullptr)->detach();
    }
    [[nodiscard]] std::size_t queued_bytes() const override { return socket_ ? socket_->queued_bytes() : 0; }

    // ---- WebSocketHandler ----
    void on_text(WebSocket&, std::string_view text) override {
        const auto kept = shared_from_this();  // the user may let go
        if (user_) user_->on_text(text);
    }
    void on_binary(WebSocket&, std::string_view bytes) override {
        const auto kept = shared_from_this();
        if (user_) user_->on_binary(bytes);
    }
    void on_end(WebSocket&, WebSocketEnd end, std::uint16_t) override {
        const auto kept = shared_from_this();
        socket_ = nullptr;
        if (auto* user = std::exchange(user_, nullptr)) user->on_end(describe(end));
    }

    /// A connection that came to us; the user is told later in this turn.
    void opened(std::shared_ptr<WebSocket> socket) {
        socket_ = std::move(socket);
        loop_.defer([self = shared_from_this()] {
            if (self->user_) self->user_->on_open();
        });
    }
    /// Tries until it succeeds, as often as the configuration says.
    void connect(WebSocketDialer& dialer, ClientConfig config) {
        config_ = std::move(config);
        dialer_ = &dialer;
        attempt();
    }

  private:
    void attempt() {
        dialer_->connect(config_.target, limits(), *this, [self = shared_from_this()](auto result) {
            if (!self->user_) {
                if (result) (*result)->detach();
                return;
            }
            if (result) {
                self->socket_ = std::move(*result);
                self->user_->on_open();
            } else if (self->attempts_++ < self->config_.reconnect_attempts) {
                self->timer_.start(self->config_.reconnect_interval, [weak = self->weak_from_this()] {
                    if (const auto alive = weak.lock()) alive->attempt();
                });
            } else {
                std::exchange(self->user_, nullptr)->on_end(result.error());
            }
        });
    }

    Loop& loop_;
    MessageUser* user_;
    std::shared_ptr<WebSocket> socket_;
    ClientConfig config_;
    WebSocketDialer* dialer_ = nullptr;
    Timer timer_;
    unsigned attempts_ = 0;
};

}  // namespace

MediaSockets::~MediaSockets() {
    if (served_) router_.remove(base);
}

std::shared_ptr<MessageSocket> MediaSockets::connect(std::string_view connection, std::string_view query,
                                                     MessageUser& user) {
    const auto found = clients_.find(connection);
    if (found == clients_.end()) return nullptr;
    ClientConfig config = found->second;
    if (!query.empty()) {
        config.target.uri += config.target.uri.contains('?') ? '&' : '?';
        config.target.uri += query;
    }
    auto made = std::make_shared<MediaSocket>(loop_, user);
    made->connect(dialer_, std::move(config));
    return made;
}

void MediaSockets::serve(media_channels::IncomingSockets& incoming) {
    served_ = true;
    router_.add({std::string(base), true, "Media over Websocket",
                 [this, &incoming](const Request& request, Responder responder) {
                     std::string_view path = request.path;
                     path.remove_prefix(std::min(path.size(), base.size()));
                     if (path.starts_with('/')) path.remove_prefix(1);
                     const std::string id = decode(path, false);
                     MessageUser* user = incoming.awaited(id);
                     if (user == nullptr) {
                         responder.error(404, reason_phrase(404), "Nobody waits for this connection");
                         return;
                     }
                     auto made = std::make_shared<MediaSocket>(loop_, *user);
                     auto socket = responder.accept_websocket(request, {"", "media"}, limits(), *made);
                     if (!socket) return made->close();
                     made->opened(std::move(socket));
                     incoming.arrived(id, made);
                 }});
}

}  // namespace asterism::http
