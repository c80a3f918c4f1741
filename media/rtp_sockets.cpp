#include "media/rtp_sockets.hpp"

#include <unistd.h>

#include <cstring>
#include <utility>

#include "asterism/runtime/log.hpp"
#include "media/rtp_leg.hpp"

namespace asterism::media {

RtpSockets::RtpSockets(int rtp_fd, sa_family_t family, OpenRtcp open_rtcp)
    : rtp_(*this, rtp_fd), rtcp_(*this, -1), family_(family), open_rtcp_(std::move(open_rtcp)) {}

RtpSockets::~RtpSockets() {
    ::close(rtp_.fd);
    if (rtcp_.fd >= 0) ::close(rtcp_.fd);
}

void RtpSockets::watched_by(Worker& worker) { worker.watch(rtp_.fd, rtp_); }

void RtpSockets::begin(Worker& worker) {
    traffic_.store(true, std::memory_order_relaxed);
    if (!open_rtcp_) return;
    rtcp_.fd = std::exchange(open_rtcp_, nullptr)();
    if (rtcp_.fd >= 0)
        worker.watch(rtcp_.fd, rtcp_);
    else
        log::warning("No RTCP for a stream: its port cannot be bound: {}", std::strerror(-rtcp_.fd));
}

void RtpSockets::Socket::readable(Worker& worker) {
    // One packet a wake-up: level-triggered epoll comes back if there is more, and the call that would find out
    // that there is none costs as much as receiving one.
    auto& buffer = worker.receive_buffer();
    SocketAddress from;
    socklen_t length = SocketAddress::capacity;
    const auto room = std::span(buffer).subspan(frame_headroom, max_packet_bytes);
    const ssize_t n = recvfrom(fd, room.data(), room.size(), MSG_DONTWAIT | MSG_TRUNC, from.raw(), &length);
    // Nothing, an ICMP error, far too long, or nobody to take it.
    if (n <= 0 || static_cast<std::size_t>(n) > room.size() || !owner.leg_) return;
    owner.note_traffic(worker);
    owner.leg_->received(room.first(static_cast<std::size_t>(n)), from, this == &owner.rtcp_);
}

}  // namespace asterism::media
