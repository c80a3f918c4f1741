// TcpStream and TcpDialer on the daemon's loop.
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <vector>

#include "asterism/runtime/asio_loop.hpp"
#include "asterism/runtime/log.hpp"
#include "asterism/runtime/resolve.hpp"
#include "asterism/runtime/tcp.hpp"

namespace asterism {

std::optional<TcpTarget> parse_tcp_target(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || text.size() > 300) return std::nullopt;
    auto host = text.substr(0, colon);
    const auto port = text.substr(colon + 1);
    if (host.front() == '[') {
        if (host.back() != ']' || host.size() < 3) return std::nullopt;
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return std::nullopt;
    }
    TcpTarget target;
    target.host = host;
    const auto read = std::from_chars(port.data(), port.data() + port.size(), target.port);
    if (read.ec != std::errc() || read.ptr != port.data() + port.size() || target.port == 0) return std::nullopt;
    return target;
}

namespace {

using boost::asio::ip::tcp;

/// Shared with its outstanding I/O; stopped by its TcpStream. Writes at once what the system takes and queues the rest.
struct Wire : std::enable_shared_from_this<Wire> {
    Wire(tcp::socket s, const TcpTarget& target)
        : socket(std::move(s)), read_limit(target.read_limit), write_limit(target.write_limit), host(target.host) {}

    void read() {
        reading = true;
        socket.async_read_some(boost::asio::buffer(chunk),
                               [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
                                   self->reading = false;
                                   if (self->stopped) return;
                                   self->arrived.append(self->chunk.data(), size);
                                   if (error)
                                       self->closed = true;
                                   else if (self->arrived.size() < self->read_limit)
                                       self->read();
                                   if (self->wake) self->wake();
                               });
    }
    void write(std::string_view bytes) {
        if (closed || deaf) return;
        if (writing.empty()) {
            boost::system::error_code error;
            const auto sent = socket.write_some(boost::asio::buffer(bytes), error);
            if (error && error != boost::asio::error::would_block) {
                deaf = true;
                return;
            }
            bytes.remove_prefix(error ? 0 : sent);
        }
        if (bytes.empty()) return;
        if (waiting.size() + bytes.size() > write_limit) {
            log::warning("{} does not read what it is sent; closing the connection", host);
            closed = true;
            return;
        }
        waiting += bytes;
        if (writing.empty()) flush();
    }
    void flush() {
        writing.swap(waiting);
        boost::asio::async_write(socket, boost::asio::buffer(writing),
                                 [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                                     if (self->stopped) return;
                                     self->writing.clear();
                                     if (error) {
                                         self->deaf = true;
                                         self->waiting.clear();
                                     } else if (!self->waiting.empty()) {
                                         self->flush();
                                     }
                                 });
    }

    tcp::socket socket;
    std::size_t read_limit, write_limit;
    std::string host;
    std::move_only_function<void()> wake;
    std::array<char, 4096> chunk;
    std::string arrived, waiting, writing;
    // A peer that has gone can't be written to, but what it wrote before is still to be read: only the end of that
    // closes the stream.
    bool deaf = false, reading = false, closed = false, stopped = false;
};

class AsioStream final : public TcpStream {
  public:
    AsioStream(tcp::socket socket, const TcpTarget& target) : wire_(std::make_shared<Wire>(std::move(socket), target)) {
        wire_->read();
    }
    ~AsioStream() override {
        wire_->stopped = wire_->closed = true;
        wire_->wake = nullptr;
        boost::system::error_code ignored;
        wire_->socket.close(ignored);
    }
    void attach(std::move_only_function<void()> wake) override { wire_->wake = std::move(wake); }
    bool take(std::string& into) override {
        if (wire_->arrived.empty()) return false;
        into += wire_->arrived;
        wire_->arrived.clear();
        if (!wire_->reading && !wire_->closed) wire_->read();
        return true;
    }
    [[nodiscard]] bool closed() const override { return wire_->closed; }
    void write(std::string_view bytes) override { wire_->write(bytes); }
    [[nodiscard]] std::size_t queued() const override { return wire_->waiting.size() + wire_->writing.size(); }

  private:
    std::shared_ptr<Wire> wire_;
};

/// One attempt; the socket ends with it unless it is taken.
struct Attempt {
    explicit Attempt(AsioLoop& loop) : socket(loop.context()), done(loop) {}
    tcp::socket socket;
    Mailbox<boost::system::error_code> done;
    bool waiting = true;
};

class AsioDialer final : public TcpDialer {
  public:
    explicit AsioDialer(AsioLoop& loop) : loop_(loop) {}

    Task<std::expected<std::unique_ptr<TcpStream>, std::string>> connect(TcpTarget target) override {
        boost::system::error_code error;
        std::vector<tcp::endpoint> addresses;
        const auto literal = boost::asio::ip::make_address(target.host, error);
        if (!error) {
            addresses.emplace_back(literal, target.port);
        } else {
            const auto resolved = co_await run_blocking(loop_, [host = target.host] { return resolve_host(host); });
            if (!resolved) co_return std::unexpected("unable to locate host '" + target.host + "'");
            for (const auto& address : *resolved)
                addresses.emplace_back(boost::asio::ip::make_address(address, error), target.port);
        }
        std::string reason;
        for (const auto& address : addresses) {
            auto attempt = std::make_shared<Attempt>(loop_);
            struct Detach {
                Attempt& a;
                ~Detach() {
                    a.waiting = false;
                    boost::system::error_code ignored;
                    a.socket.close(ignored);
                }
            } detach{*attempt};
            attempt->socket.async_connect(address, [attempt](const boost::system::error_code& result) {
                if (attempt->waiting) attempt->done.send(result);
            });
            const auto result = co_await attempt->done.next_within(target.timeout);
            if (result && !*result) {
                boost::system::error_code ignored;
                attempt->socket.set_option(tcp::no_delay(true), ignored);
                attempt->socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
                attempt->socket.non_blocking(true, ignored);
                co_return std::make_unique<AsioStream>(std::move(attempt->socket), target);
            }
            reason = result ? result->message() : "it did not answer in time";
        }
        co_return std::unexpected(reason);
    }

  private:
    AsioLoop& loop_;
};

}  // namespace

std::unique_ptr<TcpDialer> make_tcp_dialer(AsioLoop& loop) { return std::make_unique<AsioDialer>(loop); }

}  // namespace asterism
