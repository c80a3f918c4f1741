// One recording: samples in, encoded chunks to the FileWriter, and the rules that end it.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "asterism/media/operations.hpp"
#include "media/file_writer.hpp"
#include "media/jitter_fifo.hpp"
#include "media/resampler.hpp"

namespace asterism::media {

/// Mean of the samples' magnitude, which is what Asterisk's silence thresholds measure.
[[nodiscard]] int mean_magnitude(std::span<const std::int16_t> samples);

/// Owned by its leg or mixer. Whoever feeds it looks at ended() afterwards.
class Recorder {
  public:
    /// Error: the format is unknown or cannot be written.
    static std::expected<FileLayout, std::string> layout_of(const RecordSpec& spec);
    Recorder(OpId op, RecordSpec spec, FileLayout layout, FileWriter& writer, FileWriter::Failed failed);
    /// Closes the file in any case.
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    [[nodiscard]] OpId op() const { return op_; }
    /// Audio of one direction, in or out; not taken unless it is recorded.
    void feed(Side side, std::span<const std::int16_t> samples, unsigned rate);
    /// Every 20 ms. Silence also goes by while no packet comes.
    void tick();
    void control(const OpControl& control);
    /// Why it should end, once it should.
    [[nodiscard]] std::optional<OpEnd::Why> ended() const { return ended_; }
    /// Closes the file; `closed` hears of it on the writer's thread. What is reported is as of now.
    OpEnd finish(OpEnd::Why why, FileWriter::Closed closed);
    [[nodiscard]] bool wants_ticks() const { return spec_.max_silence.count() > 0 || in_ || out_; }

  private:
    struct SideInput {
        explicit SideInput(unsigned rate) : fifo(rate) {}
        JitterFifo fifo;
        std::unique_ptr<Resampler> resampler;
    };
    /// Audio that is written as it comes.
    void write(std::span<const std::int16_t> samples, unsigned rate);
    void gather(SideInput& input, std::span<const std::int16_t> samples, unsigned rate);
    void tick_sides();
    /// Samples of the file's rate; two for each moment when it is stereo.
    void take(std::span<const std::int16_t> samples);
    [[nodiscard]] bool muted(Side side) const { return side == Side::in ? muted_in_ : muted_out_; }
    void flush();
    [[nodiscard]] Millis recorded() const;

    OpId op_;
    RecordSpec spec_;
    FileLayout layout_;
    FileWriter& writer_;
    FileWriter::FileId file_;

    unsigned rate_;
    std::unique_ptr<Encoder> encoder_;  // none: samples as they are, little-endian
    std::unique_ptr<Resampler> resampler_;
    std::unique_ptr<SideInput> in_, out_;  // where time is kept by the tick and not by packets
    std::vector<std::int16_t> pending_;    // less than the encoder's block
    std::vector<std::uint8_t> chunk_;
    std::vector<std::int16_t> scratch_;
    std::uint64_t samples_ = 0;
    std::uint64_t silent_samples_ = 0;      // since something was heard
    std::uint64_t all_silent_samples_ = 0;  // together
    unsigned idle_ticks_ = 0;
    bool fed_ = false;
    bool paused_ = false, muted_in_ = false, muted_out_ = false, closed_ = false;
    std::optional<OpEnd::Why> ended_;
    std::string error_;
};

}  // namespace asterism::media
