// TcpStream and TcpDialer on the daemon's loop.
#include <boost/asio/ip/tcp.hpp>
#include <vector>

#include "asterism/runtime/asio_loop.hpp"
#include "asterism/runtime/asio_stream.hpp"
#include "asterism/runtime/resolve.hpp"
#include "asterism/runtime/tcp.hpp"
#include "asterism/runtime/whole.hpp"

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
    target.port = parse_whole<std::uint16_t>(port).value_or(0);
    if (target.port == 0) return std::nullopt;
    return target;
}

namespace {

using boost::asio::ip::tcp;

struct Socket {
    tcp::socket socket;
};

/// The socket lives as long as its outstanding I/O.
struct Wire : Socket, AsioStream<tcp::socket, tcp::socket> {
    Wire(tcp::socket s, const TcpTarget& target)
        : Socket{std::move(s)},
          AsioStream(socket, socket,
                     {.peer = target.host, .read_limit = target.read_limit, .write_limit = target.write_limit}) {}
};

class Connection final : public TcpStream {
  public:
    Connection(tcp::socket socket, const TcpTarget& target) : wire_(std::make_shared<Wire>(std::move(socket), target)) {
        wire_->read();
    }
    ~Connection() override {
        wire_->stop();
        boost::system::error_code ignored;
        wire_->socket.close(ignored);
    }
    void attach(std::move_only_function<void()> wake) override { wire_->wake = std::move(wake); }
    bool take(std::string& into) override { return wire_->take(into); }
    [[nodiscard]] bool closed() const override { return wire_->closed(); }
    void write(std::string_view bytes) override { wire_->write(bytes); }
    [[nodiscard]] std::size_t queued() const override { return wire_->queued(); }

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
                co_return std::make_unique<Connection>(std::move(attempt->socket), target);
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
