// Binds the UDP ports of RTP legs.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "asterism/media/rtp.hpp"
#include "asterism/runtime/random.hpp"

namespace asterism::media {

class RtpSockets;

/// Control loop only. The kernel knows which ports are taken; this only chooses where to try.
class PortAllocator {
  public:
    struct Pair {
        std::shared_ptr<RtpSockets> sockets;
        std::uint16_t port = 0;
        bool rtcp = false;
    };
    explicit PortAllocator(PortRange range, Random& random) : random_(random) { set_range(range); }
    void set_range(PortRange range);
    /// A non-blocking socket on an even port; the next is for RTCP, opened when the stream begins. They are the
    /// caller's, not watched yet.
    [[nodiscard]] std::expected<Pair, std::string> open(const RtpOptions& options);

  private:
    Random& random_;
    std::uint16_t first_ = 0;  // even
    std::uint32_t pairs_ = 0;
    std::uint32_t next_ = 0;
};

}  // namespace asterism::media
