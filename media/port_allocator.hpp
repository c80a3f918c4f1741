// Binds the UDP ports of RTP legs.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "asterism/media/rtp.hpp"
#include "asterism/runtime/random.hpp"

namespace asterism::media {

class RtpSockets;
class Worker;

/// Control loop only. The kernel knows which ports are taken; this only chooses where to try.
///
/// It opens some at once, because the way through the kernel is cold for the first: a socket alone costs 40 us, one
/// of eight 6. What waits for its call is watched, and what is sent to it is dropped.
class PortAllocator {
  public:
    static constexpr std::uint32_t at_once = 8;

    struct Pair {
        std::shared_ptr<RtpSockets> sockets;
        std::uint16_t port = 0;
        bool rtcp = false;
    };
    PortAllocator(PortRange range, Random& random, Worker& worker) : random_(random), worker_(worker) {
        set_range(range);
    }
    void set_range(PortRange range);
    /// A non-blocking socket on an even port, watched by the worker; the next port is for RTCP, opened when the stream
    /// begins. They are the caller's.
    [[nodiscard]] std::expected<Pair, std::string> open(const RtpOptions& options);

  private:
    /// Opened alike and waiting for their calls.
    struct Stock {
        RtpOptions options;
        std::deque<Pair> ready{};
    };
    Stock& stock(const RtpOptions& options);
    /// Opens at least one, or says why not.
    std::string fill(Stock& stock);
    void close_stock();

    Random& random_;
    Worker& worker_;
    std::vector<Stock> stock_;  // one for each address and marking in use: few
    std::uint16_t first_ = 0;   // even
    std::uint32_t pairs_ = 0;
    std::uint32_t next_ = 0;
};

}  // namespace asterism::media
