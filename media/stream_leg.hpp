// A leg whose party is a program: see asterism/media/stream.hpp.
#pragma once

#include <memory>
#include <vector>

#include "media/leg.hpp"
#include "media/pcm_packer.hpp"
#include "media/playout_queue.hpp"

namespace asterism::media {

/// What the program sends is heard frame by frame at the worker's ticks. Until somebody hears the leg, for a second at
/// most, the first frames wait: a greeting is not lost while the call is put together.
class StreamLeg final : public Leg, private FrameDecoder {
  public:
    StreamLeg(Worker& worker, LegId id, const StreamOptions& options);

    void command(const StreamCommand& command);
    void deliver(Frame& frame) override;
    [[nodiscard]] DigitWay digit_way() const override { return DigitWay::signal; }
    [[nodiscard]] CodecId preferred() const override { return linear_ ? CodecId::none : options_.codec; }
    [[nodiscard]] bool wants_ticks() const override { return !closed() && (started_ || Leg::wants_ticks()); }

  protected:
    void tick_more() override;

  private:
    std::size_t decode_frame(const Frame& frame, std::span<std::int16_t> out, unsigned& rate) override;
    void send(std::string bytes);
    void send_linear(Frame& frame);
    void say_frame(std::span<const std::uint8_t> bytes);
    void say_silence();
    void tell_events();
    [[nodiscard]] bool held_back();

    StreamOptions options_;
    bool linear_;
    unsigned rate_;
    PlayoutQueue queue_;
    std::vector<std::uint8_t> frame_;  // room for one
    std::uint64_t stream_;
    bool started_ = false, paused_ = false, takes_ = true, gives_ = true, heard_any_ = false;
    unsigned held_ticks_ = 0, ticks_ = 0;

    std::unique_ptr<Decoder> decoder_;
    std::unique_ptr<PcmPacker> packer_;
    std::unique_ptr<Resampler> resampler_;
    std::vector<std::int16_t> resampled_;
    std::string pending_;  // less than a frame of samples for the program
    std::uint64_t packed_stream_ = 0;
};

}  // namespace asterism::media
