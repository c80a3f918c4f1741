// Sends digits to one leg's party: one after another, as events, as tones, or by telling control to signal them.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "asterism/media/operations.hpp"
#include "media/tone_generator.hpp"

namespace asterism::media {

class Leg;

/// How a leg's party gets digits.
enum class DigitWay : std::uint8_t { events, tones, signal, never };

/// Owned by its leg, driven by its ticks. While busy() nothing else is sent to the party.
class DigitSender {
  public:
    explicit DigitSender(Leg& leg) : leg_(leg) {}

    /// All of an operation's digits; `op` ends after the last gap.
    void send(std::string_view digits, Millis duration, Millis gap, OpId op);
    /// A digit that lasts until release(); one of a known length.
    void press(char digit);
    void release(char digit);
    void send_one(char digit, Millis duration);
    /// True if the operation was here; it ends at once (a digit that sounds is ended properly).
    bool stop(OpId op);
    [[nodiscard]] bool busy() const { return state_ != State::idle || !jobs_.empty(); }
    void tick();
    /// Ends its operations.
    void end_all(OpEnd::Why why);

  private:
    struct Job {
        char digit = 0;  // 'w' a pause
        Millis length{0};
        Millis gap{0};
        bool open = false;  // until release
        OpId op;
        bool last = false;  // of the operation
    };
    enum class State : std::uint8_t { idle, sounding, gap };
    void begin();
    void sound();
    void end_digit();
    void finish_job();
    void emit(bool end, bool marker);

    Leg& leg_;
    std::deque<Job> jobs_;
    State state_ = State::idle;
    Job now_;
    Millis elapsed_{0};
    std::uint64_t stream_ = 0;
    std::uint32_t timestamp_ = 0;
    std::uint32_t segment_start_ms_ = 0;
    std::uint16_t sequence_ = 0;
    DigitWay way_ = DigitWay::events;
    DualTone tone_;
};

}  // namespace asterism::media
