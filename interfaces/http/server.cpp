#include "asterism/http/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <utility>

#include "asterism/config/acl.hpp"
#include "asterism/runtime/log.hpp"
#include "connection.hpp"
#include "static_files.hpp"
#include "status_page.hpp"
#include "tcp_stream.hpp"
#include "tls_stream.hpp"
#include "websocket_dial.hpp"

namespace asterism::http {

namespace {

using boost::asio::ip::tcp;
using Acceptor = boost::asio::basic_socket_acceptor<tcp, boost::asio::io_context::executor_type>;

Address address_of(const tcp::endpoint& endpoint) {
    auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    }
    return {address.to_string(), endpoint.port()};
}

/// "127.0.0.1", "[::1]:8089", "0.0.0.0:8089".
std::expected<tcp::endpoint, std::string> parse_endpoint(std::string_view text, std::uint16_t port) {
    std::string host(text);
    const auto colon = host.rfind(':');
    if (colon != std::string::npos && (host.find(':') == colon || host[colon - 1] == ']')) {
        const std::string number = host.substr(colon + 1);
        unsigned value = 0;
        for (const char c : number) {
            if (c < '0' || c > '9' || value > 65535)
                return std::unexpected("'" + std::string(text) + "' has no valid port");
            value = value * 10 + static_cast<unsigned>(c - '0');
        }
        if (number.empty() || value > 65535) return std::unexpected("'" + std::string(text) + "' has no valid port");
        port = static_cast<std::uint16_t>(value);
        host.resize(colon);
    }
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    if (error) return std::unexpected("'" + std::string(text) + "' is not an IP address");
    return tcp::endpoint(address, port);
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Impl> {
    struct Listener {
        explicit Listener(boost::asio::io_context& context) : acceptor(context.get_executor()) {}
        Acceptor acceptor;
        tcp::endpoint wanted;
        TlsContext tls;
        bool closed = false;
    };
    using ListenerPtr = std::shared_ptr<Listener>;

    Impl(Loop& l, boost::asio::io_context& c, Router& r)
        : loop(l), context(c), hub(std::make_shared<Hub>(l, r)), retry(l) {}

    std::expected<ListenerPtr, std::string> open(const tcp::endpoint& endpoint, const ListenerPtr& present) {
        if (present && present->wanted == endpoint) return present;
        auto made = std::make_shared<Listener>(context);
        made->wanted = endpoint;
        boost::system::error_code error;
        auto step = [&](auto&& action) {
            if (!error) action();
        };
        step([&] { made->acceptor.open(endpoint.protocol(), error); });
        step([&] { made->acceptor.set_option(boost::asio::socket_base::reuse_address(true), error); });
        step([&] { made->acceptor.bind(endpoint, error); });
        step([&] { made->acceptor.listen(1024, error); });
        if (error) {
            const auto address = address_of(endpoint);
            return std::unexpected("HTTP can't listen on " + address.ip + ":" + std::to_string(address.port) + ": " +
                                   error.message());
        }
        return made;
    }

    static void close(ListenerPtr& listener) {
        if (!listener) return;
        listener->closed = true;
        boost::system::error_code ignored;
        listener->acceptor.close(ignored);
        listener.reset();
    }

    void accept(const ListenerPtr& listener) {
        listener->acceptor.async_accept(context.get_executor(), [self = shared_from_this(), listener](
                                                                    boost::system::error_code error, Socket socket) {
            if (listener->closed || self->stopped) return;
            if (error) {
                // Out of file descriptors: those that are open go on, new ones wait in the kernel's queue.
                log::error("HTTP can't accept a connection: {}", error.message());
                self->retry.start(200ms, [self, listener] {
                    if (!listener->closed) self->accept(listener);
                });
                return;
            }
            self->take(std::move(socket), *listener);
            self->accept(listener);
        });
    }

    void take(Socket socket, const Listener& listener) {
        boost::system::error_code error;
        const auto remote = socket.remote_endpoint(error);
        if (error) return;
        const auto local = socket.local_endpoint(error);
        if (error) return;
        if (hub->sessions() >= hub->config.session_limit) {
            ++hub->counters.refused_limit;
            // Said once each time that it is reached: a crowd at the door shall not fill the log.
            if (!std::exchange(full, true)) {
                log::warning("HTTP connection of {} refused: sessionlimit {} is reached", remote.address().to_string(),
                             hub->config.session_limit);
            }
            return;
        }
        full = false;
        ++hub->counters.accepted;
        std::unique_ptr<AnyStream> stream;
        if (listener.tls) {
            stream = std::make_unique<TlsStream>(loop, std::move(socket), listener.tls, handshakes);
        } else {
            stream = std::make_unique<TcpStream>(std::move(socket));
        }
        auto connection = std::make_shared<Connection>(hub, std::move(stream), address_of(remote), address_of(local));
        hub->add(connection);
        connection->start();
    }

    void stop() {
        stopped = true;
        retry.cancel();
        close(plain);
        close(secure);
        hub->close_all();
    }

    Loop& loop;
    boost::asio::io_context& context;
    std::shared_ptr<Hub> hub;
    Timer retry;
    std::shared_ptr<Handshakes> handshakes = std::make_shared<Handshakes>();
    ListenerPtr plain;
    ListenerPtr secure;
    bool stopped = false;
    bool full = false;  // the last connection was refused for sessionlimit
};

Server::Server(Loop& loop, boost::asio::io_context& context, Router& router)
    : impl_(std::make_shared<Impl>(loop, context, router)) {}

Server::~Server() { impl_->stop(); }

std::expected<void, std::string> Server::apply(const ServerConfig& config) {
    Impl::ListenerPtr plain;
    Impl::ListenerPtr secure;
    TlsContext tls;
    if (config.enabled && !config.bindaddr.empty()) {
        const auto endpoint = parse_endpoint(config.bindaddr, config.bindport);
        if (!endpoint) return std::unexpected("bindaddr: " + endpoint.error());
        auto opened = impl_->open(*endpoint, impl_->plain);
        if (!opened) return std::unexpected(opened.error());
        plain = *opened;
    }
    if (config.enabled && config.tls_enabled) {
        auto made = make_tls_context(config);
        if (!made) return std::unexpected(made.error());
        tls = *made;
        const auto endpoint = parse_endpoint(config.tls_bindaddr.empty() ? config.bindaddr : config.tls_bindaddr, 8089);
        if (!endpoint) return std::unexpected("tlsbindaddr: " + endpoint.error());
        auto opened = impl_->open(*endpoint, impl_->secure);
        if (!opened) return std::unexpected(opened.error());
        secure = *opened;
    }
    auto swap = [this](Impl::ListenerPtr& present, Impl::ListenerPtr next) {
        if (present == next) return;
        Impl::close(present);
        present = std::move(next);
        if (present) impl_->accept(present);
    };
    impl_->stopped = false;
    impl_->hub->config = config;
    impl_->hub->router.set_redirects(config.redirects);
    impl_->hub->router.set_server_name(config.server_name);
    impl_->hub->router.set_restriction(make_restriction(config));
    swap(impl_->plain, plain);
    if (secure) secure->tls = tls;
    swap(impl_->secure, secure);
    if (config.enabled && config.enable_status) {
        impl_->hub->router.add(status_route(*this));
    } else {
        impl_->hub->router.remove("/httpstatus");
    }
    if (config.enabled && config.enable_static && !config.static_folder.empty()) {
        impl_->hub->router.add(static_route(impl_->loop, config.static_folder));
    } else {
        impl_->hub->router.remove("/static");
    }
    return {};
}

void Server::stop() { impl_->stop(); }

void Server::connect(WebSocketTarget target, const WebSocketLimits& limits, WebSocketHandler& handler,
                     WebSocketOpened opened) {
    dial_websocket(impl_->hub, impl_->context, std::move(target), limits, handler, std::move(opened));
}

const ServerConfig& Server::config() const { return impl_->hub->config; }
const ServerCounters& Server::counters() const { return impl_->hub->counters; }
std::size_t Server::sessions() const { return impl_->hub->sessions(); }

namespace {
template <class L>
Address bound(const L& listener) {
    if (!listener) return {};
    boost::system::error_code error;
    const auto endpoint = listener->acceptor.local_endpoint(error);
    return error ? Address{} : address_of(endpoint);
}
}  // namespace

Address Server::address() const { return bound(impl_->plain); }
Address Server::tls_address() const { return bound(impl_->secure); }

}  // namespace asterism::http
