#include "tcp.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "asterism/runtime/log.hpp"
#include "asterism/runtime/loop.hpp"

namespace asterism::ami {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::string describe(const tcp::endpoint& endpoint) {
    auto address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return fmt::format("IPV{}/TCP/{}/{}", address.is_v6() ? 6 : 4, address.to_string(), endpoint.port());
}

SessionAddresses addresses_of(const tcp::socket& socket) {
    error_code ignored;
    auto remote = socket.remote_endpoint(ignored);
    SessionAddresses made;
    made.local = describe(socket.local_endpoint(ignored));
    made.remote = describe(remote);
    made.remote_ip = config::IpAddress::parse(remote.address().to_string()).value_or(config::IpAddress());
    return made;
}

}  // namespace

Connection::Connection(TcpServer& server, std::uint64_t number, tcp::socket socket)
    : server_(server),
      number_(number),
      socket_(std::move(socket)),
      login_timer_(server.core_.loop()),
      write_timer_(server.core_.loop()),
      session_(std::make_unique<Session>(server.core_, *this, Session::Kind::tcp, addresses_of(socket_))) {}

Connection::~Connection() = default;

void Connection::start() {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
    session_->greet();
    flush();
    login_timer_.start(server_.core_.config().general.auth_timeout, [this] {
        if (!session_->authenticated()) close();
    });
    if (!closed_) wait_read();
}

void Connection::close() {
    if (closed_) return;
    closed_ = true;
    login_timer_.cancel();
    write_timer_.cancel();
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    auto node = server_.connections_.extract(number_);
    if (node.empty()) return;
    // Not now: this may be called from within the session or while the sessions are gone through.
    server_.closing_.push_back(std::move(node.mapped()));
    server_.core_.loop().defer([&server = server_, alive = server_.alive_] {
        if (*alive) server.release_closed();
    });
}

void Connection::fail(std::string_view what) {
    log::debug(1, "AMI connection from {}: {}", session_->addresses().remote, what);
    close();
}

bool Connection::may_read() const {
    return !closed_ && !session_->busy() && !session_->over() && parsed_ == input_.size() &&
           session_->queued_bytes() <= server_.core_.limits().pause_bytes;
}

void Connection::wait_read() {
    // While an action runs nothing is read, but a client that leaves is noticed.
    bool watch = !closed_ && session_->busy() && !more_waits_;
    if (reading_ || (!may_read() && !watch)) return;
    reading_ = true;
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
        self->reading_ = false;
        if (self->closed_) return;
        if (error) return self->fail(error.message());
        self->on_readable();
    });
}

void Connection::on_readable() {
    error_code error;
    if (!may_read()) {
        char one = 0;
        auto peeked = socket_.receive(asio::buffer(&one, 1), tcp::socket::message_peek, error);
        if (error == asio::error::would_block || error == asio::error::try_again) return wait_read();
        if (error || peeked == 0) return fail("closed by the client");
        more_waits_ = true;
        return;
    }
    more_waits_ = false;
    auto size = socket_.read_some(asio::buffer(server_.buffer_), error);
    if (error == asio::error::would_block || error == asio::error::try_again) return wait_read();
    if (error) return fail(error == asio::error::eof ? "closed by the client" : error.message());
    input_.assign(server_.buffer_.data(), size);
    parsed_ = 0;
    parse();
    if (!closed_) flush();
    wait_read();
}

void Connection::parse() {
    if (parsing_) return;
    parsing_ = true;
    server_.core_.loop().working_on("ami requests");
    while (!closed_ && !session_->busy() && !session_->over() && parsed_ < input_.size() &&
           session_->queued_bytes() <= server_.core_.limits().pause_bytes) {
        std::string_view left = std::string_view(input_).substr(parsed_);
        auto result = parser_.feed(left);
        parsed_ = input_.size() - left.size();
        switch (result) {
            case RequestParser::Result::need_more: break;
            case RequestParser::Result::request: session_->execute(parser_.take()); break;
            case RequestParser::Result::too_long: session_->refuse("Failed to parse message: line too long"); break;
            case RequestParser::Result::too_many: session_->refuse("Failed to parse message: too many lines"); break;
        }
    }
    parsing_ = false;
    if (session_->authenticated()) login_timer_.cancel();
}

void Connection::reply_ready() {
    // A request that ended at once is answered when the whole read has been parsed.
    if (parsing_ || closed_) return;
    parse();
    server_.flush_later(*this);
}

void Connection::events_ready() { server_.flush_later(*this); }

void Connection::session_over(bool drop) {
    if (drop) return close();
    server_.flush_later(*this);
}

void Connection::flush() {
    if (closed_ || write_waits_) return;
    for (;;) {
        if (written_ == writing_.size()) {
            written_ = 0;
            writing_.clear();
            if (!session_->has_output()) break;
            session_->take_output(writing_);
        }
        error_code error;
        auto size = socket_.write_some(asio::buffer(writing_.data() + written_, writing_.size() - written_), error);
        if (error == asio::error::would_block || error == asio::error::try_again) return wait_write();
        if (error) return fail(error.message());
        written_ += size;
        session_->written(size);
    }
    if (writing_.capacity() > 65536) writing_ = {};
    if (session_->over()) return close();
    // Reading may have paused for want of room, with requests left over.
    if (parsed_ < input_.size()) parse();
    if (session_->has_output()) return server_.flush_later(*this);
    wait_read();
}

void Connection::wait_write() {
    write_waits_ = true;
    if (auto limit = session_->user() ? session_->user()->write_timeout : std::chrono::milliseconds(0);
        limit.count() > 0) {
        write_timer_.start(limit, [this] {
            log::warning("AMI session of '{}' from {} dropped: a write made no progress for its writetimeout",
                         session_->user()->name, session_->addresses().remote);
            ++server_.core_.stats().dropped_sessions;
            close();
        });
    }
    socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](error_code error) {
        self->write_waits_ = false;
        self->write_timer_.cancel();
        if (self->closed_) return;
        if (error) return self->fail(error.message());
        self->flush();
    });
}

TcpServer::~TcpServer() {
    *alive_ = false;
    close();
    release_closed();
}

void TcpServer::release_closed() {
    // What I/O is still on its way keeps the connection, but no longer the session in it.
    for (auto& connection : std::exchange(closing_, {})) connection->session_.reset();
}

std::expected<void, std::string> TcpServer::listen(const config::SocketAddress& address) {
    if (acceptor_.is_open() && address == address_) return {};
    tcp::endpoint endpoint(asio::ip::make_address(address.address.text()), address.port);
    tcp::acceptor opened(io_);
    error_code error;
    opened.open(endpoint.protocol(), error);
    if (!error) opened.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && endpoint.address().is_v6()) opened.set_option(asio::ip::v6_only(false), error);
    if (!error) opened.bind(endpoint, error);
    if (!error) opened.listen(128, error);
    if (!error) opened.non_blocking(true, error);
    if (error) return std::unexpected(error.message());
    error_code ignored;
    acceptor_.close(ignored);
    acceptor_ = std::move(opened);
    address_ = address;
    accept();
    return {};
}

void TcpServer::close() {
    error_code ignored;
    acceptor_.close(ignored);
    while (!connections_.empty()) {
        auto connection = connections_.begin()->second;
        connection->flush();
        connection->close();
    }
}

std::uint16_t TcpServer::port() const {
    error_code error;
    auto endpoint = acceptor_.local_endpoint(error);
    return error ? std::uint16_t{0} : endpoint.port();
}

void TcpServer::accept() {
    acceptor_.async_accept([this, alive = alive_](error_code error, tcp::socket socket) {
        if (!*alive || error == asio::error::operation_aborted) return;
        if (error) {
            // Out of descriptors: what is open may close, so try again a little later.
            log::error("AMI cannot accept a connection: {}", error.message());
            core_.loop().timers().schedule(core_.loop().now() + std::chrono::milliseconds(100), [this, alive] {
                if (*alive && acceptor_.is_open()) accept();
            });
            return;
        }
        accepted(std::move(socket));
        accept();
    });
}

void TcpServer::accepted(tcp::socket socket) {
    auto waiting = static_cast<std::size_t>(std::count_if(
        connections_.begin(), connections_.end(), [](const auto& c) { return !c.second->session().authenticated(); }));
    if (waiting >= core_.config().general.auth_limit) {
        ++core_.stats().refused_sessions;
        log::warning("AMI connection refused: {} sessions have not logged in (authlimit)", waiting);
        error_code ignored;
        socket.close(ignored);
        return;
    }
    auto number = ++last_;
    auto connection = std::make_shared<Connection>(*this, number, std::move(socket));
    connections_[number] = connection;
    connection->start();
}

void TcpServer::flush_later(Connection& connection) {
    if (connection.dirty_) return;
    connection.dirty_ = true;
    if (dirty_.empty()) {
        // Behind the turn: everything that it publishes goes out in one write a session.
        core_.loop().post([this, alive = alive_] {
            if (*alive) flush_all();
        });
    }
    dirty_.push_back(connection.weak_from_this());
}

void TcpServer::flush_all() {
    core_.loop().working_on("ami events");
    std::vector<std::weak_ptr<Connection>> now;
    now.swap(dirty_);
    for (auto& weak : now) {
        if (auto connection = weak.lock()) {
            connection->dirty_ = false;
            connection->flush();
        }
    }
    if (dirty_.empty()) {
        now.clear();
        dirty_.swap(now);
    }
}

}  // namespace asterism::ami
