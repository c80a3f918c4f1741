#include "websocket_dial.hpp"

#include <netdb.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>

#include "asterism/http/message.hpp"
#include "asterism/runtime/log.hpp"
#include "tcp_stream.hpp"
#include "tls_stream.hpp"
#include "websocket_session.hpp"

namespace asterism::http {

namespace {

using boost::asio::ip::tcp;

constexpr std::size_t max_head_bytes = 16 << 10;

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string make_key() {
    std::array<unsigned char, 16> bytes{};
    RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    return encode_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// One attempt. Whatever is under way holds it; it ends by finish().
class Dial final : public StreamUser, public Session, public std::enable_shared_from_this<Dial> {
  public:
    Dial(std::shared_ptr<Hub> hub, boost::asio::io_context& context, WebSocketTarget target, WebSocketLimits limits,
         WebSocketHandler& handler, WebSocketOpened opened)
        : hub_(std::move(hub)),
          target_(std::move(target)),
          limits_(limits),
          handler_(&handler),
          opened_(std::move(opened)),
          socket_(context.get_executor()),
          timer_(hub_->loop) {}

    void start() {
        auto uri = parse_websocket_uri(target_.uri);
        if (!uri) return finish(uri.error());
        uri_ = std::move(*uri);
        if (target_.tls) uri_.secure = true;
        if (target_.username.empty()) {
            target_.username = uri_.username;
            target_.password = uri_.password;
        }
        hub_->add(shared_from_this());
        timer_.start(target_.timeout, [this] { finish("no answer in time"); });
        // A name may take its time: the loop goes on meanwhile.
        struct Found {
            std::vector<tcp::endpoint> endpoints;
            std::string error;
        };
        auto found = std::make_shared<Found>();
        hub_->loop.blocking(
            [found, host = uri_.host, port = uri_.port] {
                addrinfo hints{};
                hints.ai_socktype = SOCK_STREAM;
                addrinfo* list = nullptr;
                if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list); error != 0) {
                    found->error = ::gai_strerror(error);
                    return;
                }
                for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
                    tcp::endpoint endpoint;
                    if (at->ai_addrlen > endpoint.capacity()) continue;
                    endpoint.resize(at->ai_addrlen);
                    std::copy_n(reinterpret_cast<const char*>(at->ai_addr), at->ai_addrlen,
                                reinterpret_cast<char*>(endpoint.data()));
                    found->endpoints.push_back(endpoint);
                }
                ::freeaddrinfo(list);
            },
            [self = shared_from_this(), found] {
                if (self->done_) return;
                if (found->endpoints.empty()) {
                    self->finish("'" + self->uri_.host + "' was not found: " + found->error);
                    return;
                }
                self->endpoints_ = std::move(found->endpoints);
                self->try_next("");
            });
    }

    void end() override { finish("the server stops"); }

  private:
    void try_next(const std::string& error) {
        if (next_ == endpoints_.size()) return finish(error);
        const tcp::endpoint endpoint = endpoints_[next_++];
        boost::system::error_code ignored;
        socket_.close(ignored);
        socket_.async_connect(endpoint, [self = shared_from_this()](boost::system::error_code failed) {
            if (self->done_) return;
            if (failed) return self->try_next(failed.message());
            self->connected();
        });
    }

    void connected() {
        boost::system::error_code error;
        const auto remote = socket_.remote_endpoint(error);
        const auto local = socket_.local_endpoint(error);
        remote_ = {remote.address().to_string(), remote.port()};
        local_ = {local.address().to_string(), local.port()};
        if (uri_.secure) {
            auto context = make_client_context(target_);
            if (!context) return finish(context.error());
            stream_ = std::make_unique<TlsStream>(hub_->loop, std::move(socket_), *context,
                                                  TlsPeer{uri_.host, target_.verify && target_.verify_host});
        } else {
            stream_ = std::make_unique<TcpStream>(std::move(socket_));
        }
        key_ = make_key();
        out_ = "GET " + uri_.path + " HTTP/1.1\r\nHost: " + uri_.authority() +
               "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key_ +
               "\r\nSec-WebSocket-Version: 13\r\n";
        if (!target_.protocols.empty()) {
            out_ += "Sec-WebSocket-Protocol: ";
            for (const auto& one : target_.protocols) {
                if (&one != &target_.protocols.front()) out_ += ", ";
                out_ += one;
            }
            out_ += "\r\n";
        }
        if (!target_.username.empty()) {
            out_ += "Authorization: Basic " + encode_base64(target_.username + ":" + target_.password) + "\r\n";
        }
        out_ += "User-Agent: Asterism\r\n\r\n";
        buffer_.resize(4096);
        stream_->read(buffer_, shared_from_this());
        write();
    }

    void write() {
        while (!done_ && !out_.empty()) {
            const Slice slice{out_.data(), out_.size()};
            const auto sent = stream_->write({&slice, 1});
            if (sent < 0) return finish("the connection was lost");
            out_.erase(0, static_cast<std::size_t>(sent));
            if (sent == 0) return stream_->wait_writable(shared_from_this());
        }
    }
    void on_writable() override { write(); }

    void on_read(std::size_t bytes) override {
        if (done_) return;
        if (bytes == 0) return finish("the connection was closed before the handshake was answered");
        head_.append(buffer_, 0, bytes);
        const auto end = head_.find("\r\n\r\n");
        if (end == std::string::npos) {
            if (head_.size() > max_head_bytes) return finish("the answer to the handshake is too long");
            stream_->read(buffer_, shared_from_this());
            return;
        }
        const auto protocol = check_handshake(std::string_view(head_).substr(0, end + 2), key_, target_.protocols);
        if (!protocol) return finish(protocol.error());
        auto socket = std::make_shared<WebSocketSession>(hub_, std::move(stream_), remote_, local_, *protocol, limits_,
                                                         *handler_, true);
        ++hub_->counters.websockets;
        hub_->add(socket);
        socket->start({}, head_.substr(end + 4));
        leave();
        if (const auto opened = std::exchange(opened_, nullptr)) opened(std::move(socket));
    }

    void leave() {
        done_ = true;
        timer_.cancel();
        hub_->remove(shared_from_this());
    }

    void finish(const std::string& error) {
        if (done_) return;
        const auto self = shared_from_this();
        leave();
        boost::system::error_code ignored;
        socket_.close(ignored);
        if (stream_) stream_->close();
        hub_->loop.defer([self, error] {
            if (const auto opened = std::exchange(self->opened_, nullptr)) opened(std::unexpected(error));
        });
    }

    std::shared_ptr<Hub> hub_;
    WebSocketTarget target_;
    WebSocketLimits limits_;
    WebSocketHandler* handler_;
    WebSocketOpened opened_;
    WebSocketUri uri_;
    Socket socket_;
    std::unique_ptr<AnyStream> stream_;
    Timer timer_;
    std::vector<tcp::endpoint> endpoints_;
    std::size_t next_ = 0;
    Address remote_, local_;
    std::string key_, out_, head_, buffer_;
    bool done_ = false;
};

}  // namespace

std::string WebSocketUri::authority() const {
    const std::string name = host.find(':') != std::string::npos ? "[" + host + "]" : host;
    return port == (secure ? "443" : "80") ? name : name + ":" + port;
}

std::expected<WebSocketUri, std::string> parse_websocket_uri(std::string_view text) {
    WebSocketUri made;
    const auto bad = [text](std::string_view why) {
        return std::unexpected("'" + std::string(text) + "' " + std::string(why));
    };
    std::string_view rest = text;
    if (rest.starts_with("ws://")) {
        rest.remove_prefix(5);
    } else if (rest.starts_with("wss://")) {
        rest.remove_prefix(6);
        made.secure = true;
    } else {
        return bad("begins neither with ws:// nor with wss://");
    }
    // What goes into the request's lines must not make lines of its own.
    if (std::ranges::any_of(rest, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; })) {
        return bad("holds a blank or a control character");
    }
    const auto slash = rest.find_first_of("/?#");
    std::string_view authority = rest.substr(0, slash);
    made.path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
    if (const auto fragment = made.path.find('#'); fragment != std::string::npos) made.path.resize(fragment);
    if (!made.path.starts_with('/')) made.path.insert(0, "/");
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        const auto user = authority.substr(0, at);
        const auto colon = user.find(':');
        made.username = decode(user.substr(0, colon), false);
        if (colon != std::string_view::npos) made.password = decode(user.substr(colon + 1), false);
        authority.remove_prefix(at + 1);
    }
    made.port = made.secure ? "443" : "80";
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos) return bad("has no host");
        made.host = authority.substr(1, close - 1);
        port = authority.substr(close + 1);
    } else {
        const auto colon = authority.find(':');
        made.host = authority.substr(0, colon);
        if (colon != std::string_view::npos) port = authority.substr(colon);
    }
    if (!port.empty()) {
        const auto digits = port.substr(1);
        if (port[0] != ':' || digits.empty() || digits.size() > 5 ||
            digits.find_first_not_of("0123456789") != std::string_view::npos) {
            return bad("has no valid port");
        }
        made.port = digits;
    }
    if (made.host.empty()) return bad("has no host");
    return made;
}

std::expected<std::string, std::string> check_handshake(std::string_view head, std::string_view key,
                                                        const std::vector<std::string>& offered) {
    const auto line_end = head.find("\r\n");
    const std::string_view status = head.substr(0, line_end);
    if (!status.starts_with("HTTP/1.1 101")) {
        return std::unexpected("the handshake was answered with '" + std::string(status.substr(0, 100)) + "'");
    }
    bool upgrade = false, connection = false, accepted = false;
    std::string protocol;
    std::string_view rest = line_end == std::string_view::npos ? std::string_view() : head.substr(line_end + 2);
    while (!rest.empty()) {
        const auto end = rest.find("\r\n");
        const auto line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const auto name = line.substr(0, colon);
        const auto value = trim(line.substr(colon + 1));
        if (equal_ignoring_case(name, "Upgrade")) upgrade = has_token(value, "websocket");
        if (equal_ignoring_case(name, "Connection")) connection = has_token(value, "upgrade");
        if (equal_ignoring_case(name, "Sec-WebSocket-Accept")) accepted = value == accept_key(key);
        if (equal_ignoring_case(name, "Sec-WebSocket-Protocol")) protocol = value;
    }
    if (!upgrade || !connection) return std::unexpected("the server does not speak WebSocket");
    if (!accepted) return std::unexpected("the server's Sec-WebSocket-Accept does not fit");
    if (!protocol.empty() && std::ranges::find(offered, protocol) == offered.end()) {
        return std::unexpected("the server chose the protocol '" + protocol + "', which was not offered");
    }
    // One that chooses none is taken all the same, as Asterisk does.
    return protocol;
}

void dial_websocket(const std::shared_ptr<Hub>& hub, boost::asio::io_context& context, WebSocketTarget target,
                    const WebSocketLimits& limits, WebSocketHandler& handler, WebSocketOpened opened) {
    std::make_shared<Dial>(hub, context, std::move(target), limits, handler, std::move(opened))->start();
}

}  // namespace asterism::http
