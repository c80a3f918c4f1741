// Tones as indications.conf has them.
#include <array>
#include <cstdint>
#include <string_view>

#include "media/tone_generator.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace asterism::media;
    const auto tone = parse_tone({reinterpret_cast<const char*>(data), size});  // NOLINT
    if (!tone) return 0;
    ToneGenerator generator(*tone, 8000);
    std::array<std::int16_t, 160> room;
    for (int i = 0; i < 5 && generator.generate(room); ++i) {
    }
    return 0;
}
