// The sockets of one RTP leg, bound by control and read by the worker.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <functional>

#include "media/worker.hpp"

namespace asterism::media {

class RtpLeg;

/// Bound by the PortAllocator on the control loop, watched by the worker's epoll from then on, so that a leg costs the
/// worker no wake-up of its own: the command that opens the leg is in its queue before the first packet can wake it.
/// Control and the leg share it; what the worker might still be looking at is given back through Worker::drop().
class RtpSockets {
  public:
    /// Binds the port above for RTCP: the descriptor, or negative.
    using OpenRtcp = std::move_only_function<int()>;
    /// Takes the descriptor. `open_rtcp`, if there is one, is called by the worker when the stream begins: before,
    /// there is nothing to report, and most calls of a busy night end before.
    RtpSockets(int rtp_fd, sa_family_t family, OpenRtcp open_rtcp);
    ~RtpSockets();
    RtpSockets(const RtpSockets&) = delete;
    RtpSockets& operator=(const RtpSockets&) = delete;

    [[nodiscard]] int rtp() const { return rtp_.fd; }
    [[nodiscard]] int rtcp() const { return rtcp_.fd; }
    [[nodiscard]] sa_family_t family() const { return family_; }
    /// Asks for packets. The worker's queue must know what to do with them by then.
    void watched_by(Worker& worker);

    // ---- the worker's ----
    /// To whom packets go; null: they are dropped.
    void set_leg(RtpLeg* leg) { leg_ = leg; }
    void note_traffic(Worker& worker) {
        if (!traffic_.load(std::memory_order_relaxed)) begin(worker);
    }

    /// Whether anything was ever received or sent, from any thread: without it a leg's figures are all zero.
    [[nodiscard]] bool traffic() const { return traffic_.load(std::memory_order_relaxed); }

  private:
    struct Socket final : Worker::Pollable {
        Socket(RtpSockets& o, int f) : owner(o), fd(f) {}
        void readable(Worker& worker) override;
        RtpSockets& owner;
        int fd;
    };
    void begin(Worker& worker);
    Socket rtp_, rtcp_;
    sa_family_t family_;
    OpenRtcp open_rtcp_;
    RtpLeg* leg_ = nullptr;
    std::atomic<bool> traffic_{false};
};

}  // namespace asterism::media
