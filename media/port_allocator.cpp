#include "media/port_allocator.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "media/rtp_sockets.hpp"
#include "media/socket_address.hpp"
#include "media/worker.hpp"

namespace asterism::media {

namespace {

std::string because(int error) { return std::generic_category().message(error); }

/// The socket, or minus errno.
int bound_socket(SocketAddress address, std::uint16_t port, int tos, int cos) {
    address.set_port(port);
    const int fd = socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    const int no = 0;
    if (address.family() == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (tos != 0) {
        setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
        if (address.family() == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
    }
    if (cos != 0) setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &cos, sizeof cos);
    if (bind(fd, address.raw(), address.size()) == 0) return fd;
    const int error = errno;
    close(fd);
    return -error;
}

}  // namespace

void PortAllocator::set_range(PortRange range) {
    close_stock();
    const unsigned first = std::max<unsigned>(range.first + (range.first & 1u), 2);
    const unsigned last = std::min<unsigned>(range.last, 65535);
    first_ = static_cast<std::uint16_t>(std::min(first, 65534u));
    pairs_ = last > first ? (last - first + 1) / 2 : 0;
    // Begin anywhere: a restarted PBX must not give a new call the port of an old one that is still being sent to.
    next_ = pairs_ ? static_cast<std::uint32_t>(random_.below(pairs_)) : 0;
}

std::expected<PortAllocator::Pair, std::string> PortAllocator::open(const RtpOptions& options) {
    Stock& from = stock(options);
    if (from.ready.empty()) {
        if (std::string error = fill(from); !error.empty()) return std::unexpected(std::move(error));
    }
    Pair pair = std::move(from.ready.front());
    from.ready.pop_front();
    return pair;
}

PortAllocator::Stock& PortAllocator::stock(const RtpOptions& options) {
    static constexpr std::size_t most = 16;
    const auto found = std::ranges::find(stock_, options, &Stock::options);
    if (found != stock_.end()) return *found;
    if (stock_.size() == most) close_stock();  // of configurations long gone
    return stock_.emplace_back(options);
}

std::string PortAllocator::fill(Stock& stock) {
    const RtpOptions& options = stock.options;
    const auto address = SocketAddress::parse({options.bind_ip, 0});
    if (!address) return fmt::format("'{}' is not a numeric address to bind RTP to", options.bind_ip);
    if (pairs_ == 0) return "the range of RTP ports is empty (rtp.conf rtpstart, rtpend)";
    // A small range has none to spare.
    const std::size_t wanted = std::clamp<std::size_t>(pairs_ / 64, 1, at_once);
    for (std::uint32_t tries = 0; tries < pairs_ && stock.ready.size() < wanted; ++tries) {
        Pair pair;
        pair.port = static_cast<std::uint16_t>(first_ + 2 * next_);
        next_ = (next_ + 1) % pairs_;
        const int rtp = bound_socket(*address, pair.port, options.tos, options.cos);
        if (rtp == -EADDRINUSE) continue;
        if (rtp < 0) {
            if (!stock.ready.empty()) break;
            return fmt::format("cannot bind RTP to {}: {}", options.bind_ip, because(-rtp));
        }
        RtpSockets::OpenRtcp open_rtcp;
        if (options.rtcp) {
            open_rtcp = [address = *address, port = static_cast<std::uint16_t>(pair.port + 1), tos = options.tos,
                         cos = options.cos] { return bound_socket(address, port, tos, cos); };
        }
        pair.rtcp = options.rtcp;
        pair.sockets = std::make_shared<RtpSockets>(rtp, address->family(), std::move(open_rtcp));
        pair.sockets->watched_by(worker_);
        stock.ready.push_back(std::move(pair));
    }
    if (!stock.ready.empty()) return {};
    return fmt::format("no free RTP port between {} and {}", first_, first_ + 2 * pairs_ - 1);
}

void PortAllocator::close_stock() {
    for (auto& stock : stock_) {
        for (auto& pair : stock.ready) {
            worker_.send_later([sockets = std::move(pair.sockets)](Worker& worker) mutable {
                worker.drop(std::move(sockets));  // events of this turn may still be to come
            });
        }
    }
    stock_.clear();
}

}  // namespace asterism::media
