// The manager over TCP: a listener and its connections.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <unordered_map>

#include "core.hpp"
#include "request.hpp"
#include "session.hpp"

namespace asterism::ami {

class TcpServer;

/// One socket and its session. Owned by the server's table and by the I/O that is outstanding; ends by the client's
/// close, an error, Logoff, authtimeout, a full queue, or the server's end.
class Connection final : public SessionLink, public std::enable_shared_from_this<Connection> {
  public:
    Connection(TcpServer& server, std::uint64_t number, boost::asio::ip::tcp::socket socket);
    ~Connection() override;

    void start();
    /// Closes the socket and takes it out of the table. Idempotent.
    void close();
    [[nodiscard]] Session& session() { return *session_; }
    /// Writes what waits, as far as the socket takes it; one write is outstanding at most.
    void flush();

    void reply_ready() override;
    void events_ready() override;
    void session_over(bool drop) override;

  private:
    void wait_read();
    void on_readable();
    void parse();
    [[nodiscard]] bool may_read() const;
    void wait_write();
    void fail(std::string_view what);

    TcpServer& server_;
    std::uint64_t number_;
    boost::asio::ip::tcp::socket socket_;
    RequestParser parser_;
    std::string input_;  // read, but not parsed yet: at most one read's bytes
    std::size_t parsed_ = 0;
    std::string writing_;
    std::size_t written_ = 0;
    bool more_waits_ = false;  // bytes that are not to be read yet
    bool reading_ = false, parsing_ = false, write_waits_ = false, closed_ = false, dirty_ = false;
    Timer login_timer_, write_timer_;
    std::unique_ptr<Session> session_;
    friend class TcpServer;
};

/// Owned by the Manager.
class TcpServer {
  public:
    TcpServer(Core& core, boost::asio::io_context& io) : core_(core), io_(io), acceptor_(io) {}
    ~TcpServer();
    TcpServer(const TcpServer&) = delete;
    TcpServer& operator=(const TcpServer&) = delete;

    /// Listens there from now on and no longer anywhere else; connections stay. The error says why not.
    std::expected<void, std::string> listen(const config::SocketAddress& address);
    /// Stops listening; connections end.
    void close();
    [[nodiscard]] std::uint16_t port() const;

  private:
    friend class Connection;
    void accept();
    void accepted(boost::asio::ip::tcp::socket socket);
    /// Flushes the connection when the turn has ended.
    void flush_later(Connection& connection);
    void flush_all();
    void release_closed();

    Core& core_;
    boost::asio::io_context& io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    config::SocketAddress address_;
    std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections_;
    std::vector<std::shared_ptr<Connection>> closing_;
    std::vector<std::weak_ptr<Connection>> dirty_;
    std::uint64_t last_ = 0;
    std::array<char, 8192> buffer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace asterism::ami
