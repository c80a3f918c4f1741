// What plays to a leg or a mixer: files, tones, silence. Gives 20 ms at a time; knows no clock and no socket.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asterism/media/operations.hpp"
#include "media/frame.hpp"
#include "media/prompt.hpp"
#include "media/tone_generator.hpp"

namespace asterism::media {

inline constexpr unsigned tick_ms = 20;

/// One play, tone or music operation. Owned by its leg or mixer; ends when next() says so.
class Player {
  public:
    enum class Step : std::uint8_t { audio, waiting, finished, failed };

    explicit Player(OpId op) : op_(op) {}
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;
    virtual ~Player() = default;

    [[nodiscard]] OpId op() const { return op_; }
    /// Fills `frame` with the next 20 ms (audio), or leaves it (waiting: paused, or a file is not loaded yet).
    virtual Step next(Frame& frame) = 0;
    virtual void control(const OpControl& control) = 0;
    /// Whether it is only there for want of anything else to hear.
    [[nodiscard]] virtual bool yields() const { return false; }
    /// Position and file for the OpEnd; error if failed.
    virtual void report(OpEnd& end) const = 0;
    /// The file with this index arrived, or could not be read.
    virtual void supply(std::size_t, PromptPtr, std::string) {}
    /// A file that is needed soon and was not asked for before; once for each.
    virtual std::optional<std::size_t> take_need() { return std::nullopt; }

  private:
    OpId op_;
};

/// Files in order; also music on hold (endless, tolerant of files that cannot be read).
class FilePlayer final : public Player, private FrameDecoder {
  public:
    struct Plan {
        std::size_t count = 0;  ///< files
        unsigned repeat = 1;    ///< times through the list, 0 for ever
        std::size_t first = 0;
        Millis offset{0};
        bool first_asked = false;  ///< the first file is on its way already
        bool tolerant = false;     ///< a file that cannot be read is skipped; failed only if none can be
    };
    FilePlayer(OpId op, const Plan& plan, std::uint64_t stream);

    Step next(Frame& frame) override;
    void control(const OpControl& control) override;
    void report(OpEnd& end) const override;
    void supply(std::size_t file, PromptPtr prompt, std::string error) override;
    std::optional<std::size_t> take_need() override;

  private:
    std::size_t decode_frame(const Frame& frame, std::span<std::int16_t> out, unsigned& rate) override;
    Step advance();
    void begin_file();
    [[nodiscard]] std::size_t following(std::size_t file) const { return file + 1 < plan_.count ? file + 1 : 0; }
    [[nodiscard]] bool last_file() const;

    Plan plan_;
    std::uint64_t stream_;
    std::size_t file_;
    unsigned rounds_ = 0;
    PromptPtr prompt_;    // of file_
    PromptPtr upcoming_;  // of the one after it
    bool upcoming_failed_ = false;
    std::size_t failures_ = 0;
    std::size_t position_ = 0;  // samples
    Millis start_;
    bool paused_ = false;
    bool failed_ = false;
    std::string error_;
    std::optional<std::size_t> need_;
    std::unique_ptr<Decoder> decoder_;
};

class TonePlayer final : public Player {
  public:
    TonePlayer(OpId op, ToneSpec spec, std::uint64_t stream);
    Step next(Frame& frame) override;
    void control(const OpControl& control) override;
    void report(OpEnd& end) const override;

  private:
    ToneSpec spec_;
    ToneGenerator generator_;
    std::uint64_t stream_;
    std::uint64_t samples_ = 0;
    bool paused_ = false;
};

class SilencePlayer final : public Player {
  public:
    SilencePlayer(OpId op, Millis length, std::uint64_t stream, bool yields = false)
        : Player(op), length_(length), stream_(stream), yields_(yields) {}
    Step next(Frame& frame) override;
    [[nodiscard]] bool yields() const override { return yields_; }
    void control(const OpControl& control) override;
    void report(OpEnd& end) const override;

  private:
    Millis length_;
    Millis played_{0};
    std::uint64_t stream_;
    bool yields_;
    bool paused_ = false;
};

}  // namespace asterism::media
