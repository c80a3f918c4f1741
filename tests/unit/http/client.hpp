// A blocking client and a server with its loop in a thread, for tests over loopback.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <string>
#include <string_view>
#include <thread>

#include "asterism/http/server.hpp"
#include "asterism/runtime/asio_loop.hpp"

namespace asterism::http::testing {

class Client {
  public:
    explicit Client(const Address& address) {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(address.port);
        ::inet_pton(AF_INET, address.ip.c_str(), &to.sin_addr);
        connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
    ~Client() { ::close(fd_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }
    [[nodiscard]] int fd() const { return fd_; }
    void send(std::string_view bytes) const { (void)!::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    /// Reads until `enough` says so, the peer closes, or 5 s pass without a byte.
    template <class F>
    std::string read_until(F enough) {
        while (!enough(buffer_)) {
            pollfd poll{fd_, POLLIN, 0};
            if (::poll(&poll, 1, 5000) <= 0) break;
            char part[65536];
            const auto got = ::recv(fd_, part, sizeof part, 0);
            if (got <= 0) {
                closed_ = true;
                break;
            }
            buffer_.append(part, static_cast<std::size_t>(got));
        }
        return buffer_;
    }
    std::string read_all() {
        return read_until([](const std::string&) { return false; });
    }
    /// One answer with Content-Length, taken out of the buffer.
    std::string answer() {
        std::size_t whole = 0;
        read_until([&whole](const std::string& text) {
            const auto end = text.find("\r\n\r\n");
            if (end == std::string::npos) return false;
            const auto length = text.find("Content-Length: ");
            const std::size_t body = length < end ? std::stoul(text.substr(length + 16)) : 0;
            whole = end + 4 + body;
            return text.size() >= whole;
        });
        std::string out = buffer_.substr(0, whole);
        buffer_.erase(0, whole);
        return out;
    }
    [[nodiscard]] bool closed() const { return closed_; }
    std::string& buffer() { return buffer_; }

  private:
    int fd_;
    bool connected_ = false;
    bool closed_ = false;
    std::string buffer_;
};

/// Runs in a thread of its own; `on_loop` runs something there and waits for it.
class RunningServer {
    AsioLoop loop_;

  public:
    Router router;
    ServerConfig config;
    std::string error;

    template <class Setup>
    explicit RunningServer(Setup setup) : loop_(), server_(loop_, loop_.context(), router) {
        config.enabled = true;
        config.bindaddr = "127.0.0.1";
        config.bindport = 0;
        setup(*this);
        if (auto applied = server_.apply(config); !applied) error = applied.error();
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~RunningServer() {
        on_loop([this] {
            server_.stop();
            loop_.post([this] { loop_.stop(); });
        });
        thread_.join();
    }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    template <class F>
    std::invoke_result_t<F> on_loop(F action) {
        using R = std::invoke_result_t<F>;
        std::promise<R> promise;
        auto future = promise.get_future();
        loop_.post([&] {
            if constexpr (std::is_void_v<R>) {
                action();
                promise.set_value();
            } else {
                promise.set_value(action());
            }
        });
        return future.get();
    }
    Address address() {
        return on_loop([this] { return server_.address(); });
    }
    ServerCounters counters() {
        return on_loop([this] { return server_.counters(); });
    }
    Server& server() { return server_; }
    AsioLoop& loop() { return loop_; }

  private:
    Server server_;
    std::thread thread_;
};

}  // namespace asterism::http::testing
