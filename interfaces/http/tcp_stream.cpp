#include "tcp_stream.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

namespace asterism::http {

TcpStream::TcpStream(Socket socket) : socket_(std::move(socket)) {
    boost::system::error_code ignored;
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    // A peer that vanished without a word is noticed by the kernel within about two minutes.
    socket_.set_option(boost::asio::socket_base::keep_alive(true), ignored);
    const int idle = 60;
    const int interval = 20;
    const int count = 3;
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    socket_.non_blocking(true, ignored);
}

void TcpStream::read(std::span<char> into, std::shared_ptr<StreamUser> user) {
    socket_.async_read_some(
        boost::asio::mutable_buffer(into.data(), into.size()),
        [user = std::move(user)](boost::system::error_code error, std::size_t n) { user->on_read(error ? 0 : n); });
}

std::ptrdiff_t TcpStream::write(std::span<const Slice> slices) {
    std::array<iovec, 64> parts;
    std::size_t count = 0;
    for (const Slice& slice : slices) {
        if (count == parts.size()) break;
        parts[count++] = {const_cast<char*>(slice.data), slice.size};
    }
    if (!socket_.is_open()) return -1;
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOBUFS ? 0 : -1;
}

void TcpStream::wait_writable(std::shared_ptr<StreamUser> user) {
    socket_.async_wait(Socket::wait_write,
                       [user = std::move(user)](boost::system::error_code) { user->on_writable(); });
}

void TcpStream::shutdown() {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
}

void TcpStream::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace asterism::http
