// The WebSockets of channels to media programs: those that we open (websocket_client.conf) and those that come to
// /media/ID.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "asterism/channels/media_channels.hpp"
#include "asterism/http/client.hpp"

namespace asterism {
class Loop;
namespace config {
class File;
class Report;
struct Section;
}  // namespace config
}  // namespace asterism

namespace asterism::http {

class Router;

/// One section of websocket_client.conf.
struct ClientConfig {
    WebSocketTarget target;
    bool per_call = false;  ///< connection_type=per_call_config; the media channels open one for each call in any case
    std::chrono::milliseconds reconnect_interval{500};
    unsigned reconnect_attempts = 4;
};
/// Reads a section; nothing, and an error in `report`, for one without uri.
[[nodiscard]] std::optional<ClientConfig> read_client(const config::Section& section, config::Report& report);
/// All sections.
[[nodiscard]] std::map<std::string, ClientConfig, std::less<>> read_clients(const config::File& file,
                                                                            config::Report& report);

/// Owned by main, ended before the dialer and the router.
class MediaSockets final : public media_channels::MessageSockets {
  public:
    MediaSockets(Loop& loop, Router& router, WebSocketDialer& dialer) : loop_(loop), router_(router), dialer_(dialer) {}
    MediaSockets(const MediaSockets&) = delete;
    MediaSockets& operator=(const MediaSockets&) = delete;
    ~MediaSockets() override;

    /// Those that are open stay.
    void set_clients(std::map<std::string, ClientConfig, std::less<>> clients) { clients_ = std::move(clients); }
    /// Adds /media to the router. `incoming` outlives this.
    void serve(media_channels::IncomingSockets& incoming);

    [[nodiscard]] bool knows(std::string_view connection) const override { return clients_.contains(connection); }
    std::shared_ptr<media_channels::MessageSocket> connect(std::string_view connection, std::string_view query,
                                                           media_channels::MessageUser& user) override;

  private:
    Loop& loop_;
    Router& router_;
    WebSocketDialer& dialer_;
    std::map<std::string, ClientConfig, std::less<>> clients_;
    bool served_ = false;
};

}  // namespace asterism::http
