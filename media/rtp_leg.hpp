// A leg whose party is at the other end of an RTP stream.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "media/jitter_buffer.hpp"
#include "media/leg.hpp"
#include "media/pcm_packer.hpp"
#include "media/rtcp.hpp"
#include "media/rtp_sockets.hpp"
#include "media/rtp_stream.hpp"
#include "media/socket_address.hpp"
#include "media/source_learner.hpp"
#include "media/worker.hpp"

namespace asterism::media {

/// A packet is relayed within the call that received it: nothing is queued, nothing allocated, unless the leg has a
/// jitter buffer.
class RtpLeg final : public Leg, private FrameDecoder {
  public:
    struct Identity {
        std::uint32_t ssrc;
        std::uint16_t sequence;
        std::uint32_t timestamp;
    };
    /// `cname` outlives the worker.
    RtpLeg(Worker& worker, LegId id, std::shared_ptr<RtpSockets> sockets, const Identity& identity,
           std::string_view cname);
    ~RtpLeg() override;

    void configure(const RtpConfig& config);
    void jitter_buffer(const JitterSpec& spec);
    [[nodiscard]] bool wants_ticks() const override { return (jitter_ && !jitter_->empty()) || Leg::wants_ticks(); }
    void deliver(Frame& frame) override;
    void leave_out(std::uint64_t stream) override { numbering_.leave_out(stream); }
    void close() override;
    [[nodiscard]] DigitWay digit_way() const override;
    [[nodiscard]] CodecId preferred() const override;
    /// Several times a second: timeouts, keepalive, RTCP.
    void slow_tick();
    [[nodiscard]] RtpStats stats() const;
    /// Its place in the worker's list of RTP legs.
    std::size_t place = 0;

    /// One datagram with its buffer: frame_headroom before it and frame_tailroom after it are writable.
    void received(std::span<std::uint8_t> datagram, const SocketAddress& from, bool on_rtcp_port);

  protected:
    void tick_more() override;
    bool listens_inband() const override { return inband_ || Leg::listens_inband(); }

  private:
    /// Grows only when RTCP comes: most of it is never needed.
    struct Remote {
        Spread local_jitter, local_loss, jitter, loss, rtt;
        std::uint32_t last_sr = 0;
        TimePoint last_sr_at{};
        std::uint64_t lost = 0;
        double last_jitter = 0;
    };
    void rtp_received(std::span<std::uint8_t> datagram, const SocketAddress& from);
    void rtcp_received(std::span<const std::uint8_t> datagram, const SocketAddress& from);
    std::size_t decode_frame(const Frame& frame, std::span<std::int16_t> out, unsigned& rate) override;
    void hand_on(const JitterBuffer::Packet& packet);
    /// Clock rate of a telephone-event payload; 8000 if there is none of that number.
    [[nodiscard]] unsigned event_clock(std::uint8_t number) const;
    void send_event(Frame& frame);
    void send_packed(Frame& frame);
    void send_payload(std::span<std::uint8_t> payload, RtpHeader header, std::uint8_t payload_type);
    void send_rtcp(bool bye);
    void heard_source(const SocketAddress& from);
    [[nodiscard]] bool can_send() const { return sends_ && destination_ && !closed(); }

    static constexpr std::uint8_t unknown_pt = 0xFF, event_pt = 0xFE, ignored_pt = 0xFD;

    std::shared_ptr<RtpSockets> sockets_;
    RtpConfig config_;
    bool configured_ = false, sends_ = false, takes_ = false, inband_ = false;
    std::array<std::uint8_t, 128> receive_;  // CodecId, or one of the above
    SocketAddress remote_, destination_, rtcp_destination_;
    SourceLearner learner_;
    RtpNumbering numbering_;
    RtpCounting counting_;
    std::uint64_t stream_;
    std::uint64_t sent_packets_ = 0, sent_octets_ = 0, dropped_ = 0;
    TimePoint last_heard_{}, next_rtcp_{};
    bool first_told_ = false, timed_out_ = false, learned_told_ = false, rtcp_sent_ = false;
    std::uint32_t rtcp_sent_packets_ = 0;  // as of the last report
    std::unique_ptr<Decoder> decoder_;
    CodecId decodes_ = CodecId::none;
    std::unique_ptr<PcmPacker> packer_;
    std::uint64_t packed_stream_ = 0;
    std::uint32_t packed_next_ = 0;  // timestamp that the packed stream should go on with
    bool packed_timed_ = false;
    std::string_view cname_;
    std::unique_ptr<Remote> report_;
    std::unique_ptr<JitterBuffer> jitter_;  // only where one was asked for
};

}  // namespace asterism::media
