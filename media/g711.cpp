#include "media/g711.hpp"

#include <bit>

namespace asterism::media::g711 {

namespace {

// ITU-T G.711, table 2b: 14-bit magnitudes with a bias of 33, inverted bits. Worked in 16 bits here: bias 132.
std::uint8_t encode_ulaw(int sample) {
    const std::uint8_t sign = sample < 0 ? 0x00 : 0x80;
    int magnitude = sample < 0 ? -sample : sample;
    if (magnitude > 32635) magnitude = 32635;
    magnitude += 132;
    const int segment = std::bit_width(static_cast<unsigned>(magnitude)) - 8;
    const int step = (magnitude >> (segment + 3)) & 0x0F;
    return static_cast<std::uint8_t>(sign | (~(segment << 4 | step) & 0x7F));
}

std::int16_t decode_ulaw(std::uint8_t byte) {
    const int bits = ~byte & 0xFF;
    const int magnitude = ((((bits & 0x0F) << 3) + 132) << ((bits & 0x70) >> 4)) - 132;
    return static_cast<std::int16_t>(bits & 0x80 ? -magnitude : magnitude);
}

// Table 1b: 13-bit, even bits inverted. Negative numbers are one's complement.
std::uint8_t encode_alaw(int sample) {
    const std::uint8_t mask = sample >= 0 ? 0xD5 : 0x55;
    int magnitude = (sample >= 0 ? sample : ~sample) >> 3;
    if (magnitude > 0xFFF) magnitude = 0xFFF;
    const int width = std::bit_width(static_cast<unsigned>(magnitude));
    const int segment = width <= 5 ? 0 : width - 5;
    const int step = (segment <= 1 ? magnitude >> 1 : magnitude >> segment) & 0x0F;
    return static_cast<std::uint8_t>((segment << 4 | step) ^ mask);
}

std::int16_t decode_alaw(std::uint8_t byte) {
    const int bits = byte ^ 0x55;
    const int segment = (bits & 0x70) >> 4;
    int magnitude = ((bits & 0x0F) << 4) + 8;
    if (segment > 0) magnitude = (magnitude + 0x100) << (segment - 1);
    return static_cast<std::int16_t>(bits & 0x80 ? magnitude : -magnitude);
}

}  // namespace

Tables::Tables() {
    for (int i = 0; i < 256; ++i) {
        ulaw[i] = decode_ulaw(static_cast<std::uint8_t>(i));
        alaw[i] = decode_alaw(static_cast<std::uint8_t>(i));
    }
    for (int i = 0; i < 1 << 14; ++i)
        to_ulaw[i] = encode_ulaw(static_cast<std::int16_t>(static_cast<std::uint16_t>(i << 2)));
    for (int i = 0; i < 1 << 13; ++i)
        to_alaw[i] = encode_alaw(static_cast<std::int16_t>(static_cast<std::uint16_t>(i << 3)));
    for (int i = 0; i < 256; ++i) {
        ulaw_to_alaw[i] = encode_alaw(ulaw[i]);
        alaw_to_ulaw[i] = encode_ulaw(alaw[i]);
    }
}

const Tables tables;

}  // namespace asterism::media::g711
