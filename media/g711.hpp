// G.711 by tables: 256 entries to decode, 16384 to encode, 256 to go from one law to the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace asterism::media::g711 {

struct Tables {
    std::int16_t ulaw[256];
    std::int16_t alaw[256];
    std::uint8_t to_ulaw[1 << 14];  // index: the sample's upper 14 bits
    std::uint8_t to_alaw[1 << 13];  // upper 13
    std::uint8_t ulaw_to_alaw[256];
    std::uint8_t alaw_to_ulaw[256];
    Tables();
};
extern const Tables tables;

inline std::int16_t from_ulaw(std::uint8_t byte) { return tables.ulaw[byte]; }
inline std::int16_t from_alaw(std::uint8_t byte) { return tables.alaw[byte]; }
inline std::uint8_t to_ulaw(std::int16_t sample) { return tables.to_ulaw[static_cast<std::uint16_t>(sample) >> 2]; }
inline std::uint8_t to_alaw(std::int16_t sample) { return tables.to_alaw[static_cast<std::uint16_t>(sample) >> 3]; }

inline constexpr std::uint8_t ulaw_silence = 0xFF;
inline constexpr std::uint8_t alaw_silence = 0xD5;

}  // namespace asterism::media::g711
