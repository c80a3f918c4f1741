// A WebSocket on one of our connections.
#pragma once

#include <deque>

#include "asterism/http/websocket.hpp"
#include "asterism/runtime/timer.hpp"
#include "hub.hpp"
#include "stream.hpp"
#include "ws_frame.hpp"

namespace asterism::http {

/// Owned by the hub until it ends; its handler's owner shares it. Takes the stream over from the HTTP connection, or
/// from the attempt that opened it (`client`: what it sends is masked).
class WebSocketSession final : public WebSocket,
                               public StreamUser,
                               public Session,
                               public FrameParser::Sink,
                               public std::enable_shared_from_this<WebSocketSession> {
  public:
    WebSocketSession(std::shared_ptr<Hub> hub, std::unique_ptr<AnyStream> stream, Address remote, Address local,
                     std::string_view protocol, const WebSocketLimits& limits, WebSocketHandler& handler,
                     bool client = false);
    ~WebSocketSession() override;

    /// Writes the handshake's answer, if any, then reads; `early` came behind the handshake already.
    void start(std::string handshake, std::string early);

    bool send(std::shared_ptr<const std::string> text) override { return queue(Opcode::text, std::move(text)); }
    bool send_binary(std::shared_ptr<const std::string> bytes) override {
        return queue(Opcode::binary, std::move(bytes));
    }
    void ping(std::string_view payload) override;
    void close(std::uint16_t code, std::string_view reason) override;
    void detach() override;
    [[nodiscard]] bool open() const override { return state_ == State::open; }
    [[nodiscard]] const Address& remote() const override { return remote_; }
    [[nodiscard]] const Address& local() const override { return local_; }
    [[nodiscard]] std::string_view protocol() const override { return protocol_; }
    [[nodiscard]] bool secure() const override { return stream_->secure(); }
    [[nodiscard]] std::size_t queued_bytes() const override { return queued_bytes_; }
    [[nodiscard]] std::size_t queued_count() const override { return queue_.size(); }

    /// Sends what is queued, as far as the stream takes it.
    void flush();
    void end() override { finish(WebSocketEnd::shutdown, 1001); }

  private:
    enum class State : std::uint8_t { open, closing, ended };
    struct Item {
        FrameHeader header;
        std::shared_ptr<const std::string> payload;
        bool raw = false;  // no header: the handshake's answer
    };

    void on_read(std::size_t bytes) override;
    void on_writable() override;
    bool on_message(Opcode opcode, std::string_view payload) override;
    bool queue(Opcode opcode, std::shared_ptr<const std::string> payload);
    void push(Item item);
    [[nodiscard]] bool full_with(std::size_t bytes) const;
    void forget_bytes(std::size_t bytes);
    void read();
    void take(std::span<char> bytes);
    void begin_close(std::uint16_t code, std::string_view reason, WebSocketEnd end);
    void finish(WebSocketEnd end, std::uint16_t code);

    std::shared_ptr<Hub> hub_;
    std::unique_ptr<AnyStream> stream_;
    WebSocketHandler* handler_;
    WebSocketLimits limits_;
    Address remote_;
    Address local_;
    std::string protocol_;
    FrameParser parser_;
    Timer close_timer_;

    std::deque<Item> queue_;
    std::size_t queued_bytes_ = 0;
    std::size_t first_sent_ = 0;  // bytes of the first item, header included, that were sent
    std::string buffer_;
    State state_ = State::open;
    WebSocketEnd why_ = WebSocketEnd::lost;
    std::uint16_t code_ = 1006;
    bool client_;
    bool waiting_ = false;  // for the stream to take more
    bool dirty_ = false;
    bool close_received_ = false;
};

}  // namespace asterism::http
