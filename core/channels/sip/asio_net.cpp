#include "asio_net.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <unordered_set>

#include "asterism/runtime/log.hpp"
#include "asterism/sip/framer.hpp"
#include "read_pacing.hpp"

namespace asterism::pjsip {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// A socket address of the system's kind.
struct Raw {
    sockaddr_storage storage{};
    socklen_t size = 0;

    explicit Raw(const sip::SocketAddress& a) {
        if (a.v6) {
            auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
            v6.sin6_family = AF_INET6;
            v6.sin6_port = htons(a.port);
            v6.sin6_scope_id = a.scope;
            std::memcpy(&v6.sin6_addr, a.ip.data(), 16);
            size = sizeof v6;
        } else {
            auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
            v4.sin_family = AF_INET;
            v4.sin_port = htons(a.port);
            std::memcpy(&v4.sin_addr, a.ip.data(), 4);
            size = sizeof v4;
        }
    }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

sip::SocketAddress from_raw(const sockaddr_storage& storage) {
    sip::SocketAddress a;
    if (storage.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
        a.v6 = true;
        a.port = ntohs(v6.sin6_port);
        a.scope = v6.sin6_scope_id;
        std::memcpy(a.ip.data(), &v6.sin6_addr, 16);
    } else {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
        a.port = ntohs(v4.sin_port);
        std::memcpy(a.ip.data(), &v4.sin_addr, 4);
    }
    return a;
}

template <class Socket>
void set_quality(Socket& socket, const TransportConfig& config) {
    const int fd = socket.native_handle();
    if (config.tos != 0) {
        ::setsockopt(fd, IPPROTO_IP, IP_TOS, &config.tos, sizeof config.tos);
        ::setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &config.tos, sizeof config.tos);
    }
    if (config.cos != 0) ::setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &config.cos, sizeof config.cos);
}

/// What the sockets share: whom they tell, and whether there is anybody left to tell.
struct Hub {
    AsioLoop& loop;
    NetUser* user = nullptr;
    std::array<char, 65536> buffer;  // control loop only: one for all
};

class Udp final : public sip::Transport, public std::enable_shared_from_this<Udp> {
  public:
    Udp(std::shared_ptr<Hub> hub, TransportConfigPtr config, const sip::SocketAddress& local,
        asio::ip::udp::socket socket)
        : hub_(std::move(hub)),
          fd_(socket.release()),
          watch_(hub_->loop.context()),
          pause_(hub_->loop),
          local_(local),
          advertised_(std::move(config), local) {}
    Udp(const Udp&) = delete;
    Udp& operator=(const Udp&) = delete;
    ~Udp() override { close(); }

    [[nodiscard]] sip::Protocol protocol() const override { return sip::Protocol::udp; }
    [[nodiscard]] const sip::SocketAddress& local() const override { return local_; }
    [[nodiscard]] std::string_view advertised(const sip::SocketAddress& remote) override {
        return advertised_.towards(remote);
    }
    [[nodiscard]] std::string_view name() const override { return advertised_.config().name; }

    bool send(const sip::SocketAddress& remote, std::string_view bytes) override {
        if (fd_ < 0) return false;
        const Raw to(remote);
        const auto sent = ::sendto(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL, to.get(), to.size);
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != ECONNREFUSED && errno != ENOBUFS) {
            log::debug(1, "Sending {} bytes to {} failed: {}", bytes.size(), remote.text(), std::strerror(errno));
        }
        return true;  // datagrams get lost: the transaction's timers care
    }

    /// Reads when there is something, from now on.
    void start() {
        if (!watch_.is_open()) watch_.assign(fd_);
        watch_.async_wait(asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this()](const error_code& error) {
                              if (!error && self->fd_ >= 0) self->read();
                          });
    }
    void close() {
        pause_.cancel();
        unwatch();
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

  private:
    /// Nothing that comes wakes the loop now. What is waited for is cancelled.
    void unwatch() {
        if (watch_.is_open()) watch_.release();
    }
    /// One datagram a turn would cost a system call each to find out that there is another; all of them would keep
    /// the loop from everything else.
    void read() {
        static constexpr int at_once = 16;
        const sip::Flow self{shared_from_this(), {}};
        sip::Flow flow = self;
        for (int i = 0; i < at_once && fd_ >= 0; ++i) {
            sockaddr_storage from{};
            socklen_t size = sizeof from;
            auto& buffer = hub_->buffer;
            const auto got =
                ::recvfrom(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &size);
            if (got < 0) {
                if (errno == ECONNREFUSED || errno == EINTR) continue;  // an ICMP error for something sent before
                return read_later();
            }
            ++read_;
            flow.remote = from_raw(from);
            if (hub_->user) hub_->user->on_bytes(flow, {buffer.data(), static_cast<std::size_t>(got)});
        }
        if (fd_ >= 0) hub_->loop.post([self = shared_from_this()] { self->read(); });
    }
    /// There was nothing more.
    void read_later() {
        const auto due = pacing_.after_read(std::exchange(read_, 0), hub_->loop.now());
        if (!due) return start();
        unwatch();
        pause_.start_at(*due, [this] { read(); });
    }

    std::shared_ptr<Hub> hub_;
    int fd_;
    asio::posix::stream_descriptor watch_;  // holds fd_ while it is watched; it never closes it
    Timer pause_;
    ReadPacing pacing_;
    int read_ = 0;  // datagrams since the socket was last empty
    sip::SocketAddress local_;
    Advertised advertised_;
};

/// One TCP connection, incoming or outgoing. It keeps itself while an operation is under way.
class Connection final : public sip::Transport, public std::enable_shared_from_this<Connection> {
  public:
    static constexpr std::size_t max_queued = 512 * 1024;  // bytes that a peer that does not read may cost
    static constexpr Duration first_message = 30s;         // for a stranger to say something
    static constexpr Duration idle = std::chrono::hours(3);
    static constexpr Duration connect_time = 20s;

    Connection(std::shared_ptr<Hub> hub, TransportConfigPtr config, asio::ip::tcp::socket socket,
               const sip::SocketAddress& remote, bool connected)
        : hub_(std::move(hub)),
          config_(std::move(config)),
          socket_(std::move(socket)),
          remote_(remote),
          timer_(hub_->loop),
          connected_(connected) {
        learn_local();
    }

    [[nodiscard]] sip::Protocol protocol() const override { return sip::Protocol::tcp; }
    [[nodiscard]] const sip::SocketAddress& local() const override { return local_; }
    [[nodiscard]] std::string_view advertised(const sip::SocketAddress& remote) override {
        return advertised_->towards(remote);
    }
    [[nodiscard]] std::string_view name() const override { return config_->name; }

    bool send(const sip::SocketAddress&, std::string_view bytes) override {
        if (dead_) return false;
        if (queue_.size() - sent_ + bytes.size() > max_queued) {
            fail("the peer does not read");
            return false;
        }
        queue_.append(bytes);
        if (connected_ && !writing_) write();
        return !dead_;
    }

    void start() {
        timer_.start(connected_ ? first_message : connect_time,
                     [this, keep = weak_from_this()] { fail(connected_ ? "nothing was received" : "timed out"); });
        if (connected_) {
            tune();
            read();
            return;
        }
        asio::ip::tcp::endpoint to;
        const Raw raw(remote_);
        std::memcpy(to.data(), raw.get(), raw.size);
        to.resize(raw.size);
        socket_.async_connect(to, [self = shared_from_this()](const error_code& error) {
            if (self->dead_) return;
            if (error) return self->fail(error.message());
            self->connected_ = true;
            self->learn_local();
            self->tune();
            self->alive();
            self->read();
            if (self->sent_ < self->queue_.size()) self->write();
        });
    }
    /// Silent: nobody is told.
    void close() {
        dead_ = true;
        timer_.cancel();
        error_code ignored;
        socket_.close(ignored);
    }

  private:
    void learn_local() {
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        if (connected_ && ::getsockname(socket_.native_handle(), reinterpret_cast<sockaddr*>(&from), &size) == 0)
            local_ = from_raw(from);
        else if (!config_->bind.address.is_any())
            local_ = to_socket(config_->bind);  // connect() has bound the socket to it
        else if (const auto source = source_towards(remote_))
            local_ = *source;
        // What we say of ourselves is where we listen, not the port of one connection (RFC 3261 18.1.1).
        sip::SocketAddress listens = local_;
        listens.port = config_->bind.port;
        advertised_ = std::make_unique<Advertised>(config_, listens);
    }
    void tune() {
        error_code ignored;
        socket_.non_blocking(true, ignored);
        socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
        socket_.set_option(asio::socket_base::keep_alive(true), ignored);
        const int seconds = 60, interval = 20, count = 3;
        const int fd = socket_.native_handle();
        ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
        ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
        ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
        set_quality(socket_, *config_);
    }
    void alive() {
        timer_.start(idle, [this] { fail("idle"); });
    }
    void read() {
        socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
            if (self->dead_) return;
            if (error) return self->fail(error.message());
            self->read_some();
        });
    }
    void read_some() {
        auto& buffer = hub_->buffer;
        const auto got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got == 0) return fail("closed by the peer");
        if (got < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return read();
            return fail(std::strerror(errno));
        }
        framer_.feed({buffer.data(), static_cast<std::size_t>(got)});
        const sip::Flow flow{shared_from_this(), remote_};
        while (!dead_) {
            const auto item = framer_.next();
            if (!item) return fail(item.error().what);
            if (item->kind == sip::StreamFramer::Kind::need_more) break;
            alive();
            if (item->kind == sip::StreamFramer::Kind::ping)
                send(remote_, "\r\n");
            else if (item->kind == sip::StreamFramer::Kind::message && hub_->user)
                hub_->user->on_bytes(flow, item->bytes);
        }
        if (!dead_) read();
    }
    void write() {
        while (sent_ < queue_.size()) {
            const auto wrote = ::send(socket_.native_handle(), queue_.data() + sent_, queue_.size() - sent_,
                                      MSG_DONTWAIT | MSG_NOSIGNAL);
            if (wrote < 0) {
                if (errno == EINTR) continue;
                if (errno != EAGAIN && errno != EWOULDBLOCK) return fail(std::strerror(errno));
                writing_ = true;
                socket_.async_wait(asio::ip::tcp::socket::wait_write,
                                   [self = shared_from_this()](const error_code& error) {
                                       self->writing_ = false;
                                       if (self->dead_) return;
                                       if (error) return self->fail(error.message());
                                       self->write();
                                   });
                return;
            }
            sent_ += static_cast<std::size_t>(wrote);
        }
        queue_.clear();
        sent_ = 0;
    }
    /// Ends it, and tells later in the turn: it may have been the user who called.
    void fail(std::string_view why) {
        if (dead_) return;
        auto self = shared_from_this();
        close();
        hub_->loop.defer([hub = hub_, self, why = std::string(why)] {
            if (hub->user) hub->user->on_closed({self, self->remote_}, why);
        });
    }

    std::shared_ptr<Hub> hub_;
    TransportConfigPtr config_;
    asio::ip::tcp::socket socket_;
    sip::SocketAddress remote_, local_;
    std::unique_ptr<Advertised> advertised_;
    sip::StreamFramer framer_;
    std::string queue_;
    std::size_t sent_ = 0;
    Timer timer_;
    bool connected_, writing_ = false, dead_ = false;
};

class TcpListener final : public Listener {
  public:
    TcpListener(std::shared_ptr<Hub> hub, TransportConfigPtr config, asio::ip::tcp::acceptor acceptor)
        : state_(std::make_shared<State>(std::move(hub), std::move(config), std::move(acceptor))) {
        accept(state_);
    }
    ~TcpListener() override {
        error_code ignored;
        state_->acceptor.close(ignored);
    }

  private:
    struct State {
        std::shared_ptr<Hub> hub;
        TransportConfigPtr config;
        asio::ip::tcp::acceptor acceptor;
        Timer pause{hub->loop};
    };
    static void accept(const std::shared_ptr<State>& state) {
        state->acceptor.async_accept([state](const error_code& error, asio::ip::tcp::socket socket) {
            if (!state->acceptor.is_open()) return;
            if (error) {
                // Out of descriptors, most likely: trying again at once would only burn time.
                log::warning("Accepting a SIP connection failed: {}", error.message());
                state->pause.start(1s, [state] { accept(state); });
                return;
            }
            sockaddr_storage from{};
            socklen_t size = sizeof from;
            if (::getpeername(socket.native_handle(), reinterpret_cast<sockaddr*>(&from), &size) == 0) {
                auto made =
                    std::make_shared<Connection>(state->hub, state->config, std::move(socket), from_raw(from), true);
                made->start();
                if (state->hub->user) state->hub->user->on_accepted({made, from_raw(from)});
            }
            accept(state);
        });
    }
    std::shared_ptr<State> state_;
};

class AsioNet final : public Net {
  public:
    explicit AsioNet(AsioLoop& loop) : hub_(std::make_shared<Hub>(loop)) {}
    ~AsioNet() override { hub_->user = nullptr; }
    void set_user(NetUser* user) override { hub_->user = user; }

    std::expected<TransportPtr, std::string> open_udp(TransportConfigPtr config) override {
        asio::ip::udp::socket socket(hub_->loop.context());
        auto local = to_socket(config->bind);
        if (auto ok = bind(socket, local, false); !ok) return std::unexpected(ok.error());
        set_quality(socket, *config);
        const int bytes = 1 << 20;  // bursts of a thousand registrations; beyond net.core.rmem_max only root may ask
        if (::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
            ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
        auto made = std::make_shared<Udp>(hub_, std::move(config), local, std::move(socket));
        made->start();
        return made;
    }

    std::expected<std::unique_ptr<Listener>, std::string> listen(TransportConfigPtr config) override {
        asio::ip::tcp::acceptor acceptor(hub_->loop.context());
        auto local = to_socket(config->bind);
        if (auto ok = bind(acceptor, local, true); !ok) return std::unexpected(ok.error());
        error_code error;
        acceptor.listen(asio::socket_base::max_listen_connections, error);
        if (error) return std::unexpected(error.message());
        return std::make_unique<TcpListener>(hub_, std::move(config), std::move(acceptor));
    }

    sip::Flow connect(TransportConfigPtr config, const sip::SocketAddress& remote) override {
        asio::ip::tcp::socket socket(hub_->loop.context());
        error_code error;
        socket.open(remote.v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), error);
        auto from = to_socket(config->bind);
        from.port = 0;
        const Raw raw(from);
        if (!error && !config->bind.address.is_any()) ::bind(socket.native_handle(), raw.get(), raw.size);
        auto made = std::make_shared<Connection>(hub_, std::move(config), std::move(socket), remote, false);
        made->start();
        return {made, remote};
    }

    void close(const TransportPtr& transport) override {
        if (auto* udp = dynamic_cast<Udp*>(transport.get())) udp->close();
        if (auto* connection = dynamic_cast<Connection*>(transport.get())) connection->close();
    }

    void set_name_servers(NameServers servers) override { name_servers_ = std::move(servers); }

    void locate(Question question, Located done) override {
        auto found = std::make_shared<std::vector<Place>>();
        hub_->loop.blocking([found, question = std::move(question),
                             servers = name_servers_] { *found = pjsip::locate(system_dns(servers), question); },
                            [found, done = std::move(done)]() mutable { done(std::move(*found)); });
    }

    void resolve(std::string host, std::uint16_t port, Resolved done) override {
        auto found = std::make_shared<std::vector<sip::SocketAddress>>();
        hub_->loop.blocking(
            [found, host = std::move(host), port, servers = name_servers_] {
                *found = system_dns(servers).addresses(host);
                for (auto& address : *found) address.port = port;
            },
            [found, done = std::move(done)]() mutable { done(std::move(*found)); });
    }

  private:
    template <class Socket>
    static std::expected<void, std::string> bind(Socket& socket, sip::SocketAddress& local, bool reuse) {
        error_code error;
        typename Socket::protocol_type protocol = local.v6 ? Socket::protocol_type::v6() : Socket::protocol_type::v4();
        socket.open(protocol, error);
        if (error) return std::unexpected(error.message());
        const int fd = socket.native_handle();
        const int on = 1;
        if (reuse) ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (local.v6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        const Raw raw(local);
        if (::bind(fd, raw.get(), raw.size) != 0) return std::unexpected(std::string(std::strerror(errno)));
        socket.non_blocking(true, error);
        sockaddr_storage got{};
        socklen_t size = sizeof got;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&got), &size) == 0) local = from_raw(got);
        return {};
    }

    std::shared_ptr<Hub> hub_;
    NameServers name_servers_;
};

}  // namespace

std::unique_ptr<Net> make_asio_net(AsioLoop& loop) { return std::make_unique<AsioNet>(loop); }

}  // namespace asterism::pjsip
