// Plain TCP.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "stream.hpp"

namespace asterism::http {

/// The socket with the loop's own executor: no type erasure on the way to a handler.
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class TcpStream final : public AnyStream {
  public:
    explicit TcpStream(Socket socket);
    void read(std::span<char> into, std::shared_ptr<StreamUser> user) override;
    std::ptrdiff_t write(std::span<const Slice> slices) override;
    void wait_writable(std::shared_ptr<StreamUser> user) override;
    void shutdown() override;
    void close() override;

  private:
    Socket socket_;
};

}  // namespace asterism::http
