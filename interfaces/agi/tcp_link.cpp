// FastAGI: the script is a server.
#include <netdb.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstring>

#include "interfaces/agi/asio_linker.hpp"
#include "interfaces/agi/process_link.hpp"
#include "interfaces/agi/stream.hpp"

namespace asterism::agi {
namespace {

using boost::asio::ip::tcp;

class TcpLink final : public Link {
  public:
    explicit TcpLink(tcp::socket socket) : wire_(std::make_shared<Wire>(std::move(socket))) { wire_->read(); }
    ~TcpLink() override {
        wire_->stop();
        boost::system::error_code ignored;
        wire_->socket.close(ignored);
    }

    void attach(std::move_only_function<void()> wake) override { wire_->wake = std::move(wake); }
    bool take(std::string& into) override { return wire_->take(into); }
    [[nodiscard]] bool closed() const override { return wire_->closed(); }
    void write(std::string_view bytes) override { wire_->write(bytes); }
    bool hung_up() override {
        wire_->write("HANGUP\n");
        return true;
    }

  private:
    struct Socket {
        tcp::socket socket;
    };
    struct Wire : Socket, Stream<tcp::socket, tcp::socket> {
        explicit Wire(tcp::socket s)
            : Socket{std::move(s)}, Stream<tcp::socket, tcp::socket>(Socket::socket, Socket::socket) {}
    };
    std::shared_ptr<Wire> wire_;
};

struct Resolved {
    std::vector<tcp::endpoint> addresses;
    std::string error;
};

/// On the pool.
Resolved resolve(const std::string& host, std::uint16_t port) {
    Resolved result;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (error == EAI_BADFLAGS || error == EAI_NONAME || error == EAI_ADDRFAMILY) {
        hints.ai_flags = 0;  // loopback addresses do not count as configured
        error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    }
    if (error) {
        result.error = gai_strerror(error);
        return result;
    }
    for (auto* each = found; each; each = each->ai_next) {
        if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
        tcp::endpoint endpoint;
        std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
        endpoint.port(port);
        result.addresses.push_back(endpoint);
    }
    freeaddrinfo(found);
    return result;
}

/// One attempt; the socket ends with it unless it is taken.
struct Attempt {
    explicit Attempt(AsioLoop& loop) : socket(loop.context()), done(loop) {}
    tcp::socket socket;
    Mailbox<boost::system::error_code> done;
    bool waiting = true;
};

class AsioLinker final : public Linker {
  public:
    explicit AsioLinker(AsioLoop& loop) : loop_(loop) {}

    Task<LinkResult> connect(Target target) override {
        boost::system::error_code error;
        std::vector<tcp::endpoint> addresses;
        const auto literal = boost::asio::ip::make_address(target.host, error);
        if (!error) {
            addresses.emplace_back(literal, target.port);
        } else {
            auto resolved =
                co_await run_blocking(loop_, [host = target.host, port = target.port] { return resolve(host, port); });
            if (resolved.addresses.empty())
                co_return std::unexpected(LinkError{false, "unable to locate host '" + target.host + "'"});
            addresses = std::move(resolved.addresses);
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
            const auto result = co_await attempt->done.next_within(connect_timeout);
            if (result && !*result) {
                boost::system::error_code ignored;
                attempt->socket.set_option(tcp::no_delay(true), ignored);
                attempt->socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
                attempt->socket.non_blocking(true, ignored);
                co_return std::make_unique<TcpLink>(std::move(attempt->socket));
            }
            reason = result ? result->message() : "it did not answer in time";
        }
        co_return std::unexpected(LinkError{false, reason});
    }

    Task<LinkResult> spawn(std::string path, std::vector<std::string> arguments,
                           ProcessEnvironment environment) override {
        return spawn_process(loop_, std::move(path), std::move(arguments), std::move(environment));
    }

  private:
    AsioLoop& loop_;
};

}  // namespace

std::unique_ptr<Linker> make_asio_linker(AsioLoop& loop) { return std::make_unique<AsioLinker>(loop); }

}  // namespace asterism::agi
