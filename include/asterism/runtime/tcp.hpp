// TCP connections that we open: to FastAGI scripts, AudioSocket servers.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "asterism/runtime/task.hpp"

namespace asterism {

class AsioLoop;

/// One open connection. Owned by whoever asked for it; its end closes the connection. Control loop only, never blocks.
class TcpStream {
  public:
    TcpStream() = default;
    TcpStream(const TcpStream&) = delete;
    TcpStream& operator=(const TcpStream&) = delete;
    virtual ~TcpStream() = default;

    /// From now on `wake` is called when bytes have arrived or the peer has gone; never from within a method.
    virtual void attach(std::move_only_function<void()> wake) = 0;
    /// Appends what has arrived; false if nothing has. Beyond `read_limit` the connection waits for this: the peer is
    /// slowed down.
    virtual bool take(std::string& into) = 0;
    /// The peer has gone, or did not read `write_limit`. What it sent before can still be taken.
    [[nodiscard]] virtual bool closed() const = 0;
    virtual void write(std::string_view bytes) = 0;
    /// Bytes written that the system has not taken yet.
    [[nodiscard]] virtual std::size_t queued() const = 0;
};

struct TcpTarget {
    std::string host;  ///< name or address, an IPv6 address without its brackets
    std::uint16_t port = 0;
    Duration timeout = std::chrono::seconds(2);  ///< for each address of the host
    std::size_t read_limit = 64 << 10;           ///< bytes that may wait to be taken
    std::size_t write_limit = 1 << 20;           ///< bytes that may wait to be sent; more close it
};

/// "host:port", "[::1]:port"; nothing for another text or port 0.
[[nodiscard]] std::optional<TcpTarget> parse_tcp_target(std::string_view text);

/// Opens connections. The daemon's are Asio's; a test brings its own.
class TcpDialer {
  public:
    virtual ~TcpDialer() = default;
    /// Looks the host up off the loop and tries one address after the other. The error is a sentence for the log.
    virtual Task<std::expected<std::unique_ptr<TcpStream>, std::string>> connect(TcpTarget target) = 0;
};

/// `loop` outlives it and all its connections.
[[nodiscard]] std::unique_ptr<TcpDialer> make_tcp_dialer(AsioLoop& loop);

}  // namespace asterism
