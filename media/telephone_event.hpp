// Digits as RTP events (RFC 4733): the four bytes, and the receiver's view of a digit.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "asterism/runtime/time.hpp"

namespace asterism::media {

struct TelephoneEvent {
    std::uint8_t event = 0;  ///< 0-15 are digits
    bool end = false;
    std::uint8_t volume = 10;    ///< -dBm0
    std::uint16_t duration = 0;  ///< timestamp units since the event's timestamp
};
inline constexpr std::size_t telephone_event_bytes = 4;

[[nodiscard]] std::optional<TelephoneEvent> parse_telephone_event(std::span<const std::uint8_t> payload);
void write_telephone_event(std::uint8_t* at, const TelephoneEvent& event);
/// '0'-'9' '*' '#' 'A'-'D' for 0-15; nothing for the rest (16 is a hook flash).
[[nodiscard]] std::optional<char> digit_of_event(std::uint8_t event);
[[nodiscard]] std::optional<std::uint8_t> event_of_digit(char digit);

/// Makes one begin and one end out of the many packets that one press of a key is. Tolerates lost beginnings, lost
/// ends, repeated ends, and digits over 8 s, which come as several events (2.5.1.3).
class EventReceiver {
  public:
    struct Change {
        bool begin = false;  ///< else end
        char digit = 0;
        std::chrono::milliseconds duration{0};
    };
    /// At most an end of the one before, a begin and its end.
    struct Changes {
        std::array<Change, 3> list{};
        std::size_t count = 0;
        void add(const Change& c) { list[count++] = c; }
    };
    Changes received(const TelephoneEvent& event, std::uint32_t timestamp, unsigned clock, TimePoint now);
    /// Ends a digit whose end never came: no packet for `silence`.
    Changes tick(TimePoint now, std::chrono::milliseconds silence);
    [[nodiscard]] bool pressed() const { return active_; }

  private:
    [[nodiscard]] Change end() const;

    bool active_ = false;
    bool seen_any_ = false;
    char digit_ = 0;
    std::uint32_t timestamp_ = 0;  // of the present segment
    std::uint64_t before_ = 0;     // units of the segments before it
    std::uint16_t duration_ = 0;
    unsigned clock_ = 8000;
    TimePoint heard_{};
};

}  // namespace asterism::media
