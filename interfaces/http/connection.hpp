// One HTTP/1.1 connection: requests in, one after the other, answers out.
#pragma once

#include "asterism/http/router.hpp"
#include "asterism/runtime/timer.hpp"
#include "hub.hpp"
#include "parser.hpp"
#include "stream.hpp"

namespace asterism::http {

/// Owned by the hub until it ends. Ends when the client goes, when a timer says so, after `Connection: close`, and when
/// a WebSocket takes the stream over.
class Connection final : public ReplyPort,
                         public StreamUser,
                         public Session,
                         public std::enable_shared_from_this<Connection> {
  public:
    Connection(std::shared_ptr<Hub> hub, std::unique_ptr<AnyStream> stream, Address remote, Address local);
    void start();
    void end() override;

    Response& response() override { return response_; }
    void send(std::uint64_t exchange) override;
    std::shared_ptr<WebSocket> upgrade(std::uint64_t exchange, std::string_view protocol, const WebSocketLimits& limits,
                                       WebSocketHandler& handler) override;

  private:
    enum class State : std::uint8_t { reading, handling, draining, ended };

    void on_read(std::size_t bytes) override;
    void on_writable() override;
    void read();
    /// Reads requests out of what has come, until one has to wait or bytes are missing.
    void work();
    /// One request, or a part of one. False: nothing more to take now.
    bool take_request();
    [[nodiscard]] bool can_parse() const;
    [[nodiscard]] bool all_sent() const { return out_sent_ == out_.size() && !tail_; }
    void refuse(int status);
    void dispatch();
    void append_answer();
    void flush();
    void drain();
    void arm(Duration delay);
    void on_timer();

    std::shared_ptr<Hub> hub_;
    std::unique_ptr<AnyStream> stream_;
    Timer timer_;

    Request request_;
    Response response_;
    RequestParser parser_;
    std::string in_;
    std::size_t in_begin_ = 0;
    std::size_t in_end_ = 0;
    std::string out_;
    std::size_t out_sent_ = 0;
    std::shared_ptr<const std::string> tail_;  // a shared body, sent behind out_; no answer follows before it is sent
    std::size_t tail_sent_ = 0;
    std::uint64_t exchange_ = 0;
    State state_ = State::reading;
    bool fresh_ = true;     // nothing of the next request has come
    bool reading_ = false;  // a read is under way
    bool waiting_ = false;  // for the stream to take more
    bool working_ = false;  // inside work(): an answer given now is noticed there
    bool close_after_ = false;
    bool wants_more_ = false;  // what is left in in_ is not a whole request
    TimePoint deadline_{};
    TimePoint timer_due_{};
};

}  // namespace asterism::http
