// Whose packets are believed: strict RTP. Without it anybody who can guess a port can speak into a call.
#pragma once

#include <cstdint>

#include "asterism/media/rtp.hpp"
#include "media/socket_address.hpp"

namespace asterism::media {

/// Learns the source of one leg's RTP, anew at every change of the remote address. The address that SDP named is
/// believed at once; another (a phone behind a NAT) after `probation` packets in sequence, which in mode `yes` must
/// also take about as long as audio does. The first that passes locks the leg; others are dropped until it was silent
/// for 5 s.
class SourceLearner {
  public:
    /// `remote` without a family: SDP named no usable address.
    void configure(StrictRtp mode, unsigned probation, const SocketAddress& remote);
    /// Whether to take a packet.
    bool take(const SocketAddress& from, std::uint16_t sequence, TimePoint now);
    /// Where packets come from; no family until known.
    [[nodiscard]] const SocketAddress& source() const { return source_; }

  private:
    bool proves_itself(const SocketAddress& from, std::uint16_t sequence, TimePoint now);

    StrictRtp mode_ = StrictRtp::yes;
    unsigned probation_ = 4;
    SocketAddress remote_;
    bool locked_ = false;
    SocketAddress source_;
    TimePoint heard_{};
    SocketAddress candidate_;
    std::uint16_t expected_ = 0;
    unsigned in_sequence_ = 0;
    TimePoint since_{};
};

}  // namespace asterism::media
