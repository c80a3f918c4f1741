#include "media/telephone_event.hpp"

#include <string_view>

#include "media/rtp_packet.hpp"

namespace asterism::media {

namespace {
constexpr std::string_view digits = "0123456789*#ABCD";
}

std::optional<TelephoneEvent> parse_telephone_event(std::span<const std::uint8_t> payload) {
    if (payload.size() < telephone_event_bytes) return std::nullopt;
    return TelephoneEvent{.event = payload[0],
                          .end = (payload[1] & 0x80) != 0,
                          .volume = static_cast<std::uint8_t>(payload[1] & 0x3F),
                          .duration = get16(&payload[2])};
}

void write_telephone_event(std::uint8_t* at, const TelephoneEvent& event) {
    at[0] = event.event;
    at[1] = static_cast<std::uint8_t>((event.end ? 0x80 : 0) | (event.volume & 0x3F));
    put16(at + 2, event.duration);
}

std::optional<char> digit_of_event(std::uint8_t event) {
    if (event >= digits.size()) return std::nullopt;
    return digits[event];
}

std::optional<std::uint8_t> event_of_digit(char digit) {
    if (digit >= 'a' && digit <= 'd') digit = static_cast<char>(digit - 'a' + 'A');
    const auto at = digits.find(digit);
    if (at == std::string_view::npos) return std::nullopt;
    return static_cast<std::uint8_t>(at);
}

EventReceiver::Change EventReceiver::end() const {
    const auto ms = (before_ + duration_) * 1000 / (clock_ ? clock_ : 8000);
    return {.begin = false, .digit = digit_, .duration = std::chrono::milliseconds(ms)};
}

EventReceiver::Changes EventReceiver::received(const TelephoneEvent& event, std::uint32_t timestamp, unsigned clock,
                                               TimePoint now) {
    Changes changes;
    const auto digit = digit_of_event(event.event);
    if (!digit) return changes;
    if (seen_any_ && timestamp == timestamp_) {
        if (!active_) return changes;  // repeated end
    } else {
        // Reordered packets of a digit that is over must not press it again.
        if (seen_any_ && static_cast<std::int32_t>(timestamp - timestamp_) < 0) return changes;
        const bool goes_on = active_ && *digit == digit_ && timestamp == timestamp_ + duration_ && duration_ >= 0xF000;
        if (goes_on) {
            before_ += duration_;
        } else {
            if (active_) changes.add(end());
            digit_ = *digit;
            before_ = 0;
            active_ = true;
            changes.add({.begin = true, .digit = digit_, .duration = {}});
        }
        timestamp_ = timestamp;
        duration_ = 0;
        seen_any_ = true;
    }
    clock_ = clock;
    heard_ = now;
    if (event.duration > duration_) duration_ = event.duration;
    if (event.end) {
        changes.add(end());
        active_ = false;
    }
    return changes;
}

EventReceiver::Changes EventReceiver::tick(TimePoint now, std::chrono::milliseconds silence) {
    Changes changes;
    if (active_ && now - heard_ >= silence) {
        changes.add(end());
        active_ = false;
    }
    return changes;
}

}  // namespace asterism::media
