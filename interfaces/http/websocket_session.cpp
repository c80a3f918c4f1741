#include "websocket_session.hpp"

#include <openssl/rand.h>

#include <array>

#include "asterism/runtime/log.hpp"

namespace asterism::http {

namespace {
/// How long a peer may take to answer our close frame, or to take it.
constexpr Duration close_wait = 2s;
constexpr std::size_t read_bytes = 4096;
}  // namespace

std::string_view describe(WebSocketEnd end) {
    switch (end) {
        case WebSocketEnd::client_closed: return "closed by the client";
        case WebSocketEnd::we_closed: return "closed";
        case WebSocketEnd::lost: return "connection lost";
        case WebSocketEnd::protocol_error: return "protocol error";
        case WebSocketEnd::too_slow: return "the client does not read what it is sent";
        case WebSocketEnd::shutdown: return "the server stops";
    }
    return "";
}

WebSocketSession::WebSocketSession(std::shared_ptr<Hub> hub, std::unique_ptr<AnyStream> stream, Address remote,
                                   Address local, std::string_view protocol, const WebSocketLimits& limits,
                                   WebSocketHandler& handler, bool client)
    : hub_(std::move(hub)),
      stream_(std::move(stream)),
      handler_(&handler),
      limits_(limits),
      remote_(std::move(remote)),
      local_(std::move(local)),
      protocol_(protocol),
      parser_(limits.message_bytes, client ? FrameParser::Peer::server : FrameParser::Peer::client),
      close_timer_(hub_->loop),
      client_(client) {
    if (limits_.budget) ++limits_.budget->sockets;
}

WebSocketSession::~WebSocketSession() {
    forget_bytes(queued_bytes_);
    if (limits_.budget) --limits_.budget->sockets;
}

bool WebSocketSession::full_with(std::size_t bytes) const {
    if (queue_.size() >= limits_.queue_count || queued_bytes_ + bytes > limits_.queue_bytes) return true;
    const QueueBudget* budget = limits_.budget.get();
    return budget != nullptr && budget->used_bytes + bytes > budget->limit_bytes &&
           queued_bytes_ + bytes > budget->fair_share();
}

void WebSocketSession::forget_bytes(std::size_t bytes) {
    queued_bytes_ -= bytes;
    if (limits_.budget) limits_.budget->used_bytes -= bytes;
}

void WebSocketSession::start(std::string handshake, std::string early) {
    if (!handshake.empty()) push({{}, std::make_shared<const std::string>(std::move(handshake)), true});
    buffer_.resize(read_bytes);
    if (early.empty()) {
        read();
        return;
    }
    // Not from inside the handler that accepts us: it does not hold us yet.
    hub_->loop.defer([self = shared_from_this(), bytes = std::move(early)]() mutable {
        self->take(bytes);
        if (self->state_ != State::ended) self->read();
    });
}

void WebSocketSession::push(Item item) {
    if (client_ && !item.raw) {
        std::array<char, 4> key{};
        RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size()));
        item.payload = std::make_shared<const std::string>(mask_frame(item.header, *item.payload, key));
    }
    queued_bytes_ += item.payload->size() + item.header.size;
    if (limits_.budget) limits_.budget->used_bytes += item.payload->size() + item.header.size;
    queue_.push_back(std::move(item));
    if (!dirty_ && !waiting_) {
        dirty_ = true;
        hub_->want_flush(shared_from_this());
    }
}

bool WebSocketSession::queue(Opcode opcode, std::shared_ptr<const std::string> payload) {
    if (state_ != State::open) return false;
    if (full_with(payload->size())) {
        flush();  // what waits for the end of the turn does not count against a client that reads
        if (state_ != State::open) return false;
        if (full_with(payload->size())) {
            ++hub_->counters.websockets_dropped;
            log::warning("WebSocket of {}:{} dropped: {} messages with {} bytes wait because the client does not read",
                         remote_.ip, remote_.port, queue_.size(), queued_bytes_);
            finish(WebSocketEnd::too_slow, 1006);
            return false;
        }
    }
    const auto header = frame_header(opcode, payload->size());
    push({header, std::move(payload)});
    return true;
}

void WebSocketSession::ping(std::string_view payload) {
    queue(Opcode::ping, std::make_shared<const std::string>(payload.substr(0, 125)));
}

void WebSocketSession::close(std::uint16_t code, std::string_view reason) {
    begin_close(code, reason, WebSocketEnd::we_closed);
}

void WebSocketSession::detach() {
    handler_ = nullptr;
    begin_close(1001, {}, WebSocketEnd::we_closed);
}

void WebSocketSession::begin_close(std::uint16_t code, std::string_view reason, WebSocketEnd end) {
    if (state_ != State::open) return;
    state_ = State::closing;
    why_ = end;
    code_ = code;
    std::string payload;
    if (code != 0 && code != 1005 && code != 1006) {
        payload += static_cast<char>(code >> 8);
        payload += static_cast<char>(code & 0xFF);
        payload.append(reason.substr(0, 123));
    }
    const auto header = frame_header(Opcode::close, payload.size());
    push({header, std::make_shared<const std::string>(std::move(payload))});
    close_timer_.start(close_wait, [self = shared_from_this()] { self->finish(self->why_, self->code_); });
}

void WebSocketSession::finish(WebSocketEnd end, std::uint16_t code) {
    if (state_ == State::ended) return;
    state_ = State::ended;
    stream_->close();
    queue_.clear();
    forget_bytes(queued_bytes_);
    auto self = shared_from_this();
    hub_->remove(self);
    hub_->loop.defer([self, end, code] {
        self->close_timer_.cancel();
        if (auto* handler = std::exchange(self->handler_, nullptr)) handler->on_end(*self, end, code);
    });
}

void WebSocketSession::flush() {
    dirty_ = false;
    while (!queue_.empty() && !waiting_ && state_ != State::ended) {
        std::array<Slice, 64> slices;
        std::size_t count = 0;
        std::size_t skip = first_sent_;
        for (const Item& item : queue_) {
            if (count + 2 > slices.size()) break;
            const std::size_t header = item.raw ? 0 : item.header.size;
            if (skip < header) slices[count++] = {item.header.bytes.data() + skip, header - skip};
            const std::size_t from = skip > header ? skip - header : 0;
            if (from < item.payload->size())
                slices[count++] = {item.payload->data() + from, item.payload->size() - from};
            skip = 0;
        }
        const auto sent = stream_->write({slices.data(), count});
        if (sent < 0) {
            finish(state_ == State::closing ? why_ : WebSocketEnd::lost, code_);
            return;
        }
        std::size_t left = static_cast<std::size_t>(sent) + first_sent_;
        first_sent_ = 0;
        while (!queue_.empty()) {
            const Item& item = queue_.front();
            const std::size_t whole = item.payload->size() + (item.raw ? 0 : item.header.size);
            if (left < whole) break;
            left -= whole;
            forget_bytes(item.payload->size() + item.header.size);
            queue_.pop_front();
        }
        first_sent_ = left;
        if (sent == 0) {
            waiting_ = true;
            stream_->wait_writable(shared_from_this());
        }
    }
    if (queue_.empty() && state_ == State::closing && close_received_) finish(why_, code_);
}

void WebSocketSession::on_writable() {
    waiting_ = false;
    if (state_ != State::ended) flush();
}

void WebSocketSession::read() { stream_->read(buffer_, shared_from_this()); }

void WebSocketSession::on_read(std::size_t bytes) {
    if (state_ == State::ended) return;
    if (bytes == 0) {
        finish(state_ == State::closing ? why_ : WebSocketEnd::lost, code_);
        return;
    }
    take(std::span(buffer_).first(bytes));
    if (state_ != State::ended) read();
}

void WebSocketSession::take(std::span<char> bytes) {
    if (close_received_) return;
    if (const auto code = parser_.put(bytes, *this); code != 0) {
        log::notice("WebSocket of {}:{}: {}, closing with {}", remote_.ip, remote_.port,
                    code == 1009   ? "message too long"
                    : code == 1007 ? "text is not UTF-8"
                                   : "not a WebSocket frame",
                    code);
        close_received_ = true;  // what follows can't be understood
        begin_close(code, {}, WebSocketEnd::protocol_error);
    }
}

bool WebSocketSession::on_message(Opcode opcode, std::string_view payload) {
    switch (opcode) {
        case Opcode::ping:
            if (state_ == State::open) {
                push({frame_header(Opcode::pong, payload.size()), std::make_shared<const std::string>(payload)});
                // Pings alone must not fill memory either.
                if (queue_.size() > limits_.queue_count) finish(WebSocketEnd::too_slow, 1006);
            }
            break;
        case Opcode::pong: break;
        case Opcode::close: {
            close_received_ = true;
            std::uint16_t code = 1005;
            if (payload.size() >= 2) {
                code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                                  static_cast<unsigned char>(payload[1]));
            }
            const bool fine = payload.size() != 1 && (code == 1005 || valid_close_code(code)) &&
                              valid_utf8(payload.size() > 2 ? payload.substr(2) : std::string_view());
            if (state_ == State::open) {
                begin_close(fine ? (code == 1005 ? 1000 : code) : 1002, {},
                            fine ? WebSocketEnd::client_closed : WebSocketEnd::protocol_error);
                code_ = code;
            } else if (queue_.empty()) {
                finish(why_, code_);
            }
            return false;
        }
        case Opcode::text:
        case Opcode::binary: {
            if (state_ != State::open || handler_ == nullptr) break;
            if (opcode == Opcode::text) {
                handler_->on_text(*this, payload);
            } else {
                handler_->on_binary(*this, payload);
            }
            break;
        }
        case Opcode::continuation: break;
    }
    return state_ != State::ended;
}

}  // namespace asterism::http
