#include "connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <iterator>

#include "asterism/runtime/log.hpp"
#include "websocket_session.hpp"

namespace asterism::http {

namespace {
constexpr std::size_t first_buffer = 4096;
/// Answers to pipelined requests are gathered up to this size before they are sent.
constexpr std::size_t gather = 64 << 10;
/// A shared body from this size on is sent from where it is; a smaller one is copied behind its headers.
constexpr std::size_t share_from = 4096;
/// How long we read on after our last answer, so that its bytes are not lost to a reset (RFC 9112, 9.6).
constexpr Duration linger = 2s;
}  // namespace

Connection::Connection(std::shared_ptr<Hub> hub, std::unique_ptr<AnyStream> stream, Address remote, Address local)
    : hub_(std::move(hub)),
      stream_(std::move(stream)),
      timer_(hub_->loop),
      parser_(request_, {hub_->config.header_bytes, hub_->config.body_bytes}) {
    request_.remote = std::move(remote);
    request_.local = std::move(local);
    request_.secure = stream_->secure();
    in_.resize(first_buffer);
}

void Connection::start() {
    arm(hub_->config.session_inactivity);
    read();
}

void Connection::read() {
    if (reading_) return;
    if (in_begin_ == in_end_) {
        in_begin_ = in_end_ = 0;
    } else if (in_begin_ > 0) {
        std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
        in_end_ -= in_begin_;
        in_begin_ = 0;
    }
    if (in_end_ == in_.size()) in_.resize(in_.size() * 2);  // up to the header's limit, see RequestParser
    reading_ = true;
    stream_->read(std::span(in_).subspan(in_end_), shared_from_this());
}

void Connection::on_read(std::size_t bytes) {
    reading_ = false;
    if (state_ == State::ended) return;
    if (bytes == 0) {
        // A client may shut its sending side down and still wait for the answer.
        if (state_ == State::handling || !all_sent()) {
            close_after_ = true;
            return;
        }
        end();
        return;
    }
    if (state_ == State::draining) {
        read();
        return;
    }
    in_end_ += bytes;
    work();
}

void Connection::work() {
    // Again when what stopped us was a full buffer that has been sent meanwhile.
    do {
        working_ = true;
        while (take_request()) {
        }
        working_ = false;
        if (state_ == State::ended) return;
        flush();
    } while (can_parse() && !wants_more_);
    if (state_ == State::reading && !close_after_ && all_sent()) read();
}

bool Connection::can_parse() const {
    return state_ == State::reading && !close_after_ && in_begin_ < in_end_ && !tail_ &&
           out_.size() - out_sent_ < gather;
}

bool Connection::take_request() {
    wants_more_ = false;
    if (!can_parse()) return false;
    if (fresh_) {
        // Empty lines before a request are skipped (RFC 9112, 2.2).
        while (in_begin_ < in_end_ && (in_[in_begin_] == '\r' || in_[in_begin_] == '\n')) ++in_begin_;
        if (in_begin_ == in_end_) return false;
        fresh_ = false;
        deadline_ = hub_->loop.now() + hub_->config.session_inactivity;
    }
    std::size_t used = 0;
    const bool was_in_body = parser_.in_body();
    const auto result = parser_.put({in_.data() + in_begin_, in_end_ - in_begin_}, used);
    in_begin_ += used;
    if (result == RequestParser::State::bad) {
        refuse(parser_.status());
        return false;
    }
    if (result == RequestParser::State::more) {
        wants_more_ = true;
        if (parser_.in_body()) {
            if (!was_in_body) arm(hub_->config.session_inactivity * 4);
            if (parser_.take_expect()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        }
        return false;
    }
    dispatch();
    return true;
}

void Connection::refuse(int status) {
    ++hub_->counters.bad_requests;
    response_.clear();
    response_.error_page(status, reason_phrase(status), "The request could not be understood",
                         hub_->config.server_name.empty() ? "Asterisk" : hub_->config.server_name);
    close_after_ = true;
    append_answer();
}

void Connection::dispatch() {
    ++hub_->counters.requests;
    state_ = State::handling;
    response_.clear();
    const std::uint64_t exchange = ++exchange_;
    if (hub_->config.session_keep_alive.count() == 0) request_.keep_alive = false;
    Responder responder(shared_from_this(), exchange);
    try {
        if (!request_.split_target(hub_->config.prefix)) {
            responder.error(404, "Not Found", "The requested URL was not found on this server.");
            return;
        }
        hub_->router.dispatch(request_, std::move(responder));
    } catch (const std::exception& error) {
        log::error("The handler of an HTTP request failed: {}", error.what());
        if (state_ == State::handling && exchange_ == exchange) {
            response_.clear();
            response_.error_page(500, reason_phrase(500), "Something went wrong here");
            send(exchange);
        }
    }
}

void Connection::send(std::uint64_t exchange) {
    if (exchange != exchange_ || state_ != State::handling) return;
    append_answer();
    parser_.reset();
    fresh_ = true;
    state_ = State::reading;
    if (!working_) work();  // the next request may be here already
}

void Connection::append_answer() {
    if (response_.close || !request_.keep_alive) close_after_ = true;
    if (out_sent_ == out_.size()) {
        out_.clear();
        out_sent_ = 0;
    }
    const std::string_view reason = response_.reason.empty() ? reason_phrase(response_.status) : response_.reason;
    if (response_.status == 200 && response_.reason.empty()) {
        out_ += "HTTP/1.1 200 OK\r\n";
    } else {
        fmt::format_to(std::back_inserter(out_), "HTTP/1.1 {} {}\r\n", response_.status, reason);
    }
    out_ += hub_->preamble();
    if (close_after_) out_ += "Connection: close\r\n";
    if (response_.no_cache) out_ += "Cache-Control: no-cache, no-store\r\n";
    out_ += response_.headers();
    out_ += "Content-Length: ";
    const auto& body = response_.shared_body ? *response_.shared_body : response_.body;
    const fmt::format_int length(body.size());
    out_.append(length.data(), length.size());
    out_ += "\r\n\r\n";
    if (request_.method == Method::head) return;
    if (response_.shared_body && body.size() >= share_from) {
        tail_ = std::move(response_.shared_body);
        tail_sent_ = 0;
    } else {
        out_ += body;
    }
}

void Connection::flush() {
    if (waiting_ || all_sent()) return;
    hub_->flush_websockets();
    while (!all_sent()) {
        std::array<Slice, 2> slices;
        std::size_t count = 0;
        const std::size_t ahead = out_.size() - out_sent_;
        if (ahead != 0) slices[count++] = {out_.data() + out_sent_, ahead};
        if (tail_) slices[count++] = {tail_->data() + tail_sent_, tail_->size() - tail_sent_};
        const auto sent = stream_->write({slices.data(), count});
        if (sent < 0) {
            end();
            return;
        }
        if (sent == 0) {
            arm(hub_->config.session_inactivity);
            waiting_ = true;
            stream_->wait_writable(shared_from_this());
            return;
        }
        const std::size_t of_out = std::min(static_cast<std::size_t>(sent), ahead);
        out_sent_ += of_out;
        tail_sent_ += static_cast<std::size_t>(sent) - of_out;
        if (tail_ && tail_sent_ == tail_->size()) tail_.reset();
    }
    if (out_.capacity() > gather * 2) out_ = {};  // a large answer doesn't stay
    out_.clear();
    out_sent_ = 0;
    if (close_after_ && state_ == State::reading) {
        drain();
    } else if (fresh_) {
        arm(hub_->config.session_keep_alive);
    }
}

void Connection::on_writable() {
    waiting_ = false;
    if (state_ == State::ended) return;
    flush();
    if (state_ == State::reading && !waiting_) work();
}

void Connection::drain() {
    state_ = State::draining;
    stream_->shutdown();
    arm(linger);
    in_begin_ = in_end_ = 0;
    read();
}

std::shared_ptr<WebSocket> Connection::upgrade(std::uint64_t exchange, std::string_view protocol,
                                               const WebSocketLimits& limits, WebSocketHandler& handler) {
    if (exchange != exchange_ || state_ != State::handling || reading_) return nullptr;
    state_ = State::ended;
    timer_.cancel();
    std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    head += "Sec-WebSocket-Accept: " + accept_key(request_.header("Sec-WebSocket-Key")) + "\r\n";
    if (!protocol.empty()) fmt::format_to(std::back_inserter(head), "Sec-WebSocket-Protocol: {}\r\n", protocol);
    head += "\r\n";
    std::string early(in_.data() + in_begin_, in_end_ - in_begin_);
    head.insert(0, out_, out_sent_, std::string::npos);  // an answer before it that still waits
    auto socket = std::make_shared<WebSocketSession>(hub_, std::move(stream_), request_.remote, request_.local,
                                                     protocol, limits, handler);
    ++hub_->counters.websockets;
    hub_->add(socket);
    socket->start(std::move(head), std::move(early));
    hub_->remove(shared_from_this());
    return socket;
}

void Connection::arm(Duration delay) {
    deadline_ = hub_->loop.now() + delay;
    // Restarted only when it would come too late; coming too early it looks at the deadline and starts again.
    if (timer_.pending() && timer_due_ <= deadline_) return;
    timer_due_ = deadline_;
    timer_.start_at(timer_due_, [this] { on_timer(); });
}

void Connection::on_timer() {
    if (state_ == State::ended) return;
    if (state_ == State::handling && !waiting_) {  // a handler takes the time it needs
        timer_due_ = hub_->loop.now() + hub_->config.session_inactivity;
        timer_.start_at(timer_due_, [this] { on_timer(); });
        return;
    }
    if (hub_->loop.now() < deadline_) {
        timer_due_ = deadline_;
        timer_.start_at(timer_due_, [this] { on_timer(); });
        return;
    }
    if (state_ == State::reading && !fresh_) {
        ++hub_->counters.timeouts;
        log::debug(1, "HTTP session of {}:{} timed out", request_.remote.ip, request_.remote.port);
    }
    end();
}

void Connection::end() {
    if (state_ == State::ended) return;
    state_ = State::ended;
    timer_.cancel();
    stream_->close();
    hub_->remove(shared_from_this());
}

}  // namespace asterism::http
