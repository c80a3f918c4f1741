// Channels to programs that take and give audio: AudioSocket (a TCP protocol) and media over WebSockets. This library
// knows both protocols; the WebSockets themselves are the HTTP server's, behind MessageSockets.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "asterism/model/driver.hpp"

namespace asterism {
struct Pbx;
class TcpDialer;
namespace config {
class File;
class Report;
}  // namespace config
}  // namespace asterism

namespace asterism::media_channels {

/// Told what a MessageSocket does. Calls come on the loop, never from within one of its methods.
class MessageUser {
  public:
    virtual void on_open() = 0;
    virtual void on_text(std::string_view text) = 0;
    virtual void on_binary(std::string_view bytes) = 0;
    /// Once, last, unless close() came first: the connection ended, or never came about. `why` is for the log.
    virtual void on_end(std::string_view why) = 0;

  protected:
    ~MessageUser() = default;
};

/// A connection that carries whole messages, texts and bytes.
class MessageSocket {
  public:
    virtual ~MessageSocket() = default;
    virtual void send_text(std::string text) = 0;
    virtual void send_binary(std::shared_ptr<const std::string> bytes) = 0;
    /// Ends it after what is queued; its user is not called any more.
    virtual void close() = 0;
    [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
};

/// Opens them by name: the sections of websocket_client.conf.
class MessageSockets {
  public:
    virtual ~MessageSockets() = default;
    [[nodiscard]] virtual bool knows(std::string_view connection) const = 0;
    /// `query` ("a=1&b=2") is added to the URI. `user` is called until on_end() or close(). Null: an unknown name.
    virtual std::shared_ptr<MessageSocket> connect(std::string_view connection, std::string_view query,
                                                   MessageUser& user) = 0;
};

/// Those that are expected from outside, at /media/ID.
class IncomingSockets {
  public:
    /// Who waits for this id; null: nobody, or somebody has come already.
    virtual MessageUser* awaited(std::string_view id) = 0;
    /// It has come. on_open() of the user follows later.
    virtual void arrived(std::string_view id, std::shared_ptr<MessageSocket> socket) = 0;

  protected:
    ~IncomingSockets() = default;
};

/// "WebSocket/CONNECTION/options", "WebSocket/INCOMING/options"; docs/media-channels.md says what the options are.
class WebSocketTechnology : public Technology, public IncomingSockets {
  public:
    /// chan_websocket.conf control_message_format, for channels that don't say f(...).
    virtual void set_json(bool on) = 0;
};

/// chan_websocket.conf: whether control_message_format is json.
[[nodiscard]] bool read_json(const config::File& file, config::Report& report);
/// All that is given outlives what is made.
[[nodiscard]] std::unique_ptr<WebSocketTechnology> make_websocket(Pbx& pbx, MessageSockets& sockets);
/// "AudioSocket/host:port/uuid[/c(codec)]".
[[nodiscard]] std::unique_ptr<Technology> make_audiosocket(Pbx& pbx, TcpDialer& dialer);
/// AudioSocket(uuid,service).
void add_applications(Pbx& pbx, TcpDialer& dialer);

}  // namespace asterism::media_channels
